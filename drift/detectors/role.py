"""Role: who did what to whom is turned round.

Fires:  "The union asked Dorma to pay." -> Dorma要求工会出钱; "A sued B" -> A被B起诉
Silent: "B was sued by A" -> A起诉了B; 两人互相指责; lists and comparisons
Not ours: somebody else altogether (entity); who is quoted (attribution).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from drift.contrasts import Contrast, contrasts
from drift.evidence import Evidence
from drift.lexicons import entries
from drift.lexicons.knowledge import senses
from drift.records import Finding, Kind, Segment, Severity, Span, Token

_FIRM = 0.55  # strength of a link that may decide who is who
_TURNS = frozenset({"被", "遭", "遭到", "由", "获", "受", "受到", "为"})  # the agent follows
_BESIDE = frozenset({"向", "对", "跟", "与", "和", "同", "给", "把", "将", "替", "请", "让", "叫"})
_LISTS = frozenset({"、", "和", "与", "及", "跟", "比", "或"})
_PASSIVE = frozenset({"was", "were", "been", "be", "being", "is", "are", "got"})
_DIRECTED = frozenset({"directive", "commissive", "hostile", "friendly", "negative", "question"})
_SIDES = frozenset({"institution", "role", "person", "organisation", "media", "country"})
_WINDOW = 9  # tokens of the post between a participant and the verb


@dataclass(frozen=True, slots=True)
class _Party:
    """Somebody who takes part, on both sides."""

    index: int  # of the claim's token
    other: int  # of the post's token
    token: Token


def detect(evidence: Evidence) -> Iterator[Finding]:
    """Yield a finding where doer and done-to of an aligned verb stand the other way round."""
    pairs = contrasts(evidence, _FIRM)
    acts = _acts(evidence)
    for number in dict.fromkeys(pair.link.segment for pair in pairs):
        inside = [pair for pair in pairs if pair.link.segment == number]
        segment = evidence.post.source.segments[number]
        parties = _parties(evidence, segment, inside)
        for pair in inside:
            if any(span.touches(pair.token.span) for span in acts):
                swapped = _swapped(evidence, segment, pair, parties)
                if swapped:
                    yield swapped
                    return


def _acts(evidence: Evidence) -> list[Span]:
    """Give the verbs of the claim by which one party does something to another."""
    told = [s.span for s in senses(evidence.claim, "reporting") if s.kind in _DIRECTED]
    made = [hit.span for facts in evidence.facts for hit in facts.of("role")]
    other = [s.span for s in senses(evidence.claim, "antonyms") if s.kind == "converse"]
    return [*told, *made, *other]


def _parties(evidence: Evidence, segment: Segment, pairs: Sequence[Contrast]) -> tuple[_Party, ...]:
    """Give the names, offices and bodies that the claim and the sentence share, each once."""
    theirs, ours = _titles(evidence.claim), _titles(segment)
    found: list[_Party] = []
    for pair in pairs:
        named = pair.token.kind is Kind.NAME and pair.other.kind is Kind.NAME
        titled = any(span.touches(pair.token.span) for span in theirs) or any(
            span.touches(pair.other.span) for span in ours
        )
        if not named and not titled:
            continue
        if found and found[-1].index == pair.index - 1:
            found.pop()  # a name in two pieces, or a title before a name
        found.append(_Party(pair.index, pair.link.other, pair.token))
    return tuple(found)


def _titles(segment: Segment) -> list[Span]:
    """Give the offices, bodies and well-known people that a segment names."""
    return [
        sense.span for sense in senses(segment, "aliases") if _kinds().get(sense.entry) in _SIDES
    ]


@cache
def _kinds() -> Mapping[str, str]:
    return {entry.name: entry.kind for entry in entries("aliases")}


def _swapped(
    evidence: Evidence, segment: Segment, verb: Contrast, parties: Sequence[_Party]
) -> Finding | None:
    theirs = _roles_zh(evidence.claim.tokens, verb.index, parties)
    if theirs is None:
        return None
    agent, patient = theirs
    if agent.other == patient.other or agent.token.key == patient.token.key:
        return None
    ours = _agent_first(segment, verb.link.other, agent.other, patient.other)
    if ours is not False:
        return None
    return Finding(
        type="role",
        severity=Severity.MAJOR,
        confidence=0.7,
        retweet_span=Span(
            min(agent.token.span.start, patient.token.span.start, verb.token.span.start),
            max(agent.token.span.end, patient.token.span.end, verb.token.span.end),
        ),
        post_span=verb.other.span,
        reason="role.swapped",
        details={"from": segment.tokens[patient.other].text, "to": agent.token.text},
    )


def _roles_zh(
    tokens: Sequence[Token], verb: int, parties: Sequence[_Party]
) -> tuple[_Party, _Party] | None:
    """Give who acts and who is acted on, as the Chinese word order and its markers say."""
    clause = _clause(tokens, verb)
    near = [party for party in parties if party.index in clause and party.index != verb]
    before = [party for party in near if party.index < verb]
    after = [party for party in near if party.index > verb]
    if verb + 1 < len(tokens) and tokens[verb + 1].text == "的":
        return None
    if len(before) >= 2:
        first, second = before[-2:]
        between = {tokens[i].text for i in range(first.index + 1, second.index)}
        if between & _TURNS:
            return second, first
        if between & _BESIDE and not between & {"和", "与", "跟", "同"}:
            return first, second
        return None
    if len(before) == 1 and after and not _listed(tokens, before[0].index, after[0].index):
        return before[0], after[0]
    return None


def _clause(tokens: Sequence[Token], at: int) -> range:
    first = at
    while first > 0 and tokens[first - 1].kind is not Kind.PUNCTUATION:
        first -= 1
    last = at
    while last + 1 < len(tokens) and tokens[last + 1].kind is not Kind.PUNCTUATION:
        last += 1
    return range(first, last + 1)


def _listed(tokens: Sequence[Token], first: int, last: int) -> bool:
    between = {tokens[i].text for i in range(first + 1, last)}
    return bool(between & (_LISTS | _TURNS | {"的", "是"}))


def _agent_first(segment: Segment, verb: int, agent: int, patient: int) -> bool | None:
    """Tell whether the post lets the first act on the second; None where it does not say."""
    tokens = segment.tokens
    if max(abs(agent - verb), abs(patient - verb)) > _WINDOW:
        return None
    passive = any(token.key in _PASSIVE for token in tokens[max(0, verb - 3) : verb])
    by = [i for i in range(verb + 1, min(len(tokens), verb + _WINDOW)) if tokens[i].key == "by"]
    if patient < verb < agent:
        return None if passive else False
    if agent < verb < patient:
        return not (passive and by and by[0] < patient)
    return None
