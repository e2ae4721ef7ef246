"""Joins what the scorer marked to what the detectors found.

A detector's finding that the scorer marks too is surer; a strong mark where no detector found
anything becomes a finding of its own, with a reason of its own, so that what it is worth is
measured like any other. A mark alone never accuses: the verdict needs the calibrated score too.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from drift.backends import Calibrator, Mark, Opinion
from drift.detectors import Detector, detect
from drift.evidence import Evidence
from drift.features import traits_of
from drift.records import Finding, Kind, Severity, Span

STRONG = 0.5  # strength from which a mark is a finding of its own; set on driftbench-train


def observe(
    evidence: Sequence[Evidence], opinion: Opinion | None, detectors: Iterable[Detector]
) -> tuple[Finding, ...]:
    """Run the detectors and add the marks that they missed (spans are normalised)."""
    found = detect(evidence, detectors)
    if opinion is None or not evidence:
        return found
    return (*found, *_marked(evidence, opinion, found))


def suspect(
    evidence: Sequence[Evidence], features: Mapping[str, float], calibrator: Calibrator
) -> Iterator[Finding]:
    """Point at the words that make a retweet suspect where no detector found anything.

    They are the likeliest place, no proof: the explanation says so.
    """
    places = [
        (calibrator.suspicion(traits_of(one, index)), one, token.span)
        for one in evidence
        for index, token in enumerate(one.claim.tokens)
        if token.kind is Kind.CONTENT or token.kind is Kind.FUNCTION
    ]
    if not places:
        return
    _, one, span = max(places, key=lambda place: place[0])
    near = [at for value, other, at in places if other is one and value > 0 and _beside(at, span)]
    premise = one.premises[0].span if one.premises else None
    yield Finding(
        type=calibrator.likeliest(features),
        severity=Severity.MAJOR,
        confidence=1.0,
        retweet_span=Span(
            min([span.start, *(at.start for at in near)]), max([span.end, *(at.end for at in near)])
        ),
        post_span=premise,
        reason="wording.suspect",
    )


def _beside(span: Span, other: Span) -> bool:
    return span.end == other.start or other.end == span.start


def _marked(
    evidence: Sequence[Evidence], opinion: Opinion, found: Sequence[Finding]
) -> Iterable[Finding]:
    taken = {(finding.type, finding.retweet_span) for finding in found}
    for mark in opinion.tags:
        span = Span(mark.start, mark.end)
        inside = any(one.claim.span.touches(span) for one in evidence)
        covered = any(kind == mark.type and at and at.touches(span) for kind, at in taken)
        if mark.strength < STRONG or not inside or covered or mark.type == "omission":
            continue
        yield Finding(
            type=mark.type,
            severity=Severity.MAJOR,
            confidence=mark.strength,
            retweet_span=span,
            post_span=_counterpart(evidence, opinion.post_tags, span),
            reason=f"{mark.type}.marked",
        )


def _counterpart(evidence: Sequence[Evidence], marks: Sequence[Mark], span: Span) -> Span | None:
    """Give the strongest mark in the premises of the claim, else its best premise."""
    claim = next(one for one in evidence if one.claim.span.touches(span))
    inside = [
        mark
        for mark in marks
        if any(premise.span.covers(Span(mark.start, mark.end)) for premise in claim.premises)
    ]
    if inside:
        best = max(inside, key=lambda mark: mark.strength)
        return Span(best.start, best.end)
    return claim.premises[0].span if claim.premises else None
