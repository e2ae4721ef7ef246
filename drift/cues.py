"""Finds cue words in a segment and says what each of them governs.

A cue is looked up in the lexicon of its dimension (`drift.lexicons`), longest form first; pseudo
cues (不仅, "not only") take their place and say nothing. Its scope follows from its reach and its
limit, and ends at a terminator of the same lexicon (但, "but"). Conditions, whose scope crosses
clauses, are worked out in `drift.conditions`.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache

from drift.conditions import conditions
from drift.lexicons import DIMENSIONS, Cue, Limit, Reach, lexicon, written
from drift.lexicons.forms import Matcher, chinese, english, matcher
from drift.lexicons.patterns import Found, Words
from drift.records import Hit, Lang, Segment, Span
from drift.scopes import Ground, scope, takeovers, yielded

SILENT = (Reach.PSEUDO, Reach.TERMINATE)


def find(segment: Segment, dimension: str) -> tuple[Hit, ...]:
    """Find the cues of one dimension, in the order of the text; spans as in the segment.

    >>> from drift.segment import tokens
    >>> text = "他不仅没有来，还否认收钱"
    >>> whole = Span(0, len(text))
    >>> segment = Segment("zh", text, whole, tokens(text, whole, "zh"))
    >>> [hit.text for hit in find(segment, "polarity")]
    ['没有', '否认']
    """
    return _find(ground(segment), dimension)


def find_all(segment: Segment) -> Mapping[str, tuple[Hit, ...]]:
    """Find the cues of every dimension; the words of the segment are prepared once."""
    prepared = ground(segment)
    return {dimension: _find(prepared, dimension) for dimension in DIMENSIONS}


def strength(hit: Hit, lang: Lang) -> float:
    """Tell how sure the cue is to mean its value where its form is found, from 0 to 1."""
    return _strength(hit.dimension, hit.value, hit.text, lang)


@lru_cache(maxsize=1 << 14)
def _strength(dimension: str, value: str, text: str, lang: Lang) -> float:
    cues = lexicon(dimension)
    found = _matcher(dimension, lang).find(_words_of(text, lang))
    same = [cues[one.item].strength for one in found if cues[one.item].value == value]
    return max(same, default=1.0)


def ground(segment: Segment) -> Ground:
    """Prepare a segment for matching: words, boundaries and clauses, from its own start."""
    start = segment.span.start
    places = [(token.span.start - start, token.span.end - start) for token in segment.tokens]
    clauses = _rejoined(segment)
    words = english(segment.text) if segment.lang == "en" else chinese(segment.text, places)
    return Ground(
        lang=segment.lang,
        words=words,
        tokens=tuple(places),
        clauses=tuple(clauses) or ((0, len(segment.text)),),
        offset=start,
        text=segment.text,
    )


def _rejoined(segment: Segment) -> list[tuple[int, int]]:
    """Give the clauses from the segment's start; a bracket does not end what a cue governs."""
    joined: list[tuple[int, int]] = []
    for clause in segment.clauses:
        start, end = clause.start - segment.span.start, clause.end - segment.span.start
        if joined and (segment.text[start] == "(" or segment.text[joined[-1][1] - 1] == ")"):
            start = joined.pop()[0]
        joined.append((start, end))
    return joined


@cache
def _matcher(dimension: str, lang: Lang) -> Matcher:
    cues = lexicon(dimension)
    return matcher(lang, [(form, n) for n, cue in enumerate(cues) for form in written(cue, lang)])


def _words_of(text: str, lang: Lang) -> Words:
    return english(text) if lang == "en" else chinese(text, [(0, len(text))])


def _find(prepared: Ground, dimension: str) -> tuple[Hit, ...]:
    cues = lexicon(dimension)
    found = _needed(_matcher(dimension, prepared.lang).find(prepared.words), cues)
    if dimension == "conditional":
        return tuple(_hit(prepared, dimension, *one) for one in conditions(prepared, found, cues))
    stops = [(one.start, one.end) for one in found if cues[one.item].reach is Reach.TERMINATE]
    voices = [(one.start, one.end) for one in found if cues[one.item].limit is Limit.CONTENT]
    openings = takeovers(prepared, voices)
    hits = []
    for one in found:
        cue, place = cues[one.item], (one.start, one.end)
        if cue.reach in SILENT:
            continue
        over = scope(prepared, cue, place, stops)
        if cue.limit is Limit.CONTENT:
            over = yielded(prepared, over, place, openings)
        hits.append(_hit(prepared, dimension, cue.value, place, over))
    return tuple(hits)


def _needed(found: Sequence[Found], cues: Sequence[Cue]) -> list[Found]:
    """Drop the cues that need another one after them and have none."""
    return [
        one
        for number, one in enumerate(found)
        if not (need := cues[one.item].needs) or _has(found[number + 1 :], cues, need)
    ]


def _has(found: Iterable[Found], cues: Sequence[Cue], value: str) -> bool:
    return any(cues[one.item].value == value for one in found)


def _hit(
    prepared: Ground, dimension: str, value: str, place: tuple[int, int], over: tuple[int, int]
) -> Hit:
    offset = prepared.offset
    return Hit(
        dimension,
        value,
        Span(place[0] + offset, place[1] + offset),
        Span(over[0] + offset, over[1] + offset),
        prepared.text[place[0] : place[1]],
    )
