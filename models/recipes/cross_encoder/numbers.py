"""Reads numbers in Chinese and English as plain values, to see which figures agree.

Coarser than the quantities of the core, and meant to be: it only tells synthetic drift which
figures of a retweet it can change.
"""

import re

_DIGITS = {"零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5} | {
    "六": 6, "七": 7, "八": 8, "九": 9
}  # fmt: skip
_UNITS = {"十": 10, "百": 100, "千": 1000}
_SCALES = {
    "hundred": 100, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12,
    "万": 1e4, "亿": 1e8, "千": 1e3, "百": 100, "百万": 1e6, "千万": 1e7, "万亿": 1e12,
    "k": 1e3, "m": 1e6, "bn": 1e9,
}  # fmt: skip
_TWO_TO_TWENTY = (
    "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
    " seventeen eighteen nineteen twenty"
)
_ORDINALS = "second third fourth fifth sixth seventh eighth ninth tenth"
_MONTHS = "january february march april may june july august september october november december"
_WORDS: dict[str, float] = {
    **{word: value for value, word in enumerate(_TWO_TO_TWENTY.split(), 2)},
    **{word: value for value, word in enumerate(_ORDINALS.split(), 2)},
    "thirty": 30,
    "forty": 40,
    "fifty": 50,
    "sixty": 60,
    "seventy": 70,
    "eighty": 80,
    "ninety": 90,
    "twice": 2,
    "double": 2,
    "half": 0.5,
    "dozen": 12,
    "quarter": 0.25,
}
# `may` is left out: the verb is far more common.
_WORDS |= {month: number for number, month in enumerate(_MONTHS.split(), 1) if month != "may"}
_NOT_NUMBERS = frozenset({"万一", "一一", "千万", "万千", "百般", "一百一", "三三两两", "七七八八"})

_ARABIC = re.compile(
    r"[0-9]+(?:[.,][0-9]+)*\s?(百万|千万|万亿|万|亿|千|百|hundred|thousand|million|billion"
    r"|trillion|bn|[km](?![A-Za-z]))?(成)?",
    re.IGNORECASE,
)
_HAN = re.compile(r"[零〇一二两三四五六七八九十百千万亿]+(成)?")
_ENGLISH = re.compile(
    r"[A-Za-z]+(?:-[A-Za-z]+)?(?:\s(hundred|thousand|million|billion))?", re.IGNORECASE
)


def values_in(text: str) -> list[tuple[int, int, float]]:
    """Give every number of a text as (start, end, value), in no order.

    >>> values_in("3.1万人")
    [(0, 4, 31000.0)]
    >>> values_in("两成")
    [(0, 2, 20.0)]
    >>> values_in("twelve of 4,000")
    [(10, 15, 4000.0), (0, 6, 12.0)]
    """
    found = [_arabic(match) for match in _ARABIC.finditer(text)]
    for match in _HAN.finditer(text):
        value = han_value(match.group().removesuffix("成"))
        tenths = 10 if match.group(1) else 1
        touches_digit = match.start() > 0 and text[match.start() - 1].isdigit()
        very = match.group() == "十" and text[match.end() : match.end() + 1] == "分"
        if value is not None and not touches_digit and not very:
            found.append((match.start(), match.end(), value * tenths))
    worded = (_english(match) for match in _ENGLISH.finditer(text))
    return [*found, *(one for one in worded if one is not None)]


def han_value(text: str) -> float | None:
    """Read a Chinese numeral; a lone 一 and set phrases are no numbers.

    >>> han_value("三千二百"), han_value("十五"), han_value("一"), han_value("二〇二五")
    (3200.0, 15.0, None, 2025.0)
    """
    if text in _NOT_NUMBERS or text in {"一", "万", "亿", "千", "百", "零", "〇"}:
        return None
    if all(char in _DIGITS for char in text) and len(text) > 1:
        return float("".join(str(_DIGITS[char]) for char in text))
    total, wan, section, digit = 0, 0, 0, 0
    for char in text:
        if char in _DIGITS:
            digit = _DIGITS[char]
        elif char in _UNITS:
            section += (digit or 1) * _UNITS[char]
            digit = 0
        elif char == "万":
            wan, section, digit = 10_000 * (section + digit or 1), 0, 0
        else:
            total = 100_000_000 * (total + wan + section + digit or 1)
            wan, section, digit = 0, 0, 0
    return float(total + wan + section + digit)


def _arabic(match: re.Match[str]) -> tuple[int, int, float]:
    digits = re.match(r"[0-9.,]+", match.group())
    plain = digits.group().replace(",", "").rstrip(".") if digits else "0"
    whole, _, rest = plain.partition(".")
    value = float(f"{whole}.{rest.replace('.', '') or 0}")
    scale = _SCALES[match.group(1).lower()] if match.group(1) else 1
    return match.start(), match.end(), value * scale * (10 if match.group(2) else 1)


def _english(match: re.Match[str]) -> tuple[int, int, float] | None:
    words = match.group().lower().split()
    parts = words[0].split("-")
    values = [_WORDS.get(part) for part in parts]
    known = [value for value in values if value is not None]
    if len(known) != len(parts):
        return None
    value = float(sum(known))
    return match.start(), match.end(), value * (_SCALES[words[1]] if len(words) > 1 else 1)
