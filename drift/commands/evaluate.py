"""`drift evaluate`: how right Drift is on labelled cases."""

import argparse
import gzip
import json
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from drift.commands.command import Backends, Command, add_models
from drift.commands.output import replace_file
from drift.commands.progress import tracked
from drift.errors import InputError
from drift.evaluate.intervals import ROUNDS
from drift.evaluate.outcomes import post_of
from drift.pipeline import Tools, check
from drift.records import Post, Retweet
from drift.report.rows import to_row
from drift.report.structured import encode
from drift.visible import visible

_DESCRIPTION = """\
Judge labelled cases and compare.

CASES is JSON Lines (may be gzipped), one of
  id, post, retweet, verdict, findings      verdicts, types and spans
  id, post, retweet, label (ERR or NOT)     natural translation errors: AUC and MCC
  id, post, retweet, score, spans           translations with human scores: false alarms
post_id names the post of a case, pair the minimal pair that it belongs to; both may be absent.

Every figure comes with its 95 % interval: posts drawn anew, their retweets kept together. Who
translates changes no figure; `--models gloss` is quickest.
"""
Row = dict[str, Any]


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("cases", metavar="CASES", help="labelled cases, JSON Lines or .jsonl.gz")
    parser.add_argument("--limit", type=int, metavar="N", help="judge the first N cases only")
    parser.add_argument(
        "--without-posts", nargs="+", default=[], metavar="ID",
        help="leave out the cases about these posts (post_id)",
    )  # fmt: skip
    parser.add_argument(
        "--without-cases", nargs="+", default=[], metavar="ID", help="leave out these cases (id)"
    )
    parser.add_argument("--rows", metavar="FILE", help="also write the result rows (JSON Lines)")
    parser.add_argument(
        "--given", metavar="FILE",
        help="judge nothing: compare these result rows, which may be another system's",
    )  # fmt: skip
    parser.add_argument(
        "--errors", type=int, default=0, metavar="N",
        help="also list the N worst mistakes: sure, and wrong",
    )  # fmt: skip
    parser.add_argument(
        "--plots", metavar="FOLDER", help="write accuracy.html and its numbers, accuracy.json"
    )
    parser.add_argument(
        "--resamples", type=int, default=ROUNDS, metavar="N",
        help=f"draws behind the intervals ({ROUNDS}); 0: no intervals",
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    add_models(parser)


def _run(args: argparse.Namespace, backends: Backends) -> int:
    from drift.commands.scoreboard import show

    cases = _without(read_cases(Path(args.cases)), args)[: args.limit]
    if (args.plots or args.errors) and "verdict" not in cases[0]:
        raise InputError("--plots and --errors need cases with verdicts and findings")
    if args.given:
        rows = _read_given(Path(args.given))
    else:
        rows = judge_cases(cases, backends.tools(args.models))
    if args.rows:
        replace_file(Path(args.rows), "\n".join(encode(row) for row in rows))
    sys.stdout.write(show(cases, rows, args))
    return 0


def read_cases(path: Path) -> list[Row]:
    """Read labelled cases; every row needs `id`, `post`, `retweet` and a label."""
    cases: list[Row] = []
    for place, case in _documents(path):
        _refuse(case, place)
        cases.append(case)
    if not cases:
        raise InputError(f"{visible(str(path))} holds no cases")
    return cases


def _documents(path: Path) -> Iterator[tuple[str, Any]]:
    """Read JSON Lines, gzipped or not, each with its place."""
    try:
        raw = path.read_bytes()
        text = (gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw).decode("utf-8")
    except (OSError, EOFError, UnicodeDecodeError, gzip.BadGzipFile) as error:
        raise InputError(f"cannot read {visible(str(path))}: {error}") from error
    for number, line in enumerate(text.split("\n"), 1):
        place = f"{visible(str(path))}, line {number}"
        if not line.strip():
            continue
        try:
            yield place, json.loads(line)
        except ValueError as error:
            raise InputError(f"{place}: no JSON ({error})") from error


def _refuse(case: object, place: str) -> None:
    if not isinstance(case, dict):
        raise InputError(f"{place}: a case is a JSON object")
    missing = {"id", "post", "retweet"} - case.keys()
    if missing:
        raise InputError(f"{place}: the case lacks {', '.join(sorted(missing))}")
    if not ({"verdict", "findings"} <= case.keys() or "label" in case or "spans" in case):
        raise InputError(f"{place}: the case has no label; give verdict and findings")


def _read_given(path: Path) -> list[Row]:
    """Read result rows; one that failed needs no verdict."""
    rows: list[Row] = []
    for place, row in _documents(path):
        if not isinstance(row, dict) or "id" not in row:
            raise InputError(f"{place}: a result row is a JSON object with an id")
        lacking = {"verdict", "score", "confidence", "findings"} - row.keys()
        if lacking and not row.get("error"):
            raise InputError(f"{place}: the result row lacks {', '.join(sorted(lacking))}")
        rows.append(row)
    return rows


def _without(cases: Sequence[Row], args: argparse.Namespace) -> list[Row]:
    """Leave out cases by their post or id; a name that fits none is a mistake."""
    posts, ids = set(args.without_posts), set(args.without_cases)
    unknown = posts - {post_of(case) for case in cases} | ids - {str(case["id"]) for case in cases}
    if unknown:
        raise InputError(
            f"no case is called {', '.join(visible(name) for name in sorted(unknown))}"
        )
    kept = [case for case in cases if post_of(case) not in posts and str(case["id"]) not in ids]
    if not kept:
        raise InputError("no case is left")
    return kept


def judge_cases(cases: Sequence[Row], tools: Tools) -> list[Row]:
    """Judge every case, the retweets of one post together, and keep the order of the cases."""
    by_post: dict[str, list[Row]] = defaultdict(list)
    for case in cases:
        by_post[case["post"]].append(case)
    answers: dict[str, Row] = {}
    for post_text, group in tracked(list(by_post.items()), "judging"):
        post = Post("post", post_text)
        retweets = [Retweet(str(case["id"]), case["retweet"]) for case in group]
        report = check(post, retweets, tools)
        for case, verdict in zip(group, report.verdicts, strict=True):
            answers[case["id"]] = to_row(verdict, post, report.signature) | {"id": case["id"]}
    return [answers[case["id"]] for case in cases]


COMMAND = Command("evaluate", "measure Drift on labelled cases", _arguments, _run, _DESCRIPTION)
