"""Looks words up in the knowledge files: contraries, scales, stages, reporting, aliases, kinds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from drift.lexicons import Entry, entries
from drift.lexicons.forms import Matcher, chinese, english, matcher
from drift.lexicons.patterns import Words
from drift.records import Lang, Segment, Span

FILES = ("antonyms", "degrees", "stages", "reporting", "aliases", "events", "kinds")


@dataclass(frozen=True, slots=True)
class Sense:
    """A meaning that a knowledge file gives a word: its entry, and its rank in the entry."""

    entry: str
    rank: int  # pole of a contrary, step of a scale or of a ladder; 0 in aliases and reporting
    kind: str
    span: Span
    text: str


def senses(segment: Segment, file: str) -> tuple[Sense, ...]:
    """Give the meanings that a file knows in a segment; a word may have several.

    >>> text = "The US granted him asylum"
    >>> segment = Segment("en", text, Span(0, len(text)), ())
    >>> [(sense.entry, sense.rank) for sense in senses(segment, "stages")]
    [('request', 3)]
    """
    start = segment.span.start
    places = [(token.span.start - start, token.span.end - start) for token in segment.tokens]
    words = english(segment.text) if segment.lang == "en" else chinese(segment.text, places)
    known, table = entries(file), _payloads(file, segment.lang)[1]
    return tuple(
        Sense(
            known[number].name,
            rank,
            known[number].kind,
            Span(found.start + start, found.end + start),
            segment.text[found.start : found.end],
        )
        for found in _matcher(file, segment.lang).find(words)
        for number, rank in table[found.item]
    )


def lookup(word: str, lang: Lang, file: str) -> Mapping[str, int]:
    """Give the entries that hold a word or phrase as a whole, each with the word's rank.

    >>> lookup("denied", "en", "antonyms")["admit-deny"]
    1
    """
    return _lookup(word, lang, file)


def opposed(first: tuple[str, Lang], second: tuple[str, Lang]) -> str | None:
    """Name the contrary that parts two words; None where they share a pole somewhere.

    >>> opposed(("fell", "en"), ("上升", "zh"))
    'rise-fall'
    >>> opposed(("fell", "en"), ("下跌", "zh"))
    """
    ours, theirs = lookup(*first, "antonyms"), lookup(*second, "antonyms")
    shared = [name for name in ours if name in theirs]
    if any(ours[name] == theirs[name] for name in shared):
        return None
    return shared[0] if shared else None


def steps(first: tuple[str, Lang], second: tuple[str, Lang], file: str) -> int | None:
    """Tell how many ranks the second word lies above the first in a scale or ladder they share.

    >>> steps(("dipped", "en"), ("暴跌", "zh"), "degrees")
    3
    """
    ours, theirs = lookup(*first, file), lookup(*second, file)
    distances = [theirs[name] - ours[name] for name in ours if name in theirs]
    return min(distances, key=abs) if distances else None


def same(first: tuple[str, Lang], second: tuple[str, Lang]) -> str | None:
    """Name the alias entry that two names share."""
    theirs = lookup(*second, "aliases")
    return next((name for name in lookup(*first, "aliases") if name in theirs), None)


@lru_cache(maxsize=1 << 13)
def _lookup(word: str, lang: Lang, file: str) -> Mapping[str, int]:
    words = _alone(word, lang)
    known, table = entries(file), _payloads(file, lang)[1]
    return {
        known[number].name: rank
        for found in _matcher(file, lang).find(words)
        if (found.start, found.end) == (0, len(word))
        for number, rank in table[found.item]
    }


def _alone(word: str, lang: Lang) -> Words:
    return english(word) if lang == "en" else chinese(word, [(0, len(word))])


@cache
def _matcher(file: str, lang: Lang) -> Matcher:
    return matcher(lang, [(form, number) for number, form in enumerate(_payloads(file, lang)[0])])


@cache
def _payloads(file: str, lang: Lang) -> tuple[Sequence[str], Sequence[tuple[tuple[int, int], ...]]]:
    """Give the forms of a file, and for each its entries with the rank in them."""
    found: dict[str, list[tuple[int, int]]] = {}
    for number, entry in enumerate(entries(file)):
        for rank, group in enumerate(_ranks(entry, lang)):
            for form in group:
                found.setdefault(form, []).append((number, rank))
    return tuple(found), tuple(tuple(pairs) for pairs in found.values())


def _ranks(entry: Entry, lang: Lang) -> tuple[tuple[str, ...], ...]:
    return entry.en if lang == "en" else entry.zh
