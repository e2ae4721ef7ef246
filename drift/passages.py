"""Cuts quotable pieces out of raw text, for those who read the report.

This is for showing and quoting; it works on the raw text, what is judged on the normalised one.
"""

from functools import lru_cache

from drift.records import Span
from drift.sentences import sentences as cut


@lru_cache(maxsize=4)
def sentences(text: str) -> tuple[Span, ...]:
    """Give the sentences of a text in order; the last few texts asked for are remembered."""
    return tuple(cut(text))


def sentence_at(text: str, span: Span) -> Span:
    """Give the stretch of whole sentences that a span lies in."""
    touched = [other for other in sentences(text) if other.touches(span)]
    if not touched:
        return span
    return Span(min(touched[0].start, span.start), max(touched[-1].end, span.end))


def window(text: str, span: Span, limit: int) -> str:
    """Quote the sentence around a span, cut with … at word borders where it is too long.

    The words of the span itself are kept first, then as much as fits before and after them.

    >>> window("On the one hand, it would be a PR loss for them.", Span(32, 39), 25)
    '…be a PR loss for…'
    """
    around = sentence_at(text, span)
    if around.end - around.start <= limit:
        return around.of(text)
    if span.end - span.start >= limit:
        return shorten(span.of(text), limit)
    spare = limit - (span.end - span.start) - 2
    start = max(around.start, span.start - spare // 2)
    end = min(around.end, start + spare + (span.end - span.start))
    start = max(around.start, end - spare - (span.end - span.start))
    start, end = _to_word(text, start, span.start, 1), _to_word(text, end, span.end, -1)
    if start > around.start:
        start = _to_clause(text, start, span.start)
    before = "…" if start > around.start else ""
    after = "…" if end < around.end else ""
    return before + text[start:end].strip() + after


def shorten(text: str, limit: int) -> str:
    """Cut a text to at most `limit` characters, at a word border where there is one.

    >>> shorten("a PR loss internationally", 12)
    'a PR loss…'
    """
    if len(text) <= limit:
        return text
    cut = text[: limit - 1]
    border = cut.rfind(" ")
    if border > limit // 2 and not text[limit - 1].isspace():
        cut = cut[:border]
    return cut.rstrip(" ,;:，；：、") + "…"


def _to_word(text: str, at: int, towards: int, step: int) -> int:
    """Move an edge towards the span until it no longer cuts an English word."""
    while at != towards and 0 < at < len(text) and _inside_word(text, at):
        at += step
    return at


def _to_clause(text: str, at: int, towards: int) -> int:
    """Move the start of a quotation on to where a clause begins, if one does before the span."""
    ends = [text.find(mark, at, towards) for mark in (", ", "; ", ": ", "— ", "，", "；")]
    begun = [end for end in ends if end >= 0]
    return min(begun) + 1 if begun else at


def _inside_word(text: str, at: int) -> bool:
    """Tell whether a cut here would split a word."""
    return all(char.isascii() and not char.isspace() for char in text[at - 1 : at + 1])
