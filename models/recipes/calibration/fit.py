"""Fits the logistic regression, the limits and what each reason has earned."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from drift.expected import LIKELY
from drift.features import KIND, TRAITS
from drift.records import Severity
from models.calibration import Earned, evidence
from models.recipes.calibration.cases import Seen
from models.trees import Trees

FOLDS = 10
RARE = 3  # cases that a trait must occur in
WORDING = 0.1  # penalty of the wording's regression; chosen on held-out posts of the training set
NEGLIGIBLE = 0.01
SUSPECT = 2 / 3  # share of the faithful above `accuse` that also lie above `suspect`
PENALTIES = (0.01, 0.03, 0.1, 0.3)
PRIOR = 3.0  # findings of an average reason that every reason is given in advance
MOSTLY = 0.6
WEIGHTED = 3.0  # see `trees`


TOPIC = "topic:"
OPINION = ("pair", "pair:mark")
"""The features of the cross-encoder's opinion."""


def truth(seen: Sequence[Seen], verdict: str = "misrepresents") -> np.ndarray:
    """Give 1 where the annotator gave the verdict."""
    return np.array([one.case["verdict"] == verdict for one in seen], dtype=int)


def rows_of(seen: Sequence[Seen], verdict: str) -> list[dict[str, float]]:
    """Give the features that speak for a verdict: the topic's for `unrelated`, else the rest."""
    topical = verdict == "unrelated"
    return [
        {
            name: value
            for name, value in one.features.items()
            if name.startswith(TOPIC) is topical and not name.startswith((*TRAITS, LIKELY, KIND))
        }
        for one in seen
    ]


class Wording:
    """A naive-Bayes-scaled logistic regression over traits (Wang and Manning 2012)."""

    def __init__(self, seen: Sequence[Seen], labels: np.ndarray) -> None:
        self._vectors = DictVectorizer()
        matrix = self._vectors.fit_transform(_traits(seen))
        self._kept = np.asarray((matrix > 0).sum(0))[0] >= RARE
        matrix = matrix[:, self._kept]
        positive = np.asarray(matrix[labels].sum(0))[0] + 1
        negative = np.asarray(matrix[~labels].sum(0))[0] + 1
        ratios = np.log((positive / positive.sum()) / (negative / negative.sum()))
        model = LogisticRegression(C=WORDING, max_iter=500, solver="liblinear")
        model.fit(matrix.multiply(ratios).tocsr(), labels)
        weights = model.coef_[0] * ratios
        # A word that the post accounts for may clear a retweet; it never makes one suspect, however
        # often the writers of the cases used it in distortions.
        names = self._vectors.get_feature_names_out()[self._kept]
        accounted = np.array([name.startswith("w:") and name.endswith(":L") for name in names])
        self.weights = np.where(accounted, np.minimum(weights, 0.0), weights)
        self.bias = float(model.intercept_[0])

    def log_odds(self, seen: Sequence[Seen]) -> np.ndarray:
        """Give what the wording alone says of each case."""
        matrix = self._vectors.transform(_traits(seen))[:, self._kept]
        return np.asarray(matrix @ self.weights + self.bias)

    def line(self, negligible: float = NEGLIGIBLE) -> dict[str, Any]:
        """Give the weights by name, the negligible ones left out."""
        names = self._vectors.get_feature_names_out()[self._kept]
        pairs = zip(names, self.weights, strict=True)
        weights = {str(name): round(float(w), 3) for name, w in pairs if abs(w) >= negligible}
        return {"bias": round(self.bias, 4), "weights": weights}


def _traits(seen: Sequence[Seen]) -> list[dict[str, float]]:
    return [{name: 1.0 for name in one.features if name.startswith(TRAITS)} for one in seen]


def with_evidence(seen: Sequence[Seen], earned: Mapping[str, Mapping[str, Any]]) -> list[Seen]:
    """Add to each case what its findings say together, by what their reasons have earned."""
    known = {
        name: Earned(row["confidence"], Severity(row["severity"])) for name, row in earned.items()
    }
    return [
        replace(one, features={**one.features, "evidence": evidence(one.features, known)})
        for one in seen
    ]


def with_wording(seen: Sequence[Seen]) -> list[Seen]:
    """Add to each case what its wording says, by a model that has not seen its post."""
    groups = np.array([one.case["post_id"] for one in seen])
    said = np.zeros(len(seen))
    for train, test in folds().split(groups, groups=groups):
        known = [seen[i] for i in train]
        model = Wording(known, truth(known) == 1)
        said[test] = model.log_odds([seen[i] for i in test])
    return [
        replace(one, features={**one.features, "wording": float(value)})
        for one, value in zip(seen, said, strict=True)
    ]


def with_likely(seen: Sequence[Seen]) -> list[Seen]:
    """Add what the translator's likelihoods say, by trees that have not seen the case's post."""
    if not any(name.startswith(LIKELY) for one in seen for name in one.features):
        return list(seen)
    labels = truth(seen)
    groups = np.array([one.case["post_id"] for one in seen])
    said = np.zeros(len(seen))
    for train, test in folds().split(groups, groups=groups):
        grown = Trees(**trees([seen[i] for i in train], labels[train]))
        said[test] = [grown.total(seen[i].features) for i in test]
    return [
        replace(one, features={**one.features, "likely": float(value)})
        for one, value in zip(seen, said, strict=True)
    ]


def trees(seen: Sequence[Seen], labels: np.ndarray) -> dict[str, Any]:
    """Boost small trees over the likelihoods; their log-odds are one feature of the regression.

    They are scaled up so that the regression's penalty, which is meant for many weak features,
    hardly touches this one.
    """
    rows = [{n: v for n, v in one.features.items() if n.startswith(LIKELY)} for one in seen]
    vectors = DictVectorizer(sparse=False)
    model = HistGradientBoostingClassifier(
        max_iter=80, learning_rate=0.05, max_leaf_nodes=6, min_samples_leaf=40, l2_regularization=5
    )
    model.fit(vectors.fit_transform(rows), labels)
    grown = [_nodes(stage[0].nodes) for stage in model._predictors]
    return {
        "bias": round(float(model._baseline_prediction.item()) * WEIGHTED, 4),
        "names": [str(name) for name in vectors.get_feature_names_out()],
        "trees": grown,
    }


def _nodes(nodes: Any) -> list[list[float]]:  # noqa: ANN401 -- a structured array of the library
    """Write a tree down as `models.trees` reads it."""
    return [
        [round(float(node["value"]) * WEIGHTED, 5)]
        if node["is_leaf"]
        else [
            int(node["feature_idx"]),
            float(node["num_threshold"]),
            int(node["left"]),
            int(node["right"]),
        ]
        for node in nodes
    ]


def folds() -> GroupKFold:
    """Give the folds over posts that every held-out figure uses."""
    return GroupKFold(FOLDS, shuffle=True, random_state=1)


def held_out(seen: Sequence[Seen], penalty: float, verdict: str = "misrepresents") -> np.ndarray:
    """Give each case the score of a model that has not seen its post."""
    rows, labels = rows_of(seen, verdict), truth(seen, verdict)
    groups = np.array([one.case["post_id"] for one in seen])
    scores = np.zeros(len(rows))
    for train, test in folds().split(rows, labels, groups):
        vectors = DictVectorizer()
        model = LogisticRegression(C=penalty, max_iter=2000)
        model.fit(vectors.fit_transform([rows[i] for i in train]), labels[train])
        scores[test] = model.predict_proba(vectors.transform([rows[i] for i in test]))[:, 1]
    return scores


def platt(seen: Sequence[Seen], scores: np.ndarray) -> tuple[float, float]:
    """Give slope and shift that make held-out scores probabilities again (Platt 1999).

    A strong penalty orders well and shrinks all scores to the middle; this undoes the shrinking.
    """
    model = LogisticRegression(C=1e6)
    model.fit(_log_odds(scores).reshape(-1, 1), truth(seen))
    return float(model.coef_[0][0]), float(model.intercept_[0])


@dataclass(frozen=True, slots=True)
class Joint:
    """How the score without an opinion and the opinion itself join: log-odds are added up."""

    slope: float  # of the log-odds that the other features give
    shift: float
    weights: Mapping[str, float]  # of the opinion's features

    def scores(self, seen: Sequence[Seen], held: np.ndarray) -> np.ndarray:
        """Give the joint probabilities of cases whose other features gave these scores."""
        total = self.slope * _log_odds(held) + self.shift
        total += _opinions(seen) @ np.array([self.weights[name] for name in OPINION])
        return np.asarray(1 / (1 + np.exp(-total)))


ALONE = Joint(1.0, 0.0, dict.fromkeys(OPINION, 0.0))


def join(seen: Sequence[Seen], held: np.ndarray) -> Joint:
    """Fit how held-out scores and held-out opinions of cases join: stacking (Wolpert 1992).

    This also undoes that a strong penalty shrinks all scores to the middle (Platt 1999).
    """
    model = LogisticRegression(C=1e6, max_iter=1000)
    model.fit(np.column_stack([_log_odds(held), _opinions(seen)]), truth(seen))
    slope, *others = map(float, model.coef_[0])
    return Joint(slope, float(model.intercept_[0]), dict(zip(OPINION, others, strict=True)))


def joined(seen: Sequence[Seen], held: np.ndarray) -> np.ndarray:
    """Give each case the joint score of a fit that has not seen its post."""
    groups = np.array([one.case["post_id"] for one in seen])
    scores = np.zeros(len(seen))
    for train, test in folds().split(groups, groups=groups):
        fitted = join([seen[i] for i in train], held[train])
        scores[test] = fitted.scores([seen[i] for i in test], held[test])
    return scores


def without_opinion(seen: Sequence[Seen]) -> list[Seen]:
    """Drop what the cross-encoder said."""
    return [
        replace(one, features={n: v for n, v in one.features.items() if n not in OPINION})
        for one in seen
    ]


def _opinions(seen: Sequence[Seen]) -> np.ndarray:
    return np.array([[one.features.get(name, 0.0) for name in OPINION] for one in seen])


def _log_odds(scores: np.ndarray) -> np.ndarray:
    return np.asarray(np.log(scores / (1 - scores)))


def stretched(scores: np.ndarray, slope: float, shift: float) -> np.ndarray:
    """Apply slope and shift to the log-odds of scores."""
    return np.asarray(1 / (1 + np.exp(-(slope * _log_odds(scores) + shift))))


def final(
    seen: Sequence[Seen],
    penalty: float,
    verdict: str = "misrepresents",
    joint: Joint = ALONE,
) -> dict[str, Any]:
    """Fit on all cases; give the bias and the weight of every feature, and of the opinion's."""
    vectors = DictVectorizer()
    model = LogisticRegression(C=penalty, max_iter=2000)
    model.fit(vectors.fit_transform(rows_of(seen, verdict)), truth(seen, verdict))
    names = vectors.get_feature_names_out()
    weights = {
        str(name): round(float(weight) * joint.slope, 4)
        for name, weight in zip(names, model.coef_[0], strict=True)
    }
    weights |= {name: round(weight, 4) for name, weight in joint.weights.items() if weight}
    bias = float(model.intercept_[0]) * joint.slope + joint.shift
    return {"bias": round(bias, 4), "weights": weights}


def reasons(seen: Sequence[Seen]) -> dict[str, dict[str, Any]]:
    """Tell how often a finding of each reason agreed with the annotator, and how grave it was."""
    right: dict[str, list[float]] = defaultdict(list)
    minor: dict[str, list[bool]] = defaultdict(list)
    for one in seen:
        grave = {f["type"]: f["severity"] for f in one.case["findings"]}
        for finding in one.findings:
            right[finding.reason].append(float(finding.type in grave))
            if finding.type in grave:
                minor[finding.reason].append(grave[finding.type] == "minor")
    average = np.mean([hit for hits in right.values() for hit in hits])
    return {
        reason: {
            "confidence": round(float((sum(hits) + PRIOR * average) / (len(hits) + PRIOR)), 3),
            "severity": "minor" if minor[reason] and np.mean(minor[reason]) > MOSTLY else "major",
            "seen": len(hits),
        }
        for reason, hits in sorted(right.items())
    }


def limits(seen: Sequence[Seen], scores: np.ndarray, alarms: float) -> Mapping[str, float]:
    """Set the limits on held-out scores: at most `alarms` of the faithful cases are accused.

    Doubt begins where the score would accuse: what no finding shows well enough stays uncertain.
    """
    faithful = np.array([one.case["verdict"] == "faithful" for one in seen])
    accuse = float(np.quantile(scores[faithful], 1 - alarms))
    return {
        "accuse": round(accuse, 3),
        "doubt": round(accuse, 3),
        "suspect": round(float(np.quantile(scores[faithful], 1 - alarms * SUSPECT)), 3),
        "keep": 0.25,
        "unrelated": 0.3,
    }
