"""Decides which sentence pairs are fit for training, and in which form."""

import re

from models.source_text import HAN

_HAN = re.compile(rf"[{HAN}]")
_LATIN = re.compile(r"[A-Za-z]")
_CODE = re.compile(r"[{}\\=<>|~^_`]|\]\(|\(\)|::|//|&&|\$\w|;\s*$|\[edit|编辑\]|^\W*\d+\W*$")
_NUMBER = re.compile(r"(?<![0-9A-Za-z.,])\d[\d,.]*(?![0-9A-Za-z])")
_SCALED = re.compile(r"\s*[万亿千百十多余几月点时号日]|年代")


def fit(chinese: str, english: str) -> bool:
    """Tell whether a cleaned pair is plain prose of like length, saying the same numbers."""
    return (
        _plain(chinese, english)
        and _alike_in_length(chinese, english)
        and same_numbers(chinese, english)
    )


def _plain(chinese: str, english: str) -> bool:
    if _HAN.search(english) or _CODE.search(english) or _CODE.search(chinese):
        return False
    han = len(_HAN.findall(chinese))
    letters = len(_LATIN.findall(english))
    return han >= 0.5 * len(chinese) > 0 and letters >= 0.6 * len(english) > 0


def _alike_in_length(chinese: str, english: str) -> bool:
    words = len(english.split())
    signs = len(_HAN.findall(chinese)) + 2 * len(re.findall(r"[A-Za-z]+", chinese))
    # Running Chinese has about 1.6 characters an English word; the margins keep idioms.
    return 1 <= signs <= 110 and words <= 70 and 0.35 * signs - 2 <= words <= 1.1 * signs + 3


def same_numbers(chinese: str, english: str) -> bool:
    """Tell whether every plain number of two or more digits stands on the other side too.

    Numbers that Chinese scales (3万) are spelt otherwise in English and are not compared.

    >>> same_numbers("他等了314年", "He waited 314 years"), same_numbers("等了314年", "3 years")
    (True, False)
    """
    digits = re.sub(r"[^\d ]", "", re.sub(r"[^\d,.]", " ", english))
    wanted = (
        re.sub(r"\D", "", match[0])
        for match in _NUMBER.finditer(chinese)
        if not _SCALED.match(chinese, match.end())
    )
    present = set(digits.split())
    return all(len(number) < 2 or number in present for number in wanted)
