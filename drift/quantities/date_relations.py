"""How two dates or two clock times relate."""

from fractions import Fraction
from functools import cache
from typing import Literal

from drift.quantities.dates import DAY, NOON
from drift.quantities.lexicon import calendar
from drift.records import Quantity

Relation = Literal["same", "rounded", "weaker", "unit", "different", "absent"]
Found = tuple[Relation, float] | None

_SEASONS = {1: (3, 4, 5), 2: (6, 7, 8), 3: (9, 10, 11), 4: (12, 1, 2)}
_YEAR = 10000
_QUARTER = 15  # minutes by which a clock time may be rounded


@cache
def _feasts() -> frozenset[str]:
    return frozenset(word for row in calendar()["named"] for word in row["en"] + row["zh"])


def is_feast(date: Quantity) -> bool:
    """Tell a day with a name, such as 圣诞: it is not only a date."""
    return date.text.lower() in _feasts()


def _bounds(quantity: Quantity) -> tuple[Fraction, Fraction]:
    return quantity.low or Fraction(0), quantity.high or Fraction(0)


def relate_dates(claim: Quantity, post: Quantity) -> Found:
    """Relate two dates; None where they are of different sorts, such as a year and a weekday."""
    if claim.unit == post.unit:
        if claim.unit in {"ymd", "md"}:
            found = _intervals(_bounds(claim), _bounds(post))
            is_feast_alone = is_feast(claim) != is_feast(post)
            return None if found and found[0] == "different" and is_feast_alone else found
        if claim.low == post.low:
            return "same", 0.9
        if (claim.unit or "").startswith("relative"):
            return None  # they count from the day of writing, which differs
        return "different", 0.5 if claim.unit in {"season", "monthday"} else 0.8
    pair = {claim.unit, post.unit}
    if pair == {"ymd", "md"}:
        one, other = _yearless(claim), _yearless(post)
        return _intervals(one, other) if one and other else None
    return _odd_units(claim, post, pair)


def _odd_units(claim: Quantity, post: Quantity, pair: set[str | None]) -> Found:
    """Relate a bare day or a season to a date that has a month."""
    if not pair & {"ymd", "md"}:
        return None
    if "monthday" in pair:
        return _monthday(claim, post)
    return _season(claim, post) if "season" in pair else None


def _yearless(date: Quantity) -> tuple[Fraction, Fraction] | None:
    """Give the days of a date without their year; None for a whole year or more."""
    low, high = _bounds(date)
    if low // _YEAR != high // _YEAR:
        return None
    low, high = low % _YEAR, high % _YEAR
    return None if (int(low), int(high)) == (101, 1231) else (low, high)


def _is_span_of_years(dates: tuple[Fraction, Fraction]) -> bool:
    """Tell 2021到2025年, whose ends were said, from a year, a decade and a century."""
    first, last = (int(date) // _YEAR for date in dates)
    years = last - first
    is_decade = first % 10 == 0 and years == 9
    return years > 0 and not is_decade and years != 99


def _intervals(one: tuple[Fraction, Fraction], other: tuple[Fraction, Fraction]) -> Found:
    if one == other:
        return "same", 0.9
    if _is_span_of_years(one):
        return ("different", 0.7) if other[1] - other[0] > _YEAR else None
    if one[0] <= other[0] and other[1] <= one[1]:
        return "rounded", 0.8
    if other[0] <= one[0] and one[1] <= other[1]:
        return "weaker", 0.6
    overlaps = one[0] <= other[1] and other[0] <= one[1]
    return ("rounded", 0.6) if overlaps else ("different", 0.8)


def _monthday(claim: Quantity, post: Quantity) -> Found:
    """Hold "the 28th" against 3月28日: they may be the same day."""
    day, date = (claim, post) if claim.unit == "monthday" else (post, claim)
    low, high = _bounds(date)
    if low != high or day.low is None:
        return None
    return ("same", 0.7) if low % 100 == day.low else None


def _season(claim: Quantity, post: Quantity) -> Found:
    """Hold a season against a month: only an agreement says something, hemispheres being two."""
    season, date = (claim, post) if claim.unit == "season" else (post, claim)
    low, high = _bounds(date)
    months = range(int(low % _YEAR // 100), int(high % _YEAR // 100) + 1)
    inside = any(month in _SEASONS[int(season.low or 1)] for month in months)
    return ("rounded", 0.6) if inside and len(months) < 7 else None


def relate_times(claim: Quantity, post: Quantity) -> Found:
    """Relate two clock times or parts of the day."""
    low = claim.low or Fraction(0)
    if claim.unit == post.unit == "daypart":
        return ("same", 0.7) if _meet(_bounds(claim), _bounds(post)) else ("different", 0.6)
    if "daypart" in {claim.unit, post.unit}:
        part, at = (claim, post) if claim.unit == "daypart" else (post, claim)
        halves = (0, NOON) if at.unit == "clock12" else (0,)
        fits = any(
            _meet(_bounds(part), ((at.low or 0) + half, (at.low or 0) + half)) for half in halves
        )
        return ("rounded", 0.6) if fits else ("different", 0.5)
    turn = NOON if "clock12" in {claim.unit, post.unit} else DAY
    gap = abs(low - (post.low or 0)) % turn
    gap = min(gap, turn - gap)
    if gap == 0:
        return "same", 0.9
    return ("rounded", 0.7) if gap <= _QUARTER and low % 30 == 0 else ("different", 0.8)


def _meet(
    one: tuple[Fraction | int, Fraction | int], other: tuple[Fraction | int, Fraction | int]
) -> bool:
    """Tell whether two stretches of the day meet, also past midnight."""
    return any(one[0] <= other[1] + turn and other[0] + turn <= one[1] for turn in (-DAY, 0, DAY))
