"""Intensity: the same thing put more strongly, more weakly, or in loaded words.

Fires:  "would be a PR loss" -> 将重创国际形象; "slipped 0.4 %" -> 暴跌; "slightly sad" -> 十分难过
Silent: "slumped" -> 大跌; a strong word beside an equally strong one; colloquial colour (砸, 翻车)
Not ours: rise told as fall (polarity); more figures than the post has (quantity).
"""

from collections.abc import Iterator

from drift.contrasts import accounted, cues_near, cues_of, places_of
from drift.cues import strength
from drift.evidence import Evidence
from drift.lexicons.knowledge import Sense, senses
from drift.records import Finding, Hit, Severity, Span

_RENDERED = 0.4  # strength from which a word of the post accounts for the strong word
_SURE = 0.9  # strength of a cue that is strong in whatever sentence
_RESTS = 0.25  # strength below which the claim may speak of something else
_STEPS = 2  # ranks along a scale that no paraphrase bridges
# Scales of other detectors, and scales whose ends are each other's contraries.
_OTHERS = frozenset(
    {"amount", "frequency", "certainty", "evidence", "relation", "agreement", "size", "quality"}
)
_STRONG, _WEAK = frozenset({"boost", "loaded"}), frozenset({"damp", "mild"})


def detect(evidence: Evidence) -> Iterator[Finding]:
    """Yield a finding for two steps up a scale, and for strong words that the post lacks."""
    if not evidence.premises or evidence.pair.strength < _RESTS:
        return
    stepped = list(_steps(evidence))
    yield from stepped
    taken = [finding.retweet_span for finding in stepped]
    near = cues_near(evidence, "intensity")
    for hit in cues_of(evidence, "intensity"):
        if not evidence.claim.span.covers(hit.span) or any(
            span and span.touches(hit.span) for span in taken
        ):
            continue
        yield from _word(evidence, hit, near)


def _steps(evidence: Evidence) -> Iterator[Finding]:
    for sense in senses(evidence.claim, "degrees"):
        if sense.entry in _OTHERS:
            continue
        ours = [
            other
            for number, place in places_of(evidence, sense.span).items()
            for other in senses(evidence.post.source.segments[number], "degrees")
            if other.entry == sense.entry and place.touches(other.span)
        ]
        if ours:
            strongest = max(ours, key=lambda other: other.rank)
            if sense.rank - strongest.rank >= _STEPS:
                yield _step(sense, strongest)


def _step(sense: Sense, ours: Sense) -> Finding:
    return Finding(
        type="intensity",
        severity=Severity.MAJOR,
        confidence=min(1.0, 0.4 + 0.2 * (sense.rank - ours.rank)),
        retweet_span=sense.span,
        post_span=ours.span,
        reason="intensity.raised",
        details={"cue": ours.text, "word": sense.text},
    )


def _word(evidence: Evidence, hit: Hit, near: tuple[Hit, ...]) -> Iterator[Finding]:
    """Find a strong word over what the post puts mildly, and rage or ruin of the claim's own."""
    if hit.value not in _STRONG or strength(hit, "zh") < _SURE or _rendered(evidence, hit.span):
        return
    places = places_of(evidence, hit.span).values()
    local = [cue for cue in near if any(place.touches(cue.span) for place in places)]
    if any(cue.value in _STRONG for cue in local):
        return
    mild = [cue for cue in local if cue.value in _WEAK and strength(cue, "en") >= _SURE]
    if mild:
        yield _finding(hit, mild[0], "intensity.exaggerated")
    elif hit.value == "loaded" and not any(cue.value in _WEAK for cue in local):
        yield _finding(hit, None, "intensity.loaded")


def _rendered(evidence: Evidence, span: Span) -> bool:
    return any(
        accounted(evidence, index) >= _RENDERED
        for index, token in enumerate(evidence.claim.tokens)
        if token.span.touches(span)
    )


def _finding(hit: Hit, cue: Hit | None, reason: str) -> Finding:
    return Finding(
        type="intensity",
        severity=Severity.MAJOR,
        confidence=0.8 if cue else 0.6,
        retweet_span=hit.span,
        post_span=cue.span if cue else None,
        reason=reason,
        details={"cue": cue.text, "word": hit.text} if cue else {"word": hit.text},
    )
