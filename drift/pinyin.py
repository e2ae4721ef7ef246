"""Gives the Pinyin of Chinese characters, without tones: names are written so in English."""

from functools import cache
from importlib.resources import files


def readings(char: str) -> tuple[str, ...]:
    """Give every reading of a Simplified or Traditional character, the commonest first.

    >>> readings("行")[0], readings("x")
    ('xing', ())
    """
    return _table().get(char, ())


def syllables(text: str) -> list[str]:
    """Give the commonest reading of every character that has one; others are left out.

    >>> syllables("王立军!")
    ['wang', 'li', 'jun']
    """
    found = (readings(char) for char in text)
    return [known[0] for known in found if known]


def pinyin(text: str) -> str:
    """Spell a word in Pinyin as one word; what has no reading stays.

    >>> pinyin("立军"), pinyin("A股")
    ('lijun', 'Agu')
    """
    return "".join((readings(char) or (char,))[0] for char in text)


@cache
def _table() -> dict[str, tuple[str, ...]]:
    text = files("drift").joinpath("lexicons", "pinyin.txt").read_text("utf-8")
    table: dict[str, tuple[str, ...]] = {}
    for line in text.splitlines():
        if not line.startswith("#"):
            char, *known = line.split(" ")
            table[char] = tuple(known)
    return table
