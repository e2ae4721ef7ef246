"""What each group of features is worth: held-out figures with one group alone, and without it.

`python -m models.recipes.calibration --data DIR --opinions oof.jsonl --ablate` prints the table and
writes nothing. Every row is fitted anew by cross-validation over posts of the training cases, with
its own stretch and limits, and the penalty that is best for all groups together. Features are
grouped by the prefix of their name (`drift/features.py`); a prefix that is not listed here is a
group of its own.

Two things are the same in every row and flatter them all a little: penalties and limits are chosen
on the scores that they are reported on, and what a reason has earned is counted on all cases.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from drift.evaluate import auc, calibration_error, intervals, precision_at_recall
from drift.features import TRAITS
from drift.records import Severity
from models.recipes.calibration import fit
from models.recipes.calibration.cases import Seen

TOGETHER = "together"
RULES = ("findings", "contrasts", "coverage")
_GROUPS = {
    "findings": ("reason", "findings", "evidence"),
    "contrasts": (
        "polarity", "certainty", "condition", "aspect", "quantifier", "cause", "degree",
        "commitment",
    ),
    "coverage": ("cover", "uncovered", "length"),
    "cross-encoder": ("pair",),
    "wording": ("wording",),
    "likelihoods": ("likely",),  # the translator's, joined by trees
}  # fmt: skip
_OF = {prefix: group for group, prefixes in _GROUPS.items() for prefix in prefixes}
_ROUNDS = 300  # draws behind the interval of a difference
_COLUMNS = ("AUC", "against together", "p@.35", "p@.50", "p@.60", "prec.", "recall", "alarms",
            "pairs", "calib.")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ablated:
    """The held-out figures of one choice of groups."""

    name: str
    scores: tuple[float, ...]
    auc: float
    precision_at: tuple[float, ...]
    precision: float
    recall: float
    alarms: float
    pairs: float  # minimal pairs whose drifted twin scores higher
    calibration_error: float


def group_of(feature: str) -> str:
    """Name the group of a feature.

    >>> group_of("reason:cause.invented"), group_of("pair:mark"), group_of("nli:most")
    ('findings', 'cross-encoder', 'nli')
    """
    prefix = feature.partition(":")[0]
    return _OF.get(prefix, prefix)


def groups(seen: Sequence[Seen]) -> list[str]:
    """Name the groups that occur and speak for `misrepresents`, ours first."""
    names = {name for row in fit.rows_of(seen, "misrepresents") for name in row}
    found = {group_of(name) for name in names}
    return [*(group for group in _GROUPS if group in found), *sorted(found - _GROUPS.keys())]


def choices(present: Sequence[str]) -> dict[str, list[str]]:
    """Give the rows of the table: their names, and the groups that each keeps."""
    rules = [group for group in present if group in RULES]
    found = {TOGETHER: list(present), "rules alone": rules}
    found |= {f"{group} alone": [group] for group in present}
    found["without rules"] = [group for group in present if group not in RULES]
    found |= {f"without {group}": [one for one in present if one != group] for group in present}
    return {name: kept for name, kept in found.items() if kept}


def ablations(seen: Sequence[Seen], alarms: float) -> list[Ablated]:
    """Measure every row; the first is all groups together."""
    present = groups(seen)
    whole = only(seen, present)
    tried = {penalty: fit.held_out(whole, penalty) for penalty in fit.PENALTIES}
    best = max(tried, key=lambda penalty: ranking(whole, tried[penalty].tolist()))
    rows = {name: only(seen, kept) for name, kept in choices(present).items()}
    return [
        measured(name, some, tried[best] if name == TOGETHER else fit.held_out(some, best), alarms)
        for name, some in rows.items()
    ]


def only(seen: Sequence[Seen], kept: Collection[str]) -> list[Seen]:
    """Drop the features of all other groups; topic and single traits speak for other verdicts."""
    return [
        replace(
            one,
            features={
                name: value
                for name, value in one.features.items()
                if group_of(name) in kept or name.startswith((fit.TOPIC, *TRAITS))
            },
        )
        for one in seen
    ]


def measured(name: str, seen: Sequence[Seen], raw: Any, alarms: float) -> Ablated:  # noqa: ANN401 -- an array
    """Measure held-out scores as the recipe itself does."""
    scores = fit.stretched(raw, *fit.platt(seen, raw))
    told = accused(seen, scores, fit.limits(seen, scores, alarms))
    labels, listed = fit.truth(seen) == 1, scores.tolist()
    calm = fit.truth(seen, "faithful") == 1
    return Ablated(
        name=name,
        scores=tuple(listed),
        auc=ranking(seen, listed),
        precision_at=tuple(
            precision_at_recall(listed, labels.tolist(), recall) for recall in (0.35, 0.5, 0.6)
        ),
        precision=float(labels[told].mean()) if told.any() else 0.0,
        recall=float(told[labels].mean()),
        alarms=float(told[calm].mean()),
        pairs=pairs_ordered(seen, listed),
        calibration_error=calibration_error(listed, labels.tolist()),
    )


def ranking(seen: Sequence[Seen], scores: Sequence[float]) -> float:
    """Give the AUC of `misrepresents` against `faithful`."""
    sides: dict[str, list[float]] = {"misrepresents": [], "faithful": []}
    for one, score in zip(seen, scores, strict=True):
        sides.setdefault(one.case["verdict"], []).append(float(score))
    return auc(sides["misrepresents"], sides["faithful"])


def accused(seen: Sequence[Seen], scores: Any, limits: Mapping[str, float]) -> Any:  # noqa: ANN401 -- arrays
    """Tell which cases are accused: by a high score with a major finding, or a very high one."""
    shown = np.array([any(f.severity is not Severity.MINOR for f in one.findings) for one in seen])
    return (scores >= limits["accuse"]) & (shown | (scores >= limits["suspect"]))


def pairs_ordered(seen: Sequence[Seen], scores: Sequence[float]) -> float:
    """Give the share of minimal pairs whose drifted twin scores higher; a tie is not enough."""
    calm = {
        one.case["pair"]: score
        for one, score in zip(seen, scores, strict=True)
        if one.case.get("pair") and one.case["verdict"] == "faithful"
    }
    ordered = [
        score > calm[one.case["pair"]]
        for one, score in zip(seen, scores, strict=True)
        if one.case.get("pair") in calm and one.case["verdict"] != "faithful"
    ]
    return sum(ordered) / len(ordered) if ordered else float("nan")


def table(rows: Sequence[Ablated], seen: Sequence[Seen]) -> str:
    """Lay the rows out; a difference of AUC comes with its 95 % interval over posts."""
    lines = [f"{'held out, over posts':24}" + "".join(f"{name:>8}" for name in _COLUMNS[:1])
             + f"{_COLUMNS[1]:>24}" + "".join(f"{name:>8}" for name in _COLUMNS[2:])]  # fmt: skip
    for one in rows:
        values = (*one.precision_at, one.precision, one.recall, one.alarms, one.pairs,
                  one.calibration_error)  # fmt: skip
        lines.append(
            f"{one.name:24}{one.auc:8.3f}{_against(one, rows[0], seen):>24}"
            + "".join(f"{value:8.3f}" for value in values)
        )
    return "\n".join(lines)


def _against(one: Ablated, whole: Ablated, seen: Sequence[Seen]) -> str:
    if one is whole:
        return ""
    triples = list(zip(seen, one.scores, whole.scores, strict=True))

    def difference(drawn: Sequence[tuple[Seen, float, float]]) -> dict[str, float]:
        cases = [case for case, _, _ in drawn]
        ours, theirs = [score for _, score, _ in drawn], [score for _, _, score in drawn]
        return {"auc": ranking(cases, ours) - ranking(cases, theirs)}

    ends = intervals(triples, lambda each: each[0].case["post_id"], difference, _ROUNDS)
    low, high = ends.get("auc", (float("nan"),) * 2)
    return f"{one.auc - whole.auc:+.3f} ({low:+.3f} {high:+.3f})"
