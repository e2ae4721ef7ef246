"""The curves behind the figures: calibration, what abstaining would buy, ranking, scores."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from drift.evaluate.measures import bin_of, thresholds
from drift.evaluate.outcomes import BAD, VERDICTS, Outcome

BINS = 10  # of the calibration error
SLICES = 20  # of the histogram
ABSTAINS = "uncertain"


@dataclass(frozen=True, slots=True)
class Bin:
    """The cases whose score falls into one stretch."""

    start: float
    end: float
    cases: int
    hits: int  # of them misrepresent, says the annotator
    score: float  # their mean

    @property
    def share(self) -> float:
        """The share of them that misrepresents."""
        return self.hits / self.cases


def reliability(found: Sequence[Outcome]) -> list[Bin]:
    """Compare scores with shares, over the bins of the calibration error; empty bins are none."""
    bins: dict[int, list[Outcome]] = defaultdict(list)
    for one in found:
        bins[bin_of(one.score, BINS)].append(one)
    return [
        Bin(
            start=number / BINS,
            end=(number + 1) / BINS,
            cases=len(inside),
            hits=sum(one.bad for one in inside),
            score=sum(one.score for one in inside) / len(inside),
        )
        for number, inside in sorted(bins.items())
    ]


def histogram(found: Sequence[Outcome]) -> list[dict[str, int]]:
    """Count the annotator's verdicts in equal slices of the score, from 0 to 1."""
    counts = [dict.fromkeys(VERDICTS, 0) for _ in range(SLICES)]
    for one in found:
        counts[bin_of(one.score, SLICES)][one.wanted] += 1
    return counts


@dataclass(frozen=True, slots=True)
class Risk:
    """The share of wrong answers where only the surest share of the cases is answered."""

    coverage: float
    risk: float


def verdict_risk(found: Sequence[Outcome]) -> list[Risk]:
    """Give risk by coverage of the verdict, the surest first, by `confidence`.

    What Drift calls uncertain is answered last and counts as wrong.
    """
    return _risks(
        ((one.given != ABSTAINS, float(one.row["confidence"])), one.given != one.wanted)
        for one in found
    )


def score_risk(found: Sequence[Outcome]) -> list[Risk]:
    """Give risk by coverage of the one question whether it misrepresents, by the score alone."""
    return _risks(
        ((True, abs(one.score - 0.5)), (one.score >= 0.5) is not one.bad) for one in found
    )


def _risks(answers: Iterable[tuple[tuple[bool, float], bool]]) -> list[Risk]:
    ranked = sorted(answers, key=lambda answer: answer[0], reverse=True)
    found, wrong = [], 0
    for place, (sure, failed) in enumerate(ranked, 1):
        wrong += failed
        if place == len(ranked) or ranked[place][0] != sure:
            found.append(Risk(place / len(ranked), wrong / place))
    return found


def mean_risk(curve: Sequence[Risk]) -> float:
    """Give the area under a curve of risks: the risk at a coverage drawn at random."""
    area, before = 0.0, 0.0
    for point in curve:
        area += (point.coverage - before) * point.risk
        before = point.coverage
    return area


def answered(found: Sequence[Outcome]) -> Risk | None:
    """Give the point at which Drift itself stops: what it does not call uncertain."""
    told = [one for one in found if one.given != ABSTAINS]
    if not told:
        return None
    return Risk(len(told) / len(found), sum(one.given != one.wanted for one in told) / len(told))


@dataclass(frozen=True, slots=True)
class Cut:
    """What ranking by score gives when everything at or above a score is accused."""

    score: float
    recall: float
    precision: float


def precision_recall(found: Sequence[Outcome]) -> list[Cut]:
    """Give precision and recall at every score that occurs, the highest first."""
    truth = [one.bad for one in found]
    wanted = max(1, sum(truth))
    return [
        Cut(score, hits / wanted, hits / place)
        for score, place, hits in thresholds([one.score for one in found], truth)
    ]


def accused(found: Sequence[Outcome]) -> Cut | None:
    """Give precision and recall of the verdict `misrepresents` itself; none where none is given."""
    told = [one for one in found if one.given == BAD]
    if not told:
        return None
    hits = sum(one.bad for one in told)
    wanted = max(1, sum(one.bad for one in found))
    return Cut(min(one.score for one in told), hits / wanted, hits / len(told))
