"""Runs labelled cases through the pipeline as far as the features."""

import gzip
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from drift.detectors import detect
from drift.features import features
from drift.pipeline import Tools, listen, read
from drift.records import Finding, Post, Retweet

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Seen:
    """A case with what the detectors saw in it."""

    case: Row
    findings: tuple[Finding, ...]  # spans of the normalised texts
    features: dict[str, float]
    strength: float


def read_rows(path: Path) -> list[Row]:
    """Read JSON Lines, gzipped or not."""
    raw = path.read_bytes()
    text = (gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw).decode("utf-8")
    return [json.loads(line) for line in text.split("\n") if line.strip()]


def see(cases: Sequence[Row], tools: Tools) -> Iterator[Seen]:
    """Read every case, the retweets of one post together."""
    by_post: dict[str, list[Row]] = defaultdict(list)
    for case in cases:
        by_post[case["post"]].append(case)
    for text, group in by_post.items():
        reading = read(Post("post", text), tools)
        for case in group:
            heard = listen(reading, Retweet(str(case["id"]), case["retweet"]), tools)
            found = detect(heard.evidence, tools.detectors)
            strength = max((one.pair.strength for one in heard.evidence), default=0.0)
            yield Seen(case, found, features(heard.evidence, found), strength)
