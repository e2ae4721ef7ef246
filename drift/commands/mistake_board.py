"""Prints the worst mistakes, each with what was wanted and what was given."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.table import Table
from rich.text import Text

from drift.visible import visible

Row = Mapping[str, Any]


def mistake_board(mistakes: Sequence[Row]) -> Iterator[Table]:
    """Print a small table a mistake, numbered."""
    for number, one in enumerate(mistakes, 1):
        table = Table(box=None, show_header=False, pad_edge=False, title_justify="left")
        table.title = Text(visible(f"{number}. {one['mistake']}, {one['id']}"), style="bold")
        table.add_column(no_wrap=True)
        table.add_column(overflow="fold")
        told = f"wanted {one['wanted']}, given {one['given']} with score {one['score']:.2f}"
        table.add_row("verdict", Text(told))
        table.add_row("post", Text(visible(" … ".join(one["post_words"]))))
        table.add_row("retweet", Text(visible(one["retweet"])))
        for name in ("findings_wanted", "findings_given"):
            for finding in one[name] or [None]:
                table.add_row(name.partition("_")[2], Text(_told(finding)))
        yield table


def _told(finding: Row | None) -> str:
    """Tell a finding in a line: type, severity, the words on both sides, the reason."""
    if finding is None:
        return "nothing"
    ours, theirs = finding["retweet_span"] or "-", finding["post_span"] or "-"
    note = f" ({finding['note']})" if finding["note"] else ""
    return visible(f"{finding['type']}, {finding['severity']}: {ours} | {theirs}{note}")
