"""Fits the logistic regression, the limits and what each reason has earned."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from models.recipes.calibration.cases import Seen

FOLDS = 10
PENALTIES = (0.03, 0.1, 0.3, 1.0)
PRIOR = 3.0  # findings of an average reason that every reason is given in advance
MOSTLY = 0.6


TOPIC = "topic:"


def truth(seen: Sequence[Seen], verdict: str = "misrepresents") -> np.ndarray:
    """Give 1 where the annotator gave the verdict."""
    return np.array([one.case["verdict"] == verdict for one in seen], dtype=int)


def rows_of(seen: Sequence[Seen], verdict: str) -> list[dict[str, float]]:
    """Give the features that speak for a verdict: the topic's for `unrelated`, else the rest."""
    topical = verdict == "unrelated"
    return [
        {name: value for name, value in one.features.items() if name.startswith(TOPIC) is topical}
        for one in seen
    ]


def held_out(seen: Sequence[Seen], penalty: float, verdict: str = "misrepresents") -> np.ndarray:
    """Give each case the score of a model that has not seen its post."""
    rows, labels = rows_of(seen, verdict), truth(seen, verdict)
    groups = np.array([one.case["post_id"] for one in seen])
    scores = np.zeros(len(rows))
    for train, test in GroupKFold(FOLDS, shuffle=True, random_state=1).split(rows, labels, groups):
        vectors = DictVectorizer()
        model = LogisticRegression(C=penalty, max_iter=2000)
        model.fit(vectors.fit_transform([rows[i] for i in train]), labels[train])
        scores[test] = model.predict_proba(vectors.transform([rows[i] for i in test]))[:, 1]
    return scores


def final(seen: Sequence[Seen], penalty: float, verdict: str = "misrepresents") -> dict[str, Any]:
    """Fit on all cases; give the bias and the weight of every feature."""
    vectors = DictVectorizer()
    model = LogisticRegression(C=penalty, max_iter=2000)
    model.fit(vectors.fit_transform(rows_of(seen, verdict)), truth(seen, verdict))
    names = vectors.get_feature_names_out()
    weights = {
        str(name): round(float(weight), 4)
        for name, weight in zip(names, model.coef_[0], strict=True)
    }
    return {"bias": round(float(model.intercept_[0]), 4), "weights": weights}


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
    """Set the limits on held-out scores: at most `alarms` of the faithful cases are accused."""
    faithful = np.array([one.case["verdict"] == "faithful" for one in seen])
    accuse = float(np.quantile(scores[faithful], 1 - alarms))
    return {
        "accuse": round(accuse, 3),
        "doubt": round(accuse * 0.85, 3),
        "keep": 0.25,
        "unrelated": 0.3,
    }
