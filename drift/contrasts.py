"""Lays a claim's facts beside those of the words that it renders; the detectors' common ground.

Only aligned words are compared, and a dimension is judged by how the claim's linked words vote, so
that one doubtful link decides nothing.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from drift.evidence import JUDGED, Evidence
from drift.frames import Facts
from drift.names import similarity
from drift.records import Hit, Kind, Link, Segment, Span, Token

_REACH = 4  # tokens on either side whose sentence a token leans towards
_NEIGHBOUR = 0.1  # weight of one of them; ties between sentences are what it decides
FIRM = 0.4  # strength from which a link is taken for a rendering
HEARD = 0.8  # likeness from which an ordinary word may be a name after all (胆怯 is not Chengdu)
_SAME = 1e-9


@dataclass(frozen=True, slots=True)
class Contrast:
    """A word of the claim beside the word of the post that it renders best."""

    index: int  # of the claim's token
    token: Token
    theirs: Facts
    other: Token
    ours: Facts
    link: Link
    premise: Segment


def contrasts(evidence: Evidence, firm: float = FIRM) -> tuple[Contrast, ...]:
    """Pair every linked content word of the claim with its best counterpart, in order."""
    support = _support(evidence)
    best: dict[int, tuple[float, Link]] = {}
    for link in evidence.pair.links:
        if link.strength < firm:
            continue
        value = link.strength + support(link.token, link.segment)
        if link.token not in best or value > best[link.token][0]:
            best[link.token] = (value, link)
    return tuple(contrast(evidence, best[index][1]) for index in sorted(best))


def _support(evidence: Evidence) -> Callable[[int, int], float]:
    """Tell how far the words around a token speak for a sentence; words in one alone speak most."""
    best: dict[int, dict[int, float]] = {}
    for link in evidence.pair.links:
        row = best.setdefault(link.token, {})
        row[link.segment] = max(row.get(link.segment, 0.0), link.strength)

    def support(token: int, segment: int) -> float:
        near = (best.get(i, {}) for i in range(token - _REACH, token + _REACH + 1) if i != token)
        return _NEIGHBOUR * sum(row.get(segment, 0.0) / len(row) for row in near if row)

    return support


def contrast(evidence: Evidence, link: Link) -> Contrast:
    """Lay the two words of a link beside each other, with what holds of each."""
    premise = evidence.post.source.segments[link.segment]
    return Contrast(
        index=link.token,
        token=evidence.claim.tokens[link.token],
        theirs=evidence.facts[link.token],
        other=premise.tokens[link.other],
        ours=evidence.post.facts[link.segment][link.other],
        link=link,
        premise=premise,
    )


def predicates(pairs: tuple[Contrast, ...]) -> tuple[Contrast, ...]:
    """Keep the contrasts of content words: names and numbers carry no mood of their own."""
    return tuple(pair for pair in pairs if pair.token.kind is Kind.CONTENT)


def vote(pairs: tuple[Contrast, ...], test: Callable[[Contrast], bool]) -> float:
    """Give the share of link strength for which the test holds; 0 where nothing is linked."""
    total = sum(pair.link.strength for pair in pairs)
    return sum(pair.link.strength for pair in pairs if test(pair)) / total if total else 0.0


def hits_over(facts: Facts, dimension: str, *values: str) -> tuple[Hit, ...]:
    """Give the cues of a dimension, or of some of its values, that govern a word."""
    return tuple(hit for hit in facts.of(dimension) if not values or hit.value in values)


def cues_of(evidence: Evidence, dimension: str) -> tuple[Hit, ...]:
    """Give the distinct cues of a dimension that stand in or over the claim, in order."""
    found = {(hit.span, hit.value): hit for facts in evidence.facts for hit in facts.of(dimension)}
    return tuple(found[key] for key in sorted(found))


def cues_near(evidence: Evidence, dimension: str) -> tuple[Hit, ...]:
    """Give the distinct cues of a dimension in the premises, the best premise first."""
    found: dict[tuple[int, Span], Hit] = {}
    for number in evidence.pair.premises:
        for facts in evidence.post.facts[number]:
            for hit in facts.of(dimension):
                found.setdefault((number, hit.span), hit)
    return tuple(found.values())


def governed(pairs: tuple[Contrast, ...], hit: Hit, side: str = "theirs") -> Iterator[Contrast]:
    """Yield the contrasts whose word a cue governs: `theirs`, of the claim; `ours`, of the post."""
    for pair in pairs:
        word = pair.token if side == "theirs" else pair.other
        if hit.scope.touches(word.span):
            yield pair


def places_of(evidence: Evidence, span: Span) -> dict[int, Span]:
    """Give the clauses of the premises that the claim's clause around a span is rendered from.

    Where no word of that clause is firmly linked, the premises count as a whole.
    """
    clause = next((c for c in evidence.claim.clauses if c.covers(span)), evidence.claim.span)
    found: dict[int, Span] = {}
    for link in evidence.links_of(clause):
        if link.strength < FIRM:
            continue
        segment = evidence.post.source.segments[link.segment]
        word = segment.tokens[link.other].span
        place = next((c for c in segment.clauses if c.covers(word)), segment.span)
        before = found.get(link.segment, place)
        found[link.segment] = Span(min(place.start, before.start), max(place.end, before.end))
    if found:
        return found
    segments = evidence.post.source.segments
    return {number: segments[number].span for number in evidence.pair.premises}


def accounted(evidence: Evidence, index: int) -> float:
    """Tell how well the post accounts for a token; a chance likeness to a name does not count."""
    token, value = evidence.claim.tokens[index], evidence.anywhere[index]
    if token.kind is not Kind.CONTENT or not FIRM <= value < HEARD:
        return value
    links = [link for link in evidence.pair.links if link.token == index]
    if links:
        return 0.0 if all(link.kind == "name" for link in links) else value
    likeness = (similarity(token.text, name) for name, _ in evidence.post.source.names)
    return 0.0 if any(abs(one - value) < _SAME for one in likeness) else value


@dataclass(frozen=True, slots=True)
class Facing:
    """A clause of the claim beside the clause of the post that one of its words comes from."""

    theirs: Span
    ours: Span
    shared: int  # words of the post's clause that the claim's clause renders, the one apart
    agreeing: float  # share of the clause's rendered words whose best counterpart is in the premise


def facing(evidence: Evidence, pairs: Sequence[Contrast], pair: Contrast) -> Facing:
    """Lay the clauses around a pair beside each other and tell how far they are one statement."""
    theirs = clause_of(evidence.claim, pair.token.span)
    ours = clause_of(pair.premise, pair.other.span)
    around = [one for one in pairs if theirs.covers(one.token.span)]
    words = pair.premise.tokens
    rendered = {
        link.other
        for link in evidence.links_of(theirs)
        if link.strength >= FIRM
        and link.segment == pair.link.segment
        and words[link.other].kind in JUDGED
        and ours.covers(words[link.other].span)
    }
    here = sum(one.premise is pair.premise for one in around)
    return Facing(theirs, ours, len(rendered - {pair.link.other}), here / max(1, len(around)))


def clause_of(segment: Segment, span: Span) -> Span:
    """Give the clause that a place lies in; the whole segment where none covers it."""
    return next((clause for clause in segment.clauses if clause.covers(span)), segment.span)
