"""`drift batch`: a file of posts and retweets in, a row of result for every row out."""

import argparse
import itertools
import json
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from drift.batch.engine import CHUNK, chunked, cores, run
from drift.batch.forms import form_of, parts
from drift.batch.journal import Journal, fingerprint
from drift.commands.command import Backends, Command, add_models
from drift.commands.progress import tracked_stream
from drift.errors import InputError
from drift.ingest.files import rows
from drift.ingest.rows import Row
from drift.ingest.sources import fill_rows
from drift.pipeline import Tools

_DESCRIPTION = """\
Judge many retweets of many posts.

INPUT is JSON Lines, CSV, TSV or Parquet with columns id, post or post_url, retweet or retweet_url
and, if you like, author and created_at; links are fetched. OUTPUT ends in .jsonl, .csv (both also
with .gz) or .parquet. Every input row gives one output row in the same order; a row that cannot be
judged gives a row with `error`. OUTPUT appears whole or not at all. A run that was stopped, killed
or out of space continues when the same command is given again.
"""


@dataclass(slots=True)
class _Tally:
    """What a run has seen."""

    rows: int = 0
    verdicts: Counter[str] = field(default_factory=Counter)

    def add(self, count: int, chunk: bytes) -> None:
        self.rows += count
        for line in chunk.splitlines():
            row = json.loads(line)
            self.verdicts["error" if "error" in row else row["verdict"]] += 1


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("input", metavar="INPUT", help="rows of post and retweet, or -")
    parser.add_argument(
        "--output", "-o", metavar="OUTPUT", required=True, help=".jsonl, .csv or .parquet"
    )
    parser.add_argument(
        "--processes", "-j", type=int, default=0, metavar="N", help="default: one a core"
    )
    parser.add_argument(
        "--chunk", type=int, default=CHUNK, metavar="N",
        help=f"rows that are judged and kept together (default {CHUNK})",
    )  # fmt: skip
    parser.add_argument("--limit", type=int, metavar="N", help="judge the first N rows only")
    parser.add_argument(
        "--fail-on", choices=["never", "misrepresents", "error"], default="never",
        help="exit 1 when a row misrepresents, or when a row could not be judged",
    )  # fmt: skip
    add_models(parser)


def _run(args: argparse.Namespace, backends: Backends) -> int:
    output = Path(args.output)
    form_of(output)
    _refuse(args)
    load = partial(backends.tools, args.models)
    journal = Journal(output, _identity(args, load().signature))
    given = fill_rows(itertools.islice(rows(args.input), args.limit))
    first = next(given, None)  # an unreadable input ends here, before anything is written
    stream = itertools.chain([] if first is None else [first], given)
    found = journal.open()
    if found:
        sys.stderr.write(f"continuing: {found} chunks of {args.chunk} rows are already judged\n")
    tally, count = _Tally(), 0
    for number, size, chunk in tracked_stream(
        _chunks(chunked(stream, args.chunk), journal, load, args.processes or cores()),
        "judging chunks",
        None,
    ):
        tally.add(size, chunk)
        count = number + 1
    journal.finish(parts(journal.chunks(count), output))
    return _report(tally, args.fail_on)


def _chunks(
    chunks: Iterable[tuple[int, tuple[Row, ...]]],
    journal: Journal,
    load: Callable[[], Tools],
    processes: int,
) -> Iterator[tuple[int, int, bytes]]:
    """Yield every chunk in order, from the journal where it is finished, else judged and kept."""
    done: dict[int, int] = {}

    def missing() -> Iterator[tuple[int, tuple[Row, ...]]]:
        for number, chunk in chunks:
            if journal.holds(number):
                done[number] = len(chunk)
            else:
                yield number, chunk

    for number, size, content in run(missing(), load, processes):
        journal.put(number, content)
        yield from _finished(journal, done, number)
        yield number, size, content
    yield from _finished(journal, done, None)


def _finished(
    journal: Journal, done: dict[int, int], before: int | None
) -> Iterator[tuple[int, int, bytes]]:
    for number in sorted(n for n in done if before is None or n < before):
        yield number, done.pop(number), journal.read(number)


def _identity(args: argparse.Namespace, signature: str) -> dict[str, str]:
    # What came through a pipe cannot be read again, so such a run starts anew each time.
    source = f"pipe {os.getpid()}" if args.input == "-" else fingerprint(Path(args.input))
    return {
        "input": source,
        "limit": str(args.limit),
        "chunk": str(args.chunk),
        "signature": signature,
    }


def _refuse(args: argparse.Namespace) -> None:
    if args.limit is not None and args.limit < 1:
        raise InputError(f"--limit {args.limit} must be 1 or more")
    if args.chunk < 1:
        raise InputError(f"--chunk {args.chunk} must be 1 or more")
    if args.processes < 0:
        raise InputError(f"--processes {args.processes} must be 1 or more, or 0 for one a core")


def _report(tally: _Tally, fail_on: str) -> int:
    bad, errors = tally.verdicts["misrepresents"], tally.verdicts["error"]
    told = ", ".join(f"{n} {name}" for name, n in tally.verdicts.most_common())
    sys.stderr.write(f"{tally.rows} rows: {told or 'none'}\n")
    return 1 if {"never": 0, "misrepresents": bad, "error": errors}[fail_on] else 0


COMMAND = Command("batch", "judge a file of retweets", _arguments, _run, _DESCRIPTION)
