"""Intensity: the same thing put more strongly, more weakly, or in loaded words.

Fires:  "would be a PR loss" -> 将重创国际形象; "slipped 0.4 %" -> 暴跌
Silent: "slumped" -> 大跌; a strong word beside the figure that earns it
Not ours: rise told as fall (polarity); more figures than the post has (quantity).
"""

from collections.abc import Iterator

from drift.contrasts import cues_of, vicinity
from drift.evidence import Evidence
from drift.lexicons.knowledge import Sense, senses
from drift.records import Finding, Severity

_LOW = 0.25
_OTHERS = frozenset({"quantity", "likelihood", "frequency"})  # scales of other detectors
_RESTS = 0.4  # strength below which the claim may speak of something else


def detect(evidence: Evidence) -> Iterator[Finding]:
    """Yield a finding for a step along a scale, and for loaded words that the post lacks."""
    if evidence.pair.strength < _RESTS:
        return
    ours = [sense for premise in evidence.premises for sense in senses(premise, "degrees")]
    for sense in senses(evidence.claim, "degrees"):
        near = vicinity(evidence, sense.span).values()
        alike = [
            other
            for other in ours
            if other.entry == sense.entry
            and other.entry not in _OTHERS
            and any(place.covers(other.span) for place in near)
        ]
        if alike:
            yield from _step(evidence, sense, alike)
    yield from _loaded(evidence)


def _step(evidence: Evidence, sense: Sense, alike: list[Sense]) -> Iterator[Finding]:
    nearest = min(alike, key=lambda other: abs(other.rank - sense.rank))
    steps = sense.rank - nearest.rank
    if steps == 0:
        return
    strong = "strongly" if abs(steps) > 1 else "slightly"
    reason = "intensity.raised" if steps > 0 else "intensity.lowered"
    yield Finding(
        type="intensity",
        severity=Severity.MAJOR if strong == "strongly" else Severity.MINOR,
        confidence=min(1.0, 0.4 + 0.3 * (abs(steps) - 1)),
        retweet_span=sense.span,
        post_span=nearest.span,
        reason=reason,
        details={"cue": nearest.text, "word": sense.text},
    )


def _loaded(evidence: Evidence) -> Iterator[Finding]:
    strong = {
        hit.value
        for number in evidence.pair.premises
        for facts in evidence.post.facts[number]
        for hit in facts.of("intensity")
    }
    if {"loaded", "boost"} & strong:
        return
    for hit in cues_of(evidence, "intensity"):
        if hit.value != "loaded":
            continue
        inside = [
            evidence.anywhere[index]
            for index, token in enumerate(evidence.claim.tokens)
            if hit.span.touches(token.span)
        ]
        if inside and max(inside) < _LOW:
            yield Finding(
                type="intensity",
                severity=Severity.MAJOR,
                confidence=round(evidence.pair.strength, 3),
                retweet_span=hit.span,
                post_span=None,
                reason="intensity.loaded",
                details={"word": hit.text},
            )
