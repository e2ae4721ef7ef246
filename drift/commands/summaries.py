"""Writes the summary and the overview of a batch, each whole or not at all."""

import argparse
import csv
import io
from collections.abc import Iterator
from pathlib import Path

from drift.batch.journal import unwritable, write_whole
from drift.batch.summing import Book
from drift.errors import InputError
from drift.report.summary import COLUMNS, Groups, Summary, as_json, as_table
from drift.report.tables import safe

_FORMS = (".json", ".csv")


def form_of_summary(summary: str | None, overview: str | None) -> None:
    """Refuse endings that nothing is known to write, before hours have gone by."""
    if summary and Path(summary).suffix.lower() not in _FORMS:
        raise InputError(f"--summary {summary!r} must end in .json or .csv")
    if overview and Path(overview).suffix.lower() not in (".html", ".htm"):
        raise InputError(f"--overview {overview!r} must end in .html")


def write_summaries(counted: Book, summary: Summary, args: argparse.Namespace) -> None:
    """Write what was asked for."""
    if args.summary:
        path = Path(args.summary)
        as_file = as_json if path.suffix.lower() == ".json" else _csv
        _write(path, as_file(summary, counted.groups()))
    if args.overview:
        from drift.report.overview import page

        _write(Path(args.overview), iter([page(summary, args.lang)]))


def _csv(summary: Summary, groups: Groups) -> Iterator[str]:
    out = io.StringIO()
    table = csv.DictWriter(out, COLUMNS, "", "ignore", quoting=csv.QUOTE_ALL, lineterminator="\n")
    table.writeheader()
    for row in as_table(summary, groups):
        table.writerow({name: "" if cell is None else safe(cell) for name, cell in row.items()})
        yield out.getvalue()
        out.seek(0)
        out.truncate()


def _write(path: Path, pieces: Iterator[str]) -> None:
    # The temporary file has one name, so that a run that was killed leaves none behind for ever.
    blocks = (piece.encode("utf-8", "replace") for piece in pieces)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, blocks, path.with_name(f".{path.name}.tmp"))
    except OSError as error:
        raise unwritable(path, error) from error
