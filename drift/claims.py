"""Cuts the judged parts of a retweet into claims: the smallest pieces that can be true or false."""

import functools
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence

from drift.normalise import chinese_share
from drift.records import Kind, Normalised, Part, Segment, Span, Token, Voice
from drift.segment import tokens
from drift.sentences import clauses, connectives, sentences

_MIN_CONTENT = 4  # ideographs, letters or digits of content that let a clause stand alone
_LONGEST_CLAIM = 60  # code points from which short clauses are no longer joined
_MIN_SHARE = 0.15  # of ideographs in a stretch: below, it is no Chinese
_MOSTLY = 0.8
_CLOSING_SIGNS = "，,：:；; ”」』"
_OPENING_SIGNS = " “「『\"'（(【《…—-、·"


def claims(document: Normalised, parts: Iterable[Part]) -> tuple[Segment, ...]:
    """Give the claims of a retweet, none where it has no Chinese.

    >>> from drift.normalise import normalise
    >>> from drift.voices import voices
    >>> text = normalise("作者说，如果美国拒绝他，形象将受损。目前没有人作出任何回应")
    >>> [claim.text for claim in claims(text, voices(text))]
    ['作者说，如果美国拒绝他，形象将受损。', '目前没有人作出任何回应']
    """
    judged = [part for part in parts if part.voice in (Voice.CLAIM, Voice.QUOTE)]
    found: list[Segment] = []
    for stretch in _stretches(document.text, judged):
        if chinese_share(stretch.of(document.text)) < _MIN_SHARE:
            continue
        for sentence in _sentences(document.text, stretch):
            found.extend(_sentence_claims(document.text, sentence, judged))
    return tuple(found)


def _stretches(text: str, judged: Sequence[Part]) -> Iterator[Span]:
    """Join a quotation to the words that introduce it."""
    start = end = -1
    for part in judged:
        if (
            end >= 0
            and not text[end : part.span.start].strip()
            and not _is_headline(text, start, end)
        ):
            end = part.span.end
            continue
        if end >= 0:
            yield Span(start, end)
        start, end = part.span.start, part.span.end
    if end >= 0:
        yield Span(start, end)


def _is_headline(text: str, start: int, end: int) -> bool:
    return text[start] == "【" and text[end - 1] == "】"


def _sentences(text: str, stretch: Span) -> Iterator[Span]:
    for span in sentences(stretch.of(text)):
        yield Span(span.start + stretch.start, span.end + stretch.start)


def _sentence_claims(text: str, sentence: Span, judged: Sequence[Part]) -> Iterator[Segment]:
    words = tokens(text, sentence, "zh")
    pieces = clauses(text, sentence, "zh")
    for span in _grouped(text, pieces, words):
        inside = _within(words, span)
        if not any(word.kind is not Kind.PUNCTUATION for word in inside):
            continue
        yield Segment(
            "zh",
            span.of(text),
            span,
            inside,
            tuple(piece for piece in pieces if span.covers(piece)),
            _voice(span, judged),
            sentence,
        )


def _voice(span: Span, judged: Sequence[Part]) -> Voice:
    quoted = sum(
        max(0, min(span.end, part.span.end) - max(span.start, part.span.start))
        for part in judged
        if part.voice is Voice.QUOTE
    )
    return Voice.QUOTE if quoted >= _MOSTLY * (span.end - span.start) else Voice.CLAIM


def _grouped(text: str, pieces: Sequence[Span], words: Sequence[Token]) -> list[Span]:
    """Join the clauses that only together can be true or false."""
    groups: list[Span] = []
    for piece in pieces:
        if groups and _belongs(text, groups[-1], piece, words):
            groups[-1] = Span(groups[-1].start, piece.end)
        else:
            groups.append(piece)
    return groups


def _belongs(text: str, before: Span, piece: Span, words: Sequence[Token]) -> bool:
    if _is_open(text, before) or _is_leading_condition(text, before, piece):
        return True
    if any(word.text in _words("inner_words") for word in _within(words, before)):
        return True
    if piece.end - before.start > _LONGEST_CLAIM:
        return False
    return _content(before, words) < _MIN_CONTENT or _content(piece, words) < _MIN_CONTENT


def _content(span: Span, words: Sequence[Token]) -> int:
    """Count the characters of the words that carry content."""
    carrying = (Kind.CONTENT, Kind.NAME, Kind.NUMBER)
    return sum(len(word.text) for word in _within(words, span) if word.kind in carrying)


def _within(words: Sequence[Token], span: Span) -> tuple[Token, ...]:
    """Give the words of a span; words come in order, so that their places can be looked up."""
    first = bisect_left(words, span.start, key=_start)
    last = bisect_left(words, span.end, key=_start)
    return tuple(word for word in words[first:last] if word.span.end <= span.end)


def _start(word: Token) -> int:
    return word.span.start


@functools.cache
def _words(*lists: str) -> tuple[str, ...]:
    """Give the Chinese words of some lists of connectives."""
    known = connectives()["chinese"]
    return tuple(word for name in lists for word in known[name])


def _is_open(text: str, before: Span) -> bool:
    """Tell whether a piece only introduces what comes next (作者说：or 据外媒报道，)."""
    last = _last_clause(text, before)
    if last.rstrip(" “「『")[-1:] in ("：", ":"):
        return True
    bare = last.rstrip(_CLOSING_SIGNS)
    if bare.lstrip(_OPENING_SIGNS).startswith(_words("sources", "topics")):
        return True
    ends = bare.endswith(_words("attributions", "topic_ends"))
    return ends and not bare.endswith(_words("shut"))


def _last_clause(text: str, span: Span) -> str:
    clause = span.of(text)
    cut = max(clause.rfind(sign, 0, -1) for sign in "，,：:；;")
    return clause[cut + 1 :]


def _is_leading_condition(text: str, before: Span, piece: Span) -> bool:
    """Tell whether a piece is a condition and the next its consequence."""
    bare = _last_clause(text, before).rstrip(_CLOSING_SIGNS)
    opening = bare.lstrip(_OPENING_SIGNS)
    if bare.endswith(_words("closers")) or opening.startswith(_words("conditions")):
        return True
    if any(sign in opening for sign in _words("inner")):
        return True
    return text.startswith(_words("consequences"), _after_signs(text, piece), piece.end)


def _after_signs(text: str, piece: Span) -> int:
    start = piece.start
    while start < piece.end and text[start] in _OPENING_SIGNS:
        start += 1
    return start
