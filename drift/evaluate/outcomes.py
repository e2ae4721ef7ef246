"""What came of each case: the annotator's labels beside the result row, counted once."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from drift.evaluate.measures import Counts

VERDICTS = ("faithful", "drifted", "misrepresents", "unrelated")
BAD = "misrepresents"

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Outcome:
    """A case and its result row, with what they add to the sums."""

    case: Row
    row: Row
    post: str  # retweets of one post belong together
    types: Mapping[str, Counts]
    spans: Counts
    twins: tuple[int, int]  # faithful twins that score lower, of how many; of a drifted twin

    @property
    def wanted(self) -> str:
        """The annotator's verdict."""
        return str(self.case["verdict"])

    @property
    def given(self) -> str:
        """Drift's verdict."""
        return str(self.row["verdict"])

    @property
    def score(self) -> float:
        """Drift's probability that the retweet misrepresents its post."""
        return float(self.row["score"])

    @property
    def bad(self) -> bool:
        """Whether the annotator said that the retweet misrepresents its post."""
        return self.wanted == BAD


def post_of(case: Row) -> str:
    """Name the post of a case: by its id, else by its text."""
    return str(case.get("post_id") or case.get("post", ""))


def outcomes(gold: Iterable[Row], given: Iterable[Row]) -> list[Outcome]:
    """Join cases (`id`, `verdict`, `findings`, `retweet`) with result rows, failed ones apart."""
    answers = {row["id"]: row for row in given if not row.get("error")}
    both = [(case, answers[case["id"]]) for case in gold if case["id"] in answers]
    calm = _calm_twins(both)
    return [
        Outcome(
            case=case,
            row=row,
            post=post_of(case),
            types=_types(case, row),
            spans=_spans(case, row),
            twins=_twins(case, row, calm),
        )
        for case, row in both
    ]


def _calm_twins(both: Sequence[tuple[Row, Row]]) -> Mapping[str, Sequence[float]]:
    """Collect the scores of the faithful twins by pair."""
    found: dict[str, list[float]] = defaultdict(list)
    for case, row in both:
        if case.get("pair") and case["verdict"] == "faithful":
            found[case["pair"]].append(row["score"])
    return found


def _twins(case: Row, row: Row, calm: Mapping[str, Sequence[float]]) -> tuple[int, int]:
    if not case.get("pair") or case["verdict"] == "faithful":
        return 0, 0
    scores = calm.get(case["pair"], ())
    return sum(row["score"] > score for score in scores), len(scores)


def _types(case: Row, row: Row) -> dict[str, Counts]:
    near = {f["type"] for f in case["findings"]}
    want = {f["type"] for f in case["findings"] if f["severity"] != "minor"}
    got = {f["type"] for f in row["findings"] if f["severity"] != "minor"}
    return {
        name: Counts(
            name in want and name in got, name in got and name not in near, name in want - got
        )
        for name in want | got
    }


def _spans(case: Row, row: Row) -> Counts:
    want: set[int] = set()
    for finding in case["findings"]:
        if not finding["retweet_span"] or finding["severity"] == "minor":
            continue
        place = case["retweet"].find(finding["retweet_span"])
        if place >= 0:
            want |= set(range(place, place + len(finding["retweet_span"])))
    got: set[int] = set()
    for finding in row["findings"]:
        span = finding.get("retweet_span")
        if span and finding["severity"] != "minor":
            got |= set(range(span["start"], span["end"]))
    return Counts(len(want & got), len(got - want), len(want - got))
