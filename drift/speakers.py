"""Finds the voices that a claim names: whose words or thoughts, and over which part of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from drift import parties
from drift.contrasts import FIRM
from drift.evidence import JUDGED, Evidence
from drift.frames import holder
from drift.lexicons import grammar
from drift.records import Hit, Kind, Link, Segment, Span, Token

SPEAKING = frozenset({"say", "claim", "admit", "think", "warn", "deny"})
_CLEAR = 0.3  # strength from which a word of the post may be the holder's name
_RIVAL = 0.75  # share of the best fit from which another sentence is as likely meant
_LONG = 8  # tokens from which a holder is more than a name
_SHARED = 0.6  # share of the content that a voice of the post must govern
_PART = 0.3  # share of the content that its sentence must render
_ENOUGH = 0.8  # strength that the links of the content must add up to
_MOST_WORDS = 4  # tokens of a speaker
_NAMED = 0.6  # strength from which a word stands for a name of the post


@dataclass(frozen=True, slots=True)
class Source:
    """A voice of the claim: the words that name it, and what it governs."""

    words: tuple[int, ...]  # tokens of the claim
    scope: Span
    author: bool


def sources(evidence: Evidence) -> Iterator[Source]:
    """Give the voices that the claim itself names, each with the words up to the next voice."""
    claim = evidence.claim
    hits = {hit.span: hit for facts in evidence.facts for hit in facts.of("attribution")}
    own = [
        hit for hit in sorted(hits.values(), key=lambda h: h.span) if claim.span.covers(hit.span)
    ]
    verbs = [hit for hit in own if _speaks(hit)]
    ends = [hit.span.start for hit in verbs[1:]] + [claim.span.end] * bool(verbs)
    for hit, end in zip(verbs, ends, strict=True):
        author = hit.value == "self"
        span = hit.span if author else holder(claim, hit)
        words = _named(claim, span, hit.span.end if author else hit.span.start) if span else ()
        if words and span:
            met = author or any(h.value == "self" and span.touches(h.span) for h in own)
            yield Source(words, Span(hit.span.end, max(hit.span.end, end)), met)
    yield from _announced(claim, [hit for hit in own if hit.value in ("self", "holder")])
    yield from _quoted(claim, own)
    yield from _stressed(claim, own)


def _speaks(hit: Hit) -> bool:
    """Tell whether a cue is a verb of saying or thinking, or ends in one (作者认为)."""
    verbs = _words("zh_speech")
    if hit.value == "self":
        return any(hit.text.endswith(verb) for verb in verbs)
    return hit.value in SPEAKING and hit.text in verbs


def _named(claim: Segment, span: Span, verb: int) -> tuple[int, ...]:
    """Give the tokens of a holder that stands right before its verb, adverbs left out."""
    words = [
        index
        for index, token in enumerate(claim.tokens)
        if span.touches(token.span) and token.text not in _words("zh_speaker_adverbs")
    ]
    between = [
        token.text
        for index, token in enumerate(claim.tokens)
        if words and index > words[-1] and token.span.end <= verb
    ]
    if not words or len(words) > _MOST_WORDS or len(between) > 2:
        return ()
    if any(text not in _words("zh_speaker_adverbs") for text in between):
        return ()
    words = _trimmed(claim, words)
    return tuple(words) if all(claim.tokens[i].kind in JUDGED for i in words[-1:]) else ()


def _trimmed(claim: Segment, words: list[int]) -> list[int]:
    """Leave out what the speaker does by the way: 观察团 | 发推 | 称."""
    able = [
        number
        for number, index in enumerate(words)
        if claim.tokens[index].kind is Kind.NAME or _speaker_noun(claim.tokens[index].text)
    ]
    return words[: able[-1] + 1] if able else words


def _announced(claim: Segment, speakers: Sequence[Hit]) -> Iterator[Source]:
    """Give the speaker before a colon: 发言人：… or 作者的结论：… as one."""
    colon = next((i for i, token in enumerate(claim.tokens[:8]) if token.text in "：:"), 0)
    words: list[int] = []
    for index, token in enumerate(claim.tokens[:colon]):
        called = any(hit.span.touches(token.span) for hit in speakers)
        if not (called or token.kind is Kind.NAME or (words and _speaker_noun(token.text))):
            break
        words.append(index)
    rest = [token.text for token in claim.tokens[len(words) : colon]]
    if words and (not rest or rest[-1] in _words("zh_announcing")):
        first = claim.tokens[words[0]].span
        author = any(hit.value == "self" and hit.span.touches(first) for hit in speakers)
        yield Source(tuple(words), Span(claim.tokens[colon].span.end, claim.span.end), author)


def _quoted(claim: Segment, hits: Sequence[Hit]) -> Iterator[Source]:
    """Give the speaker of 据X称 and of 据X，…: what follows is his."""
    for hit in hits:
        if hit.value != "say" or not hit.text.startswith("据"):
            continue
        span = holder(claim, hit)
        words = _named(claim, span, span.end) if span else ()
        while words and claim.tokens[words[-1]].text in _words("zh_speech"):
            words = words[:-1]
        if words:
            end = max(hit.span.end, claim.tokens[words[-1]].span.end)
            yield Source(words, Span(end, max(end, claim.span.end)), author=False)


def _stressed(claim: Segment, hits: Sequence[Hit]) -> Iterator[Source]:
    """Give the speaker who comes last: 这么说的是X, 是X说的, 这是X的说法, ——X这么看."""
    tokens = claim.tokens
    said = [hit.span for hit in hits if hit.value in SPEAKING]
    for at in range(2, len(tokens) - 1):
        if tokens[at].text not in ("是", "就是", "正是", "—", "——"):
            continue
        words = _next_speaker(tokens, at + 1)
        if not words:
            continue
        rest = tokens[words[-1] + 1 : words[-1] + 4]
        before = tokens[at - 1].text == "的" and any(
            span.end <= tokens[at].span.start for span in said
        )
        behind = any(
            token.text in _words("zh_stressed") or any(span.touches(token.span) for span in said)
            for token in rest
        )
        if behind or (before and (not rest or rest[0].kind is Kind.PUNCTUATION)):
            yield Source(words, Span(claim.span.start, tokens[at].span.start), author=False)


def _next_speaker(tokens: Sequence[Token], first: int) -> tuple[int, ...]:
    """Take the nouns from a place on, up to the last that can speak."""
    last = first
    while last < min(len(tokens), first + _MOST_WORDS) and tokens[last].kind in JUDGED:
        last += 1
    for end in range(last, first, -1):
        if tokens[end - 1].kind is Kind.NAME or _speaker_noun(tokens[end - 1].text):
            return tuple(range(first, end))
    return ()


def _speaker_noun(word: str) -> bool:
    return any(word.endswith(ending) for ending in _words("zh_speaker_endings"))


def is_speaker(evidence: Evidence, source: Source) -> bool:
    """Tell whether a holder is a name, of the claim or of the post, or a noun for a speaker."""
    tokens = evidence.claim.tokens
    if _speaker_noun(tokens[source.words[-1]].text):
        return True
    return any(
        tokens[index].kind is Kind.NAME or _names_somebody(evidence, index)
        for index in source.words
    )


def _names_somebody(evidence: Evidence, index: int) -> bool:
    segments = evidence.post.source.segments
    return any(
        value >= _NAMED and segments[number].tokens[other].kind is Kind.NAME
        for (number, other), (value, _) in evidence.matches[index].items()
    )


def is_anyone(evidence: Evidence, source: Source) -> bool:
    """Tell whether a holder may be anyone whom the post speaks of: 公司, 有人."""
    whole = "".join(evidence.claim.tokens[index].text for index in source.words)
    return whole in _words("zh_any_speaker") or whole.startswith(_words_in_order("zh_unnamed"))


def rendered_by(
    evidence: Evidence, source: Source, theirs: frozenset[str]
) -> tuple[int | None, list[int]]:
    """Give the sentence that the content renders most, and its words that are rendered.

    None where a sentence with the claim's own holder in it fits about as well.
    """
    best: dict[int, dict[int, Link]] = {}
    for link in evidence.pair.links:
        token = evidence.claim.tokens[link.token]
        inside = source.scope.covers(token.span) and link.token not in source.words
        if not inside or token.kind not in JUDGED or link.strength < FIRM:
            continue
        row = best.setdefault(link.segment, {})
        if link.token not in row or link.strength > row[link.token].strength:
            row[link.token] = link
    sums = {n: sum(link.strength for link in row.values()) for n, row in best.items()}
    number = max(sums, key=lambda n: (sums[n], -n), default=None)
    content = sum(
        source.scope.covers(token.span) and token.kind in JUDGED for token in evidence.claim.tokens
    )
    if number is None or sums[number] < max(_ENOUGH, _PART * content):
        return None, []
    segments = evidence.post.source.segments
    for other, value in sums.items():
        own = theirs & parties.bases(segments[other], range(len(segments[other].tokens)))
        if own and value >= _RIVAL * sums[number]:
            return None, []
    return number, sorted(link.other for link in best[number].values())


def cues_over(evidence: Evidence, number: int, words: Sequence[int]) -> list[Hit]:
    """Give the cues of the post that govern most of the content, the outermost first."""
    segment = evidence.post.source.segments[number]
    facts = evidence.post.facts[number]
    hits = {hit.span: hit for index in words for hit in facts[index].of("attribution")}
    over = []
    for hit in hits.values():
        under = [segment.tokens[index].span for index in words]
        told = [s for s in under if hit.scope.touches(s) and not hit.span.touches(s)]
        if hit.value in SPEAKING | {"self", "hearsay"} and len(told) >= _SHARED * len(words):
            over.append(hit)
    return sorted(over, key=lambda hit: (hit.scope.start - hit.scope.end, hit.span))


def speaker_of(segment: Segment, cue: Hit) -> tuple[int, ...] | None:
    """Give the tokens that name who is behind a cue: right before it, or its clause's subject."""
    span, tokens = holder(segment, cue), segment.tokens
    inside = tuple(i for i, token in enumerate(tokens) if span and span.touches(token.span))
    plain = (
        inside
        and len(inside) < _LONG
        and (inside[0] == 0 or tokens[inside[0] - 1].text not in ",-'")
        and not any(parties.is_verb(tokens, i) or parties.is_joint(tokens[i]) for i in inside)
        and not parties.is_leading(tokens[inside[0]])
    )
    if plain:
        return inside
    at = next((i for i, token in enumerate(tokens) if cue.span.touches(token.span)), None)
    return parties.subject(segment, at) if at is not None and span else None


def keys_of(evidence: Evidence, words: Sequence[int]) -> frozenset[str]:
    """Give the words of the whole post that a holder of the claim may render."""
    found = set()
    for index in words:
        row = evidence.matches[index]
        best = max((value for value, _ in row.values()), default=0.0)
        for (number, other), (value, _) in row.items():
            token = evidence.post.source.segments[number].tokens[other]
            if value >= max(_CLEAR, best / 2) and evidence.claim.tokens[index].kind in JUDGED:
                found.add(parties.base(token))
    return frozenset(found)


@cache
def _words_in_order(name: str) -> tuple[str, ...]:
    return tuple(map(str, grammar()[name]))


@cache
def _words(name: str) -> frozenset[str]:
    return frozenset(map(str, grammar()[name]))
