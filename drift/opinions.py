"""Points at the words that make a retweet suspect where no detector found anything."""

from collections.abc import Iterator, Mapping, Sequence

from drift.backends import Calibrator, Opinion
from drift.evidence import Evidence
from drift.features import traits_of
from drift.records import Finding, Kind, Severity, Span

SUSPICION = "wording.suspect"
"""The reason of a finding that no detector found: it accuses only where the score is very high."""


def suspect(
    evidence: Sequence[Evidence],
    features: Mapping[str, float],
    calibrator: Calibrator,
    opinion: Opinion | None,
) -> Iterator[Finding]:
    """Yield a finding at the likeliest place: what the scorer marks, else the most suspect words.

    It is no proof, and its explanation says so.
    """
    marked = _strongest(evidence, opinion)
    span = marked or _by_wording(evidence, calibrator)
    if span is None:
        return
    claim = next(one for one in evidence if one.claim.span.touches(span))
    yield Finding(
        type=calibrator.likeliest(features),
        severity=Severity.MAJOR,
        confidence=1.0,
        retweet_span=span,
        post_span=claim.premises[0].span if claim.premises else None,
        reason=SUSPICION,
    )


def _beside(span: Span, other: Span) -> bool:
    return span.end == other.start or other.end == span.start


def _strongest(evidence: Sequence[Evidence], opinion: Opinion | None) -> Span | None:
    """Give the stretch that the scorer marks most, where it lies in a claim."""
    marks = [
        mark
        for mark in (opinion.tags if opinion else ())
        if any(one.claim.span.covers(Span(mark.start, mark.end)) for one in evidence)
    ]
    if not marks:
        return None
    best = max(marks, key=lambda mark: mark.strength)
    return Span(best.start, best.end)


def _by_wording(evidence: Sequence[Evidence], calibrator: Calibrator) -> Span | None:
    """Give the word whose wording is most suspect, with its suspect neighbours."""
    places = [
        (calibrator.suspicion(traits_of(one, index)), one, token.span)
        for one in evidence
        for index, token in enumerate(one.claim.tokens)
        if token.kind is Kind.CONTENT or token.kind is Kind.FUNCTION
    ]
    if not places:
        return None
    _, one, span = max(places, key=lambda place: place[0])
    near = [at for value, other, at in places if other is one and value > 0 and _beside(at, span)]
    starts, ends = [at.start for at in near], [at.end for at in near]
    return Span(min([span.start, *starts]), max([span.end, *ends]))
