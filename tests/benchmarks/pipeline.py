"""Prints speed and memory of the main path: `python tests/benchmarks/pipeline.py`.

One post with 50 retweets, warm; `drift check` cold, as a user starts it; peak memory of a process
that did both. Figures are for the machine that runs it; the last column is the share of the goal.
"""

import json
import resource
import subprocess
import sys
import time
from importlib.resources import files
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

GOALS = {
    "50 retweets of one post, warm (s)": 2.0,
    "drift check, cold (s)": 1.5,
    "peak memory (MB)": 400.0,
    "lexical table, load and first look-up (s)": 0.3,
}


def main() -> None:
    """Measure and print."""
    from drift.cli import backends
    from drift.pipeline import check
    from drift.records import Post, Retweet

    folder = files("drift") / "demo"
    post = Post("demo", (folder / "post.txt").read_text("utf-8"))
    lines = (folder / "retweets.jsonl").read_text("utf-8").splitlines()
    texts = [json.loads(line)["retweet"] for line in lines]
    retweets = [Retweet(f"r{i}", texts[i % len(texts)]) for i in range(50)]
    tools = backends().tools("auto")
    check(post, retweets[:5], tools)
    started = time.perf_counter()
    check(post, retweets, tools)
    warm = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    measured = dict(zip(GOALS, (warm, _cold(post.text, texts[0]), peak, _table()), strict=True))
    for name, value in measured.items():
        print(f"{name:42} {value:8.2f}   {value / GOALS[name]:6.2f} of the goal {GOALS[name]:g}")


def _table() -> float:
    from models import weights
    from models.lexical import LexicalTable

    started = time.perf_counter()
    LexicalTable(weights.folder("lexical")).english("拒绝")
    return time.perf_counter() - started


def _cold(post: str, retweet: str) -> float:
    best = float("inf")
    for _ in range(3):
        started = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "drift.cli", "check", post, retweet, "--format", "json"],
            cwd=ROOT,
            check=False,
            stdout=subprocess.DEVNULL,
        )
        best = min(best, time.perf_counter() - started)
    return best


if __name__ == "__main__":
    main()
