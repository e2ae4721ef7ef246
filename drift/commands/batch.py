"""`drift batch`: a file of posts and retweets in, a row of result for every row out."""

import argparse
import csv
import io
import itertools
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from drift.commands.command import Backends, Command, add_models
from drift.commands.output import replace_file
from drift.commands.progress import tracked_stream
from drift.errors import DriftError, InputError
from drift.ingest.files import rows
from drift.ingest.rows import Row
from drift.pipeline import Tools, check
from drift.records import Post, Retweet
from drift.report.rows import error_row, to_row
from drift.report.structured import encode
from drift.report.tables import safe

_DESCRIPTION = """\
Judge many retweets of many posts.

INPUT is JSON Lines, CSV, TSV or Parquet with columns id, post, retweet and, if you like, author
and created_at. OUTPUT ends in .jsonl or .csv. Every input row gives one output row in the same
order; a row that cannot be judged gives a row with `error`. OUTPUT appears whole or not at all.
"""
_TOGETHER = 64  # rows of one post that are judged in one batch
Result = dict[str, Any]


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("input", metavar="INPUT", help="rows of post and retweet, or -")
    parser.add_argument("--output", "-o", metavar="OUTPUT", required=True, help=".jsonl or .csv")
    parser.add_argument(
        "--fail-on", choices=["never", "misrepresents", "error"], default="never",
        help="exit 1 when a row misrepresents, or when a row could not be judged",
    )  # fmt: skip
    add_models(parser)


def _run(args: argparse.Namespace, backends: Backends) -> int:
    ending = Path(args.output).suffix.lower()
    if ending not in {".jsonl", ".ndjson", ".csv"}:
        raise InputError(f"--output {args.output!r} must end in .jsonl or .csv")
    tools = backends.tools(args.models)
    results = list(tracked_stream(judged(rows(args.input), tools), "judging", None))
    replace_file(Path(args.output), as_csv(results) if ending == ".csv" else as_lines(results))
    errors = sum("error" in row for row in results)
    bad = sum(row.get("verdict") == "misrepresents" for row in results)
    sys.stderr.write(f"{len(results)} rows, {bad} misrepresent, {errors} could not be judged\n")
    failed = {"never": 0, "misrepresents": bad, "error": errors}[args.fail_on]
    return 1 if failed else 0


def judged(given: Iterable[Row], tools: Tools) -> Iterator[Result]:
    """Judge rows in order; neighbours that share a post are read together."""
    for _, group in itertools.groupby(given, key=lambda row: (row.error is None, row.post)):
        while part := tuple(itertools.islice(group, _TOGETHER)):
            yield from _together(part, tools)


def _together(part: tuple[Row, ...], tools: Tools) -> Iterator[Result]:
    if any(row.error for row in part):
        yield from (error_row(row.id, row.error or "") for row in part)
        return
    try:
        yield from _results(part, tools)
    except DriftError as error:
        if len(part) == 1:
            yield error_row(part[0].id, str(error))
            return
        for row in part:
            yield from _together((row,), tools)


def _results(part: tuple[Row, ...], tools: Tools) -> list[Result]:
    first = part[0]
    if first.post is None or any(row.retweet is None for row in part):
        raise InputError("links are not fetched in a batch yet; give the texts")
    post = Post(first.id, first.post, first.post_url)
    retweets = [
        Retweet(row.id, row.retweet or "", row.retweet_url, row.author, row.created_at)
        for row in part
    ]
    report = check(post, retweets, tools)
    return [to_row(verdict, post, report.signature) for verdict in report.verdicts]


def as_lines(results: Iterable[Result]) -> str:
    """Write results as JSON Lines."""
    return "".join(encode(row) + "\n" for row in results)


def as_csv(results: Iterable[Result]) -> str:
    """Write results as CSV, a row each; formulas are defused."""
    out = io.StringIO()
    names = ("id", "verdict", "score", "confidence", "types", "back_translation", "error")
    table = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
    table.writerow(names)
    for row in results:
        types = " ".join(finding["type"] for finding in row.get("findings", ()))
        cells = [types if name == "types" else row.get(name, "") for name in names]
        table.writerow([safe(cell) for cell in cells])
    return out.getvalue()


COMMAND = Command("batch", "judge a file of retweets", _arguments, _run, _DESCRIPTION)
