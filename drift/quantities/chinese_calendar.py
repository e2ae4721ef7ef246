"""Chinese dates and clock times, read before any other number is."""

import re
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import cache

from drift.quantities.chinese_numerals import value
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
from drift.quantities.lexicon import alternatives, calendar
from drift.records import Quantity

_YEAR = (
    r"(?P<y>[12]\d{3}|[一二][零〇一二三四五六七八九]{3}|两千[零〇][一二三四五六七八九]|(?<!\d)0\d(?=年)"
    r"|(?<!\d)[89]\d(?=年(?!代|[的时来]|以|前|后|多|内|间)))"
)
_MONTH = r"(?P<m>1[0-2](?!\d)|0?[1-9](?!\d)|十[一二]?|[一二三四五六七八九](?![十百千万亿]))"
_LONG_DAY = r"[12]\d|3[01]|0?[1-9](?!\d)|三十一?|[一二]?十[一二三四五六七八九]?"
_DAY = rf"(?P<d>{_LONG_DAY}|[一二三四五六七八九])"
_ISO = r"(?P<y>[12]\d{3})[-/](?P<m>1[0-2]|0?[1-9])[-/](?P<d>[12]\d|3[01]|0?[1-9])(?!\d)"
_PART = r"(?P<part>上旬|中旬|下旬|初|底|末|中(?!国|央|的|旬))?"
_SPAN = r"(?P<to>到|至|-|~|—)(?P<z>[12]\d{3})"
_YEAR_PART = r"(?P<part>年?[初中底末](?!国|央|级|期)|上半年|下半年|前|第?[一二三四]季度)?"
_NOT_DAY = r"(?!线|楼|院|元|机|馆|厅|文件|令|门|店|人物|内|以|后|前后?的|间)"
# 2月15到5月25; what follows a day without 日 must not make a count of it.
_NOT_DATE = r"(?![\d.,%]|[个家万亿千百十天年月人次岁元名条件位场度点时连成股辆只笔])"
_NUMERAL = "零〇一二三四五六七八九十百千万亿几数第"
_DIGIT = rf"(?<!\d[.,])(?<![\d.{_NUMERAL}])(?<!分之)"
# A pattern is tried only on a text that holds its sign.
_DATES = tuple(
    (sign, re.compile(pattern))
    for sign, pattern in (
        ("月", rf"{_DIGIT}{_YEAR} ?年 ?{_MONTH} ?月 ?{_DAY} ?[日号]?(?![\d天个年])"),
        ("月", rf"{_DIGIT}{_YEAR} ?年 ?{_MONTH} ?月(?:份)?{_PART}"),
        ("月", rf"{_DIGIT}{_MONTH} ?月 ?{_DAY} ?[日号](?!线|楼)"),
        ("月", rf"{_DIGIT}{_MONTH} ?月(?P<d>[12]\d|3[01]|0?[1-9](?!\d)){_NOT_DATE}"),
        ("月", rf"{_DIGIT}{_MONTH} ?月(?!亮|球|饼|票|薪|租|经|嫂|老)(?:份)?{_PART}"),
        ("-", rf"{_DIGIT}{_ISO}"),
        ("/", rf"{_DIGIT}{_ISO}"),
        ("", rf"(?P<y>(?<![\d.])[12]\d{{3}}){_SPAN}年?(?!\d)"),
        ("年", rf"{_DIGIT}{_YEAR} ?年(?:{_SPAN} ?年)?{_YEAR_PART}(?!代|级)"),
        ("公元", r"公元(?P<y>\d{1,4}) ?年"),
        (
            "世纪",
            r"(?<!\d)(?P<base>1\d|2\d|二十一?|十[一二三四五六七八九]) ?世纪"
            r"(?P<decade>[1-9]0|[一二三四五六七八九]十) ?年代",
        ),
        ("年代", r"(?<!\d)(?P<decade>[12]\d{2}0|[2-9]0|[二三四五六七八九]十) ?年代"),
        ("世纪", r"(?P<century>本|上|\d{1,2}|[一二]?十[一二三四五六七八九]?) ?世纪"),
        ("日", rf"(?<![\d第])(?P<d>{_LONG_DAY}) ?日{_NOT_DAY}"),
        ("号", rf"(?<![\d第])(?P<d>{_LONG_DAY}) ?号{_NOT_DAY}"),
    )
)
_DAYS = "一二三四五六日天"
_WEEKLY = (
    "次|个|位|名|回(?![了家来到国升落调应复])|趟|篇|更|期|封"  # 每周三次 is three times a week
)
_WEEKDAY = re.compile(
    rf"(?:周(?<!两.)(?<!一.)(?<!每.)|星期|礼拜|每周(?=[{_DAYS}](?!{_WEEKLY}|天|小时|到两)))"
    rf"(?P<w>[{_DAYS}])(?!{_WEEKLY}|家|年|岁|圈)"
)
_HOUR = (
    r"(?P<h>2[0-4](?!\d)|1\d(?!\d)|0?\d(?!\d)|二十[一二三四]?|十[一二三四五六七八九]?"
    r"|[零一二两三四五六七八九])"
)
_MINUTE = r"(?P<i>[0-5]\d|[一二三四五]?十[一二三四五六七八九]?|零?[一二三四五六七八九])"
_TO = frozenset("到至-~—")
# A performance: 1小时2分3秒, 7分21秒38, 49秒38.
_RUN_TIME = re.compile(
    r"(?<![\d.])(?:(?P<th>\d{1,2})(?:小时|时) ?)?"
    r"(?:(?P<tm>\d{1,2})分钟? ?)(?P<ts>\d{1,2})秒(?P<tf>\d{1,2})?"
    r"|(?<![\d.])(?P<us>\d{1,3})秒(?P<uf>\d{2})(?!\d)"
)
_COLON = r"(?<![\d:.])(?P<h>2[0-3]|[01]?\d):(?P<i>[0-5]\d)(?::[0-5]\d)?(?![\d:])"
_CLOCK = (
    rf"{_DIGIT}{_HOUR} ?(?:点钟?|时(?!间|代|候|差|速|空|期|常|刻|段))"
    rf"(?:(?P<half>半)|(?P<q>[一三])刻| ?{_MINUTE}(?: ?分)?(?!之|钱))?(?P<o>整|多|许|左右)?"
)


def calendar_quantities(plain: str, blocked: bytearray) -> Iterator[Quantity]:
    """Find dates, weekdays, clock times, parts of the day and named days, none inside another."""
    taken = bytearray(blocked)
    for quantity in _candidates(plain):
        start, end = quantity.span.start, quantity.span.end
        if not any(taken[start:end]):
            taken[start:end] = b"\x01" * (end - start)
            yield quantity


def _candidates(plain: str) -> Iterator[Quantity]:
    """Find everything that may be a date or a time, the surest first."""
    if "秒" in plain:
        for match in _RUN_TIME.finditer(plain):
            seconds, decimals = match["ts"] or match["us"], match["tf"] or match["uf"]
            yield run_time(match, (match["th"], match["tm"], seconds, decimals))
    for sign, pattern in _DATES:
        if sign in plain:
            yield from _made(_date, pattern, plain)
    if "点" in plain or "时" in plain:
        yield from _made(_time, _clock_pattern(), plain)
    if ":" in plain:
        yield from _made(_colon_time, _colon_pattern(), plain)
    yield from _made(_weekday, _WEEKDAY, plain)
    pattern, table = _words()
    for match in pattern.finditer(plain):
        yield named(match, table[match.group()])


def _made(
    make: Callable[[re.Match[str]], Quantity | None], pattern: re.Pattern[str], plain: str
) -> Iterator[Quantity]:
    """Make what a pattern finds, leaving out what turns out to be nothing."""
    for match in pattern.finditer(plain):
        found = make(match)
        if found is not None:
            yield found


def _colon_time(match: re.Match[str]) -> Quantity:
    return clock(match, int(match["h"]), int(match["i"]), _dayparts().get(match["p"] or ""))


def _weekday(match: re.Match[str]) -> Quantity:
    return weekday(match, min(_DAYS.index(match["w"]) + 1, 7))


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
    if year is not None and year < 100 and "公元" not in match.group():
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
    around = (
        match.string[match.start() - 1 : match.start()],
        match.string[match.end() : match.end() + 1],
    )
    said = match["p"] or match["half"] or match["q"] or match["i"] or "钟" in match.group()
    clear = said or not _TO.isdisjoint(around)
    if hour is None or hour > 24 or minute > 59 or not (clear or match["h"][0].isdigit()):
        return None
    minute = 30 if match["half"] else 15 * (_int(match["q"]) or 0) or minute
    return clock(match, hour, minute, _dayparts().get(match["p"] or ""))


@cache
def _words() -> tuple[re.Pattern[str], dict[str, Named]]:
    """Build the tables of words that are a date or a part of the day by themselves."""
    table: dict[str, Named] = {}
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
    return re.compile(alternatives(list(table))), table
