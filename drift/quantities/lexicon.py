"""Units, numerals, comparators and calendar words, read once from the two TOML files."""

import re
import tomllib
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit that both languages share; `size` counts how many `base` it holds."""

    key: str
    kind: str
    base: str | None = None
    size: Fraction = Fraction(1)


@dataclass(frozen=True, slots=True)
class Units:
    """Every unit by its key, and by its words in each language."""

    by_key: dict[str, Unit]
    en: dict[str, Unit]
    zh: dict[str, Unit]


def _read(name: str) -> dict[str, Any]:
    source = files("drift.lexicons").joinpath(name)
    return tomllib.loads(source.read_text(encoding="utf-8"))


@cache
def units() -> Units:
    """Read the units of both languages."""
    by_key: dict[str, Unit] = {}
    en: dict[str, Unit] = {}
    zh: dict[str, Unit] = {}
    for row in _read("units.toml")["unit"]:
        unit = Unit(row["key"], row["kind"], row.get("base"), Fraction(row.get("size", "1")))
        by_key[unit.key] = unit
        en.update(dict.fromkeys(row["en"], unit))
        zh.update(dict.fromkeys(row["zh"], unit))
    return Units(by_key, en, zh)


@cache
def numerals() -> dict[str, Any]:
    """Read the numerals, comparators and calendar words of both languages."""
    return _read("numerals.toml")


@cache
def calendar() -> dict[str, Any]:
    """Read the calendar words of both languages."""
    table: dict[str, Any] = numerals()["calendar"]
    return table


def alternatives(words: list[str]) -> str:
    """Join words into one alternation, the longest first, so that the longest one wins."""
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


@cache
def masks(lang: str) -> re.Pattern[str]:
    """Compile the look-alikes of a language, which hold no quantity."""
    return re.compile("|".join(f"(?:{item})" for item in numerals()[lang]["masks"]["patterns"]))


@cache
def comparators(lang: str, place: str) -> dict[str, str]:
    """Map each comparator word of a language, `before` or `after` a number, to its sense."""
    table = numerals()[lang][place]
    return {word: sense for sense, words in table.items() for word in words}


@cache
def longest(lang: str, place: str) -> int:
    """Tell how long the longest comparator word is."""
    return max(len(word) for word in comparators(lang, place))


@cache
def fold_table() -> dict[int, str]:
    """Build the one-to-one table that makes full-width, formal and Traditional forms plain."""
    table = {0xFF01 + code: chr(0x21 + code) for code in range(94)}
    table.update({ord(a): b for a, b in numerals()["zh"]["fold"]["pairs"].split()})
    table.update({ord(upper): upper.lower() for upper in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"})
    # A full-width letter folds to the small letter, like every other letter.
    table.update({0xFF21 + code: chr(0x61 + code) for code in range(26)})
    table.update(
        {ord(a): b for a, b in zip("～〜–—－−‑　\u00a0\u2009’，％", "~~-—---   ',%", strict=True)}
    )
    return table


def fold(text: str) -> str:
    """Fold a text without moving any character.

    >>> fold("Ｃ９００萬美元")
    'c900万美元'
    """
    return text.translate(fold_table())
