"""Fits which type a drift is likeliest of: what the wording says, and what the scorer says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import minimize

from drift.features import KIND
from models.recipes.calibration.cases import Seen
from models.recipes.calibration.fit import Wording, folds

_PENALTY = 0.5  # on the types' shares, so that a rare one is not ruled out
_NOT_ASKED = float(np.log(1 / 14))  # the scorer's word where it was not asked: no type above others


@dataclass(frozen=True, slots=True)
class Naming:
    """How much the wording's log-odds and the scorer's weigh, and each type's share."""

    wording: float
    scorer: float
    shares: Mapping[str, float]

    def totals(self, said: np.ndarray, scorer: np.ndarray) -> np.ndarray:
        """Give the log-odds of the types, up to a constant a case."""
        return np.asarray(
            self.wording * said + self.scorer * scorer + np.array(list(self.shares.values()))
        )

    def line(self, name: str, wording: Wording, negligible: float) -> dict[str, Any]:
        """Write one type's weights as the calibrator reads them."""
        found = wording.line(negligible)
        weights = {trait: round(self.wording * one, 3) for trait, one in found["weights"].items()}
        bias = self.wording * found["bias"] + self.shares[name]
        return {
            "bias": round(bias, 4),
            "weights": {**weights, KIND + name: round(self.scorer, 4)},
        }


def types_of(one: Seen) -> set[str]:
    """Give the types of the annotator's major and critical findings."""
    return {f["type"] for f in one.case["findings"] if f["severity"] != "minor"}


def grave(seen: Sequence[Seen]) -> list[Seen]:
    """Keep the cases that misrepresent: the question is what of."""
    return [one for one in seen if one.case["verdict"] == "misrepresents"]


def kinds(seen: Sequence[Seen]) -> dict[str, Wording]:
    """Fit what the wording says of each finding type."""
    found = grave(seen)
    return {
        kind: Wording(found, np.array([kind in types_of(one) for one in found]))
        for kind in sorted({kind for one in found for kind in types_of(one)})
    }


def wordings(seen: Sequence[Seen], names: Sequence[str]) -> np.ndarray:
    """Give what the wording says for each type (columns), by models that have not seen the post."""
    groups = np.array([one.case["post_id"] for one in seen])
    said = np.zeros((len(seen), len(names)))
    for train, test in folds().split(groups, groups=groups):
        models = kinds([seen[i] for i in train])
        unseen = [seen[i] for i in test]
        for column, name in enumerate(names):
            if name in models:
                said[test, column] = models[name].log_odds(unseen)
    return said


def fit(whole: Sequence[Seen], names: Sequence[str], told: np.ndarray) -> tuple[Naming, float]:
    """Join the two on cases that misrepresent and whose type the scorer named unseen.

    Gives the weights, and the share of those cases whose likeliest type is right, held out.
    """
    said = wordings(whole, names)
    asked = [
        number
        for number, one in enumerate(whole)
        if told[number] and one.case["verdict"] == "misrepresents"
    ]
    kept = [n for n in asked if any(f.startswith(KIND) for f in whole[n].features)] or asked
    chosen = [whole[number] for number in kept]
    return join(chosen, said[kept], names), right(chosen, said[kept], names)


def join(seen: Sequence[Seen], said: np.ndarray, names: Sequence[str]) -> Naming:
    """Fit how the two join: a conditional logit (McFadden 1974), any noted type being right."""
    scorer, noted = _scorer(seen, names), _noted(seen, names)

    def loss(values: np.ndarray) -> float:
        totals = values[0] * said + values[1] * scorer + values[2:]
        every = np.logaddexp.reduce(totals, axis=1)
        right = np.logaddexp.reduce(np.where(noted, totals, -1e9), axis=1)
        return float((every - right).sum() + _PENALTY * (values[2:] ** 2).sum())

    begin = np.array([0.5, 0.5, *np.zeros(len(names))])
    found = minimize(loss, begin, method="L-BFGS-B").x
    shares = dict(zip(names, found[2:].tolist(), strict=True))
    return Naming(float(found[0]), float(found[1]), shares)


def right(seen: Sequence[Seen], said: np.ndarray, names: Sequence[str]) -> float:
    """Give the share of cases whose likeliest type, held out, was noted."""
    groups = np.array([one.case["post_id"] for one in seen])
    hits = 0
    noted, scorer = _noted(seen, names), _scorer(seen, names)
    for train, test in folds().split(groups, groups=groups):
        fitted = join([seen[i] for i in train], said[train], names)
        best = fitted.totals(said[test], scorer[test]).argmax(axis=1)
        hits += int(noted[test, best].sum())
    return hits / len(seen)


def _scorer(seen: Sequence[Seen], names: Sequence[str]) -> np.ndarray:
    return np.array([[one.features.get(KIND + n, _NOT_ASKED) for n in names] for one in seen])


def _noted(seen: Sequence[Seen], names: Sequence[str]) -> np.ndarray:
    return np.array([[name in types_of(one) for name in names] for one in seen])
