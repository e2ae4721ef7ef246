"""Names the voice behind a reporting cue: 发言人 in 发言人周二表示."""

from collections.abc import Sequence
from functools import cache

from drift.lexicons import grammar
from drift.records import Hit, Kind, Segment, Span, Token

_AFTER = ("according to", "per", "via", "in the words of", "据", "根据", "按照", "按", "照", "依据")
_FRAMES = {"据", "在", "用", "借"}
_LONGEST = 8  # tokens of a holder


def holder(segment: Segment, hit: Hit) -> Span | None:
    """Give the span of who says so; None where the text leaves it open (据传, "reportedly").

    >>> from drift.cues import find
    >>> from drift.segment import tokens
    >>> text = "美国国务院发言人周二表示，他没有申请庇护"
    >>> whole = Span(0, len(text))
    >>> segment = Segment("zh", text, whole, tokens(text, whole, "zh"))
    >>> said = next(hit for hit in find(segment, "attribution") if hit.value == "say")
    >>> holder(segment, said).of(text)
    '美国国务院发言人'
    """
    if hit.value in ("hearsay", "holder", "self"):
        return hit.span
    text = hit.text.lower()
    if text in _AFTER:
        return _following(segment, hit)
    if segment.lang == "zh" and text[:1] in _FRAMES and len(text) > 2:
        inside = Span(hit.span.start + 1, hit.span.end - 1)
        return _joined([token for token in segment.tokens if inside.covers(token.span)])
    before = [token for token in segment.tokens if token.span.end <= hit.span.start]
    found = _before(segment, before)
    return found or _inverted(segment, hit)


def _words(name: str) -> frozenset[str]:
    return _classes()[name]


@cache
def _classes() -> dict[str, frozenset[str]]:
    return {name: frozenset(words) for name, words in grammar().items() if isinstance(words, list)}


def _before(segment: Segment, before: Sequence[Token]) -> Span | None:
    """Walk left from the verb over adverbs to the noun phrase."""
    skip, openers = _words(f"{segment.lang}_before_verb"), _words(f"{segment.lang}_openers")
    clause = _clause_tokens(segment, before)
    if segment.lang == "zh":
        return _chinese_subject(clause, skip, openers)
    end = len(clause)
    while end and (clause[end - 1].key in skip or clause[end - 1].kind is Kind.PUNCTUATION):
        end -= 1
    start = end
    while start and end - start < _LONGEST and _is_part(clause[start - 1], openers):
        start -= 1
    return _joined(clause[start:end])


def _is_part(token: Token, openers: frozenset[str]) -> bool:
    return token.kind is not Kind.PUNCTUATION and token.key not in openers


def _chinese_subject(
    clause: Sequence[Token], skip: frozenset[str], openers: frozenset[str]
) -> Span | None:
    """Take the words from the clause's start up to the first adverb."""
    start = 0
    while start < len(clause) and (
        clause[start].text in openers or clause[start].kind is Kind.PUNCTUATION
    ):
        start += 1
    end = start
    while end < len(clause) and clause[end].text not in skip:
        if (
            clause[end].kind is Kind.PUNCTUATION
            and end - start > 0
            and clause[end].text in "，：,:"
        ):
            break
        end += 1
    return _joined(clause[start : min(end, start + _LONGEST)])


def _clause_tokens(segment: Segment, before: Sequence[Token]) -> list[Token]:
    if not before:
        return []
    last = before[-1].span
    clause = next((one for one in segment.clauses if one.covers(last)), segment.span)
    return [token for token in before if clause.start <= token.span.start]


def _following(segment: Segment, hit: Hit) -> Span | None:
    """Take the noun phrase after "according to" or 据."""
    ends = _words(f"{segment.lang}_np_end")
    taken: list[Token] = []
    for token in segment.tokens:
        if token.span.start < hit.span.end:
            continue
        if token.kind is Kind.PUNCTUATION or token.text in ends or len(taken) == _LONGEST:
            break
        taken.append(token)
    return _joined(taken)


def _inverted(segment: Segment, hit: Hit) -> Span | None:
    """Read "..., said the minister": the holder follows, if the content came first."""
    if segment.lang != "en" or hit.scope.start > hit.span.start:
        return None
    return _following(segment, hit)


def _joined(tokens: Sequence[Token]) -> Span | None:
    kept = [token for token in tokens if token.kind is not Kind.PUNCTUATION]
    return Span(kept[0].span.start, kept[-1].span.end) if kept else None
