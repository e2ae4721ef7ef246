"""`drift batch`: a file of posts and retweets in, a row of result for every row out."""

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

from drift.batch import cluster
from drift.batch.brief import LAYOUT
from drift.batch.engine import CHUNK, Loader, cores, run
from drift.batch.forms import form_of
from drift.batch.given import given
from drift.batch.journal import Journal
from drift.batch.partitions import Task, judge_pieces, plan
from drift.batch.running import Engine, judge_all
from drift.batch.shelf import Shelf, wanted
from drift.batch.summing import book
from drift.catalogue import LANGS
from drift.commands.command import Backends, Command, add_models
from drift.commands.machines import add_security, security_of
from drift.commands.pace import pace
from drift.commands.summaries import form_of_summary, write_summaries
from drift.errors import InputError
from drift.report.summary import Summary

_DESCRIPTION = """\
Judge many retweets of many posts.

INPUT is JSON Lines, CSV, TSV or Parquet with columns id, post or post_url, retweet or retweet_url
and, if you like, author and created_at; links are fetched. It may be packed (.gz, .zst), a folder
or a pattern of such files, or an address that fsspec knows (s3://bucket/rows-*.jsonl.zst).

OUTPUT ends in .jsonl, .csv (both also with .gz or .zst) or .parquet; with a / behind it, it is a
folder of parts. Every input row gives one output row in the same order; a row that cannot be judged
gives a row with `error`. OUTPUT appears whole or not at all. A run that was stopped, killed or out
of space continues when the same command is given again.

What the rows add up to is printed; --summary writes it whole, --overview as a page with plots.
"""


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("input", metavar="INPUT", help="rows of post and retweet, or -")
    parser.add_argument(
        "--output", "-o", metavar="OUTPUT", required=True, help=".jsonl, .csv or .parquet"
    )
    parser.add_argument(
        "--summary", metavar="FILE", help="write the counts by post, type, author, day (.json .csv)"
    )
    parser.add_argument("--overview", metavar="FILE", help="write a page with plots (.html)")
    parser.add_argument(
        "--lang", choices=list(LANGS), default="en", help="language of the page (default en)"
    )
    parser.add_argument("--limit", type=int, metavar="N", help="judge the first N rows only")
    parser.add_argument(
        "--sample", type=float, metavar="SHARE",
        help="judge a random share of the rows (0.01: one in 100), the same ones each time",
    )  # fmt: skip
    parser.add_argument(
        "--fail-on", choices=["never", "misrepresents", "error"], default="never",
        help="exit 1 when a row misrepresents, or when a row could not be judged",
    )  # fmt: skip
    parser.add_argument(
        "--processes",
        "-j",
        type=int,
        default=0,
        metavar="N",
        help="default: one a core; one in all with models of the hub",
    )
    parser.add_argument(
        "--chunk", type=int, default=CHUNK, metavar="N",
        help=f"rows that are judged and kept together (default {CHUNK})",
    )  # fmt: skip
    parser.add_argument(
        "--engine", choices=["local", "dask"], default="local", help="where it runs (default local)"
    )
    parser.add_argument(
        "--address", metavar="ADDRESS",
        help="of the Dask scheduler (default: a cluster on this machine that ends with the run)",
    )  # fmt: skip
    add_security(parser)
    add_models(parser)


def _run(args: argparse.Namespace, backends: Backends) -> int:
    form_of(args.output)
    form_of_summary(args.summary, args.overview)
    if args.processes < 0:
        raise InputError(f"--processes {args.processes} must be 1 or more, or 0 for one a core")
    load = partial(backends.tools_of_batch, args.models)
    wish = given(args.input, args.sample, args.limit, args.chunk)
    tools = load()
    kept = _kept(args.output, tools.signature)
    processes = args.processes or (1 if tools.alone else cores())
    with _engine(args, load, kept, processes) as (engine, finish, client):
        task = Task(wish, load, tools.signature, kept) if isinstance(kept, Shelf) else None
        pieces = plan(task, client, whole=tools.alone) if client and task else []
        chunks = chain.from_iterable(map(wish.chunks_of, pieces)) if pieces else wish.chunks()
        first = next(chunks, None)  # an unreadable input ends here, before anything is written
        found = kept.open()
        try:
            if first and kept.holds(first.key):
                sys.stderr.write(f"continuing: {found} chunks are already judged\n")
            stream = chain([first] if first else [], chunks)
            with pace(wish.expected()) as counts:
                judge = partial(judge_all, engine=engine, kept=kept, counts=counts)
                if task and pieces:
                    keys = judge_pieces(task, pieces, client, counts, judge)
                else:
                    keys = judge(stream)
            with book(kept.heads(keys)) as counted:
                summary = counted.summary(tools.signature)
                write_summaries(counted, summary, args)
            finish(keys)
            kept.close()
        finally:
            kept.release()
    return _report(summary, args.fail_on)


def _kept(output: str, signature: str) -> Journal | Shelf:
    """Give the place for finished chunks; those of another version or other models are not ours."""
    identity = {"layout": LAYOUT, "signature": signature}
    return Shelf(output, identity) if wanted(output) else Journal(Path(output), identity)


@contextmanager
def _engine(
    args: argparse.Namespace, load: Loader, kept: Journal | Shelf, processes: int
) -> Iterator[tuple[Engine, Callable[[list[str]], None], Any]]:
    """Give what judges chunks, what makes the output of them, and the client of a cluster."""
    if args.engine == "local":
        if args.address:
            raise InputError("--address is for --engine dask")
        yield partial(run, load=load, processes=processes), kept.finish, None
        return
    with cluster.connected(args.address, security_of(args), processes) as client:
        shelf = kept if isinstance(kept, Shelf) else None
        engine = partial(cluster.run, load=load, client=client, shelf=shelf)
        if shelf and shelf.is_folder:
            yield engine, partial(cluster.finish, client, shelf), client
        else:
            yield engine, kept.finish, client


def _report(summary: Summary, fail_on: str) -> int:
    counts = summary.whole.verdicts
    told = ", ".join(
        f"{n:,} {name}" for name, n in sorted(counts.items(), key=lambda one: -one[1]) if n
    )
    sys.stderr.write(f"{summary.whole.rows} rows: {told or 'none'}\n")
    if summary.whole.rows:
        from drift.commands.summary_board import board

        sys.stdout.write(board(summary))
    return 1 if {"never": 0, **counts}[fail_on] else 0


COMMAND = Command("batch", "judge a file of retweets", _arguments, _run, _DESCRIPTION)
