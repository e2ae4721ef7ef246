"""Reads CC-CEDICT: headwords, Pinyin, glosses, and which character simplifies to which."""

import lzma
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_LINE = re.compile(r"^(\S+) (\S+) \[([^\]]*)\] /(.*)/$")
_ASIDE = re.compile(r"\([^()]*\)")
_REFERENCE = re.compile(
    r"^(CL:|variant of|old variant|see |see also|also written|abbr\. (for|to)|surname |pr\.|"
    r"also pr\.|Taiwan pr\.|same as|equivalent to|erhua|Japanese variant|archaic variant|used in)"
)
_HAN = re.compile(r"[\u3400-\u9fff]")


@dataclass(frozen=True, slots=True)
class Entry:
    """One headword of the dictionary."""

    traditional: str
    simplified: str
    pinyin: tuple[str, ...]
    glosses: tuple[str, ...]


def read(path: Path) -> list[Entry]:
    """Read every well-formed entry of an xz-compressed CC-CEDICT file."""
    entries = []
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            match = _LINE.match(line.strip())
            if match:
                traditional, simplified, pinyin, glosses = match.groups()
                parts = tuple(glosses.split("/"))
                entries.append(Entry(traditional, simplified, tuple(pinyin.split()), parts))
    return entries


def simplification(entries: list[Entry]) -> dict[int, str]:
    """Map Traditional characters to Simplified ones where the dictionary leaves no doubt.

    A character that also lives on in Simplified text (乾 of 乾坤, 著 of 著名) keeps its form
    unless nine in ten of its headwords change it, and so does one that Simplified text uses more
    than Traditional (么: rare as the Traditional form of 幺, common as the simple form of 麼).
    """
    votes: dict[str, Counter[str]] = {}
    for entry in entries:
        if len(entry.traditional) == len(entry.simplified):
            for old, new in zip(entry.traditional, entry.simplified, strict=True):
                votes.setdefault(old, Counter())[new] += 1
    simplified = Counter(char for entry in entries for char in entry.simplified)
    table = {}
    for old, choices in votes.items():
        new, count = choices.most_common(1)[0]
        if new != old and count >= 0.9 * choices.total() and count > simplified[old]:
            table[ord(old)] = new
    return table


def short_pairs(entries: list[Entry]) -> Iterator[tuple[str, str]]:
    """Yield (English gloss, Chinese headword) for short glosses of headwords up to six long."""
    for entry in entries:
        word = entry.simplified
        if not (1 <= len(word) <= 6 and all(_HAN.match(char) for char in word)):
            continue
        for gloss in entry.glosses[:5]:
            for part in gloss.split(";"):
                plain = _plain(part)
                if plain and len(plain.split()) <= 4:
                    yield plain, word


def _plain(gloss: str) -> str:
    if _REFERENCE.match(gloss) or _HAN.search(gloss):
        return ""
    plain = _ASIDE.sub(" ", gloss).strip(" ;,.!?")
    return " ".join(plain.removeprefix("to be ").removeprefix("to ").split())
