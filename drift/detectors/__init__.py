"""One detector per drift type; this table is the whole registry, in report order."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from drift.detectors import (
    addition,
    aspect,
    attribution,
    cause,
    certainty,
    conditional,
    entity,
    intensity,
    omission,
    polarity,
    quantifier,
    quantity,
    role,
    stance,
)
from drift.evidence import Evidence
from drift.records import Finding

Detector = Callable[[Evidence], Iterator[Finding]]

DETECTORS: dict[str, Detector] = {
    "conditional": conditional.detect,
    "certainty": certainty.detect,
    "polarity": polarity.detect,
    "quantity": quantity.detect,
    "entity": entity.detect,
    "role": role.detect,
    "attribution": attribution.detect,
    "cause": cause.detect,
    "intensity": intensity.detect,
    "aspect": aspect.detect,
    "quantifier": quantifier.detect,
    "addition": addition.detect,
    "omission": omission.detect,
    "stance": stance.detect,
}


def detect(evidence: Sequence[Evidence], detectors: Iterable[Detector]) -> tuple[Finding, ...]:
    """Run every detector over every claim; of equal findings the surest stays."""
    chosen = tuple(detectors)
    return _distinct(found for one in evidence for detector in chosen for found in detector(one))


def _distinct(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    best: dict[tuple[object, ...], Finding] = {}
    for finding in findings:
        key = (finding.type, finding.retweet_span, finding.post_span)
        if key not in best or finding.confidence > best[key].confidence:
            best[key] = finding
    return tuple(best.values())
