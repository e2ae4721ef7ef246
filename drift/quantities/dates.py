"""Dates and clock times of either language as exact bounds.

A date is a pair of numbers: `ymd` counts yyyymmdd, `md` (no year said) mmdd, `monthday` the day of
an unnamed month, `weekday` 1 to 7 from Monday, `season` 1 to 4 from spring, and the `relative-*`
units count from now. A clock time counts minutes from midnight: `clock` when the half of the day
is known, `clock12` when not, `daypart` for a stretch such as 凌晨.
"""

import re
from dataclasses import dataclass
from fractions import Fraction

from drift.records import Quantity, Span

Named = tuple[str, str, Fraction, Fraction]  # kind, unit, low and high of a word
NOON = 720
DAY = 1440

_EARLY, _MIDDLE, _LATE = (1, 10), (10, 20), (20, 31)
_PARTS = {  # of a month: first and last day
    **dict.fromkeys(("early", "beginning", "start", "上旬", "初"), _EARLY),
    **dict.fromkeys(("mid", "middle", "中旬", "中"), _MIDDLE),
    **dict.fromkeys(("late", "end", "下旬", "底", "末"), _LATE),
}
_HALVES = {  # of a year: first and last month
    **dict.fromkeys(("early", "beginning", "start", "初", "年初"), (1, 4)),
    **dict.fromkeys(("mid", "middle", "中", "年中"), (5, 8)),
    "late": (9, 12),
    **dict.fromkeys(("end", "底", "末", "年底", "年末"), (10, 12)),
    **dict.fromkeys(("first half", "上半年"), (1, 6)),
    **dict.fromkeys(("second half", "下半年"), (7, 12)),
    **dict.fromkeys(("first quarter", "一季度"), (1, 3)),
    **dict.fromkeys(("second quarter", "二季度"), (4, 6)),
    **dict.fromkeys(("third quarter", "三季度"), (7, 9)),
    **dict.fromkeys(("fourth quarter", "四季度"), (10, 12)),
}


@dataclass(frozen=True, slots=True)
class Day:
    """A calendar day, or as much of it as was said."""

    year: int | None = None
    month: int | None = None
    day: int | None = None

    def bounds(self) -> tuple[str, int, int]:
        """Give the unit and the first and last day that it may be."""
        if self.year is None and self.month is None:
            return "monthday", self.day or 0, self.day or 0
        first = (self.month or 1) * 100 + (self.day or 1)
        last = (self.month or 12) * 100 + (self.day or 31)
        if self.year is None:
            return "md", first, last
        return "ymd", self.year * 10000 + first, self.year * 10000 + last


def _at(match: re.Match[str]) -> tuple[Span, str]:
    return Span(match.start(), match.end()), match.group()


def named(match: re.Match[str], row: Named) -> Quantity:
    """Make a quantity of a word that is a date or a part of the day by itself."""
    span, text = _at(match)
    kind, unit, low, high = row
    return Quantity(span, kind, low, high, unit, "=" if low == high else "range", text)


def date(match: re.Match[str], first: Day, last: Day) -> Quantity:
    """Make a date that reaches from one day to another."""
    unit, low, _ = first.bounds()
    _, _, high = last.bounds()
    return named(match, ("date", unit, Fraction(low), Fraction(high)))


def part_of_month(match: re.Match[str], year: int | None, month: int, part: str) -> Quantity:
    """Make "late October" and 九月下旬."""
    low, high = _PARTS.get(part, (1, 31))
    return date(match, Day(year, month, low), Day(year, month, high))


def part_of_year(match: re.Match[str], year: int, part: str) -> Quantity:
    """Make "mid-2025" and 2025年底."""
    low, high = _HALVES.get(part.removeprefix("第"), (1, 12))
    return date(match, Day(year, low), Day(year, high))


def weekday(match: re.Match[str], number: int) -> Quantity:
    """Make a day of the week."""
    return named(match, ("date", "weekday", Fraction(number), Fraction(number)))


def clock(match: re.Match[str], hour: int, minute: int, part: tuple[int, int] | None) -> Quantity:
    """Make a clock time; a part of the day decides which half it falls in."""
    minutes = hour * 60 + minute
    known = hour > 12 or hour == 0 or part is not None
    if part is not None and hour <= 12:
        minutes = _within(minutes % NOON, part)
    span, text = _at(match)
    return Quantity(
        span,
        "time",
        Fraction(minutes),
        Fraction(minutes),
        "clock" if known else "clock12",
        "=",
        text,
    )


def _within(minutes: int, part: tuple[int, int]) -> int:
    """Pick the half of the day that lies in, or nearest to, a part of it."""
    choices = (minutes, minutes + NOON, minutes + DAY)
    low, high = part
    best = min(choices, key=lambda at: max(low - at, at - high, 0))
    return best % DAY


def run_time(match: re.Match[str], parts: tuple[str | None, ...]) -> Quantity:
    """Make a performance of hours, minutes, seconds and the decimals of a second."""
    hours, minutes, seconds = (int(part or 0) for part in parts[:3])
    decimals = parts[3] or ""
    total = Fraction(hours * 3600 + minutes * 60 + seconds)
    total += Fraction(int(decimals), 10 ** len(decimals)) if decimals else 0
    return named(match, ("duration", "second", total, total))
