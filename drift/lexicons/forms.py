"""How a form of a lexicon is written, and how forms are found in a text in linear time.

English forms are words; a form matches whole words, whatever their case:

* ``deny/v`` any inflection of a verb (denies, denied, denying), ``claim/n`` of a noun;
* ``<ed>`` a past form or participle, ``<ing>`` a form in -ing, ``#`` a number;
* ``…`` up to four words in between; ``^`` in front: only where a clause begins;
* ``n't`` is a word of its own: ``did n't``.

Chinese forms are strings. One character must be a word by itself (会 in 会议 is none), or part of
a word made of grammatical characters only (不会); longer forms match anywhere.

* ``*`` at an end lifts the demand for a word boundary there: ``*不*``, ``非*``;
* ``=`` in front demands both boundaries of a longer form: ``=一般``;
* ``…`` up to twenty characters of the same clause; ``X`` any character, the same each time (X不X).
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache

from drift.lexicons import grammar
from drift.lexicons.inflection import inflect, is_past

GAP = "…"
_EN_GAP = 4
_ZH_GAP = 20
_KEY = 2  # characters by which Chinese forms are looked up
_SURE_LENGTH = 3  # from which a form needs no word boundary at its end
_WORD = re.compile(r"[A-Za-z]+(?=n't\b)|n't\b|'[A-Za-z]{1,2}\b|[^\W_]+|[^\w\s]|_", re.IGNORECASE)
_CLASSES = ("<ed>", "<ing>", "#")
# Chinese text may keep full-width signs or not, as its normaliser decides; both are one to us.
_WIDTH = str.maketrans("，：；？！（）～“”‘’", ",:;?!()~\"\"''")
_STOPS = frozenset(",;?!。\n:")

Element = frozenset[str]


@dataclass(frozen=True, slots=True)
class Words:
    """A text as its matcher sees it: English words with places, or Chinese with boundaries."""

    lang: str
    text: str
    words: tuple[str, ...] = ()
    places: tuple[tuple[int, int], ...] = ()
    starts: frozenset[int] = frozenset()
    ends: frozenset[int] = frozenset()
    inner: Mapping[int, tuple[int, int]] = field(default_factory=dict)  # the long word around


@dataclass(frozen=True, slots=True)
class Found:
    """An occurrence of a form (offsets in the text given) and the number of what it belongs to."""

    start: int
    end: int
    item: int
    first: int = 0  # English: number of the first word


@dataclass(frozen=True, slots=True)
class _Pattern:
    elements: tuple[Element | str, ...]
    item: int
    anchored: bool = False
    left: bool = False
    right: bool = False
    wide: bool = False


@dataclass(frozen=True, slots=True)
class Matcher:
    """Patterns by their first word or character, longest first."""

    lang: str
    table: Mapping[str, tuple[_Pattern, ...]]

    def find(self, words: Words) -> list[Found]:
        """Find forms from left to right, the longest at each place; none overlap.

        >>> found = matcher("zh", [("不*", 0), ("不仅", 1)]).find(chinese("不仅不对", []))
        >>> [(one.start, one.end, one.item) for one in found]
        [(0, 2, 1), (2, 3, 0)]
        """
        return _find_english(self, words) if self.lang == "en" else _find_chinese(self, words)


def matcher(lang: str, pairs: Iterable[tuple[str, int]]) -> Matcher:
    """Compile forms, each with the number of what it belongs to."""
    compiled = _compile_english if lang == "en" else _compile_chinese
    table: dict[str, list[_Pattern]] = {}
    for form, item in pairs:
        for key, pattern in compiled(form, item):
            table.setdefault(key, []).append(pattern)
    return Matcher(
        lang,
        {
            key: tuple(sorted(patterns, key=_length, reverse=True))
            for key, patterns in table.items()
        },
    )


def _length(pattern: _Pattern) -> tuple[int, bool, int]:
    """Rank patterns: long before short, and a word as written before an inflection of another."""
    size = sum(len(e) if isinstance(e, str) else 9 for e in pattern.elements)
    return size, pattern.anchored, -sum(len(e) for e in pattern.elements)


# --- English ---------------------------------------------------------------------------------


def english(text: str) -> Words:
    """Cut an English text into the words that forms are made of.

    >>> english("He didn't, can't.").words
    ('he', 'did', "n't", ',', 'ca', "n't", '.')
    """
    found = [(m.start(), m.end()) for m in _WORD.finditer(text)]
    return Words("en", text, tuple(text[a:b].lower() for a, b in found), tuple(found))


@cache
def _cased() -> frozenset[str]:
    return frozenset(grammar()["cased"])


def _compile_english(form: str, item: int) -> list[tuple[str, _Pattern]]:
    anchored, form = form.startswith("^"), form.removeprefix("^")
    elements = tuple(_element(word) for word in _split(form))
    first = elements[0]
    pattern = _Pattern(elements, item, anchored)
    keys = [first] if isinstance(first, str) else sorted(first)
    return [(key, pattern) for key in keys]


def _split(form: str) -> list[str]:
    parts: list[str] = []
    for part in form.split():
        if part == GAP or part in _CLASSES or "/" in part:
            parts.append(part)
        else:
            parts.extend(m.group().lower() for m in _WORD.finditer(part))
    return parts


def _element(part: str) -> Element | str:
    if part == GAP or part in _CLASSES:
        return part
    word, _, kind = part.partition("/")
    return inflect(word.lower(), kind)


@lru_cache(maxsize=1 << 15)
def _class(word: str) -> str:
    if word[0].isdigit():
        return "#"
    if len(word) > 4 and word.endswith("ing"):
        return "<ing>"
    return "<ed>" if is_past(word) else ""


def _find_english(self: Matcher, words: Words) -> list[Found]:
    found: list[Found] = []
    index, table, tokens = 0, self.table, words.words
    classes = any(name in table for name in _CLASSES)
    while index < len(tokens):
        patterns = table.get(tokens[index], ())
        if classes and (kind := _class(tokens[index])):
            patterns += table.get(kind, ())
        end = _longest_english(patterns, words, index) if patterns else None
        if end is None:
            index += 1
            continue
        stop, item = end
        found.append(Found(words.places[index][0], words.places[stop - 1][1], item, index))
        index = stop
    return found


def _longest_english(
    patterns: Sequence[_Pattern], words: Words, index: int
) -> tuple[int, int] | None:
    best: tuple[int, int] | None = None
    for pattern in patterns:
        stop = _match(pattern.elements, words.words, index)
        if stop is None or (best and stop <= best[0]):
            continue
        if pattern.anchored and not _begins(words.words, index):
            continue
        if stop == index + 1 and _is_name(words, index):
            continue
        best = stop, pattern.item
    return best


def _match(elements: Sequence[Element | str], words: Sequence[str], index: int) -> int | None:
    for place, element in enumerate(elements):
        if element == GAP:
            return _match_gap(elements[place + 1 :], words, index)
        if index >= len(words):
            return None
        if isinstance(element, str):
            if element != _class(words[index]):
                return None
        elif words[index] not in element:
            return None
        index += 1
    return index


def _match_gap(rest: Sequence[Element | str], words: Sequence[str], index: int) -> int | None:
    for skipped in range(_EN_GAP + 1):
        stop = _match(rest, words, index + skipped)
        if stop is not None:
            return stop
        if index + skipped < len(words) and words[index + skipped] in _BREAKS:
            return None
    return None


_BREAKS = frozenset(".;?!:")
_OPENERS = frozenset([",", ";", ":", ".", "?", "!", "-", "—", "–", '"', "(", "and", "but", "•"])


def _begins(words: Sequence[str], index: int) -> bool:
    return index == 0 or words[index - 1] in _OPENERS


def _is_name(words: Words, index: int) -> bool:
    """Tell "Theresa May" and "in May" from "may": a capital inside a sentence makes a name."""
    if words.words[index] not in _cased():
        return False
    start, end = words.places[index]
    word = words.text[start:end]
    return word.istitle() and not (index == 0 or words.words[index - 1] in _BREAKS | {'"'})


# --- Chinese ---------------------------------------------------------------------------------


def chinese(text: str, tokens: Iterable[tuple[int, int]]) -> Words:
    """Give a Chinese text with the places of its words (offsets in this text).

    >>> sorted(chinese("没收", [(0, 2)]).starts)
    [0]
    """
    places = tuple(tokens)
    flat = text.translate(_WIDTH)
    inner = {at: (a, b) for a, b in places if b - a > 1 for at in range(a, b)}
    starts, ends = frozenset(a for a, _ in places), frozenset(b for _, b in places)
    return Words("zh", flat, (), places, starts, ends, inner)


def _compile_chinese(form: str, item: int) -> list[tuple[str, _Pattern]]:
    strict, form = form.startswith("="), form.removeprefix("=")
    bare = form.strip("*").translate(_WIDTH)
    alone = len(bare) == 1 or strict
    elements = tuple(bare.split(GAP))
    pattern = _Pattern(
        elements,
        item,
        left=alone and not form.startswith("*"),
        right=alone and not form.endswith("*"),
        wide="*" in form or len(elements) > 1 or "X" in bare,
    )
    key = "X" if bare.startswith("X") else elements[0][:_KEY]
    return [(key, pattern)]


def _find_chinese(self: Matcher, words: Words) -> list[Found]:
    found: list[Found] = []
    index, text, get = 0, words.text, self.table.get
    wild = get("X", ())
    while index < len(text):
        patterns = wild + get(text[index], ()) + get(text[index : index + _KEY], ())
        best = _longest_chinese(patterns, words, index) if patterns else None
        if best is None:
            index += 1
            continue
        found.append(Found(index, *best))
        index = best[0]
    return found


def _longest_chinese(
    patterns: Sequence[_Pattern], words: Words, index: int
) -> tuple[int, int] | None:
    best: tuple[int, int] | None = None
    for pattern in patterns:
        stop = _match_chinese(pattern, words, index)
        if stop is not None and (best is None or stop > best[0]):
            best = stop, pattern.item
    return best


def _match_chinese(pattern: _Pattern, words: Words, index: int) -> int | None:
    stop = _literal(pattern.elements[0], words.text, index)
    if stop is None:
        return None
    for piece in pattern.elements[1:]:
        stop = _after_gap(piece, words.text, stop)
        if stop is None:
            return None
    if not words.places:
        return stop
    if pattern.left or pattern.right:
        return stop if _free(pattern, words, index, stop) else None
    return None if not pattern.wide and _crosses(words, index, stop) else stop


def _literal(piece: str, text: str, index: int) -> int | None:
    if not piece.startswith("X"):
        return index + len(piece) if text.startswith(piece, index) else None
    window = text[index : index + len(piece)]
    if len(window) < len(piece) or not "\u4e00" <= window[0] <= "\u9fff":
        return None
    return index + len(piece) if piece.replace("X", window[0]) == window else None


def _after_gap(piece: str, text: str, index: int) -> int | None:
    place = text.find(piece, index + 1, index + 1 + _ZH_GAP + len(piece))
    if place < 0 or not _STOPS.isdisjoint(text[index:place]):
        return None
    return place + len(piece)


def _free(pattern: _Pattern, words: Words, index: int, stop: int) -> bool:
    left = not pattern.left or index in words.starts
    right = not pattern.right or stop in words.ends
    if left and right:
        return True
    start, end = words.inner.get(index, (index, index))
    around = words.text[start:end]
    return bool(around) and _grammatical().issuperset(around) and stop - index < len(around)


def _crosses(words: Words, index: int, stop: int) -> bool:
    """Tell whether a form cuts a word in two and takes from its neighbour: 有否 in 没有|否认."""
    first, last = words.inner.get(index), words.inner.get(stop)
    if first and first[0] < index:
        return stop > first[1]
    torn = last is not None and last[0] < stop
    return torn and last != first and stop - index < _SURE_LENGTH


@cache
def _grammatical() -> frozenset[str]:
    return frozenset(grammar()["grammatical"])
