"""`drift evaluate`: how right Drift is on labelled cases."""

import argparse
import gzip
import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from drift.commands.command import Backends, Command, add_models
from drift.commands.output import replace_file
from drift.commands.progress import tracked
from drift.errors import InputError
from drift.evaluate import figures
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
"""
Row = dict[str, Any]


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("cases", metavar="CASES", help="labelled cases, JSON Lines or .jsonl.gz")
    parser.add_argument("--limit", type=int, metavar="N", help="judge the first N cases only")
    parser.add_argument("--rows", metavar="FILE", help="also write the result rows (JSON Lines)")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    add_models(parser)


def _run(args: argparse.Namespace, backends: Backends) -> int:
    cases = read_cases(Path(args.cases))[: args.limit]
    rows = judge_cases(cases, backends.tools(args.models))
    if args.rows:
        replace_file(Path(args.rows), "\n".join(encode(row) for row in rows))
    make = _board_for(cases[0])
    sys.stdout.write(make(cases, rows, args.json))
    return 0


def read_cases(path: Path) -> list[Row]:
    """Read labelled cases; every row needs `id`, `post`, `retweet` and a label."""
    cases: list[Row] = []
    try:
        raw = path.read_bytes()
        text = (gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw).decode("utf-8")
    except (OSError, EOFError, UnicodeDecodeError, gzip.BadGzipFile) as error:
        raise InputError(f"cannot read {visible(str(path))}: {error}") from error
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            case = json.loads(line)
        except ValueError as error:
            raise InputError(f"{visible(str(path))}, line {number}: no JSON ({error})") from error
        _refuse(case, f"{visible(str(path))}, line {number}")
        cases.append(case)
    if not cases:
        raise InputError(f"{visible(str(path))} holds no cases")
    return cases


def _refuse(case: object, place: str) -> None:
    if not isinstance(case, dict):
        raise InputError(f"{place}: a case is a JSON object")
    missing = {"id", "post", "retweet"} - case.keys()
    if missing:
        raise InputError(f"{place}: the case lacks {', '.join(sorted(missing))}")
    if not ({"verdict", "findings"} <= case.keys() or "label" in case or "spans" in case):
        raise InputError(f"{place}: the case has no label; give verdict and findings")


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


def _board_for(case: Mapping[str, Any]) -> Any:  # noqa: ANN401 -- one of three printers
    if "verdict" in case:
        return _verdicts
    return _errors if "label" in case else _translations


def _verdicts(cases: Iterable[Row], rows: Iterable[Row], as_json: bool) -> str:
    from drift.commands.scoreboard import board

    return board(figures(cases, rows), as_json)


def _errors(cases: Sequence[Row], rows: Sequence[Row], as_json: bool) -> str:
    from drift.commands.scoreboard import error_board

    return error_board(cases, rows, as_json)


def _translations(cases: Sequence[Row], rows: Sequence[Row], as_json: bool) -> str:
    from drift.commands.scoreboard import translation_board

    return translation_board(cases, rows, as_json)


COMMAND = Command("evaluate", "measure Drift on labelled cases", _arguments, _run, _DESCRIPTION)
