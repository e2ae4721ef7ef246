"""Prints what a batch adds up to."""

import io

from rich.console import Console
from rich.table import Table

from drift.catalogue import label
from drift.report.summary import VERDICTS, Summary, Tally
from drift.visible import visible

_SHOWN = 5  # posts, authors, days and distortions that a terminal is told of
_NAME = 48


def board(summary: Summary) -> str:
    """Write the counts by verdict, type, post, author and day, the weightiest first."""
    tables = [_verdicts(summary), _types(summary)]
    for title, tallies, count in (
        ("post", summary.posts, summary.distinct["post"]),
        ("author", summary.authors, summary.distinct["author"]),
        ("day", summary.days, summary.distinct["day"]),
    ):
        heads = sorted(tallies, key=lambda one: -one.verdicts["misrepresents"])[:_SHOWN]
        if heads:
            tables.append(_tallies(f"{title} (most of {count:,})", heads))
    if summary.faults:
        tables.append(_faults(summary))
    if summary.distortions:
        tables.append(_spread(summary))
    out = io.StringIO()
    console = Console(file=out, width=100)
    for number, table in enumerate(tables):
        if number:
            console.print()
        console.print(table)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False)
    for number, column in enumerate(columns):
        table.add_column(column, justify="right" if number else "left", no_wrap=True)
    return table


def _verdicts(summary: Summary) -> Table:
    table = _table("verdict", "rows", "%")
    whole = summary.whole
    for kind in VERDICTS:
        count = whole.verdicts[kind]
        if count:
            table.add_row(kind, f"{count:,}", f"{100 * count / whole.rows:.1f}")
    return table


def _types(summary: Summary) -> Table:
    table = _table("type", "rows", "minor", "major", "critical")
    for one in summary.types:
        counts = (one.rows, one.minor, one.major, one.critical)
        table.add_row(one.type, *(f"{count:,}" for count in counts))
    return table


def _tallies(title: str, tallies: list[Tally]) -> Table:
    table = _table(title, "rows", "misrepresent", "%")
    for one in tallies:
        bad = one.verdicts["misrepresents"]
        name = visible(one.name or one.key)[:_NAME]
        table.add_row(name, f"{one.rows:,}", f"{bad:,}", f"{100 * one.share:.0f}")
    return table


def _faults(summary: Summary) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("could not be judged")
    table.add_column("rows", justify="right")
    table.add_column("first")
    for one in summary.faults[:_SHOWN]:
        table.add_row(visible(one.reason), f"{one.rows:,}", visible(one.first)[:_NAME])
    return table


def _spread(summary: Summary) -> Table:
    table = _table("most spread distortions", "type", "rows", "clusters")
    for one in summary.distortions[:_SHOWN]:
        words = visible(one.clusters[0].wordings[0][0] if one.clusters else one.words)
        name = label("type", one.type, "en")
        table.add_row(words[: _NAME // 2], name, f"{one.rows:,}", str(len(one.clusters)))
    return table
