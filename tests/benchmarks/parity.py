"""Prints how often a verdict survives what changes no meaning.

    python tests/benchmarks/parity.py CASES [--every N] [--list N] [--json]

Every retweet of CASES (as `drift evaluate` reads them; labels are not looked at) is judged as it is
and changed: written in the other script (OpenCC), with an emoji, a hashtag in front and one behind,
passed on with `RT @x:`, and with a link. `--every 5` takes a fifth of the posts; `--list` shows
retweets whose verdict changed. Judged with the gloss: who translates changes no verdict.
"""

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import opencc

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from drift.cli import backends  # noqa: E402
from drift.commands.evaluate import judge_cases, read_cases  # noqa: E402
from drift.pipeline import Tools  # noqa: E402
from drift.visible import visible  # noqa: E402

Row = dict[str, Any]


@cache
def _converter(name: str) -> opencc.OpenCC:
    return opencc.OpenCC(name)


def other_script(text: str) -> str:
    """Write Simplified as Traditional and Traditional as Simplified."""
    simplified: str = _converter("t2s").convert(text)
    if simplified != text:
        return simplified
    traditional: str = _converter("s2t").convert(text)
    return traditional


CHANGES: Mapping[str, Callable[[str], str]] = {
    "other script": other_script,
    "emoji": lambda text: f"{text}😱",
    "hashtag in front": lambda text: f"#热点# {text}",
    "hashtag behind": lambda text: f"{text} #热点#",
    "RT @x:": lambda text: f"RT @x: {text}",
    "link": lambda text: f"{text} http://t.cn/A6xYz1B",
}


def compared(cases: Sequence[Row], tools: Tools) -> list[Row]:
    """Judge every case as it is and changed; give a row a pair of verdicts."""
    changed = [
        case | {"id": f"{case['id']}\n{name}", "retweet": change(case["retweet"])}
        for case in cases
        for name, change in CHANGES.items()
    ]
    rows = judge_cases([*cases, *changed], tools)
    plain = {str(row["id"]): row for row in rows[: len(cases)]}
    pairs = []
    for case, row in zip(changed, rows[len(cases) :], strict=True):
        name, _, change = case["id"].partition("\n")
        before = plain[name]
        pairs.append(
            {
                "id": name,
                "change": change,
                "retweet": case["retweet"],
                "verdicts": (before["verdict"], row["verdict"]),
                "scores": (before["score"], row["score"]),
                "same": before["verdict"] == row["verdict"],
            }
        )
    return pairs


def summed(pairs: Sequence[Row]) -> dict[str, Row]:
    """Sum up by change."""
    found = {}
    for change in CHANGES:
        mine = [pair for pair in pairs if pair["change"] == change]
        moved = [abs(pair["scores"][0] - pair["scores"][1]) for pair in mine]
        found[change] = {
            "cases": len(mine),
            "same": sum(pair["same"] for pair in mine) / len(mine),
            "same score": sum(move == 0 for move in moved) / len(mine),
            "most moved": max(moved),
        }
    return found


def main() -> None:
    """Judge, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cases", type=Path)
    parser.add_argument("--every", type=int, default=1, help="take every Nth post")
    parser.add_argument("--list", type=int, default=0, help="show N retweets that changed")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    cases = read_cases(args.cases)
    posts = set(list(dict.fromkeys(case["post"] for case in cases))[:: args.every])
    pairs = compared([case for case in cases if case["post"] in posts], backends().tools("gloss"))
    found = summed(pairs)
    if args.json:
        print(json.dumps(found, indent=2))
        return
    print(f"{'change':20}{'cases':>8}{'same verdict':>14}{'same score':>12}{'most moved':>12}")
    for change, row in found.items():
        print(f"{change:20}{row['cases']:8}{row['same']:14.2%}{row['same score']:12.2%}"
              f"{row['most moved']:12.3f}")  # fmt: skip
    for pair in [pair for pair in pairs if not pair["same"]][: args.list]:
        (before, after), scores = pair["verdicts"], pair["scores"]
        print(f"\n{pair['id']}, {pair['change']}: {before} {scores[0]:.3f} -> {after} "
              f"{scores[1]:.3f}\n  {visible(pair['retweet'])}")  # fmt: skip


if __name__ == "__main__":
    main()
