"""Recognises a name written in the other script: 林奎斯特 for Lindqvist, 沈为民 for Shen Weimin.

Both sides are reduced to a row of sound classes, consonants and vowels, and compared by a weighted
edit distance in which a vowel weighs little and the consonants that Chinese cannot end a syllable
with (s, t, k, r ...) may carry an epenthetic vowel. The classes are those of Kondrak's ALINE in
coarse form; the readings are the toneless pinyin of `drift.pinyin`.
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from drift.pinyin import readings

# Longest spellings first: each becomes one sound. Lower case: vowels; upper case: consonants.
_ENGLISH = (
    ("tsch", "C"), ("sch", "S"), ("tch", "C"), ("ough", "ao"), ("eigh", "e"), ("igh", "i"),
    ("ph", "F"), ("gh", "G"), ("ch", "C"), ("sh", "S"), ("th", "S"), ("ck", "K"), ("qu", "Ku"),
    ("ng", "N"), ("wh", "W"), ("kn", "N"), ("wr", "R"), ("dg", "J"), ("ce", "Se"), ("ci", "Si"),
    ("cy", "Si"), ("ge", "Je"), ("gi", "Ji"), ("zz", "Z"), ("sz", "S"), ("cz", "C"),
    ("b", "P"), ("p", "P"), ("d", "T"), ("t", "T"), ("g", "K"), ("k", "K"), ("c", "K"),
    ("q", "K"), ("f", "F"), ("v", "W"), ("w", "W"), ("s", "S"), ("z", "S"), ("x", "KS"),
    ("j", "J"), ("m", "M"), ("n", "N"), ("l", "L"), ("r", "R"), ("h", "H"), ("y", "i"),
    ("a", "a"), ("e", "e"), ("i", "i"), ("o", "o"), ("u", "u"),
)  # fmt: skip
_PINYIN = (
    ("zh", "J"), ("ch", "C"), ("sh", "S"), ("ng", "N"), ("b", "P"), ("p", "P"), ("d", "T"),
    ("t", "T"), ("g", "K"), ("k", "K"), ("f", "F"), ("w", "W"), ("j", "J"), ("q", "C"),
    ("x", "S"), ("z", "S"), ("c", "S"), ("s", "S"), ("m", "M"), ("n", "N"), ("l", "L"),
    ("r", "R"), ("h", "H"), ("y", "i"), ("v", "u"), ("a", "a"), ("e", "e"), ("i", "i"),
    ("o", "o"), ("u", "u"),
)  # fmt: skip
_NEAR = {
    frozenset(pair)
    for pair in ("LR", "JC", "SC", "JS", "MN", "FW", "FP", "PW", "KH", "KJ", "FH", "TS", "TC", "TJ",
                 "WH", "KG", "HG", "RJ", "NL")
}  # fmt: skip
_VOWELS = frozenset("aeiou")


def _spell(word: str, table: Sequence[tuple[str, str]]) -> str:
    sounds, place = [], 0
    while place < len(word):
        for spelling, sound in table:
            if word.startswith(spelling, place):
                sounds.append(sound)
                place += len(spelling)
                break
        else:
            place += 1
    return "".join(sounds)


@lru_cache(maxsize=1 << 13)
def sounds_english(name: str) -> str:
    """Give the sound classes of a Latin name.

    >>> sounds_english("Brandt")
    'PRaNT'
    """
    folded = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    row = _spell(folded, _ENGLISH)
    return re.sub(r"T(?=T$)|([A-Z])(?=\1)", "", row).removesuffix("e") or row


@lru_cache(maxsize=1 << 13)
def sounds_chinese(name: str) -> str:
    """Give the sound classes of Chinese characters by their commonest readings.

    >>> sounds_chinese("布兰特")
    'PuLaNTe'
    """
    row = "".join(_spell(found[0], _PINYIN) for char in name if (found := readings(char)))
    return row.replace("eRe", "eR")


def _cost(left: str, right: str) -> float:
    if left == right:
        return 0.0
    if left in _VOWELS and right in _VOWELS:
        return 0.15
    if (left in _VOWELS) != (right in _VOWELS):
        return 1.1 if {left, right} - {"W", "u", "i", "J"} else 0.4
    return 0.35 if frozenset((left, right)) in _NEAR else 1.0


def _drop(sound: str) -> float:
    if sound in _VOWELS:
        return 0.2
    return {"H": 0.35, "R": 0.4, "N": 0.5, "W": 0.6, "T": 0.6, "G": 0.2}.get(sound, 0.9)


@lru_cache(maxsize=1 << 14)
def _distance(left: str, right: str) -> float:
    row = [0.0]
    for sound in right:
        row.append(row[-1] + _drop(sound))
    for sound in left:
        before, row = row, [row[0] + _drop(sound)]
        for place, other in enumerate(right):
            row.append(
                min(
                    before[place + 1] + _drop(sound),
                    row[-1] + _drop(other),
                    before[place] + _cost(sound, other),
                )
            )
    return row[-1]


def similarity(chinese: str, english: str) -> float:
    """Tell how alike a Chinese and a Latin name sound, from 0 to 1.

    Surname-first Chinese names match in either order.

    >>> similarity("林奎斯特", "Lindqvist") > 0.75 > 0.5 > similarity("林奎斯特", "Horvath")
    True
    >>> similarity("沈为民", "Weimin Shen")
    1.0
    """
    said = sounds_chinese(chinese)
    words = english.split()
    orders = {"".join(words), "".join(reversed(words))}
    return max((_alike(said, sounds_english(order)) for order in orders), default=0.0)


def _alike(said: str, heard: str) -> float:
    if not said or not heard:
        return 0.0
    weight = sum(0.25 if sound in _VOWELS else 1.0 for sound in heard + said) / 2
    return max(0.0, 1.0 - _distance(said, heard) / weight)
