"""Cause: a cause, motive or purpose is invented or changed, or a correlation becomes causation.

Fires:  "The US refused him." -> 美国因胆怯拒绝了他; "is associated with" -> 导致
Silent: "because orders slowed" -> 原因是订单放缓
Not ours: who says so (attribution).
"""

from collections.abc import Iterator

from drift.contrasts import contrasts, cues_near, cues_of
from drift.evidence import JUDGED, Evidence
from drift.records import Finding, Hit, Severity, Span

_REASONS = ("cause", "motive", "purpose")
_LOW = 0.3  # mean coverage below which a reason is not the post's
_RESTS = 0.45  # strength from which the rest of the claim is the post's


def detect(evidence: Evidence) -> Iterator[Finding]:
    """Yield a finding for a reason that the post does not give, or gives only as a link."""
    ours = cues_near(evidence, "cause")
    reasons = [hit for hit in cues_of(evidence, "cause") if hit.value in _REASONS]
    for hit in reasons:
        yield from _reason(evidence, hit, ours)
    yield from _correlation(evidence)


def _reason(evidence: Evidence, hit: Hit, ours: tuple[Hit, ...]) -> Iterator[Finding]:
    if not evidence.claim.span.covers(hit.span):
        return
    inside, outside = _cover(evidence, hit, True), _cover(evidence, hit, False)
    if not inside or not outside:
        return
    given, rest = sum(inside) / len(inside), sum(outside) / len(outside)
    if given >= _LOW or rest < _RESTS:
        return
    stated = [cue for cue in ours if cue.value in {"cause", "motive", "purpose", "effect"}]
    yield Finding(
        type="cause",
        severity=Severity.MAJOR,
        confidence=round(min(1.0, rest - given + 0.2), 3),
        retweet_span=_extent(evidence, hit),
        post_span=stated[0].span if stated else None,
        reason="cause.changed" if stated else "cause.invented",
        details={"cue": stated[0].text} if stated else {},
    )


def _cover(evidence: Evidence, hit: Hit, inside: bool) -> list[float]:
    return [
        evidence.anywhere[index]
        for index, token in enumerate(evidence.claim.tokens)
        if token.kind in JUDGED
        and not hit.span.touches(token.span)
        and hit.scope.touches(token.span) is inside
    ]


def _extent(evidence: Evidence, hit: Hit) -> Span:
    governed = [
        token.span
        for token in evidence.claim.tokens
        if token.kind in JUDGED and hit.scope.touches(token.span)
    ]
    spans = [hit.span, *governed]
    return Span(min(span.start for span in spans), max(span.end for span in spans))


def _correlation(evidence: Evidence) -> Iterator[Finding]:
    """Find causal words over what the post only says goes together."""
    for pair in contrasts(evidence):
        if pair.ours.cause != "correlation":
            continue
        causal = [hit for hit in pair.theirs.of("cause") if hit.value in {"cause", "effect", "link"}]
        soft = [hit for hit in pair.theirs.of("cause") if hit.value == "correlation"]
        if causal and not soft:
            yield Finding(
                type="cause",
                severity=Severity.MAJOR,
                confidence=pair.link.strength,
                retweet_span=causal[0].span,
                post_span=pair.ours.of("cause")[0].span,
                reason="cause.correlation",
                details={"word": causal[0].text},
            )
            return
