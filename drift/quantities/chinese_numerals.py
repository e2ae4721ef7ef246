"""Chinese numerals: runs of digits and 十百千万亿, exact or vague, read as bounds."""

import re
from collections.abc import Iterator
from fractions import Fraction
from functools import cache

from drift.quantities.bounds import Numeral, step_of
from drift.quantities.lexicon import numerals

LONGEST = 24  # a longer run is an identifier, not an amount

_ARABIC = r"(?:\d{1,3}(?:,\d{3}){1,6}(?!\d)|\d{1,3}(?: \d{3}){1,6}(?! ?\d)|\d{1,18})(?:\.\d{1,12})?"
_HAN = "零〇一二两俩三仨四五六七八九十百千万亿几数"
_TRILLION = "兆(?![瓦赫帕字比欧])"  # 90兆瓦 are megawatts
# Possessive, so that a run of any length is read once.
_HALF = r"(?<![一大小多过近对上下])半(?=个|小时|年|公里|斤|公斤|吨|分钟|秒|英里|里地)"
_POINT = r"(?<=[零一二三四五六七八九十])点(?=[零一二三四五六七八九])"
RUN = re.compile(
    rf"(?:{_ARABIC}|[{_HAN}]|{_TRILLION}|(?<=\d) (?=[万亿])"
    rf"|[多余来](?=[百千万亿])|{_POINT}|{_HALF})++"
)
_ANY = re.compile(rf"[\d{_HAN}兆半]")
_ATOM = re.compile(rf"{_ARABIC}|.")
_PAIR = re.compile(r"([一二三四五六七八九两])([二三四五六七八九])(?![二三四五六七八九])")
_NEIGHBOURS = {
    "三五",
    "一两",
    "一二",
    "两三",
    "二三",
    "三四",
    "四五",
    "五六",
    "六七",
    "七八",
    "八九",
}


@cache
def _digits() -> dict[str, int]:
    table: dict[str, int] = numerals()["zh"]["digits"]
    return table


@cache
def _scales() -> dict[str, int]:
    table: dict[str, int] = numerals()["zh"]["scales"]
    return table


def _positional(run: str) -> Fraction:
    """Read digits one after the other, as in 二〇二五 and in the decimals after 点."""
    whole, _, decimals = run.partition("点")
    digits = [str(_digits()[char]) for char in whole + decimals]
    return Fraction(int("".join(digits)), 10 ** len(decimals))


def _place(total: Fraction, section: Fraction, scale: int) -> tuple[Fraction, Fraction]:
    """Close a section of up to four digits with 万, 亿 or 兆."""
    if total and total < scale:  # 3万5千亿: everything so far counts in 亿
        return (total + section) * scale, Fraction(0)
    return total + section * scale, Fraction(0)


def value(run: str) -> Fraction | None:
    """Read an exact numeral; None where it is not one.

    >>> value("一万二"), value("3万5"), value("1.2亿"), value("二〇二五")
    (Fraction(12000, 1), Fraction(35000, 1), Fraction(120000000, 1), Fraction(2025, 1))
    """
    if len(run) > 1 and all(char in _digits() or char == "点" for char in run):
        return None if any(char in "两俩仨" for char in run) else _positional(run)
    if "点" in run:
        return _decimal(run)
    return _sum(_ATOM.findall(run))


def _decimal(run: str) -> Fraction | None:
    """Read 十二点五万: a whole numeral, decimals, and a scale behind them."""
    whole, _, rest = run.partition("点")
    decimals = rest.rstrip("十百千万亿兆")
    base, scale = value(whole), value("一" + rest[len(decimals) :]) or Fraction(1)
    if base is None or not decimals or any(char not in _digits() for char in decimals):
        return None
    return (base + _positional("零点" + decimals)) * scale


def _sum(atoms: list[str]) -> Fraction | None:
    total = section = Fraction(0)
    number: Fraction | None = None
    last, nought = 0, False
    for atom in atoms:
        scale = _scales().get(atom)
        if scale is None:
            if number is not None and number != 0:
                return None  # two numbers side by side
            number = Fraction(_digits()[atom]) if atom in _digits() else _arabic(atom)
            nought = nought or number == 0
            tail = len(atom) == 1
            continue
        if scale < 10000:
            section += (Fraction(1) if number is None else number) * scale
        else:
            section += number or 0
            if not section and not total:
                section = Fraction(1)
            total, section = _place(total, section, scale)
        number, last, nought = None, scale, False
    if number is None:
        return total + section
    # 一万二 and 3万5 leave the last scale unsaid; 十二 and 三百零五 do not.
    short = last >= 100 and not nought and tail
    return total + section + number * (Fraction(last, 10) if short else 1)


def _arabic(atom: str) -> Fraction | None:
    try:
        return Fraction(atom.replace(",", ""))
    except ValueError:
        return None


def read(run: str, start: int) -> Numeral | None:
    """Read a run as bounds: exact, vague (几十), a pair of neighbours (七八) or odd (二十多万)."""
    end = start + len(run)
    if len(run) > LONGEST or ("半" in run and run != "半"):
        return None
    if run == "半":
        return Numeral(start, end, Fraction(1, 2), Fraction(1, 2), "", Fraction(1, 2), weak=True)
    if "几" in run or "数" in run:
        return _vague(run, start)
    run = run.replace(" ", "")
    odd = next((char for char in run if char in "多余来"), "")
    bare = run.replace(odd, "") if odd else run
    pair = _PAIR.search(bare)
    if pair and pair.group() in _NEIGHBOURS and "〇" not in bare and not _long_digits(bare):
        low, high = value(_without(bare, pair.end() - 1)), value(_without(bare, pair.start()))
    else:
        low = high = value(bare)
    if low is None or high is None:
        return None
    sense = {"": "", "来": "about"}.get(odd, "odd")
    return Numeral(start, end, low, high, sense, step_of(low), weak=_is_weak(run))


def _without(run: str, index: int) -> str:
    return run[:index] + run[index + 1 :]


def _long_digits(run: str) -> bool:
    """Tell a string of three or more bare digits (a year, a telephone number) from 七八."""
    return len(run) > 2 and all(char in _digits() for char in run)


def _is_weak(run: str) -> bool:
    """Tell whether the run is too slight to be an amount without a unit."""
    if run[0].isdigit() and run[0].isascii():
        return run == "0"
    two_digits = len(run) == 2 and all(char in _digits() for char in run)
    return (
        two_digits or len(run) < 2 or all(char in _scales() for char in run) or run in _NEIGHBOURS
    )


def _vague(run: str, start: int) -> Numeral | None:
    """Read 几 and 数 as two to nine, with the last step left open: 几十 is 20 to 100."""
    if run.count("几") + run.count("数") != 1 or any(char in run for char in "多余来点"):
        return None
    mark = "几" if "几" in run else "数"
    if run.index(mark) and run[run.index(mark) - 1] in _digits():
        return None  # 一数: having counted once
    teen = run[run.index(mark) - 1 : run.index(mark)] == "十"
    low = value(run.replace(mark, "一" if teen else "二"))
    eight, nine = value(run.replace(mark, "八")), value(run.replace(mark, "九"))
    if low is None or eight is None or nine is None:
        return None
    step = nine - eight if len(run) > 1 else Fraction(0)
    return Numeral(start, start + len(run), low, nine + step, "", step, weak=len(run) < 2)


def scan(text: str) -> Iterator[Numeral]:
    """Find every numeral of a folded text, from left to right."""
    if not _ANY.search(text):
        return
    for match in RUN.finditer(text):
        numeral = read(match.group(), match.start())
        if numeral is not None:
            yield numeral
