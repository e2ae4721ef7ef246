"""English dates and clock times, read before any other number is."""

import re
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import cache

from drift.quantities.dates import (
    Day,
    Named,
    clock,
    date,
    named,
    part_of_month,
    part_of_year,
    run_time,
    weekday,
)
from drift.quantities.lexicon import alternatives, calendar, numerals
from drift.records import Quantity

_YEAR = r"(?P<y>1[5-9]\d\d|20\d\d)"
_LAST_YEAR = r"(?P<z>1[5-9]\d\d|20\d\d)"
_DAY = r"(?P<d>[12]\d|3[01]|0?[1-9])(?:st|nd|rd|th)?"
_PART = (
    r"(?P<part>early|mid|late|the end of|the beginning of|the start of|the middle of)[ -]+(?:in )?"
)
_COUNTED = (  # what four digits count when they are no year
    "people|percent|per cent|km|kilomet|met|mile|dollars|yuan|euros|pounds|tonnes|tons|words|votes|"
    r"jobs|units|homes|times|hours|days|am\b|pm\b"
)
_NOT_YEAR = rf"(?![\d%]|,\d|\.\d| ?(?:{_COUNTED}))"
_ORDERED = (  # what "the 28th" orders when it is no day
    "century|time|floor|birthday|anniversary|place|year|day|week|month|amendment|congress|party|"
    "largest|biggest|street|minute|edition|season|round"
)
_QUARTER = r"(?P<quarter>(?:first|second) half|(?:first|second|third|fourth) quarter)"
_CENTURY = r"(?P<century>[12]?\d|[a-z]{5,11}th|twenty-first)(?:st|th|rd|nd)?"
_SEASONAL = (
    "last|this|next|in|the|by|until|since|of|during|that|same|previous|every|late|early|mid-?"
)


@cache
def _months() -> dict[str, int]:
    return {name: number for number, row in enumerate(calendar()["months"], 1) for name in row}


@cache
def _seasons() -> dict[str, int]:
    return {word: row["number"] for row in calendar()["season"] for word in row["en"]}


@cache
def _month_dates() -> tuple[re.Pattern[str], ...]:
    """Build the patterns with the name of a month."""
    month = rf"(?P<m>{alternatives(list(_months()))})\b\.?"
    patterns = (
        rf"\b{month} {_DAY}(?!\d|,\d{{3}}|\.\d|%)(?:,? {_YEAR}\b)?",
        rf"\b(?:the )?{_DAY} (?:of )?{month}(?:,? {_YEAR}\b)?",
        rf"\b{_PART}{month}(?:,? (?:of )?{_YEAR}\b)?",
        rf"\b{month},? (?:of )?{_YEAR}\b",
        rf"\b{month}",
    )
    return tuple(re.compile(pattern) for pattern in patterns)


@cache
def _year_dates() -> tuple[re.Pattern[str], ...]:
    """Build the patterns with digits and without the name of a month."""
    patterns = (
        rf"\b{_YEAR}-(?P<m2>0[1-9]|1[0-2])-(?P<d2>0[1-9]|[12]\d|3[01])\b",
        rf"\b{_QUARTER} of {_YEAR}\b",
        r"\bad (?P<y>\d{1,4})\b",
        r"\b(?P<y>\d{1,4}) (?:ad|ce)\b",
        r"\b(?P<decade>1[5-9]\d0|20\d0|[2-9]0)s\b",
        rf"\b{_PART}{_YEAR}{_NOT_YEAR}",
        rf"\b(?<![\d.,$€£¥:/-]){_YEAR}-{_LAST_YEAR}\b",
        rf"\bbetween {_YEAR} and {_LAST_YEAR}\b",
        rf"\b(?<![\d.,$€£¥:/@#_-])(?<!\d ){_YEAR}\b{_NOT_YEAR}",
        rf"\bthe (?P<md>[12]\d|3[01]|[1-9])(?:st|nd|rd|th)\b(?! (?:{_ORDERED}))",
    )
    return tuple(re.compile(pattern) for pattern in patterns)


@cache
def _word_dates() -> tuple[re.Pattern[str], ...]:
    """Build the patterns that need no digits."""
    patterns = (
        rf"\b{_CENTURY}(?: and [12]\d(?:th|st))?[ -]centur(?:y|ies)\b",
        rf"\b(?:{_SEASONAL}) (?P<season>{alternatives(list(_seasons()))})\b",
    )
    return tuple(re.compile(pattern) for pattern in patterns)


_WEEKDAY = re.compile(r"\b(?P<w>monday|tuesday|wednesday|thursday|friday|saturday|sunday)s?\b")
# A performance: 7:21.38, 4h 12m.
_RUN_TIME = re.compile(
    r"\b(?:(?P<th>\d{1,2}):)?(?P<tm>\d{1,2}):(?P<ts>\d\d)\.(?P<tf>\d{1,2})(?!\d)"
    r"|\b(?P<uh>\d{1,2})h ?(?P<um>\d{1,2})m(?: ?(?P<us>\d{1,2})s)?\b"
)
_HOURS = {
    word: hour
    for hour, word in enumerate(
        (
            "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
            "twelve",
        ),
        1,
    )
}  # fmt: skip
_HOUR = r"1[0-2]|0?[1-9]"
_SPELLED = "|".join(_HOURS)
_HALF = r"[ap]\.?m\b"
_CLOCKS = tuple(
    (sign, re.compile(pattern))
    for sign, pattern in (
        ("m", rf"\b(?<![\d.,:$])(?P<h>{_HOUR})(?:[:.](?P<i>[0-5]\d))? ?(?P<half>{_HALF})\.?"),
        (
            "m",
            rf"\b(?<![\d.,:$])(?P<h>{_HOUR})(?::(?P<i>[0-5]\d))?"
            rf"(?= ?(?:to|and|-) ?1?\d(?::\d\d)? ?(?P<half>{_HALF}))",
        ),
        (":", r"\b(?<![\d.,:$])(?P<h>[01]?\d|2[0-3]):(?P<i>[0-5]\d)\b(?!:)"),
        ("o'clock", rf"\b(?P<h>{_SPELLED}|{_HOUR}) o'clock"),
        ("half past", rf"\bhalf past (?P<past>{_SPELLED}|{_HOUR})\b"),
        ("noon", r"\b(?:at|by|before|after|until|till|from) (?P<named>noon)\b"),
        ("midnight", r"\b(?:at|by|before|after|until|till|from) (?P<named>midnight)\b"),
        (
            "in the",
            rf"\b(?P<h>{_SPELLED}) (?P<half>in the (?:morning|afternoon|evening))",
        ),
    )
)
_HAS_DIGIT = re.compile(r"[0-9]")
_THIS_CENTURY = 2000
_MORNING, _LATER = (0, 719), (720, 1439)
_ALSO_WORDS = frozenset({"may", "march", "mar", "sept", "dec", "jan", "jun"})
_BEFORE_MONTH = re.compile(
    r"\b(?:in|by|since|until|till|late|early|mid|last|next|this|of|from|to|and|or|through|before|"
    r"after|each|every|during|for)[ -]$"
)


def calendar_quantities(text: str, plain: str, blocked: bytearray) -> Iterator[Quantity]:
    """Find dates, weekdays, clock times, parts of the day and named days, none inside another."""
    taken = bytearray(blocked)
    for quantity in _candidates(text, plain):
        start, end = quantity.span.start, quantity.span.end
        if not any(taken[start:end]):
            taken[start:end] = b"\x01" * (end - start)
            yield quantity


def _candidates(text: str, plain: str) -> Iterator[Quantity]:
    """Find everything that may be a date or a time, the surest first."""
    has_digit = _HAS_DIGIT.search(plain) is not None
    if has_digit:
        yield from _made(_run_time, _RUN_TIME, plain)
    for sign, pattern in _CLOCKS:
        if sign in plain:
            yield from _made(_time, pattern, plain)
    yield from _named_months(text, plain)
    for pattern in _year_dates() if has_digit else ():
        yield from _made(_year_date, pattern, plain)
    for pattern in _word_dates():
        yield from _made(_word_date, pattern, plain)
    yield from _made(_weekday, _WEEKDAY, plain)
    pattern, table = _words()
    for match in pattern.finditer(plain):
        yield named(match, table[match.group()])


def _named_months(text: str, plain: str) -> Iterator[Quantity]:
    """Find dates with the name of a month; nothing is tried where no month is named."""
    *longer, bare = _month_dates()
    if not bare.search(plain):
        return
    for pattern in (*longer, bare):
        for match in pattern.finditer(plain):
            if _is_month(text, match):
                yield _date(match)


def _made(
    make: Callable[[re.Match[str]], Quantity | None], pattern: re.Pattern[str], plain: str
) -> Iterator[Quantity]:
    """Make what a pattern finds, leaving out what turns out to be nothing."""
    for match in pattern.finditer(plain):
        found = make(match)
        if found is not None:
            yield found


def _run_time(match: re.Match[str]) -> Quantity:
    hours, minutes = match["th"] or match["uh"], match["tm"] or match["um"]
    return run_time(match, (hours, minutes, match["ts"] or match["us"], match["tf"]))


def _weekday(match: re.Match[str]) -> Quantity:
    names: list[str] = calendar()["weekdays_en"]
    return weekday(match, names.index(match["w"]) + 1)


def _is_month(text: str, match: re.Match[str]) -> bool:
    """Tell March and May from the verbs: a month is written large and stands like a date."""
    name, start = match["m"], match.start("m")
    if not text[start].isupper():
        return False
    if name not in _ALSO_WORDS or match.group().strip(".") != name:
        return True
    before = text[max(0, start - 12) : start]
    if name == "march" and before.strip() and before.rstrip()[-1] not in ".!?\"'":
        return True
    return bool(_BEFORE_MONTH.search(before.lower()))


@cache
def _ordinals() -> dict[str, int]:
    table: dict[str, int] = numerals()["en"]["ordinals"]
    return table


def _int(text: str | None) -> int | None:
    return int(text) if text and text.isdigit() else None


def _date(match: re.Match[str]) -> Quantity:
    """Make a date with the name of a month."""
    groups = match.groupdict()
    part = (groups.get("part") or "").removeprefix("the ").removesuffix(" of")
    year, month, day = _int(groups.get("y")), _months()[match["m"]], _int(groups.get("d"))
    if part:
        return part_of_month(match, year, month, part)
    return date(match, Day(year, month, day), Day(year, month, day))


def _year_date(match: re.Match[str]) -> Quantity | None:
    """Make a date with a year, a decade or a bare day of the month."""
    groups = match.groupdict()
    year = _int(groups.get("y"))
    part = (groups.get("part") or "").removeprefix("the ").removesuffix(" of")
    if groups.get("decade"):
        return _decade(match, int(match["decade"]))
    if groups.get("md"):
        return date(match, Day(day=int(match["md"])), Day(day=int(match["md"])))
    if year is None:
        return None
    if groups.get("quarter") or part:
        return part_of_year(match, year, groups.get("quarter") or part)
    whole = Day(year, _int(groups.get("m2")), _int(groups.get("d2")))
    return date(match, whole, Day(_int(groups["z"])) if groups.get("z") else whole)


def _decade(match: re.Match[str], start: int) -> Quantity:
    start += 1900 if start < 100 else 0
    if start % 100 == 0 and start < _THIS_CENTURY:  # the 1700s
        return date(match, Day(start + 1), Day(start + 100))
    return date(match, Day(start), Day(start + 9))


def _word_date(match: re.Match[str]) -> Quantity | None:
    """Make a season or a century."""
    groups = match.groupdict()
    if groups.get("season"):
        number = Fraction(_seasons()[match["season"]])
        return named(match, ("date", "season", number, number))
    century = match["century"]
    number_ = 21 if century == "twenty-first" else _ordinals().get(century) or _int(century)
    return date(match, Day(number_ * 100 - 99), Day(number_ * 100)) if number_ else None


def _time(match: re.Match[str]) -> Quantity:
    """Make a clock time."""
    groups = match.groupdict()
    if groups.get("named"):
        noon = (12 * 60, 12 * 60) if groups["named"] == "noon" else (0, 0)
        return clock(match, noon[0] // 60, 0, noon)
    word = groups.get("h") or groups.get("past") or "0"
    hour = _HOURS.get(word) or int(word)
    minute = 30 if groups.get("past") else int(groups.get("i") or 0)
    half = groups.get("half") or ""
    morning = half.startswith(("a", "in the morning"))
    return clock(match, hour, minute, (_MORNING if morning else _LATER) if half else None)


@cache
def _words() -> tuple[re.Pattern[str], dict[str, Named]]:
    """Build the tables of words that are a date or a part of the day by themselves."""
    table: dict[str, Named] = {}
    for row in calendar()["daypart"]:
        table.update(
            dict.fromkeys(
                row["en"], ("time", "daypart", Fraction(row["low"]), Fraction(row["high"]))
            )
        )
    for row in calendar()["named"]:
        table.update(
            dict.fromkeys(row["en"], ("date", "md", Fraction(row["day"]), Fraction(row["day"])))
        )
    for row in calendar()["relative"]:
        offset = Fraction(row["offset"])
        table.update(dict.fromkeys(row["en"], ("date", row["unit"], offset, offset)))
    return re.compile(rf"\b(?:{alternatives(list(table))})\b"), table
