"""Aspect: what is planned, asked for or tried is said to be done, or the other way round.

Fires:  "The city plans to close the pool." -> 市里已关闭泳池
Silent: "The city plans to close the pool." -> 市里拟关闭泳池
Not ours: ifs said to hold (conditional), hedges (certainty), denials turned round (polarity).
"""

from collections.abc import Iterator

from drift.contrasts import Contrast, contrasts, cues_of, governed, predicates, vote
from drift.cues import strength
from drift.evidence import Evidence
from drift.frames import Facts
from drift.records import Finding, Hit, Severity

_PAST = ("done", "past", "past-form", "stopped", "began", "ongoing")
_AHEAD = ("planned", "attempted", "not-yet")
_DOUBT = ("possible", "unknown", "asked")
_ASKED = ("unknown", "asked")
_TIED = ("protasis", "unless", "counterfactual", "necessary", "apodosis")
_LOOSE = (*_TIED, "question")
# Set on half of driftbench-train.
_SURE = 0.9  # strength of a cue that speaks of nothing but the stage: 已, 拟
_HALF = 0.5
_MOST = 0.6
_NEW = 0.3
_AFTER, _BEFORE = 3, 2  # words after a cue, or else before it, that are compared


def detect(evidence: Evidence) -> Iterator[Finding]:
    """Yield a finding for the first word of stage that the post does not bear out."""
    pairs = predicates(contrasts(evidence))
    for hit in cues_of(evidence, "aspect"):
        if not evidence.claim.span.covers(hit.span) or strength(hit, "zh") < _SURE:
            continue
        under = _around(tuple(governed(pairs, hit)), hit)
        if not under or _loose(evidence, hit):
            continue
        found = None
        if hit.value == "done":
            found = _too_far(hit, under)
        elif hit.value == "planned" and _is_new(evidence, hit):
            found = _too_early(hit, under)
        if found:
            yield found
            return


def _around(pairs: tuple[Contrast, ...], hit: Hit) -> tuple[Contrast, ...]:
    """Give the compared words that the cue stands before, or else the last ones before it."""
    after = [pair for pair in pairs if pair.token.span.start >= hit.span.start]
    before = [pair for pair in pairs if pair.token.span.start < hit.span.start]
    return tuple(after[:_AFTER] or before[-_BEFORE:])


def _loose(evidence: Evidence, hit: Hit) -> bool:
    """Tell whether the cue is itself hedged, asked or under a condition."""
    return any(
        facts.condition in _LOOSE or facts.certainty in (*_DOUBT, "probable", "hearsay")
        for token, facts in zip(evidence.claim.tokens, evidence.facts, strict=True)
        if hit.span.touches(token.span)
    )


def _is_new(evidence: Evidence, hit: Hit) -> bool:
    return all(
        anywhere < _NEW
        for token, anywhere in zip(evidence.claim.tokens, evidence.anywhere, strict=True)
        if hit.span.touches(token.span)
    )


def _ahead(facts: Facts) -> bool:
    return any(hit.value in _AHEAD for hit in facts.of("aspect"))


def _open(facts: Facts) -> bool:
    """Tell whether the post leaves it open whether this has come about."""
    return _ahead(facts) or facts.certainty in _DOUBT or facts.condition == "hypothetical"


def _too_far(hit: Hit, under: tuple[Contrast, ...]) -> Finding | None:
    """Judge 已: something in the post must be done, and not all of it open."""
    if any(pair.ours.condition in _TIED for pair in under):
        return None
    past = vote(under, lambda pair: pair.ours.aspect in _PAST and not _open(pair.ours))
    share = vote(under, lambda pair: _open(pair.ours))
    if share < _HALF:
        return None
    if all(pair.ours.certainty in _ASKED for pair in under if _open(pair.ours)):
        return None  # what the post asks or does not know is no stage: certainty judges it
    doubt = any(pair.ours.certainty in _DOUBT for pair in under)
    return _finding("done-open" if doubt else "done", hit, under, share - past / 2)


def _too_early(hit: Hit, under: tuple[Contrast, ...]) -> Finding | None:
    """Judge 拟: the post must not have it done."""
    past = vote(under, lambda pair: pair.ours.aspect in _PAST and not _open(pair.ours))
    return _finding("planned", hit, under, past) if past >= _MOST else None


def _finding(reason: str, hit: Hit, under: tuple[Contrast, ...], confidence: float) -> Finding:
    cues = [cue for pair in under for cue in pair.ours.of("aspect")]
    return Finding(
        type="aspect",
        severity=Severity.MAJOR,
        confidence=round(min(1.0, confidence), 3),
        retweet_span=hit.span,
        post_span=cues[0].span if cues else under[0].other.span,
        reason=f"aspect.{reason}",
        details={"word": hit.text} | ({"cue": cues[0].text} if cues else {}),
    )
