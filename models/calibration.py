"""The fitted numbers: features to a probability, and the confidence that a kind of finding earned.

A logistic regression (Platt 1999) over a few dozen named features, and a few small trees over the
translator's likelihoods, whose meaning lies in their combination. The recipe that fits it is
`models.recipes.calibration`; the file says on what.
"""

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from drift.errors import BackendError
from drift.expected import LIKELY
from drift.records import Finding, Limits, Severity
from models import weights
from models.trees import Trees

REASON = "reason:"
WITNESS = 0.2


@dataclass(frozen=True, slots=True)
class Earned:
    """What findings of one reason turned out to be worth on the training cases."""

    confidence: float
    severity: Severity


@dataclass(frozen=True, slots=True)
class Line:
    """A logistic regression: a bias, and a weight a named feature."""

    bias: float
    weights: Mapping[str, float]

    def total(self, features: Mapping[str, float]) -> float:
        """Give the log-odds; features without a weight count nothing."""
        weights = self.weights
        return self.bias + sum(
            weights[name] * value for name, value in features.items() if name in weights
        )

    def probability(self, features: Mapping[str, float]) -> float:
        """Give the probability."""
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, self.total(features)))))


@dataclass(frozen=True, slots=True)
class Logistic:
    """A `Calibrator` whose numbers come from a file."""

    signature: str
    limits: Limits
    drift: Line
    wording: Line  # what the wording alone says; its log-odds are one feature of `drift`
    kinds: Mapping[str, Line]  # finding type -> what the wording says for it
    topic: Line
    reasons: Mapping[str, Earned]
    likely: Trees | None = None  # what the translator's likelihoods say; one feature of `drift`
    advisers: str = ""  # the models beside the rules that it was fitted with

    def misrepresents(self, features: Mapping[str, float]) -> float:
        """Give the calibrated probability of `misrepresents`; unknown features weigh nothing."""
        joined = {
            "wording": self.wording.total(features),
            "evidence": evidence(features, self.reasons),
        }
        if self.likely and any(name.startswith(LIKELY) for name in features):
            joined["likely"] = self.likely.total(features)
        return self.drift.probability({**features, **joined})

    def unrelated(self, features: Mapping[str, float]) -> float:
        """Give the probability that the retweet says nothing checkable about the post."""
        return self.topic.probability(features)

    def suspicion(self, traits: Iterable[str]) -> float:
        """Give what single traits add to the log-odds of `misrepresents`."""
        weights = self.wording.weights
        return sum(weights.get(name, 0.0) for name in traits)

    def likeliest(self, features: Mapping[str, float]) -> str:
        """Give the finding type that the wording speaks for most."""
        return max(self.kinds, key=lambda kind: self.kinds[kind].total(features))

    def weigh(self, finding: Finding) -> Finding:
        """Scale the detector's own confidence by what its reason has earned."""
        earned = self.reasons.get(finding.reason)
        if earned is None:
            return replace(finding, confidence=round(0.3 * finding.confidence, 3))
        return replace(
            finding,
            confidence=round(earned.confidence * finding.confidence, 3),
            severity=earned.severity if finding.severity is Severity.MAJOR else finding.severity,
        )


def evidence(features: Mapping[str, float], reasons: Mapping[str, Earned]) -> float:
    """Join the findings' confidences as independent witnesses: -log of the chance that all err.

    A reason that earned little on the training cases is no witness.
    """
    total = 0.0
    for name, confidence in features.items():
        earned = reasons.get(name.removeprefix(REASON)) if name.startswith(REASON) else None
        if earned is not None and earned.confidence >= WITNESS:
            total -= math.log(1 - min(0.95, earned.confidence * confidence))
    return total


@cache
def load() -> Logistic:
    """Load the shipped calibration, once."""
    return read(weights.folder("calibration") / "calibration.json")


def read(path: Path) -> Logistic:
    """Read a calibration file; raises `BackendError` where it is missing or malformed."""
    try:
        found = json.loads(path.read_text("utf-8"))
        return Logistic(
            signature=found["signature"],
            limits=Limits(**found["limits"]),
            drift=Line(**found["drift"]),
            wording=Line(**found["wording"]),
            kinds={kind: Line(**row) for kind, row in found["kinds"].items()},
            topic=Line(**found["topic"]),
            reasons={
                name: Earned(row["confidence"], Severity(row["severity"]))
                for name, row in found["reasons"].items()
            },
            likely=Trees(**found["likely"]) if found.get("likely") else None,
            advisers=found.get("advisers", ""),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BackendError(f"{path} is no calibration ({error}); reinstall the package") from error
