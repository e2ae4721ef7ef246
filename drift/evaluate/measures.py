"""The measures themselves, over plain numbers."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt


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
        buckets[bin_of(score, bins)].append((score, label))
    gap = 0.0
    for bucket in buckets.values():
        mean = sum(score for score, _ in bucket) / len(bucket)
        share = sum(label for _, label in bucket) / len(bucket)
        gap += len(bucket) * abs(mean - share)
    return gap / len(scores) if scores else 0.0


def bin_of(score: float, bins: int) -> int:
    """Give the number of the bin that a score falls into; the last one takes 1 too."""
    return min(int(score * bins), bins - 1)


def thresholds(scores: Sequence[float], truth: Sequence[bool]) -> list[tuple[float, int, int]]:
    """Give for each distinct score, from the highest: it, how many lie at or above, and hits."""
    ranked = sorted(zip(scores, truth, strict=True), key=lambda item: -item[0])
    found, hits = [], 0
    for place, (score, label) in enumerate(ranked, 1):
        hits += label
        if place == len(ranked) or ranked[place][0] != score:
            found.append((score, place, hits))
    return found


def precision_at_recall(scores: Sequence[float], truth: Sequence[bool], recall: float) -> float:
    """Give the best precision of ranking by score at or above a recall."""
    wanted = sum(truth)
    reached = (
        hits / place
        for _, place, hits in thresholds(scores, truth)
        if wanted and hits / wanted >= recall
    )
    return max(reached, default=0.0)
