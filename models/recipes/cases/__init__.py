"""Labelled cases written for training, beside driftbench-train: posts, retweets, verdicts, spans.

`learned`, `later`, `newer`, `latest` and `further` trained the cross-encoder, one after the other.
`subtle` is written and waits: no shipped weight of network or calibration comes from it.
`held` and `fresh` never trained the network: from cases that it has not seen, the calibration
learns what its opinion is worth. Nothing is reported on any but what was held out; `tests/data`
holds the cases for reporting.

One JSON line a post: `id`, `post`, and `cases`, each a retweet with its script, verdict, findings,
English gloss where there is one, and, where it has a twin, the name of the pair. They follow the
project's annotation guidelines and were written and labelled by language models in one go, checked
for form by a program and for sense in samples only.
"""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

LEARNED = ("learned", "later", "newer", "latest", "further")
USED = (*LEARNED, "held", "fresh")
SETS = (*USED, "subtle")


def written(*names: str) -> list[dict[str, Any]]:
    """Read some sets, or those in use, in driftbench's form: one row a retweet, with its post."""
    folder = Path(__file__).parent
    return [row for name in names or USED for row in _rows(folder / f"{name}.jsonl")]


def read_rows(path: Path) -> list[dict[str, Any]]:
    """Read JSON Lines, gzipped or not: labelled cases, or what was said of them."""
    raw = path.read_bytes()
    text = (gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw).decode("utf-8")
    return [json.loads(line) for line in text.split("\n") if line.strip()]


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    for post in read_rows(path):
        for case in post["cases"]:
            yield {"post_id": post["id"], "post": post["post"], **case}
