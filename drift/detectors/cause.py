"""Cause: a cause, motive or purpose is invented or changed, or a correlation becomes causation.

Fires:  "The US refused him." -> 美国因胆怯拒绝了他; "is associated with" -> 导致
Silent: "because orders slowed" -> 原因是订单放缓
Not ours: who says so (attribution).
"""

from collections.abc import Iterator, Sequence

from drift.contrasts import FIRM, accounted, contrasts, cues_near, cues_of, places_of
from drift.cues import strength
from drift.evidence import JUDGED, Evidence
from drift.records import Finding, Hit, Severity, Span

_REASONS = frozenset({"cause", "motive", "purpose"})
_CAUSAL = frozenset({"cause", "motive", "purpose", "effect", "link"})
_SURE = 0.9  # strength of a cue that says nothing but a cause
_LOW = 0.3  # coverage below which no word of a reason is the post's
_NONE = 0.15  # coverage below which nothing in the post is like the word
_SHORT = 3  # content words of a reason that is slipped in; longer ones retell the story
_RESTS = 0.25  # strength from which the claim is about what its premises say


def detect(evidence: Evidence) -> Iterator[Finding]:
    """Yield a finding for a reason that the post does not give, denies, or gives as a link."""
    if not evidence.premises or evidence.pair.strength < _RESTS:
        return
    near = cues_near(evidence, "cause")
    claimed = [hit for hit in cues_of(evidence, "cause") if evidence.claim.span.covers(hit.span)]
    if any(hit.value == "denied" for hit in claimed):
        return
    for hit in claimed:
        if hit.value in _CAUSAL and strength(hit, "zh") >= _SURE and _asserted(evidence, hit):
            yield from _given(evidence, hit, near)
    yield from _correlation(evidence)


def _asserted(evidence: Evidence, hit: Hit) -> bool:
    """Tell whether the claim gives the cause in earnest: not denied, asked or supposed."""
    return all(
        facts.polarity == "+" and facts.certainty not in {"asked", "unknown", "possible"}
        for token, facts in zip(evidence.claim.tokens, evidence.facts, strict=True)
        if hit.span.touches(token.span)
    )


def _given(evidence: Evidence, hit: Hit, near: tuple[Hit, ...]) -> Iterator[Finding]:
    here = places_of(evidence, hit.span)
    local = [cue for cue in near if any(place.touches(cue.scope) for place in here.values())]
    denials = [cue for cue in local if cue.value == "denied" and _hits(evidence, hit, cue)]
    ours = [cue for cue in local if cue.value in _CAUSAL]
    if denials:
        yield _finding(evidence, hit, denials[0], "cause.denied", 0.8)
    elif hit.value in _REASONS and ours:
        words = _reason(evidence, hit)
        cover = [accounted(evidence, index) for index in words]
        if words and len(words) <= _SHORT and max(cover) < _NONE and not _taken(evidence, ours[0]):
            yield _finding(evidence, hit, ours[0], "cause.changed", 0.5)
    elif hit.value != "link":
        yield from _invented(evidence, hit, near, local)


def _taken(evidence: Evidence, cue: Hit) -> bool:
    """Tell whether the claim renders a word of the post's own reason."""
    segments = evidence.post.source.segments
    return any(
        link.strength >= FIRM
        and evidence.claim.tokens[link.token].kind in JUDGED
        and not cue.span.touches(word := segments[link.segment].tokens[link.other].span)
        and cue.scope.touches(word)
        for link in evidence.pair.links
    )


def _invented(
    evidence: Evidence, hit: Hit, near: tuple[Hit, ...], local: list[Hit]
) -> Iterator[Finding]:
    """Find a short reason slipped into what the post says without one."""
    words = _reason(evidence, hit)
    nearest = _nearest(evidence, hit, words) if words else 0.0
    if len(words) > _SHORT or (hit.value in _REASONS and nearest >= _LOW):
        return
    slipped_in = words and nearest < _NONE and hit.value in _REASONS
    implied = _implies(local) if slipped_in else _implies(near) or _conditional(evidence)
    if not implied:
        confidence = 0.9 if slipped_in else 0.6
        yield _finding(evidence, hit, None, "cause.invented", confidence)


def _hits(evidence: Evidence, hit: Hit, denial: Hit) -> bool:
    """Tell whether the reason given is the one that is denied, and not the one put in its place."""
    tokens, segments = evidence.claim.tokens, evidence.post.source.segments
    within = [
        denial.scope.touches(segments[link.segment].tokens[link.other].span)
        for link in evidence.pair.links
        if link.strength >= FIRM
        and tokens[link.token].kind in JUDGED
        and hit.scope.touches(tokens[link.token].span)
    ]
    return not within or 2 * sum(within) >= len(within)


def _implies(cues: Sequence[Hit]) -> bool:
    """Tell whether the post says a cause in other words: a sequence, a link."""
    return any(cue.value in _CAUSAL | {"sequence", "correlation"} for cue in cues)


def _conditional(evidence: Evidence) -> bool:
    return bool(cues_near(evidence, "conditional"))


def _finding(
    evidence: Evidence, hit: Hit, cue: Hit | None, reason: str, confidence: float
) -> Finding:
    return Finding(
        type="cause",
        severity=Severity.MAJOR,
        confidence=confidence,
        retweet_span=_extent(evidence, hit),
        post_span=cue.span if cue else None,
        reason=reason,
        details={"cue": cue.text, "word": hit.text} if cue else {"word": hit.text},
    )


def _reason(evidence: Evidence, hit: Hit) -> list[int]:
    """Give the content words of a reason: of a motive the cue's own, else those it governs."""
    tokens = evidence.claim.tokens
    place = hit.span if hit.value == "motive" else hit.scope
    words = []
    for index, token in enumerate(tokens):
        if token.text == "而" and token.span.start >= hit.span.end:
            break
        if (
            token.kind in JUDGED
            and place.touches(token.span)
            and (hit.value == "motive" or not hit.span.touches(token.span))
        ):
            words.append(index)
    return words


def _nearest(evidence: Evidence, hit: Hit, words: Sequence[int]) -> float:
    """Tell how well the post accounts for the word of the reason that stands next to the cue."""
    tokens = evidence.claim.tokens
    after = [index for index in words if tokens[index].span.end > hit.span.start]
    return accounted(evidence, after[0] if after else words[-1])


def _extent(evidence: Evidence, hit: Hit) -> Span:
    words = [evidence.claim.tokens[index].span for index in _reason(evidence, hit)]
    spans = [hit.span, *words]
    return Span(min(span.start for span in spans), max(span.end for span in spans))


def _correlation(evidence: Evidence) -> Iterator[Finding]:
    """Find causal words over what the post only says goes together."""
    for pair in contrasts(evidence):
        if pair.ours.cause != "correlation":
            continue
        causal = [
            hit for hit in pair.theirs.of("cause") if hit.value in {"cause", "effect", "link"}
        ]
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
