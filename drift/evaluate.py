"""Figures of merit over labelled cases and the result rows that Drift gave for them, joined by id.

The definitions are those of the project's benchmark:

* a verdict is right when it equals the annotator's; `uncertain` is wrong but no false alarm;
* AUC ranks `misrepresents` above `faithful` by `score`;
* a type is wanted where a finding of it is major or critical, is hit where one is given, and is a
  false alarm only where the annotator saw no finding of that type at all, not even a minor one;
* spans are compared by code points of the retweet, over major and critical findings;
* the false-alarm rate is the share of faithful retweets called `misrepresents`;
* the calibration error is the expected one (ten equal bins, Guo et al. 2017) of `score`, over all
  cases, against the event that the annotator said `misrepresents`.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any

VERDICTS = ("faithful", "drifted", "misrepresents", "unrelated")
BAD = "misrepresents"

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Counts:
    """True positives, false positives and false negatives, with what follows from them."""

    hits: int = 0
    false: int = 0
    missed: int = 0

    @property
    def precision(self) -> float:
        """Share of what was given that was wanted."""
        return self.hits / (self.hits + self.false) if self.hits + self.false else 0.0

    @property
    def recall(self) -> float:
        """Share of what was wanted that was given."""
        return self.hits / (self.hits + self.missed) if self.hits + self.missed else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of the two."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(self.hits + other.hits, self.false + other.false, self.missed + other.missed)


@dataclass(frozen=True, slots=True)
class Figures:
    """What `drift evaluate` prints for verdict-labelled cases."""

    cases: int
    missing: int
    accuracy: float
    macro_f1: float
    misrepresents: Counts
    false_alarm: float
    auc: float
    calibration_error: float
    precision_at: Mapping[str, float]  # recall level -> precision of ranking by score
    types: Mapping[str, Counts]
    spans: Counts
    confusion: Mapping[tuple[str, str], int]
    pairs_ordered: float | None  # minimal pairs whose drifted twin scores higher

    @property
    def all_types(self) -> Counts:
        """Micro sum over the finding types."""
        return sum(self.types.values(), Counts())


def auc(positives: Sequence[float], negatives: Sequence[float]) -> float:
    """Give the area under the ROC curve: P(positive > negative) plus half the ties.

    >>> auc([0.9, 0.5], [0.5, 0.1])
    0.875
    """
    if not positives or not negatives:
        return float("nan")
    ranked = sorted([(s, 1) for s in positives] + [(s, 0) for s in negatives])
    total = 0.0
    start = 0
    while start < len(ranked):
        end = start
        while end < len(ranked) and ranked[end][0] == ranked[start][0]:
            end += 1
        total += sum(label for _, label in ranked[start:end]) * (start + end + 1) / 2
        start = end
    count = len(positives)
    return (total - count * (count + 1) / 2) / (count * len(negatives))


def mcc(truth: Sequence[bool], given: Sequence[bool]) -> float:
    """Give Matthews' correlation coefficient.

    >>> mcc([True, False, True, False], [True, False, True, False])
    1.0
    """
    cells = Counter(zip(truth, given, strict=True))
    tp, tn = cells[True, True], cells[False, False]
    fp, fn = cells[False, True], cells[True, False]
    bottom = sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn))
    return (tp * tn - fp * fn) / bottom if bottom else 0.0


def calibration_error(scores: Sequence[float], truth: Sequence[bool], bins: int = 10) -> float:
    """Give the expected calibration error over equal-width bins."""
    buckets: dict[int, list[tuple[float, bool]]] = defaultdict(list)
    for score, label in zip(scores, truth, strict=True):
        buckets[min(int(score * bins), bins - 1)].append((score, label))
    gap = 0.0
    for bucket in buckets.values():
        mean = sum(score for score, _ in bucket) / len(bucket)
        share = sum(label for _, label in bucket) / len(bucket)
        gap += len(bucket) * abs(mean - share)
    return gap / len(scores) if scores else 0.0


def precision_at_recall(scores: Sequence[float], truth: Sequence[bool], recall: float) -> float:
    """Give the best precision of ranking by score at or above a recall."""
    ranked = sorted(zip(scores, truth, strict=True), key=lambda item: -item[0])
    wanted, hits, best = sum(truth), 0, 0.0
    for place, (score, label) in enumerate(ranked, 1):
        hits += label
        tied = place < len(ranked) and ranked[place][0] == score
        if not tied and wanted and hits / wanted >= recall:
            best = max(best, hits / place)
    return best


def figures(gold: Iterable[Row], given: Iterable[Row]) -> Figures:
    """Compare labelled cases (`id`, `verdict`, `findings`, `retweet`) with result rows."""
    answers = {row["id"]: row for row in given if not row.get("error")}
    cases = list(gold)
    both = [(case, answers[case["id"]]) for case in cases if case["id"] in answers]
    confusion = Counter((case["verdict"], row["verdict"]) for case, row in both)
    scores = [row["score"] for _, row in both]
    truth = [case["verdict"] == BAD for case, _ in both]
    faithful = [row["score"] for case, row in both if case["verdict"] == "faithful"]
    calm = sum(n for (want, _), n in confusion.items() if want == "faithful")
    return Figures(
        cases=len(both),
        missing=len(cases) - len(both),
        accuracy=sum(confusion[v, v] for v in VERDICTS) / max(1, len(both)),
        macro_f1=_macro_f1(confusion),
        misrepresents=_of_verdict(confusion, BAD),
        false_alarm=confusion["faithful", BAD] / max(1, calm),
        auc=auc([s for s, bad in zip(scores, truth, strict=True) if bad], faithful),
        calibration_error=calibration_error(scores, truth),
        precision_at={f"{r:.2f}": precision_at_recall(scores, truth, r) for r in (0.35, 0.5, 0.6)},
        types=_types(both),
        spans=_spans(both),
        confusion=dict(confusion),
        pairs_ordered=_pairs(both),
    )


def _of_verdict(confusion: Mapping[tuple[str, str], int], verdict: str) -> Counts:
    hits = confusion.get((verdict, verdict), 0)
    false = sum(n for (want, got), n in confusion.items() if got == verdict != want)
    missed = sum(n for (want, got), n in confusion.items() if want == verdict != got)
    return Counts(hits, false, missed)


def _macro_f1(confusion: Mapping[tuple[str, str], int]) -> float:
    # An abstention counts against accuracy only, as the benchmark defines it.
    told = {cell: n for cell, n in confusion.items() if cell[1] in VERDICTS}
    return sum(_of_verdict(told, verdict).f1 for verdict in VERDICTS) / len(VERDICTS)


def _types(both: Sequence[tuple[Row, Row]]) -> dict[str, Counts]:
    total: dict[str, Counts] = defaultdict(Counts)
    for case, row in both:
        near = {f["type"] for f in case["findings"]}
        want = {f["type"] for f in case["findings"] if f["severity"] != "minor"}
        got = {f["type"] for f in row["findings"] if f["severity"] != "minor"}
        for name in want | got:
            total[name] += Counts(
                name in want and name in got, name in got and name not in near, name in want - got
            )
    return dict(sorted(total.items()))


def _spans(both: Sequence[tuple[Row, Row]]) -> Counts:
    total = Counts()
    for case, row in both:
        want: set[int] = set()
        for finding in case["findings"]:
            place = case["retweet"].find(finding["retweet_span"] or "\0")
            if place >= 0 and finding["severity"] != "minor":
                want |= set(range(place, place + len(finding["retweet_span"])))
        got: set[int] = set()
        for finding in row["findings"]:
            span = finding.get("retweet_span")
            if span and finding["severity"] != "minor":
                got |= set(range(span["start"], span["end"]))
        total += Counts(len(want & got), len(got - want), len(want - got))
    return total


def _pairs(both: Sequence[tuple[Row, Row]]) -> float | None:
    twins: dict[str, dict[bool, list[float]]] = defaultdict(lambda: defaultdict(list))
    for case, row in both:
        if case.get("pair"):
            twins[case["pair"]][case["verdict"] == "faithful"].append(row["score"])
    ordered = [
        drifted > faithful
        for pair in twins.values()
        for drifted in pair[False]
        for faithful in pair[True]
    ]
    return sum(ordered) / len(ordered) if ordered else None
