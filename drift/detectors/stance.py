"""Stance: the author, or somebody else, is given an attitude that the post does not show.

Fires:  "The council moved twelve stalls for drainage works." -> 作者怒批市政府赶走摊贩
Silent: "The council's plan is a disgrace." -> 作者痛批市政府的计划
Not ours: a judgement that belongs to somebody else in the post (attribution), loaded words for what
happened (intensity).
"""

from collections.abc import Iterator
from functools import cache

from drift.contrasts import cues_near, cues_of
from drift.evidence import Evidence
from drift.lexicons import grammar
from drift.records import Finding, Hit, Severity, Span

_FAVOUR = frozenset({"praise", "support"})
_AGAINST = frozenset({"criticise", "oppose", "mock", "doubt"})
_UNSAID = 0.25  # coverage below which nothing in the post accounts for a word
_OPEN = frozenset({"asked", "unknown", "possible", "hearsay"})
_REACH = 12  # characters between the author and an attitude of his


def detect(evidence: Evidence) -> Iterator[Finding]:
    """Yield a finding for an attitude that nothing near the aligned words accounts for."""
    if not evidence.premises:
        return
    found = [*_attitudes(evidence)]
    yield from found or _feelings(evidence)


def _attitudes(evidence: Evidence) -> Iterator[Finding]:
    """Find an attitude that the claim gives to the author."""
    authors = [hit.span for hit in cues_of(evidence, "attribution") if hit.value == "self"]
    for hit in cues_of(evidence, "stance"):
        if hit.text not in _words("zh_attitudes") or not evidence.claim.span.covers(hit.span):
            continue
        near = any(0 <= hit.span.start - author.end <= _REACH for author in authors)
        if (
            near
            and _held(evidence, hit.span)
            and not _shown(evidence, hit)
            and _unsaid(evidence, hit.span)
        ):
            yield _finding(evidence, hit.span, "invented", 0.8)


def _feelings(evidence: Evidence) -> Iterator[Finding]:
    """Find a feeling of anybody's that the post knows nothing of."""
    hits = {hit.span: hit for hit in cues_of(evidence, "stance")}
    claim = evidence.claim
    for index, token in enumerate(claim.tokens):
        span = next((s for s in hits if s.touches(token.span)), token.span)
        if token.text not in _words("zh_feelings") or evidence.anywhere[index] >= _UNSAID:
            continue
        if span in hits and _shown(evidence, hits[span]):
            continue
        yield _finding(evidence, token.span, "feeling", 0.6)


def _shown(evidence: Evidence, hit: Hit) -> bool:
    """Tell whether the premises show an attitude of the same direction."""
    group = _FAVOUR if hit.value in _FAVOUR else _AGAINST
    return any(cue.value in group for cue in cues_near(evidence, "stance"))


def _held(evidence: Evidence, span: Span) -> bool:
    """Tell whether an attitude is stated: not denied, not left open, under no condition."""
    return all(
        facts.polarity == "+" and not facts.condition and facts.certainty not in _OPEN
        for token, facts in zip(evidence.claim.tokens, evidence.facts, strict=True)
        if token.span.touches(span)
    )


def _unsaid(evidence: Evidence, span: Span) -> bool:
    return all(
        evidence.anywhere[index] < _UNSAID
        for index, token in enumerate(evidence.claim.tokens)
        if token.span.touches(span)
    )


def _finding(evidence: Evidence, span: Span, kind: str, confidence: float) -> Finding:
    premise = evidence.premises[0]
    return Finding(
        type="stance",
        severity=Severity.MAJOR,
        confidence=confidence,
        retweet_span=span,
        post_span=premise.span,
        reason=f"stance.{kind}",
        details={"word": span.of(evidence.document.text)},
    )


@cache
def _words(name: str) -> frozenset[str]:
    return frozenset(map(str, grammar()[name]))
