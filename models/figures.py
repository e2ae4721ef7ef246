"""Writes an exact quantity in English: 3万亿美元 is 3 trillion USD, 近一半 is nearly half."""

import tomllib
from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

from drift.records import Quantity


def written(quantity: Quantity) -> str | None:
    """Write a quantity in English figures; None where its words say it better.

    >>> from drift.quantities import quantities
    >>> [written(found) for found in quantities("1943年有两千多人，2月8日七成", "zh")]
    ['1943', 'more than 2,000 people', 'February 8', '70%']
    """
    write = _WRITERS.get(quantity.kind)
    return write(quantity) if write else None


def _bounded(quantity: Quantity, write: Callable[[Fraction], str]) -> str | None:
    """Write one bound with its comparator, or both of a range."""
    low, high = quantity.low, quantity.high
    near = quantity.comparator == "<" and low is not None  # 近, not 不到
    said = _words()["comparators"].get("near" if near else quantity.comparator, "")
    if quantity.comparator == "range" and low is not None and high is not None:
        return write(low) if low == high else f"{write(low)} to {write(high)}"
    amount = high if quantity.comparator.startswith("<") else low
    amount = amount if amount is not None else high
    return None if amount is None else f"{said} {write(amount)}".strip()


def _count(quantity: Quantity) -> str | None:
    text = _bounded(quantity, _number)
    return f"{text} people" if text and quantity.text.endswith("人") else text


def _share(quantity: Quantity) -> str | None:
    return _bounded(quantity, lambda share: f"{_number(share * 100)}%")


def _fraction(quantity: Quantity) -> str | None:
    return _bounded(quantity, _part)


def _part(share: Fraction) -> str:
    if share == Fraction(1, 2):
        return "half"
    small = 1 < share.denominator <= 12
    return f"{share.numerator}/{share.denominator}" if small else f"{_number(share * 100)}%"


def _money(quantity: Quantity) -> str | None:
    text = _bounded(quantity, _number)
    return f"{text} {(quantity.unit or '').upper()}".strip() if text else None


def _duration(quantity: Quantity) -> str | None:
    text, unit = _bounded(quantity, _number), (quantity.unit or "").replace("-", " ")
    if not text or not unit:
        return None
    return f"{text} {unit}" if text == "1" else f"{text} {unit}s"


def _age(quantity: Quantity) -> str | None:
    text = _bounded(quantity, _number)
    return f"{text} years old" if text else None


def _times(quantity: Quantity) -> str | None:
    text = _bounded(quantity, _number)
    return f"{text} times" if text else None


def _date(quantity: Quantity) -> str | None:
    low, high = quantity.low, quantity.high
    if low is None or high is None:
        return None
    if quantity.unit == "weekday" and low == high and 1 <= low <= 7:
        weekday: str = _words()["weekdays"].split()[int(low) - 1]
        return weekday
    if quantity.unit in {"ymd", "md"} and 1 <= int(low) // 100 % 100 <= 12:
        return _day(int(low), int(high))
    return None


def _day(low: int, high: int) -> str | None:
    """Write a day, a month or a year, told as yyyymmdd or mmdd."""
    year, month, day = low // 10_000, low // 100 % 100, low % 100
    name = _words()["months"].split()[month - 1]
    if low == high:
        return f"{name} {day}, {year}" if year else f"{name} {day}"
    if high // 100 == low // 100:
        return f"{name} {year}" if year else name
    return str(year) if year and high // 10_000 == year else None


def _time(quantity: Quantity) -> str | None:
    low = quantity.low
    if quantity.unit not in {"clock", "clock12"} or low is None or low != quantity.high:
        return None
    return f"{int(low) // 60}:{int(low) % 60:02}"


_WRITERS: Mapping[str, Callable[[Quantity], str | None]] = {
    "count": _count,
    "percent": _share,
    "fraction": _fraction,
    "money": _money,
    "duration": _duration,
    "age": _age,
    "times": _times,
    "date": _date,
    "time": _time,
}


def _number(amount: Fraction) -> str:
    for name, size in _words()["scales"].items():
        scaled = amount / size
        if abs(scaled) >= 1 and (scaled * 100).denominator == 1:
            return f"{_plain(scaled)} {name}"
    return _plain(amount)


def _plain(amount: Fraction) -> str:
    if amount.denominator == 1:
        return f"{amount.numerator:,}"
    return f"{float(amount):,.2f}".rstrip("0").rstrip(".")


@cache
def _words() -> dict[str, Any]:
    text = (Path(__file__).parent / "glossary.toml").read_text("utf-8")
    figures: dict[str, Any] = tomllib.loads(text)["figures"]
    return figures
