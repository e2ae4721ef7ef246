"""Runs labelled cases through the pipeline as far as the features."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from drift.backends import Opinion
from drift.consult import consult
from drift.detectors import detect
from drift.expected import expected
from drift.features import features
from drift.pipeline import Tools, listen, read
from drift.records import Finding, Post, Retweet
from models.recipes.cases import read_rows

Row = dict[str, Any]
_SHOWN = 0.3  # as in models.cross


@dataclass(frozen=True, slots=True)
class Seen:
    """A case with what the detectors saw in it."""

    case: Row
    findings: tuple[Finding, ...]  # spans of the normalised texts
    features: dict[str, float]
    strength: float


@dataclass(frozen=True, slots=True)
class HeldMark:
    """A mark of a scorer that had not seen the post."""

    start: int
    end: int
    type: str
    strength: float


@dataclass(frozen=True, slots=True)
class HeldOpinion:
    """What a scorer said of a case whose post it had not seen."""

    probability: float
    tags: tuple[HeldMark, ...]
    post_tags: tuple[HeldMark, ...]
    kinds: Mapping[str, float]


def read_opinions(path: Path) -> dict[str, Opinion]:
    """Read out-of-fold scores: `probability`, and `words` as [side, start, end, type, strength]."""
    found: dict[str, Opinion] = {}
    for row in read_rows(path):
        sides: dict[int, list[HeldMark]] = {1: [], 2: []}
        for side, start, end, kind, strength in row["words"]:
            if strength >= _SHOWN:
                sides[side].append(HeldMark(start, end, kind, strength))
        theirs, ours = tuple(_joined(sides[1])), tuple(_joined(sides[2]))
        found[row["id"]] = HeldOpinion(row["probability"], theirs, ours, row["kinds"])
    return found


def _joined(marks: Sequence[HeldMark]) -> Iterator[HeldMark]:
    """Join neighbouring words as the scorer itself does at run time."""
    run: list[HeldMark] = []
    for mark in [*sorted(marks, key=lambda one: one.start), None]:
        if run and (mark is None or mark.start > run[-1].end):
            best = max(run, key=lambda one: one.strength)
            yield HeldMark(run[0].start, run[-1].end, best.type, best.strength)
            run = []
        if mark is not None:
            run.append(mark)


def see(cases: Sequence[Row], tools: Tools, opinions: Mapping[str, Opinion]) -> Iterator[Seen]:
    """Read every case, the retweets of one post together, with the scorer's opinions by id."""
    by_post: dict[str, list[Row]] = defaultdict(list)
    for case in cases:
        by_post[case["post"]].append(case)
    for text, group in by_post.items():
        reading = read(Post("post", text), tools)
        heard = [
            listen(reading, Retweet(str(case["id"]), case["retweet"]), tools) for case in group
        ]
        advice = consult(reading, [one.evidence for one in heard], tools.advisers)
        likely = expected(reading, [one.evidence for one in heard], tools.likelihoods)
        for case, one, given, more in zip(group, heard, advice, likely, strict=True):
            opinion = opinions.get(str(case["id"]))
            found = detect(one.evidence, tools.detectors)
            strength = max((each.pair.strength for each in one.evidence), default=0.0)
            seen = {**features(one.evidence, found, opinion), **given.features, **more}
            yield Seen(case, found, seen, strength)
