"""English dates and clock times, read before any other number is."""

import re
from collections.abc import Iterator
from fractions import Fraction
from functools import cache

from drift.quantities.dates import (
    Day,
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
_DAY = r"(?P<d>[12]\d|3[01]|0?[1-9])(?:st|nd|rd|th)?"
_PART = (
    r"(?P<part>early|mid|late|the end of|the beginning of|the start of|the middle of)[ -]+(?:in )?"
)
_YEAR_CUES = (
    r"in|since|by|until|till|from|of|to|and|between|through|after|before|during|for|early|late|mid-?|"
    r"than|around|about|spring|summer|autumn|fall|winter|the|year|its|their|his|her|a|;|,|\(|-"
)
_NOT_YEAR = r"(?![\d%]|,\d|\.\d| ?(?:people|percent|per cent|km|kilomet|met|mile|dollars|yuan|euros|pounds|tonnes|tons|words|votes|jobs|units|homes|times|hours|days|am\b|pm\b))"


@cache
def _months() -> dict[str, int]:
    return {name: number for number, row in enumerate(calendar()["months"], 1) for name in row}


@cache
def _dates() -> tuple[re.Pattern[str], ...]:
    month = rf"(?P<m>{alternatives(list(_months()))})\b\.?"
    season = alternatives([word for row in calendar()["season"] for word in row["en"]])
    return tuple(
        re.compile(pattern)
        for pattern in (
            rf"\b{month} {_DAY}(?!\d|,\d{{3}}|\.\d|%)(?:,? {_YEAR}\b)?",
            rf"(?<![\d.,$])\b(?:the )?{_DAY} (?:of )?{month}(?:,? {_YEAR}\b)?",
            rf"\b{_PART}{month}(?:,? (?:of )?{_YEAR}\b)?",
            rf"\b{month},? (?:of )?{_YEAR}\b",
            rf"\b{month}",
            rf"(?<![\d.,$])\b{_YEAR}-(?P<m2>0[1-9]|1[0-2])-(?P<d2>0[1-9]|[12]\d|3[01])\b",
            rf"\b(?P<quarter>first half|second half|first quarter|second quarter|third quarter|fourth quarter) of {_YEAR}\b",
            r"\bad (?P<y>\d{1,4})\b",
            r"\b(?P<y>\d{1,4}) (?:ad|ce)\b",
            r"(?:\b|')(?P<decade>1[5-9]\d0|20\d0|[2-9]0)s\b",
            r"\b(?P<century>[12]?\d|[a-z]{5,11}th|twenty-first)(?:st|th|rd|nd)?(?: and [12]\d(?:th|st))?[ -]centur(?:y|ies)\b",
            rf"\b{_PART}{_YEAR}{_NOT_YEAR}",
            rf"(?<![\d.,$€£¥:/-])\b{_YEAR}-(?P<z>1[5-9]\d\d|20\d\d)\b",
            rf"\bbetween {_YEAR} and (?P<z>1[5-9]\d\d|20\d\d)\b",
            rf"(?:^|(?<=[^a-z\d.,$€£¥:/@#_-]))(?<!\d ){_YEAR}\b{_NOT_YEAR}",
            r"\bthe (?P<md>[12]\d|3[01]|[1-9])(?:st|nd|rd|th)\b(?! (?:century|time|floor|birthday|anniversary|place|year|day|week|month|amendment|congress|party|largest|biggest|street|minute|edition|season|round))",
            rf"\b(?:last|this|next|in|the|by|until|since|of|during|that|same|previous|every|late|early|mid-?) (?P<season>{season})\b",
        )
    )


_WEEKDAY = re.compile(r"\b(?P<w>monday|tuesday|wednesday|thursday|friday|saturday|sunday)s?\b")
# A performance: 7:21.38, 4h 12m.
_RUN_TIME = re.compile(
    r"(?<![\d:.])(?:(?P<th>\d{1,2}):)?(?P<tm>\d{1,2}):(?P<ts>\d\d)\.(?P<tf>\d{1,2})(?!\d)"
    r"|\b(?P<uh>\d{1,2})h ?(?P<um>\d{1,2})m(?: ?(?P<us>\d{1,2})s)?\b"
)
_CLOCK = re.compile(
    r"(?<![\d.,:$])\b(?P<h>1[0-2]|0?[1-9])(?:[:.](?P<i>[0-5]\d))? ?(?P<half>a\.?m\b|p\.?m\b)\.?"
    r"|(?<![\d.,:$])\b(?P<h7>1[0-2]|0?[1-9])(?::(?P<i7>[0-5]\d))?(?= ?(?:to|and|-) ?1?\d(?::\d\d)? ?(?P<half7>[ap]\.?m\b))"
    r"|(?<![\d.,:$])\b(?P<h2>[01]?\d|2[0-3]):(?P<i2>[0-5]\d)\b(?!:)"
    r"|\b(?P<h3>one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|1[0-2]|[1-9]) o'clock"
    r"|\bhalf past (?P<h4>one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|1[0-2]|[1-9])\b"
    r"|\b(?:at|by|before|after|until|till|from) (?P<h5>noon|midnight)\b"
    r"|\b(?P<h6>one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve) (?P<half2>in the (?:morning|afternoon|evening)|at night)"
)
_HOURS = {
    word: hour
    for hour, word in enumerate(
        "one two three four five six seven eight nine ten eleven twelve".split(), 1
    )
}
THIS_CENTURY = 2000
_MORNING, _LATER = (0, 719), (720, 1439)


def calendar_quantities(text: str, plain: str, blocked: bytearray) -> Iterator[Quantity]:
    """Find dates, weekdays, clock times, parts of the day and named days, never inside one another."""
    taken = bytearray(blocked)
    for quantity in _candidates(text, plain):
        start, end = quantity.span.start, quantity.span.end
        if not any(taken[start:end]):
            taken[start:end] = b"\x01" * (end - start)
            yield quantity


def _candidates(text: str, plain: str) -> Iterator[Quantity]:
    for match in _RUN_TIME.finditer(plain):
        parts = (
            match["th"] or match["uh"],
            match["tm"] or match["um"],
            match["ts"] or match["us"],
            match["tf"],
        )
        yield run_time(match, parts)
    for match in _CLOCK.finditer(plain):
        yield _time(match)
    for pattern in _dates():
        for match in pattern.finditer(plain):
            if _is_month(text, match):
                found = _date(match)
                if found is not None:
                    yield found
    for match in _WEEKDAY.finditer(plain):
        yield weekday(match, _weekday(match["w"]))
    for pattern, table in _words():
        for match in pattern.finditer(plain):
            yield named(match, table[match.group()])


def _weekday(word: str) -> int:
    names: list[str] = calendar()["weekdays_en"]
    return names.index(word) + 1


def _is_month(text: str, match: re.Match[str]) -> bool:
    """Tell March and May, the months, from the verbs: they are written large and stand like a date."""
    name = match.groupdict().get("m")
    if not name:
        return True
    start = match.start("m")
    if not text[start].isupper():
        return False
    if (
        name in {"may", "march", "mar", "sept", "dec", "jan", "jun"}
        and match.group().strip(".") == name
    ):
        before = text[max(0, start - 12) : start].lower()
        return bool(
            re.search(
                r"\b(?:in|by|since|until|till|late|early|mid|last|next|this|of|from|to|and|or|through|before|after|each|every|during|for)[ -]$",
                before,
            )
        ) or (name == "march" and bool(before.strip()) and before.rstrip()[-1:] not in ".!?\"'")
    return True


@cache
def _ordinals() -> dict[str, int]:
    table: dict[str, int] = numerals()["en"]["ordinals"]
    return table


def _int(text: str | None) -> int | None:
    return int(text) if text and text.isdigit() else None


def _date(match: re.Match[str]) -> Quantity | None:
    groups = match.groupdict()
    part = groups.get("part") or ""
    part = part.removeprefix("the ").removesuffix(" of")
    year, month, day = (
        _int(groups.get("y")),
        _months().get(groups.get("m") or ""),
        _int(groups.get("d")),
    )
    if groups.get("m2"):
        month, day = _int(groups["m2"]), _int(groups["d2"])
    if groups.get("decade") or groups.get("century") or groups.get("season") or groups.get("md"):
        return _odd_date(match, groups)
    if groups.get("quarter") and year:
        return part_of_year(match, year, groups["quarter"])
    if groups.get("z"):
        return date(match, Day(year), Day(_int(groups["z"])))
    if part and month:
        return part_of_month(match, year, month, part)
    if part and year:
        return part_of_year(match, year, part)
    return date(match, Day(year, month, day), Day(year, month, day))


def _odd_date(match: re.Match[str], groups: dict[str, str | None]) -> Quantity | None:
    """Read a decade, a century, a season or a bare day of the month."""
    if groups.get("decade"):
        start = int(groups["decade"] or 0)
        start += 1900 if start < 100 else 0
        if start % 100 == 0 and start < THIS_CENTURY:  # the 1700s
            return date(match, Day(start + 1), Day(start + 100))
        return date(match, Day(start), Day(start + 9))
    if groups.get("century"):
        century = groups["century"] or ""
        number = 21 if century == "twenty-first" else _ordinals().get(century) or _int(century)
        if not number:
            return None
        return date(match, Day(number * 100 - 99), Day(number * 100))
    if groups.get("season"):
        number = next(
            row["number"] for row in calendar()["season"] if groups["season"] in row["en"]
        )
        return named(match, ("date", "season", Fraction(number), Fraction(number)))
    day = Day(day=int(groups["md"] or 0))
    return date(match, day, day)


def _time(match: re.Match[str]) -> Quantity:
    groups = match.groupdict()
    if groups["h5"]:
        minutes = 12 if groups["h5"] == "noon" else 0
        return clock(match, minutes, 0, (minutes * 60, minutes * 60))
    word = (
        groups["h"]
        or groups["h2"]
        or groups["h3"]
        or groups["h4"]
        or groups["h6"]
        or groups["h7"]
        or "0"
    )
    hour = _HOURS.get(word) or int(word)
    minute = 30 if groups["h4"] else int(groups["i"] or groups["i2"] or groups["i7"] or 0)
    half = groups["half"] or groups["half2"] or groups["half7"]
    part = None
    if half:
        part = _MORNING if half.startswith(("a.", "am", "in the morning")) else _LATER
    return clock(match, hour, minute, part)


@cache
def _words() -> tuple[tuple[re.Pattern[str], dict[str, tuple[str, str, Fraction, Fraction]]], ...]:
    """Build the tables of words that are a date or a part of the day by themselves."""
    table: dict[str, tuple[str, str, Fraction, Fraction]] = {}
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
    return ((re.compile(rf"\b(?:{alternatives(list(table))})\b"), table),)
