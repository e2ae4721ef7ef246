"""How a form of a lexicon is written, and how forms are found in a text in linear time.

English forms are words; a form matches whole words, whatever their case:

* ``deny/v`` any inflection of a verb (denies, denied, denying), ``claim/n`` of a noun;
* ``<ed>`` a past form or participle, ``<ing>`` a form in -ing, ``#`` a number; with ``&`` in front
  at the end of a form it must follow but is left to other forms (``has &<ed>``);
* ``…`` one to four words in between; ``^`` in front: only where a clause begins;
* ``n't`` is a word of its own: ``did n't``.

Chinese forms are strings. One character must be a word by itself (会 in 会议 is none), or part of
a word made of grammatical characters only (不会); longer forms match anywhere.

* ``*`` at an end lifts the demand for a word boundary there: ``*不*``, ``非*``;
* ``=`` in front demands both boundaries of a longer form: ``=一般``;
* ``…`` one to twenty characters of the same clause; ``X`` any character, the same each time (X不X).
"""

from collections.abc import Iterable
from dataclasses import dataclass

from drift.lexicons import chinese as _chinese
from drift.lexicons import english as _english
from drift.lexicons.patterns import GAP, Found, Pattern, Words

chinese = _chinese.chinese
english = _english.english


@dataclass(frozen=True, slots=True)
class Matcher:
    """Patterns by their first word or characters, longest first."""

    lang: str
    table: _english.Table

    def find(self, words: Words) -> list[Found]:
        """Find forms from left to right, the longest at each place; none overlap.

        >>> found = matcher("zh", [("不*", 0), ("不仅", 1)]).find(chinese("不仅不对", []))
        >>> [(one.start, one.end, one.item) for one in found]
        [(0, 2, 1), (2, 3, 0)]
        """
        find = _english.find if self.lang == "en" else _chinese.find
        return find(self.table, words)


def matcher(lang: str, pairs: Iterable[tuple[str, int]]) -> Matcher:
    """Compile forms, each with the number of what it belongs to."""
    compiled = _english.compile_form if lang == "en" else _chinese.compile_form
    table: dict[str, list[Pattern]] = {}
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


def _length(pattern: Pattern) -> tuple[int, bool, int]:
    """Rank patterns: long before short, and a word as written before an inflection of another."""
    size = sum(2 - (one == GAP) for one in pattern.elements) + sum(map(len, pattern.pieces))
    return size, pattern.anchored, -sum(map(len, pattern.elements))
