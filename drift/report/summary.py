"""What a batch adds up to: counts by post, type, verdict, author and day, and what spread most."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from drift.records import Label
from drift.report.structured import encode

SCHEMA = "drift-summary/1"
VERDICTS = (*(label.value for label in Label), "error")


@dataclass(frozen=True, slots=True)
class Tally:
    """The rows of one group: of one post, author or day, or of the whole run."""

    key: str
    rows: int
    verdicts: Mapping[str, int]  # every verdict and `error`, also where there is none
    score: float | None  # mean probability that a row misrepresents its post
    name: str = ""  # how a post begins
    url: str = ""

    @property
    def judged(self) -> int:
        """How many rows could be judged."""
        return self.rows - self.verdicts["error"]

    @property
    def share(self) -> float:
        """The share of the judged rows that misrepresent."""
        return self.verdicts["misrepresents"] / self.judged if self.judged else 0.0


@dataclass(frozen=True, slots=True)
class TypeTally:
    """How often one type of finding was made, by severity, and in how many rows."""

    type: str
    rows: int
    minor: int
    major: int
    critical: int

    @property
    def findings(self) -> int:
        """How many findings there are."""
        return self.minor + self.major + self.critical


@dataclass(frozen=True, slots=True)
class Cluster:
    """Wordings that say the same thing in nearly the same signs, the commonest first."""

    rows: int
    wordings: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Distortion:
    """A sentence of a post that many retweets misrepresent in the same way."""

    type: str
    post: str
    name: str  # how the post begins
    url: str
    words: str  # of the post; empty where the retweets add what it does not say
    rows: int
    authors: int
    days: tuple[tuple[str, int], ...]
    clusters: tuple[Cluster, ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """Why rows could not be judged, with the first of them."""

    reason: str
    rows: int
    first: str


@dataclass(frozen=True, slots=True)
class Summary:
    """What a report of a batch shows; lists are cut to their heads, counts are whole."""

    whole: Tally
    types: tuple[TypeTally, ...]
    days: tuple[Tally, ...]
    undated: int
    posts: tuple[Tally, ...]
    authors: tuple[Tally, ...]
    distinct: Mapping[str, int]  # how many posts, authors and days there are
    distortions: tuple[Distortion, ...]
    faults: tuple[Fault, ...]
    signature: str


Groups = Iterable[tuple[str, Iterable[Tally]]]  # post, author, day: all their tallies


def as_json(summary: Summary, groups: Groups) -> Iterator[str]:
    """Write a summary as one JSON document, piece by piece, with every group in it."""
    head = {
        "schema": SCHEMA,
        "rows": summary.whole.rows,
        "verdict": summary.whole.verdicts,
        "mean_score": summary.whole.score,
        "type": [_type(one) for one in summary.types],
        "faults": [
            {"reason": one.reason, "rows": one.rows, "first": one.first} for one in summary.faults
        ],
        "distortions": [_distortion(one) for one in summary.distortions],
    }
    yield encode(head)[:-1]
    for name, tallies in groups:
        yield f', "{name}": ['
        for number, tally in enumerate(tallies):
            yield (", " if number else "") + encode(_tally(tally, name))
        yield "]"
    yield f', "signature": {encode(summary.signature)}}}\n'


COLUMNS = (
    "by", "key", "name", "url", "rows", *VERDICTS, "mean_score", "minor", "major", "critical",
)  # fmt: skip


def as_table(summary: Summary, groups: Groups) -> Iterator[dict[str, Any]]:
    """Give a summary as rows of one table: a row a group, `by` says of what kind."""
    yield _flat("all", summary.whole)
    for one in summary.types:
        yield {"by": "type", "key": one.type, **_type(one)}
    for name, tallies in groups:
        for tally in tallies:
            yield _flat(name, tally)


def _flat(name: str, tally: Tally) -> dict[str, Any]:
    return {
        "by": name,
        "key": tally.key,
        "name": tally.name,
        "url": tally.url,
        "rows": tally.rows,
        **tally.verdicts,
        "mean_score": tally.score,
    }


def _tally(tally: Tally, name: str) -> dict[str, Any]:
    told: dict[str, Any] = {name: tally.key, "rows": tally.rows, "verdict": tally.verdicts}
    told["mean_score"] = tally.score
    if name == "post":
        told |= {"opening": tally.name, "url": tally.url or None}
    return told


def _type(one: TypeTally) -> dict[str, Any]:
    return {
        "type": one.type, "rows": one.rows, "findings": one.findings,
        "minor": one.minor, "major": one.major, "critical": one.critical,
    }  # fmt: skip


def _distortion(one: Distortion) -> dict[str, Any]:
    return {
        "type": one.type,
        "post": one.post,
        "opening": one.name,
        "url": one.url or None,
        "post_words": one.words or None,
        "rows": one.rows,
        "authors": one.authors,
        "days": dict(one.days),
        "clusters": [
            {"rows": cluster.rows, "wordings": dict(cluster.wordings)} for cluster in one.clusters
        ],
    }
