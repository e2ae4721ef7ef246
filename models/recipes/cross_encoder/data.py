"""Reads the labelled and the parallel data as training examples."""

import functools
import gzip
import json
import lzma
import os
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import opencc

from models.cross import TYPES

ANY = len(TYPES) + 1
"""A tag for `something is wrong here, of a type that nobody noted`; k + 1 is type k, 0 is `ok`."""
UNKNOWN = -1
"""A tag for `nobody looked here`."""

RELATIONS = ("entailment", "neutral", "contradiction")

PARALLEL = ("news-talk-microblog", "tatoeba", "web-essays", "tech-articles")
SKIPPED_SOURCES = frozenset({"xitu"})

Mark = tuple[int, int, int]
Case = dict[str, Any]
"""A labelled retweet as the files have it: texts, verdict, findings, gloss, ids."""


@dataclass(frozen=True, slots=True)
class Example:
    """A retweet beside its post with what is wrong in it.

    `marks` and `post_marks` are (start, end, tag) in the normalised texts; `misrepresents` and
    `drifts` are None where the label says nothing about them; `tagged` tells whether unmarked
    words are known to be fine; examples of one `group` are the same but for an edit; `relation`
    is the index in `RELATIONS`, where somebody judged that.
    """

    id: str
    post: str
    retweet: str
    marks: tuple[Mark, ...] = ()
    post_marks: tuple[Mark, ...] = ()
    misrepresents: float | None = None
    drifts: float | None = None
    tagged: bool = True
    group: str = ""
    source: str = ""
    relation: int = UNKNOWN


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a parallel file."""

    english: str
    chinese: str
    source: str


def data_folder() -> Path:
    """Find the data: `DRIFT_DATA`, else a folder beside the checkout."""
    beside = Path(__file__).resolve().parents[4] / "shared" / "data"
    return Path(os.environ.get("DRIFT_DATA", beside))


class _Converter(Protocol):
    def convert(self, text: str) -> str: ...


@functools.cache
def _converter() -> _Converter:
    converter: _Converter = opencc.OpenCC("t2s")
    return converter


def normal(text: str) -> str:
    """Bring a text to the form that the model reads: NFKC and Simplified, code points kept apart.

    >>> normal("軟體！")
    '软体!'
    """
    return _converter().convert(unicodedata.normalize("NFKC", text))


def parallel(folder: Path) -> Iterator[Row]:
    """Read the parallel pairs in file order; neighbours often come from one document."""
    for name in PARALLEL:
        with lzma.open(folder / "parallel" / f"{name}.tsv.xz", "rt", encoding="utf-8") as file:
            for line in file:
                english, chinese, source = line.rstrip("\n").split("\t")
                if source not in SKIPPED_SOURCES:
                    yield Row(english, chinese, source)


def driftbench(cases: Iterable[Case]) -> list[Example]:
    """Make examples of labelled cases; groups are the minimal pairs."""
    return [_case(case) for case in cases]


def posts_of(cases: Iterable[Case]) -> dict[str, str]:
    """Give the post id of every case, for folds."""
    return {case["id"]: case["post_id"] for case in cases}


def _case(row: Case) -> Example:
    post, retweet = normal(row["post"]), normal(row["retweet"])
    marks, post_marks = [], []
    for finding in row["findings"]:
        tag = TYPES.index(finding["type"]) + 1
        marks += _mark(retweet, normal(finding.get("retweet_span") or ""), tag)
        post_marks += _mark(post, normal(finding.get("post_span") or ""), tag)
    return Example(
        id=row["id"],
        post=post,
        retweet=retweet,
        marks=tuple(marks),
        post_marks=tuple(post_marks),
        misrepresents=float(row["verdict"] == "misrepresents"),
        drifts=float(row["verdict"] in {"misrepresents", "drifted"}),
        group=row.get("pair") or "",
        source="driftbench",
    )


def glossed(cases: Iterable[Case]) -> list[Example]:
    """Read every retweet beside its own gloss (faithful), and beside its twin's (drifted).

    The retweets of a pair thus appear on both sides of the question, and neither can be told by
    its looks. An id is the case's, a tilde, and which gloss.
    """
    pairs: dict[str, list[Case]] = {}
    for row in cases:
        if row.get("pair") and row.get("gloss"):
            pairs.setdefault(row["pair"], []).append(row)
    found = []
    for pair in pairs.values():
        if len(pair) != 2 or len({row["verdict"] for row in pair}) != 2:
            continue
        kinds = [f["type"] for row in pair for f in row["findings"]]
        tag = TYPES.index(kinds[0]) + 1 if kinds else ANY
        for row, other in (pair, pair[::-1]):
            found += _beside_glosses(row, other, tag)
    return found


def _beside_glosses(row: Case, other: Case, tag: int) -> list[Example]:
    retweet = normal(row["retweet"])
    start, end = differing(retweet, normal(other["retweet"]))
    major = float("misrepresents" in {row["verdict"], other["verdict"]})
    own = Example(
        id=f"{row['id']}~own",
        post=normal(row["gloss"]),
        retweet=retweet,
        misrepresents=0.0,
        drifts=0.0,
        group=f"{row['id']}~",
        source="gloss",
    )
    twin = replace(
        own,
        id=f"{row['id']}~twin",
        post=normal(other["gloss"]),
        marks=((start, end, tag),) if start < end else (),
        misrepresents=0.3 + 0.6 * major,
        drifts=0.95,
    )
    return [own, twin]


def differing(text: str, other: str) -> tuple[int, int]:
    """Give the span of a text between what it shares with another at both ends.

    >>> differing("他可能走了", "他肯定走了")
    (1, 3)
    """
    start = 0
    while start < min(len(text), len(other)) and text[start] == other[start]:
        start += 1
    end, last = len(text), len(other)
    while end > start and last > start and text[end - 1] == other[last - 1]:
        end, last = end - 1, last - 1
    return start, end


def _mark(text: str, part: str, tag: int) -> list[Mark]:
    start = text.find(part) if part else -1
    return [] if start < 0 else [(start, start + len(part), tag)]


def _zipped(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def critical_errors(path: Path) -> list[Example]:
    """Read machine translations judged critical or not; nobody marked where the error is."""
    return [
        Example(
            id=f"critical-{row['id']}",
            post=normal(row["post"]),
            retweet=normal(row["retweet"]),
            misrepresents=float(row["label"] == "ERR"),
            tagged=False,
            source="critical",
        )
        for row in _zipped(path)
    ]


def rated(path: Path) -> list[Example]:
    """Read machine translations with human error spans; severe ones count as misrepresenting."""
    found = []
    for row in _zipped(path):
        retweet = normal(row["retweet"])
        if len(retweet) != len(row["retweet"]) or len(retweet) > 200:
            continue
        marks = [
            (span["start"], span["end"], ANY)
            for span in row["spans"]
            if span["severity"] != "minor" and span["start"] is not None
        ]
        clean = row["score"] >= 85 and not row["spans"]
        bad = bool(marks) and row["score"] < 75
        found.append(
            Example(
                id=row["id"],
                post=normal(row["post"]),
                retweet=retweet,
                marks=tuple(marks),
                misrepresents=1.0 if bad else 0.0 if clean else None,
                tagged=row["score"] >= 60,
                source="rated",
            )
        )
    return found


def paraphrases(path: Path) -> list[Example]:
    """Read pairs of high word overlap; no paraphrase means swapped roles, order or names."""
    return [
        Example(
            id=row["id"],
            post=normal(row["post"]),
            retweet=normal(row["retweet"]),
            misrepresents=1.0 - row["paraphrase"],
            tagged=row["paraphrase"] == 1,
            source="paraphrase",
        )
        for row in _zipped(path)
    ]


def inferences(path: Path, english: Mapping[str, str]) -> list[Example]:
    """Read premises and hypotheses of one language.

    Where a Chinese premise has been translated, it is given in English too: what the network is
    for is an English premise and a Chinese hypothesis.
    """
    found = []
    for number, row in enumerate(_zipped(path)):
        made = Example(
            id=f"nli-{number}",
            post=normal(row["premise"]),
            retweet=normal(row["hypothesis"]),
            misrepresents={"entailment": 0.0, "contradiction": 1.0}.get(row["label"]),
            tagged=False,
            source="inference",
            relation=RELATIONS.index(row["label"]),
        )
        found.append(made)
        if row["premise"] in english:
            found.append(replace(made, id=f"nli-{number}-en", post=english[row["premise"]]))
    return found


def chinese_premises(path: Path) -> list[str]:
    """Give the distinct premises in Chinese."""
    return list(dict.fromkeys(row["premise"] for row in _zipped(path) if row["lang"] == "zh"))
