"""Adds up outcomes to the figures that `drift evaluate` prints."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from drift.evaluate.measures import Counts, auc, calibration_error, precision_at_recall
from drift.evaluate.outcomes import BAD, VERDICTS, Outcome, Row, outcomes

RECALLS = (0.35, 0.5, 0.6)


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
    pairs: int

    @property
    def all_types(self) -> Counts:
        """Micro sum over the finding types."""
        return sum(self.types.values(), Counts())

    def named(self) -> dict[str, float]:
        """Give the shares and scores by the names that are printed."""
        found = {
            "verdict accuracy": self.accuracy,
            "verdict macro F1": self.macro_f1,
            "misrepresents precision": self.misrepresents.precision,
            "misrepresents recall": self.misrepresents.recall,
            "false alarms on faithful": self.false_alarm,
            "AUC": self.auc,
            "calibration error": self.calibration_error,
            **{f"precision at recall {k}": v for k, v in self.precision_at.items()},
            "type micro F1": self.all_types.f1,
            "span F1": self.spans.f1,
        }
        if self.pairs_ordered is not None:
            found["minimal pairs ordered"] = self.pairs_ordered
        return found


def figures(gold: Iterable[Row], given: Iterable[Row]) -> Figures:
    """Compare labelled cases (`id`, `verdict`, `findings`, `retweet`) with result rows."""
    cases = list(gold)
    found = outcomes(cases, given)
    return measure(found, missing=len(cases) - len(found))


def measure(found: Sequence[Outcome], missing: int = 0) -> Figures:
    """Add up the outcomes."""
    confusion = Counter((one.wanted, one.given) for one in found)
    scores, truth = [one.score for one in found], [one.bad for one in found]
    faithful = [one.score for one in found if one.wanted == "faithful"]
    pairs = sum(one.twins[1] for one in found)
    return Figures(
        cases=len(found),
        missing=missing,
        accuracy=sum(confusion[v, v] for v in VERDICTS) / max(1, len(found)),
        macro_f1=_macro_f1(confusion),
        misrepresents=_of_verdict(confusion, BAD),
        false_alarm=confusion["faithful", BAD] / max(1, len(faithful)),
        auc=auc([s for s, bad in zip(scores, truth, strict=True) if bad], faithful),
        calibration_error=calibration_error(scores, truth),
        precision_at={f"{r:.2f}": precision_at_recall(scores, truth, r) for r in RECALLS},
        types=_types(found),
        spans=_sum(one.spans for one in found),
        confusion=dict(confusion),
        pairs_ordered=sum(one.twins[0] for one in found) / pairs if pairs else None,
        pairs=pairs,
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


def _types(found: Sequence[Outcome]) -> dict[str, Counts]:
    lists: dict[str, list[Counts]] = defaultdict(list)
    for one in found:
        for name, counts in one.types.items():
            lists[name].append(counts)
    return {name: _sum(counts) for name, counts in sorted(lists.items())}


def _sum(counts: Iterable[Counts]) -> Counts:
    hits = false = missed = 0
    for one in counts:
        hits, false, missed = hits + one.hits, false + one.false, missed + one.missed
    return Counts(hits, false, missed)
