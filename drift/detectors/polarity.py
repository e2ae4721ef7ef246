"""Polarity: a negation dropped or added, a contrary in its place, a denial told as an admission.

Fires:  "The agency has not approved it." -> 该机构已批准
Silent: "It has not been decided." -> 尚待决定; "He cannot but agree." -> 他只好同意
Not ours: what is only planned or tried (aspect), hedges (certainty), a figure's way up or down
(quantity), giver and taker exchanged (role).
"""

from collections.abc import Iterator, Sequence
from functools import cache

from drift.contrasts import (
    Contrast,
    Facing,
    clause_of,
    contrast,
    contrasts,
    cues_near,
    cues_of,
    facing,
)
from drift.evidence import JUDGED, Evidence
from drift.lexicons import grammar
from drift.lexicons.knowledge import Sense, opposed, senses
from drift.records import Finding, Hit, Kind, Link, Segment, Severity, Span, Token

_STRONG = 0.5  # link strength that a negation's own word needs
_AGREEING = 0.6  # how much of the claim's clause must be about the sentence that denies
_FLIP = 0.6  # confidence in a dropped negation
_SHARED = 0.1  # the same for each further word that both clauses share
_RETOLD = 0.6  # how much of the claim must render the sentence that sets a phrase aside
_TO_COME = ("planned", "requested", "attempted", "not-yet")
_ABOUT = 0.4  # how much of the post's clause must be rendered
_CLOSE = 0.7  # the same for an added negation, which more often has an innocent reading
_UNSAID = 0.4  # coverage below which a contrary renders nothing of the post
_LONG, _SHORT = 0.8, 0.5  # confidence in a contrary; a single character is often another word's


def detect(evidence: Evidence) -> Iterator[Finding]:
    """Yield the surest sign that the claim says the opposite of what it renders."""
    if not evidence.premises or evidence.claim.text.rstrip().endswith(("?", "？")):
        return
    pairs = tuple(pair for pair in contrasts(evidence) if pair.link.kind != "name")
    found = [
        *_flipped(evidence, (*pairs, *_named_alike(evidence, pairs))),
        *_negated(evidence, pairs),
        *_contrary(evidence, pairs),
        *_denied(evidence, pairs),
    ]
    yield from sorted(found, key=lambda finding: -finding.confidence)[:1]


def _flipped(evidence: Evidence, pairs: Sequence[Contrast]) -> Iterator[Finding]:
    """Find what the post denies and the claim affirms."""
    theirs = cues_of(evidence, "polarity")
    for pair in pairs:
        hit = _denying(pair)
        if hit is None or _left_open(pair):
            continue
        aside = _set_aside(pair.premise, hit, pair.other)
        if not aside and pair.other.key in _words("en_light"):
            continue
        beside = facing(evidence, pairs, pair)
        clause = beside.theirs.of(evidence.document.text)
        if beside.agreeing < _AGREEING or _denied_there(evidence, pair, beside.theirs, theirs):
            continue
        sure = any(word in clause for word in _words("zh_affirming"))
        if _elsewhere(evidence, pair, "-", strict=not (sure and beside.shared)):
            continue
        if aside and not sure and evidence.share(pair.link.segment) < _RETOLD:
            continue
        yield _finding(
            "affirmed" if sure and not aside else "excluded" if aside else "flipped",
            min(1.0, _FLIP + _SHARED * beside.shared),
            (pair.token.span, _joined(hit.span, pair.other.span)),
            {"cue": hit.text},
        )


def _denying(pair: Contrast) -> Hit | None:
    """Give the negative word right over the post's word, where the claim's word has none."""
    if not _turned(pair, "-") or pair.link.strength < _STRONG:
        return None
    if Kind.NUMBER in (pair.token.kind, pair.other.kind):
        return None
    over = _negations(pair.ours.of("polarity"), pair.premise.span)
    heads = [(hit, _content(pair.premise, hit)[:1]) for hit in over]
    return next((hit for hit, words in heads if words and words[0] is pair.other), None)


def _left_open(pair: Contrast) -> bool:
    """Tell whether either side asks, supposes or makes a condition: that is no plain denial."""
    return bool(pair.ours.condition or pair.theirs.condition) or "asked" in (
        pair.ours.certainty,
        pair.theirs.certainty,
    )


def _ahead(pair: Contrast) -> bool:
    """Tell whether the post only hopes, plans or waits for it: what is to come is not yet so."""
    return pair.ours.aspect in _TO_COME or pair.other.key in _words("en_waiting")


def _joined(first: Span, second: Span) -> Span:
    return Span(min(first.start, second.start), max(first.end, second.end))


def _negated(evidence: Evidence, pairs: Sequence[Contrast]) -> Iterator[Finding]:
    """Find what the claim denies and the post affirms."""
    claim, premise = evidence.claim, evidence.premises[0]
    ours = [hit for hit in cues_near(evidence, "polarity") if premise.span.covers(hit.span)]
    if ours or _open(evidence):
        return
    for hit in _negations(cues_of(evidence, "polarity"), claim.span):
        governed = _content(claim, hit)[:3]
        head = next((pair for pair in pairs if governed and pair.token is governed[0]), None)
        if head is None or head.premise is not premise or head.link.strength < _STRONG:
            continue
        if head.token.span.start > hit.span.end or not _turned(head, "+") or _ahead(head):
            continue
        if _elsewhere(evidence, head, "+"):
            continue
        ours_too = _around(premise, head.other.span)
        about = _rendered(evidence, evidence.pair.premises[0], ours_too)
        cover = _covered(evidence, _around(claim, hit.span))
        if cover >= _CLOSE and about >= _ABOUT:
            yield _finding("negated", cover, (hit.span, head.other.span), {"word": hit.text})


def _contrary(evidence: Evidence, pairs: Sequence[Contrast]) -> Iterator[Finding]:
    """Find a contrary in the place of a word that nothing else renders."""
    theirs = senses(evidence.claim, "antonyms")
    for number in evidence.pair.premises if theirs else ():
        premise = evidence.post.source.segments[number]
        ours = senses(premise, "antonyms")
        for word, cue in ((one, other) for one in theirs for other in ours):
            if word.kind or word.entry != cue.entry or word.rank == cue.rank:
                continue
            place = _tokens(evidence.claim, word.span), _tokens(premise, cue.span)
            if not all(place) or _balanced(theirs, ours, word, cue):
                continue
            if _unsaid(evidence, number, place) and _beside(evidence, pairs, (number, *place)):
                yield _finding(
                    "antonym",
                    _SHORT if len(word.text) == 1 else _LONG,
                    (word.span, cue.span),
                    {"cue": cue.text, "word": word.text},
                )


def _denied(evidence: Evidence, pairs: Sequence[Contrast]) -> Iterator[Finding]:
    """Find an admission in the place of a denial."""
    premise = evidence.premises[0]
    theirs = cues_of(evidence, "attribution")
    admitted = [h for h in theirs if h.value == "admit" and evidence.claim.span.covers(h.span)]
    denied = [hit for hit in theirs if hit.value in ("deny", "undenied")]
    if not admitted or denied or any(t.polarity != "+" for t in evidence.facts):
        return
    near = [h for h in cues_near(evidence, "attribution") if premise.span.covers(h.span)]
    if any(hit.value == "admit" for hit in near):
        return
    for hit in near:
        inside = [pair for pair in pairs if hit.scope.touches(pair.other.span)]
        if hit.value == "deny" and inside:
            yield _finding("denial-dropped", _LONG, (admitted[0].span, hit.span), {})


def _negations(hits: Sequence[Hit], inside: Span) -> list[Hit]:
    """Keep the negative words; what merely sets one thing beside another denies nothing."""
    aside = ("instead of", "rather than", "zero")
    return [
        hit
        for hit in hits
        if hit.value == "negation" and inside.covers(hit.span) and hit.text.lower() not in aside
    ]


def _set_aside(premise: Segment, hit: Hit, head: Token) -> bool:
    """Tell whether a "not" sets a phrase beside another ("the rain, not the dam")."""
    if head.span.start < hit.span.end:
        return False
    between = Span(hit.span.end, head.span.start)
    return not hit.text.lower().startswith(("no ", "never")) and any(
        t.key in _words("en_aside") for t in premise.tokens if between.covers(t.span)
    )


@cache
def _words(name: str) -> frozenset[str]:
    return frozenset(map(str, grammar()[name]))


def _content(segment: Segment, hit: Hit) -> list[Token]:
    """Give the words of weight that a cue governs and that follow it."""
    return [
        token
        for token in segment.tokens
        if token.kind in JUDGED
        and token.span.start >= hit.span.end
        and hit.scope.touches(token.span)
    ]


def _turned(pair: Contrast, ours: str) -> bool:
    theirs = "+" if ours == "-" else "-"
    if (pair.ours.polarity, pair.theirs.polarity) != (ours, theirs):
        return False
    # 可以留下 renders "need not leave": a contrary and a negation cancel out.
    return opposed((pair.other.key, "en"), (pair.token.key, "zh")) is None


def _denied_there(evidence: Evidence, head: Contrast, clause: Span, theirs: Sequence[Hit]) -> bool:
    """Tell whether anything in the claim's clause denies, doubts or excludes."""
    same = [t.key for t in evidence.claim.tokens if t.key == head.token.key]
    text = clause.of(evidence.document.text)
    return (
        len(same) > 1
        or any(word in text for word in _words("zh_half_denying"))
        or any(hit.span.touches(clause) or hit.scope.touches(clause) for hit in theirs)
    )


def _elsewhere(evidence: Evidence, head: Contrast, ours: str, *, strict: bool = True) -> bool:
    """Tell whether the premises, or else the head's own, also say the word as the claim does."""
    return any(
        evidence.post.facts[link.segment][link.other].polarity != ours
        for link in evidence.pair.links
        if link.token == head.index and (strict or link.segment == head.link.segment)
    )


def _open(evidence: Evidence) -> bool:
    """Tell whether the premise leaves the matter open: if, unless, whether, before."""
    return any(
        facts.condition or facts.certainty in ("asked", "unknown")
        for facts in evidence.post.facts[evidence.pair.premises[0]]
    )


def _around(segment: Segment, span: Span) -> list[Token]:
    """Give the words of the clause that a place lies in."""
    clause = clause_of(segment, span)
    return [token for token in segment.tokens if clause.covers(token.span)]


def _rendered(evidence: Evidence, number: int, words: Sequence[Token]) -> float:
    """Give the mean strength with which the claim renders some of a premise's words."""
    best: dict[int, float] = {}
    for link in evidence.pair.links:
        if link.segment == number:
            best[link.other] = max(best.get(link.other, 0.0), link.strength)
    tokens = evidence.post.source.segments[number].tokens
    judged = [i for i, t in enumerate(tokens) if t in words and t.kind in JUDGED]
    return sum(best.get(index, 0.0) for index in judged) / len(judged) if judged else 0.0


def _covered(evidence: Evidence, words: Sequence[Token]) -> float:
    """Give the mean coverage of some of the claim's words."""
    judged = [
        evidence.pair.coverage[index]
        for index, token in enumerate(evidence.claim.tokens)
        if token in words and token.kind in JUDGED
    ]
    return sum(judged) / len(judged) if judged else 0.0


def _balanced(theirs: Sequence[Sense], ours: Sequence[Sense], word: Sense, cue: Sense) -> bool:
    """Tell whether each side also has the other's pole, or the words agree in another sense."""
    poles = {(sense.entry, sense.rank) for sense in ours}
    if (word.entry, word.rank) in poles:
        return True
    if any((s.entry, s.rank) == (cue.entry, cue.rank) for s in theirs):
        return True
    mine = {(s.entry, s.rank) for s in theirs if s.span == word.span}
    return bool(mine & {(s.entry, s.rank) for s in ours if s.span == cue.span})


def _tokens(segment: Segment, span: Span) -> list[int]:
    return [
        index
        for index, token in enumerate(segment.tokens)
        if token.span.touches(span) and token.kind in JUDGED
    ]


def _unsaid(evidence: Evidence, number: int, place: tuple[list[int], list[int]]) -> bool:
    """Tell whether neither word is accounted for by another, and both are affirmed alike."""
    theirs, ours = evidence.facts[place[0][0]], evidence.post.facts[number][place[1][0]]
    words = [evidence.claim.tokens[index].span for index in place[0]]
    inside = any(Span(words[0].start - 1, words[-1].end).covers(hit.span) for hit in theirs.hits)
    if (ours.polarity if inside else theirs.polarity) != "+" or theirs.condition or ours.condition:
        return False
    if not inside and theirs.polarity != ours.polarity:
        return False
    if max(evidence.anywhere[index] for index in place[0]) >= _UNSAID:
        return False
    return not any(
        link.segment == number and link.other in place[1] and link.strength >= _UNSAID
        for link in evidence.pair.links
    )


def _beside(
    evidence: Evidence, pairs: Sequence[Contrast], place: tuple[int, list[int], list[int]]
) -> bool:
    """Tell whether the two words stand in clauses that are one statement."""
    number, theirs, ours = place
    return _stated(facing(evidence, pairs, _known(evidence, (theirs[0], number, ours[0]))))


def _stated(beside: Facing) -> bool:
    return beside.shared >= 1 and beside.agreeing >= _AGREEING


def _known(evidence: Evidence, place: tuple[int, int, int]) -> Contrast:
    """Pair two words that the knowledge files pair, where the table has no link."""
    index, number, other = place
    return contrast(evidence, Link(index, number, other, _STRONG, "lexical"))


def _named_alike(evidence: Evidence, pairs: Sequence[Contrast]) -> Iterator[Contrast]:
    """Pair the words of one pole of a contrary that have no link (压低, "cut")."""
    linked = {pair.index for pair in pairs}
    theirs = senses(evidence.claim, "antonyms")
    for number in evidence.pair.premises if theirs else ():
        premise = evidence.post.source.segments[number]
        for cue in senses(premise, "antonyms"):
            for word in theirs:
                if word.kind or (word.entry, word.rank) != (cue.entry, cue.rank):
                    continue
                here, there = _tokens(evidence.claim, word.span), _tokens(premise, cue.span)
                if here and there and here[0] not in linked:
                    yield _known(evidence, (here[0], number, there[0]))


def _finding(
    kind: str, confidence: float, spans: tuple[Span, Span], details: dict[str, str]
) -> Finding:
    return Finding(
        type="polarity",
        severity=Severity.MAJOR,
        confidence=round(min(1.0, confidence), 3),
        retweet_span=spans[0],
        post_span=spans[1],
        reason=f"polarity.{kind}",
        details=details,
    )
