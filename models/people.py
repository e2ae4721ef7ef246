"""Spells the names of Chinese people in Pinyin before a small translator reads them.

王立军 came out as "Wang's military": the pieces of a name mean something, too. A Latin name is
carried as it stands. Only names that are surely Chinese are spelled: a family name with a given
name of two characters, neither of them one that mostly spells foreign names (斯, 尔).
"""

import re
import tomllib
from functools import cache, lru_cache
from importlib.resources import files

from drift.records import Kind, Span
from drift.segment import tokens
from models.lexical import grammar, load, spelt

_NAME = re.compile(r"([A-Z][a-z]+) ([A-Z][a-z]+)")


@lru_cache(maxsize=4096)
def spelled(text: str) -> str:
    """Write the Chinese names of a Simplified text in Pinyin.

    >>> spelled("外交官拒绝了王立军的请求")
    '外交官拒绝了Wang Lijun的请求'
    """
    parts: list[str] = []
    end = 0
    for token in tokens(text, Span(0, len(text)), "zh"):
        if token.kind is Kind.NAME and _chinese(token.text):
            parts += [text[end : token.span.start], spelt(token.text)]
            end = token.span.end
    return "".join(parts) + text[end:]


def mended(source: str, english: str) -> str:
    """Write the Latin names of a spelled source as they stand there, where a letter slipped.

    >>> mended("拒绝Wang Lijun避难", "They reject Wang Lijuun.")
    'They reject Wang Lijun.'
    """
    for family, given in _NAME.findall(source):
        if f"{family} {given}" not in english:
            slipped = rf"\b{family} {given[:3]}\w*"
            english = re.sub(slipped, f"{family} {given}", english)
    return english


def _chinese(name: str) -> bool:
    given = name[1:]
    return (
        len(name) == 3
        and name[0] in grammar().surnames
        and not _foreign() & set(given)
        and not load().knows(name)
    )


@cache
def _foreign() -> frozenset[str]:
    table = tomllib.loads(files("drift").joinpath("lexicons", "names.toml").read_text("utf-8"))
    return frozenset("".join(table["strong"].split()))
