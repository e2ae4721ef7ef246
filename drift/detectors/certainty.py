"""Certainty: a hedge, a rumour or a question is turned into a fact, or a fact into a rumour.

Fires:  "The mayor may resign." -> 市长确定辞职
Silent: "The mayor may resign." -> 市长或将辞职
Not ours: ifs (conditional), who says it (attribution), plans said to be done (aspect).

The words that a retweet puts in are what counts: a hedge that it leaves out is mostly rendered by
other means (能, 会, a question, a tag), and claims without one prove nothing.
"""

from collections.abc import Iterator

from drift.contrasts import Contrast, contrasts, cues_of, governed, predicates, vote
from drift.cues import strength
from drift.evidence import Evidence
from drift.records import Finding, Hit, Severity

_DOUBT = ("possible", "probable", "hearsay", "unverified", "unknown", "asked")
_OPEN = ("unknown", "asked", "unverified")
_HYPOTHETICAL = ("protasis", "unless", "counterfactual", "question")
_AHEAD = ("planned", "requested", "not-yet", "attempted")
_UNDER = 4  # words after a cue that are asked what the post says of them
# Set on half of driftbench-train: shares of linked words, strengths of cues, how new a word is.
_MOST = 0.6
_TELLING = 0.75  # strength of a cue that says nothing but how sure it is
_USUAL = 0.65
_NEW = 0.3  # a cue that the post accounts for better than this renders something in it


def detect(evidence: Evidence) -> Iterator[Finding]:
    """Yield a finding for each cue of the claim that is surer, or less sure, than the post."""
    pairs = predicates(contrasts(evidence))
    if not pairs:
        return
    near = _near(evidence)
    for hit in cues_of(evidence, "certainty"):
        if not evidence.claim.span.covers(hit.span) or strength(hit, "zh") < _USUAL:
            continue
        under = tuple(governed(pairs, hit))[:_UNDER] or pairs
        if hit.value == "certain":
            found = _surer(evidence, hit, under, near)
        else:
            found = _less_sure(evidence, hit, under, near)
        if found:
            yield found
            return


def _surer(
    evidence: Evidence, hit: Hit, under: tuple[Contrast, ...], near: frozenset[str]
) -> Finding | None:
    """Judge a word like 证实 or 铁定."""
    if _undone(evidence, hit):
        return None
    new = _is_new(evidence, hit)
    if (share := vote(under, lambda pair: pair.ours.certainty in _OPEN)) >= _MOST:
        return _finding("settled", hit, under, share if new else share / 2)
    if new and (share := vote(under, lambda pair: pair.ours.certainty in _DOUBT)) >= _MOST:
        return _finding("raised", hit, under, share)
    if new and near and "certain" not in near:
        return _finding("vouched-near", hit, under, evidence.pair.strength)
    if new and not near and strength(hit, "zh") >= _TELLING:
        return _finding("vouched", hit, under, evidence.pair.strength)
    return None


def _less_sure(
    evidence: Evidence, hit: Hit, under: tuple[Contrast, ...], near: frozenset[str]
) -> Finding | None:
    """Judge a word like 疑似 or 据传 where the post has no doubt."""
    if near or strength(hit, "zh") < _TELLING or len(under) < 2:
        return None
    plain = vote(under, _is_plain)
    if hit.value == "hearsay" and plain >= _MOST:
        return _finding("hearsay-added", hit, under, evidence.pair.strength)
    if hit.value in ("possible", "probable") and plain >= _MOST and _is_new(evidence, hit):
        return _finding("lowered", hit, under, evidence.pair.strength)
    return None


def _is_plain(pair: Contrast) -> bool:
    """Tell whether the post states a word of its own account, as something that is so."""
    facts = pair.ours
    return not (facts.condition or facts.voices or facts.aspect in _AHEAD)


def _near(evidence: Evidence) -> frozenset[str]:
    """Give the degrees of certainty that the premises know, estimates of figures left out."""
    values = {
        facts.certainty
        for number in evidence.pair.premises
        for facts in evidence.post.facts[number]
    }
    return frozenset(values - {""})


def _undone(evidence: Evidence, hit: Hit) -> bool:
    """Tell whether the cue is itself denied, hedged or put under a condition (尚未证实)."""
    return any(
        facts.polarity == "-" or facts.condition in _HYPOTHETICAL or facts.certainty in _DOUBT
        for token, facts in zip(evidence.claim.tokens, evidence.facts, strict=True)
        if hit.span.touches(token.span)
    )


def _is_new(evidence: Evidence, hit: Hit) -> bool:
    return all(
        anywhere < _NEW
        for token, anywhere in zip(evidence.claim.tokens, evidence.anywhere, strict=True)
        if hit.span.touches(token.span)
    )


def _finding(reason: str, hit: Hit, under: tuple[Contrast, ...], confidence: float) -> Finding:
    cues = [cue for pair in under for cue in pair.ours.of("certainty") if cue.value in _DOUBT]
    details = {"word": hit.text} | ({"cue": cues[0].text} if cues else {})
    return Finding(
        type="certainty",
        severity=Severity.MAJOR,
        confidence=round(min(1.0, confidence), 3),
        retweet_span=hit.span,
        post_span=cues[0].span if cues else under[0].premise.span,
        reason=f"certainty.{reason}",
        details=details,
    )
