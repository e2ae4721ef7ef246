"""Conditional: an if is asserted, an assertion is made hypothetical, or the condition is turned.

Fires:  "If the tests fail, they will withdraw." -> 测试已经失败，他们将撤回
Silent: "If the tests fail, they will withdraw." -> 测试失败，他们就撤回
Not ours: "whether" questions and hedges (certainty).

A Chinese condition needs no 如果: two bare clauses are one. So a rendered if-part counts mostly
where a word says that it has come true (已, 既然, 铁定), and a consequence only where no claim of
the retweet renders the condition.
"""

from collections.abc import Iterator

from drift.contrasts import Contrast, contrasts, cues_of, governed, hits_over, predicates, vote
from drift.cues import strength
from drift.evidence import JUDGED, Evidence
from drift.lexicons import grammar
from drift.records import Finding, Hit, Severity, Span

_OPEN = ("protasis", "counterfactual", "unless", "necessary")  # what an if-part is marked by
_GIVEN = ("concessive", "regardless", "realis")  # what says that the condition does not matter
_SILENT = (*_OPEN, "question", "apodosis")
# Shares of a claim's linked words, and the strength of a cue; set on half of driftbench-train.
_MOST = 0.6
_ALL = 0.9
_SURE = 0.7
_TELLING = 0.75
_FIRM = 0.4
_HALF = 0.5
_AFTER = 3  # words after a cue that are asked
_NEAR = 2  # words between "would" and its verb


def detect(evidence: Evidence) -> Iterator[Finding]:
    """Yield a finding for a condition declared fulfilled, dropped, set aside or added."""
    pairs = predicates(contrasts(evidence))
    if not pairs:
        return
    theirs = cues_of(evidence, "conditional")
    found = (
        _declared(evidence, pairs, theirs)
        or _bare(evidence, pairs, theirs)
        or _asserted(evidence, pairs, theirs)
    )
    if found:
        yield found
    yield from _added(evidence, theirs)


def _declared(
    evidence: Evidence, pairs: tuple[Contrast, ...], theirs: tuple[Hit, ...]
) -> Finding | None:
    """Judge the words that say that the post's condition holds, or does not matter."""
    beside = _conditional(evidence)
    given = ((hit, _inside(pairs, hit, beside)) for hit in theirs if hit.value in _GIVEN)
    for hit, inside in given:
        if inside >= _MOST:
            reason = "realis" if hit.value == "realis" else "changed"
            return _finding(reason, hit.span, pairs, inside)
    if any(hit.value in _SILENT for hit in theirs):
        return None
    whole = _supposed(pairs, beside)
    weak = whole / 2 if whole >= _HALF and not _then(evidence) else 0.0
    for hit in _assertive(evidence):
        inside = _inside(pairs, hit, beside)
        telling = strength(hit, "zh") > _TELLING
        if inside >= _MOST and hit.value == "cause":
            return _finding("realis", hit.span, pairs, inside)
        if inside >= _MOST and (telling or weak):
            return _finding("fulfilled", hit.span, pairs, inside if telling else weak)
    return None


def _conditional(evidence: Evidence) -> frozenset[int]:
    """Give the premises that hold an if-part."""
    return frozenset(
        number
        for number in evidence.pair.premises
        if any(facts.condition in _OPEN for facts in evidence.post.facts[number])
    )


def _assertive(evidence: Evidence) -> tuple[Hit, ...]:
    """Give the claim's own cues that say that something is so: a reason, a deed done, no doubt."""
    hits = [
        hit
        for dimension in ("cause", "aspect", "certainty")
        for hit in cues_of(evidence, dimension)
        if hit.value in ("cause", "done", "certain") and evidence.claim.span.covers(hit.span)
    ]
    return tuple(hit for hit in hits if strength(hit, "zh") >= _SURE)


def _inside(pairs: tuple[Contrast, ...], hit: Hit, beside: frozenset[int]) -> float:
    """Give the share of the words under a cue that lie in a condition of the post."""
    under = tuple(governed(pairs, hit))
    after = tuple(pair for pair in under if pair.token.span.start >= hit.span.start)
    return _supposed(after[:_AFTER] or under, beside)


def _supposed(some: tuple[Contrast, ...], beside: frozenset[int]) -> float:
    """Give the share of words in a condition; in its sentence, what "would" be is supposed too.

    "If this came out, rejecting him would be a loss": the rejecting is no fact.
    """
    return vote(
        some,
        lambda pair: (
            pair.ours.condition in _OPEN
            or (pair.ours.condition == "hypothetical" and pair.link.segment in beside)
        ),
    )


def _bare(
    evidence: Evidence, pairs: tuple[Contrast, ...], theirs: tuple[Hit, ...]
) -> Finding | None:
    """Judge a claim that renders a condition or a consequence without saying so."""
    beside = _conditional(evidence)
    if any(hit.value in (*_SILENT, *_GIVEN) for hit in theirs) or _then(evidence):
        return None
    inside = _supposed(pairs, beside)
    if inside >= _ALL and len(pairs) > 1 and not _may_be_bare_condition(evidence):
        return _finding("dropped", _extent(pairs), pairs, inside / 2)
    after = vote(pairs, lambda pair: pair.ours.condition == "apodosis")
    if inside == 0.0 and after >= _MOST and _has_verb(pairs) and not _rendered(evidence, pairs):
        return _finding("consequence", _extent(pairs), pairs, after, _stated(evidence, pairs))
    return None


def _may_be_bare_condition(evidence: Evidence) -> bool:
    """Tell whether a word makes a bare clause read as an if: 真下雨, 不下雨, 照这么说."""
    marks = grammar()["zh_bare_condition"]
    return any(
        token.text in marks or facts.certainty in ("possible", "probable", "asked")
        for token, facts in zip(evidence.claim.tokens, evidence.facts, strict=True)
    )


def _has_verb(pairs: tuple[Contrast, ...]) -> bool:
    """Tell whether the claim renders the verb that "would" or "will" stands before."""
    for pair in pairs:
        for hit in hits_over(pair.ours, "conditional", "apodosis"):
            words = [
                token
                for token in pair.premise.tokens
                if hit.span.end <= token.span.start < pair.other.span.start
            ]
            if pair.other.span.start >= hit.span.end and len(words) <= _NEAR:
                return True
    return False


def _rendered(evidence: Evidence, pairs: tuple[Contrast, ...]) -> bool:
    """Tell whether any claim of the retweet renders the condition of the same sentence."""
    numbers = {pair.link.segment for pair in pairs}
    return any(
        link.segment in numbers
        and link.strength >= _FIRM
        and evidence.post.facts[link.segment][link.other].condition in _OPEN
        for pair in evidence.siblings
        for link in pair.links
    )


def _then(evidence: Evidence) -> bool:
    """Tell whether this claim or the next of its sentence opens a consequence (就, 才, 否则)."""
    claim = evidence.claim
    marks = grammar()["zh_then"]
    following = [
        pair.claim
        for pair in evidence.siblings
        if pair.claim.context == claim.context and pair.claim.span.start >= claim.span.start
    ]
    return any(token.text in marks for one in following[:2] for token in one.tokens)


def _asserted(
    evidence: Evidence, pairs: tuple[Contrast, ...], theirs: tuple[Hit, ...]
) -> Finding | None:
    """Judge a deed told as done (拒绝了) that the post only supposes, and has nowhere else."""
    if any(hit.value in _SILENT for hit in theirs):
        return None
    beside = _conditional(evidence)
    for pair in pairs:
        supposed = pair.ours.condition in (*_OPEN, "hypothetical") and pair.link.segment in beside
        told = any(
            hit.value == "done" and 0 <= hit.span.start - pair.token.span.end <= 1
            for hit in pair.theirs.of("aspect")
        )
        places = {link.segment for link in evidence.pair.links if link.token == pair.index}
        if supposed and told and pair.link.strength >= _ALL and places == {pair.link.segment}:
            return _finding("asserted", pair.token.span, (pair,), 1.0)
    return None


def _added(evidence: Evidence, theirs: tuple[Hit, ...]) -> Iterator[Finding]:
    """Judge a condition where the post, in these sentences and beside them, sets none."""
    added = [
        hit
        for hit in theirs
        if hit.value in _OPEN
        and hit.value != "necessary"
        and strength(hit, "zh") >= _SURE
        and evidence.claim.span.covers(hit.span)
    ]
    hedged = any(facts.certainty in ("possible", "probable") for facts in evidence.facts)
    if added and not hedged and _known(evidence, added[0]) and not _conditional_near(evidence):
        yield Finding(
            type="conditional",
            severity=Severity.MAJOR,
            confidence=round(min(1.0, evidence.pair.strength), 3),
            retweet_span=added[0].span,
            post_span=evidence.premises[0].span if evidence.premises else None,
            reason="conditional.added",
            details={"word": added[0].text},
        )


def _known(evidence: Evidence, hit: Hit) -> bool:
    """Tell whether the post accounts for what stands outside the condition."""
    around = [
        coverage
        for token, coverage in zip(evidence.claim.tokens, evidence.pair.coverage, strict=True)
        if token.kind in JUDGED and not hit.scope.touches(token.span)
    ]
    return bool(around) and sum(around) / len(around) >= _FIRM


def _conditional_near(evidence: Evidence) -> bool:
    near = {number + step for number in evidence.pair.premises for step in (-1, 0, 1)}
    return any(
        facts.of("conditional")
        for number in near & set(range(len(evidence.post.facts)))
        for facts in evidence.post.facts[number]
    )


def _extent(pairs: tuple[Contrast, ...]) -> Span:
    return Span(pairs[0].token.span.start, pairs[-1].token.span.end)


def _stated(evidence: Evidence, pairs: tuple[Contrast, ...]) -> tuple[Hit, ...]:
    """Give the words that state the condition of the post's consequence, in its own sentence."""
    numbers = dict.fromkeys(pair.link.segment for pair in pairs)
    return tuple(
        hit
        for number in numbers
        for facts in evidence.post.facts[number]
        for hit in hits_over(facts, "conditional", *_OPEN)
    )


def _finding(
    reason: str,
    span: Span,
    pairs: tuple[Contrast, ...],
    confidence: float,
    stated: tuple[Hit, ...] = (),
) -> Finding:
    hits = [*stated, *(hit for pair in pairs for hit in hits_over(pair.ours, "conditional"))]
    cue = next((hit for hit in hits if hit.value in _OPEN), hits[0] if hits else None)
    return Finding(
        type="conditional",
        severity=Severity.MAJOR,
        confidence=round(min(1.0, confidence), 3),
        retweet_span=span,
        post_span=cue.span if cue else None,
        reason=f"conditional.{reason}",
        details={"cue": cue.text} if cue else {},
    )
