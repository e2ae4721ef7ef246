"""Compiles Chinese forms and finds them in a text, with an eye on where its words begin and end."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from drift.lexicons import grammar
from drift.lexicons.patterns import GAP, Found, Pattern, Words

Table = Mapping[str, tuple[Pattern, ...]]

_LONGEST_GAP = 20
_SURE_LENGTH = 3  # from which a form needs no word boundary at its end
_KEY = 2  # characters by which forms are looked up
# Chinese text may keep full-width signs or not, as its normaliser decides; both are one to us.
_WIDTH = str.maketrans("，：；？！（）～“”‘’", ",:;?!()~\"\"''")
_STOPS = frozenset(",;?!。\n:")


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


def compile_form(form: str, item: int) -> list[tuple[str, Pattern]]:
    """Compile a form; give the characters by which it is looked up."""
    strict, form = form.startswith("="), form.removeprefix("=")
    bare = form.strip("*").translate(_WIDTH)
    alone = len(bare) == 1 or strict
    pieces = tuple(bare.split(GAP))
    pattern = Pattern(
        item,
        pieces=pieces,
        left=alone and not form.startswith("*"),
        right=alone and not form.endswith("*"),
        wide="*" in form or len(pieces) > 1 or "X" in bare,
    )
    key = "X" if bare.startswith("X") else pieces[0][:_KEY]
    return [(key, pattern)]


def find(table: Table, words: Words) -> list[Found]:
    """Find forms from left to right, the longest at each place; none overlap."""
    found: list[Found] = []
    index, text, get = 0, words.text, table.get
    wild = get("X", ())
    while index < len(text):
        patterns = get(text[index : index + _KEY], ()) + get(text[index], ()) + wild
        best = _longest_chinese(patterns, words, index) if patterns else None
        if best is None:
            index += 1
            continue
        found.append(Found(index, *best))
        index = best[0]
    return found


def _longest_chinese(
    patterns: Sequence[Pattern], words: Words, index: int
) -> tuple[int, int] | None:
    best: tuple[int, int] | None = None
    for pattern in patterns:
        stop = _match_chinese(pattern, words, index)
        if stop is not None and (best is None or stop > best[0]):
            best = stop, pattern.item
    return best


def _match_chinese(pattern: Pattern, words: Words, index: int) -> int | None:
    stop = _literal(pattern.pieces[0], words.text, index)
    if stop is None:
        return None
    for piece in pattern.pieces[1:]:
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
    place = text.find(piece, index + 1, index + 1 + _LONGEST_GAP + len(piece))
    if place < 0 or not _STOPS.isdisjoint(text[index:place]):
        return None
    return place + len(piece)


def _free(pattern: Pattern, words: Words, index: int, stop: int) -> bool:
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
