"""Compiles English forms and finds them among the words of a text."""

import re
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache

from drift.lexicons import grammar
from drift.lexicons.inflection import inflect, is_past
from drift.lexicons.patterns import GAP, Element, Found, Pattern, Words

Table = Mapping[str, tuple[Pattern, ...]]

_LONGEST_GAP = 4
_WORD = re.compile(r"[A-Za-z]+(?=n't\b)|n't\b|'[A-Za-z]{1,2}\b|[^\W_]+|[^\w\s]|_", re.IGNORECASE)
_CLASSES = ("<ed>", "<ing>", "#")
_LOOK = "&"


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


def compile_form(form: str, item: int) -> list[tuple[str, Pattern]]:
    """Compile a form; give the words that it can begin with."""
    anchored, form = form.startswith("^"), form.removeprefix("^")
    elements = tuple(_element(word) for word in _split(form))
    first = elements[0]
    pattern = Pattern(item, elements, anchored=anchored)
    keys = [first] if isinstance(first, str) else sorted(first)
    return [(key, pattern) for key in keys]


def _split(form: str) -> list[str]:
    parts: list[str] = []
    for part in form.split():
        if part == GAP or part.lstrip(_LOOK) in _CLASSES or "/" in part:
            parts.append(part)
        else:
            parts.extend(m.group().lower() for m in _WORD.finditer(part))
    return parts


def _element(part: str) -> Element | str:
    if part == GAP or part.lstrip(_LOOK) in _CLASSES:
        return part
    word, _, kind = part.partition("/")
    return inflect(word.lower(), kind)


@lru_cache(maxsize=1 << 13)
def _class(word: str) -> str:
    if word[0].isdigit():
        return "#"
    if len(word) > 4 and word.endswith("ing"):
        return "<ing>"
    return "<ed>" if is_past(word) else ""


def find(table: Table, words: Words) -> list[Found]:
    """Find forms from left to right, the longest at each place; none overlap."""
    found: list[Found] = []
    index, tokens = 0, words.words
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
    patterns: Sequence[Pattern], words: Words, index: int
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
            if element.lstrip(_LOOK) != _class(words[index]):
                return None
            if element.startswith(_LOOK):
                return index
        elif words[index] not in element:
            return None
        index += 1
    return index


def _match_gap(rest: Sequence[Element | str], words: Sequence[str], index: int) -> int | None:
    for at in range(index, min(index + _LONGEST_GAP, len(words))):
        if words[at] in _BREAKS:
            return None
        stop = _match(rest, words, at + 1)
        if stop is not None:
            return stop
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
