"""Chinese dates and clock times, read before any other number is."""

import re
from collections.abc import Iterator
from fractions import Fraction
from functools import cache

from drift.quantities.chinese_numerals import value
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
from drift.quantities.lexicon import alternatives, calendar
from drift.records import Quantity

_YEAR = r"(?P<y>[12]\d{3}|[一二][零〇一二三四五六七八九]{3}|两千[零〇][一二三四五六七八九]|(?<!\d)0\d(?=年)|(?<!\d)[89]\d(?=年(?!代|[的时来]|以|前|后|多|内|间)))"
_MONTH = r"(?P<m>1[0-2](?!\d)|0?[1-9](?!\d)|十[一二]?|[一二三四五六七八九](?![十百千万亿]))"
_DAY = (
    r"(?P<d>[12]\d|3[01]|0?[1-9](?!\d)|三十一?|[一二]?十[一二三四五六七八九]?|[一二三四五六七八九])"
)
_DIGIT = r"(?<!\d[.,])(?<![\d.零〇一二三四五六七八九十百千万亿几数第])(?<!分之)"
_DATES = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{_DIGIT}{_YEAR} ?年 ?{_MONTH} ?月 ?{_DAY} ?[日号]?(?![\d天个年])",
        rf"{_DIGIT}{_YEAR} ?年 ?{_MONTH} ?月(?:份)?(?P<part>上旬|中旬|下旬|初|底|末|中(?!国|央|的))?",
        rf"{_DIGIT}{_MONTH} ?月 ?{_DAY} ?[日号](?!线|楼)",
        rf"{_DIGIT}{_MONTH} ?月(?!亮|球|饼|票|薪|租|经|嫂|老)(?:份)?(?P<part>上旬|中旬|下旬|初|底|末|中(?!国|央|的|旬))?",
        rf"{_DIGIT}(?P<y>[12]\d{{3}})[-/](?P<m>1[0-2]|0?[1-9])[-/](?P<d>[12]\d|3[01]|0?[1-9])(?!\d)",
        rf"{_DIGIT}(?P<y>[12]\d{{3}})(?P<to>到|至|-|~|—)(?P<z>[12]\d{{3}})年?(?!\d)",
        rf"{_DIGIT}{_YEAR} ?年(?:(?P<to>到|至|-|~|—)(?P<z>[12]\d{{3}}) ?年)?(?P<part>年?[初中底末](?!国|央|级|期)|上半年|下半年|前|第?[一二三四]季度)?(?!代|级)",
        r"公元(?P<y>\d{1,4}) ?年",
        r"(?<!\d)(?P<base>1\d|2\d|二十一?|十[一二三四五六七八九]) ?世纪(?P<decade>[1-9]0|[一二三四五六七八九]十) ?年代",
        r"(?<!\d)(?P<decade>[12]\d{2}0|[2-9]0|[二三四五六七八九]十) ?年代",
        rf"(?P<century>本|上|\d{{1,2}}|[一二]?十[一二三四五六七八九]?) ?世纪",
        rf"(?<![\d第]){_DAY.replace('|[一二三四五六七八九])', ')')} ?[日号](?!线|楼|院|元|机|馆|厅|文件|令|门|店|人物|内|以|后|前后?的|间)",
    )
)
_WEEKDAY = re.compile(
    r"(?:(?<!两)(?<!一)(?<!每)周|星期|礼拜|每周(?=[一二三四五六日](?!次|个|位|名|回|趟|天|篇|更|期|小时|到两|封)))"
    r"(?P<w>[一二三四五六日天])(?!次|个|位|名|家|回|趟|篇|更|期|封|年|岁|圈)"
)
_HOUR = r"(?P<h>2[0-4](?!\d)|1\d(?!\d)|0?\d(?!\d)|二十[一二三四]?|十[一二三四五六七八九]?|[零一二两三四五六七八九])"
_MINUTE = r"(?P<i>[0-5]\d|[一二三四五]?十[一二三四五六七八九]?|零?[一二三四五六七八九])"
_TO = frozenset("到至-~—")
# A performance: 1小时2分3秒, 7分21秒38, 49秒38.
_RUN_TIME = re.compile(
    r"(?<![\d.])(?:(?P<th>\d{1,2})(?:小时|时) ?)?(?:(?P<tm>\d{1,2})分钟? ?)(?P<ts>\d{1,2})秒(?P<tf>\d{1,2})?"
    r"|(?<![\d.])(?P<us>\d{1,3})秒(?P<uf>\d{2})(?!\d)"
)
_COLON = r"(?<![\d:.])(?P<h>2[0-3]|[01]?\d):(?P<i>[0-5]\d)(?::[0-5]\d)?(?![\d:])"
_CLOCK = rf"{_DIGIT}{_HOUR} ?(?:点钟?|时(?!间|代|候|差|速|空|期|常|刻|段))(?:(?P<half>半)|(?P<q>[一三])刻|{_MINUTE}分?(?!之|钱))?(?P<o>整|多|许|左右)?"


def calendar_quantities(plain: str, blocked: bytearray) -> Iterator[Quantity]:
    """Find dates, weekdays, clock times, parts of the day and named days, never inside one another."""
    taken = bytearray(blocked)
    for quantity in _candidates(plain):
        start, end = quantity.span.start, quantity.span.end
        if not any(taken[start:end]):
            taken[start:end] = b"\x01" * (end - start)
            yield quantity


def _candidates(plain: str) -> Iterator[Quantity]:
    for match in _RUN_TIME.finditer(plain):
        yield run_time(
            match,
            (match["th"], match["tm"], match["ts"] or match["us"], match["tf"] or match["uf"]),
        )
    for pattern in _DATES:
        for match in pattern.finditer(plain):
            found = _date(match)
            if found is not None:
                yield found
    for match in _clock_pattern().finditer(plain):
        found = _time(match)
        if found is not None:
            yield found
    for match in _colon_pattern().finditer(plain):
        yield clock(match, int(match["h"]), int(match["i"]), _dayparts().get(match["p"] or ""))
    for match in _WEEKDAY.finditer(plain):
        yield weekday(
            match, "一二三四五六日天".index(match["w"]) % 7 + 1 if match["w"] != "天" else 7
        )
    for pattern, make in _words():
        for match in pattern.finditer(plain):
            yield named(match, make[match.group()])


def _int(text: str | None) -> int | None:
    number = value(text) if text else None
    return None if number is None else int(number)


def _date(match: re.Match[str]) -> Quantity | None:
    groups = match.groupdict()
    if groups.get("decade"):
        return _decade(match)
    if groups.get("century"):
        return _century(match)
    year, month, day = (_int(groups.get(name)) for name in "ymd")
    if year is not None and year < 100:
        year += 2000 if year < 30 else 1900
    part = groups.get("part") or ""
    if groups.get("z"):
        return date(match, Day(year), Day(_int(groups["z"])))
    if month is not None and part:
        return part_of_month(match, year, month, part)
    if year is not None and part:
        return part_of_year(match, year, part)
    whole = Day(year, month, day)
    return date(match, whole, whole)


def _decade(match: re.Match[str]) -> Quantity:
    start = _int(match["decade"]) or 0
    century = _int(match.groupdict().get("base")) or 20
    start += (century - 1) * 100 if start < 100 else 0
    return date(match, Day(start), Day(start + 9))


def _century(match: re.Match[str]) -> Quantity | None:
    number = {"本": 21, "上": 20}.get(match["century"]) or _int(match["century"])
    if not number or number > 30:
        return None
    return date(match, Day(number * 100 - 99), Day(number * 100))


@cache
def _dayparts() -> dict[str, tuple[int, int]]:
    return {word: (row["low"], row["high"]) for row in calendar()["daypart"] for word in row["zh"]}


@cache
def _clock_pattern() -> re.Pattern[str]:
    return re.compile(rf"(?P<p>{alternatives(list(_dayparts()))})?的? ?{_CLOCK}")


@cache
def _colon_pattern() -> re.Pattern[str]:
    return re.compile(rf"(?:(?P<p>{alternatives(list(_dayparts()))}) ?)?{_COLON}")


def _time(match: re.Match[str]) -> Quantity | None:
    """Read a clock time; a bare 三点 without 钟, 半 or a part of the day may be three points."""
    hour, minute = _int(match["h"]), _int(match["i"]) or 0
    ranged = (
        match.string[match.end() : match.end() + 1] in _TO
        or match.string[match.start() - 1 : match.start()] in _TO
    )
    clear = (
        ranged or match["p"] or match["half"] or match["q"] or match["i"] or "钟" in match.group()
    )
    if hour is None or hour > 24 or minute > 59 or not (clear or match["h"][0].isdigit()):
        return None
    minute = 30 if match["half"] else 15 * (_int(match["q"]) or 0) or minute
    return clock(match, hour, minute, _dayparts().get(match["p"] or ""))


@cache
def _words() -> tuple[tuple[re.Pattern[str], dict[str, tuple[str, str, Fraction, Fraction]]], ...]:
    """Build the tables of words that are a date or a part of the day by themselves."""
    table: dict[str, tuple[str, str, Fraction, Fraction]] = {}
    for row in calendar()["named"]:
        table.update(
            dict.fromkeys(row["zh"], ("date", "md", Fraction(row["day"]), Fraction(row["day"])))
        )
    for row in calendar()["season"]:
        number = Fraction(row["number"])
        table.update(dict.fromkeys(row["zh"], ("date", "season", number, number)))
    for row in calendar()["relative"]:
        offset = Fraction(row["offset"])
        table.update(dict.fromkeys(row["zh"], ("date", row["unit"], offset, offset)))
    for word, (low, high) in _dayparts().items():
        if len(word) > 1 and word not in table:
            table[word] = ("time", "daypart", Fraction(low), Fraction(high))
    return ((re.compile(alternatives(list(table))), table),)
