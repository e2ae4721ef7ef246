"""Makes rows for a batch out of the training cases: `batch_rows.py N OUTPUT [--copies SHARE]`.

A few posts are cited by most of the retweets, as on a network. Some rows are verbatim copies of
an earlier row (half of them unless told otherwise); the others are a case's retweet changed as
people change what they pass on: carriers, handles, links, emoji, a clause cut off, another script.
Every changed row is a wording of its own, so that no figure rests on rows that are secretly alike.
"""

import argparse
import json
import os
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

DATA = Path(os.environ.get("DRIFT_DATA", Path(__file__).parents[3] / "shared" / "data"))
_START = datetime(2012, 2, 6, 8, tzinfo=UTC)
_DAYS = 90
_HELD = 5_000  # earlier rows that may be copied
_EMOJI = ("", "", "！！", "[怒]", "😡", "👏👏", "……", "[话筒]", "🙏")
_NAMES = "海港新闻渔夫老王小李南风北斗观察天下事茶馆闲人路边社"


def load(data: Path) -> list[dict[str, str]]:
    """Read the training cases, grouped by post, the posts in an order of their own."""
    lines = (data / "driftbench-train.jsonl").read_text("utf-8").splitlines()
    return [{name: row[name] for name in ("post", "retweet")} for row in map(json.loads, lines)]


def made(count: int, cases: list[dict[str, str]], copies: float, seed: int) -> Iterator[Any]:
    """Make rows in the order of their dates."""
    dice = random.Random(seed)
    posts: dict[str, list[str]] = {}
    for case in cases:
        posts.setdefault(case["post"], []).append(case["retweet"])
    order = sorted(posts)
    dice.shuffle(order)
    earlier: list[tuple[str, str]] = []
    for number in range(count):
        if earlier and dice.random() < copies:
            post, retweet = dice.choice(earlier)
        else:
            post = order[min(int(dice.paretovariate(0.5)) - 1, 10**6) % len(order)]
            retweet = _varied(dice.choice(posts[post]), number, dice)
            earlier.append((post, retweet))
            if len(earlier) > _HELD:
                earlier[dice.randrange(_HELD)] = earlier.pop()
        when = _START + timedelta(days=_DAYS) * (number / count)
        yield {
            "id": f"r{number}",
            "post": post,
            "retweet": retweet,
            "author": f"@{_name(int(dice.paretovariate(0.7)))}",
            "created_at": when.isoformat(timespec="seconds"),
        }


def _varied(text: str, number: int, dice: random.Random) -> str:
    """Change a retweet as people do; its number makes it a wording of its own."""
    if dice.random() < 0.3:
        text = _script(text, dice.choice(["s2t", "t2s"]))
    clauses = [i for i, sign in enumerate(text) if sign in "，；。"]
    if len(clauses) > 2 and dice.random() < 0.3:
        text = text[: clauses[-2] + 1]
    text += dice.choice(_EMOJI)
    mark = f"{number:x}"
    form = dice.randrange(4)
    if form == 0:
        return f"转发微博 //@{_name(number)}{mark}：{text}"
    if form == 1:
        return f"RT @{_name(number)}{mark}: {text}"
    if form == 2:
        return f"{text} http://t.cn/{mark}"
    return f"{text} //@{_name(number)}{mark}"


def _name(number: int) -> str:
    dice = random.Random(number)
    return "".join(dice.choice(_NAMES) for _ in range(3)) + str(number % 1000)


@cache
def _converter(way: str) -> Any:
    from opencc import OpenCC

    return OpenCC(way)


def _script(text: str, way: str) -> str:
    return str(_converter(way).convert(text))


def write(path: Path, count: int, data: Path = DATA, copies: float = 0.5, seed: int = 7) -> None:
    """Write rows as JSON Lines."""
    with path.open("w", encoding="utf-8") as file:
        for row in made(count, load(data), copies, seed):
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def main() -> None:
    """Read the arguments and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", type=int)
    parser.add_argument("output", type=Path)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--copies", type=float, default=0.5)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    write(options.output, options.count, options.data, options.copies, options.seed)


if __name__ == "__main__":
    main()
