"""Quantifier: all, most, some, none; always, usually; one place or everywhere; only.

Fires:  "most of the markets" -> 所有市场; "some officials" -> 官员们都
Silent: 都 that only sums up a list; 每 of a rate
Not ours: exact figures (quantity).
"""

from collections.abc import Iterator

from drift.contrasts import Contrast, contrasts, cues_near, cues_of, governed, predicates, vicinity
from drift.evidence import Evidence
from drift.records import Finding, Hit, Severity, Span

# From none to all; "only" stands apart.
_RANKS = {
    "none": 0, "never": 0, "rarely": 1, "sometimes": 2, "some": 2, "often": 3,
    "most": 4, "usually": 4, "all": 5, "always": 5,
}  # fmt: skip


def detect(evidence: Evidence) -> Iterator[Finding]:
    """Yield a finding where aligned words stand under quantifiers of another width."""
    pairs = predicates(contrasts(evidence))
    near = cues_near(evidence, "quantifier")
    for hit in cues_of(evidence, "quantifier"):
        rank = _RANKS.get(hit.value)
        over = tuple(governed(pairs, hit))
        places = vicinity(evidence, hit.span)
        if rank is None or not over or not evidence.claim.span.covers(hit.span):
            continue
        if any(_RANKS.get(other.value) == rank for other in near):
            continue
        yield from _compare(hit, rank, over, places)


def _compare(
    hit: Hit, rank: int, over: tuple[Contrast, ...], places: dict[int, Span]
) -> Iterator[Finding]:
    ours = [
        cue
        for pair in over
        for cue in pair.ours.of("quantifier")
        if cue.value in _RANKS and any(place.covers(cue.span) for place in places.values())
    ]
    if not ours:
        return
    cue = min(ours, key=lambda one: abs(_RANKS[one.value] - rank))
    wider = rank > _RANKS[cue.value]
    yield Finding(
        type="quantifier",
        severity=Severity.MAJOR,
        confidence=min(1.0, 0.3 + 0.2 * abs(rank - _RANKS[cue.value])),
        retweet_span=Span(hit.span.start, hit.span.end),
        post_span=cue.span,
        reason="quantifier.widened" if wider else "quantifier.narrowed",
        details={"cue": cue.text, "word": hit.text},
    )
