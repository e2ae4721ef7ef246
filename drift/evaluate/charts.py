"""Turns outcomes into the page with plots, and into the numbers behind it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from drift.evaluate.curves import (
    ABSTAINS,
    Risk,
    accused,
    answered,
    histogram,
    mean_risk,
    precision_recall,
    reliability,
    score_risk,
    verdict_risk,
)
from drift.evaluate.figures import Figures
from drift.evaluate.outcomes import VERDICTS, Outcome
from drift.report.accuracy import Accuracy, Figure, TypeRow
from drift.report.charts import Dot, Line, Plot, columns
from drift.report.plots import round_up, wilson

Ends = Mapping[str, tuple[float, float]]


def accuracy(found: Sequence[Outcome], figures: Figures, ends: Ends, title: str) -> Accuracy:
    """Collect what the page shows."""
    plots = (_reliability(found), _ranking(found), _risk(found, figures.accuracy), _scores(found))
    facts = [f"{figures.cases:,} cases", f"{len({one.post for one in found}):,} posts"]
    if figures.missing:
        facts.append(f"{figures.missing:,} not judged")
    if figures.pairs:
        facts.append(f"{figures.pairs:,} minimal pairs")
    return Accuracy(
        title=title,
        facts=tuple(facts),
        figures=tuple(
            Figure(name, value, ends.get(name)) for name, value in figures.named().items()
        ),
        plots=plots,
        types=tuple(
            TypeRow(name, c.hits, c.false, c.missed, c.precision, c.recall, c.f1)
            for name, c in (*figures.types.items(), ("all types", figures.all_types))
        ),
        confusion=figures.confusion,
        verdicts=VERDICTS,
        given=(*VERDICTS, ABSTAINS),
        signature=str(found[0].row.get("signature", "")),
    )


def numbers(found: Sequence[Outcome]) -> dict[str, Any]:
    """Give the numbers of the curves, as JSON can carry them."""
    own, told = accused(found), answered(found)
    return {
        "reliability": [asdict(one) | {"share": one.share} for one in reliability(found)],
        "precision_recall": [asdict(one) for one in precision_recall(found)],
        "accused": asdict(own) if own else None,
        "risk_coverage": [asdict(one) for one in verdict_risk(found)],
        "risk_coverage_of_score": [asdict(one) for one in score_risk(found)],
        "answered": asdict(told) if told else None,
        "mean_risk": mean_risk(verdict_risk(found)),
        "mean_risk_of_score": mean_risk(score_risk(found)),
        "histogram": [
            {"start": place / len(counts), "end": (place + 1) / len(counts), **each}
            for counts in [histogram(found)]
            for place, each in enumerate(counts)
        ],
    }


def _reliability(found: Sequence[Outcome]) -> Plot:
    bins = reliability(found)
    return Plot(
        title="Reliability",
        note="A score is honest where it lies on the diagonal. Bars: 95 % interval (Wilson).",
        axes=("mean score", "share that misrepresents, by score"),
        top=100,
        lines=(
            Line("guide", "honest", ((0, 0), (1, 1))),
            Line("main", "Drift", tuple((one.score, one.share) for one in bins)),
        ),
        dots=tuple(
            Dot("main", one.score, one.share,
                f"{one.start:.1f} to {one.end:.1f}: {one.hits} of {one.cases} misrepresent",
                wilson(one.hits, one.cases))
            for one in bins
        ),
    )  # fmt: skip


def _ranking(found: Sequence[Outcome]) -> Plot:
    own, cuts = accused(found), precision_recall(found)
    base = sum(one.bad for one in found) / len(found)
    dots = () if own is None else (
        Dot("own", own.recall, own.precision,
            f"the verdict itself: precision {own.precision:.2f}, recall {own.recall:.2f}"),
    )  # fmt: skip
    return Plot(
        title="Precision and recall",
        note="Red: the verdict itself, which also asks for a finding that can be shown.",
        axes=("recall", "precision of accusing everything at or above a score"),
        top=100,
        lines=(
            Line("guide", "by chance", ((0, base), (1, base))),
            Line("main", "ranked by score", tuple((one.recall, one.precision) for one in cuts)),
        ),
        dots=dots,
    )


def _risk(found: Sequence[Outcome], right: float) -> Plot:
    curves = verdict_risk(found), score_risk(found)
    told, best = answered(found), _best(right)
    most = max(point.risk for curve in curves for point in curve)
    dots = () if told is None else (
        Dot("own", told.coverage, told.risk,
            f"without `uncertain`: {told.coverage:.0%} answered, {told.risk:.0%} of them wrong"),
    )  # fmt: skip
    means = [mean_risk(curve) for curve in curves]
    return Plot(
        title="Risk and coverage",
        note=f"Mean risk {means[0]:.2f} of the verdict, {means[1]:.2f} of the score. "
        "Red: where Drift itself stops and says uncertain.",
        axes=(
            "share of the cases that is answered, the surest first",
            "share of them that is wrong",
        ),
        top=min(100, round_up(max(1, round(most * 100)))),
        lines=(
            Line("guide", "best order possible", _points(best)),
            Line("second", "score alone, cut at one half", _points(curves[1])),
            Line("main", "verdict, one of four", _points(curves[0])),
        ),
        dots=dots,
    )


def _best(right: float) -> tuple[Risk, ...]:
    """Give the risks if everything wrong came last."""
    steps = [right + (1 - right) * part / 20 for part in range(21)]
    return (Risk(0, 0), *(Risk(step, (step - right) / step) for step in steps if step))


def _points(curve: Sequence[Risk]) -> tuple[tuple[float, float], ...]:
    return tuple((point.coverage, point.risk) for point in curve)


def _scores(found: Sequence[Outcome]) -> Plot:
    top, blocks = columns(histogram(found))
    return Plot(
        title="Scores by the annotator's verdict",
        note="",
        axes=("score", "cases"),
        top=top,
        counts=True,
        blocks=blocks,
    )
