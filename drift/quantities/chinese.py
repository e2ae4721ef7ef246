"""Quantities of a Chinese text: numerals with what stands before and behind them."""

import re
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache

from drift.quantities.bounds import Numeral, stretch
from drift.quantities.chinese_bounds import amount, compared, more
from drift.quantities.chinese_calendar import calendar_quantities
from drift.quantities.chinese_numerals import scan
from drift.quantities.chinese_shares import expressions, share
from drift.quantities.joining import Draft, join
from drift.quantities.lexicon import Unit, fold, masks, numerals, units
from drift.records import Quantity, Span

_HEIGHT = re.compile(r"[0-9]{2}(?![0-9.%])")
_ASCII = re.compile(r"[a-z0-9_]")
_GROWTH = re.compile(
    r"(?:增加|增长|多|高|涨|提高|上升|提升|贵|激增|暴增|大|快)(?:了|出|出了)?(?:整整)?$"
)
_LONGEST_UNIT = 6
_HALVED = frozenset({"duration", "times", "age"})
_EMPHASIS = frozenset("只仅唯就才共")
_LOOSE_GROWTH = 4
_NOT_HALF = frozenset("数径价")
_NOT_MORE = frozenset("数次个名位家人半")
_THOUSANDS = {"k": 1000, "w": 10000}


@dataclass(frozen=True, slots=True)
class _Measured:
    """A unit found behind a numeral: where it ends, and 半 or 多 found inside it."""

    unit: Unit | None
    end: int
    half: bool = False
    odd: bool = False


def chinese(text: str) -> tuple[Quantity, ...]:
    """Read every quantity of a Chinese text."""
    plain = fold(text)
    blocked = bytearray(len(plain))
    for match in masks("zh").finditer(plain):
        _block(blocked, Span(match.start(), match.end()))
    drafts: list[Draft] = []
    for quantity in calendar_quantities(plain, blocked):
        drafts.append(Draft(quantity))
        _block(blocked, quantity.span)
    for draft in expressions(plain, blocked):
        drafts.append(draft)
        _block(blocked, draft.quantity.span)
    drafts.extend(_numbers(plain, blocked))
    drafts.sort(key=lambda draft: draft.quantity.span)
    return tuple(replace(item, text=item.span.of(text)) for item in join(plain, drafts))


def _numbers(plain: str, blocked: bytearray) -> list[Draft]:
    """Read the numerals that no date, expression or look-alike has taken."""
    drafts: list[Draft] = []
    end = 0
    for numeral in scan(plain):
        if numeral.start < end or blocked[numeral.start] or _is_name(plain, numeral):
            continue
        found = share(plain, numeral) or _measure(plain, numeral)
        drafts.append(found)
        end = found.quantity.span.end
    return drafts


def _block(blocked: bytearray, span: Span) -> None:
    blocked[span.start : span.end] = b"\x01" * (span.end - span.start)


def _measure(plain: str, numeral: Numeral) -> Draft:
    """Give a numeral its unit, comparators and kind."""
    factor = _THOUSANDS.get(plain[numeral.end : numeral.end + 1])
    if factor is not None:
        numeral = _times(replace(numeral, end=numeral.end + 1), Fraction(factor))
    sense = numeral.sense
    end, odd = more(plain, numeral.end)
    if plain[end : end + 1] in {"来", "几"} and numeral.low >= 10:
        end, sense = end + 1, "odd" if plain[end] == "几" else "about"
    measured = _unit(plain, end)
    if odd or measured.odd:
        sense = "odd"
    if measured.unit is None:
        measured = replace(measured, end=end if sense else numeral.end)
    quantity = _dressed(plain, replace(numeral, sense=sense), measured)
    is_bare = numeral.weak and measured.unit is None and quantity.kind != "ordinal"
    return Draft(quantity, weak=is_bare and quantity.comparator in {"=", "range"})


def _times(numeral: Numeral, factor: Fraction) -> Numeral:
    """Multiply a numeral with all that belongs to it."""
    low, high, step = (item * factor for item in (numeral.low, numeral.high, numeral.step))
    return replace(numeral, low=low, high=high, step=step)


def _dressed(plain: str, numeral: Numeral, measured: _Measured) -> Quantity:
    """Put numeral, unit, currency and comparators together."""
    unit, end = measured.unit, max(measured.end, numeral.end)
    kind, key = (unit.kind, unit.key) if unit else ("count", None)
    if measured.half:
        half = Fraction(1, 2)
        numeral = replace(numeral, low=numeral.low + half, high=numeral.high + half)
    if unit and unit.kind == "percent":
        numeral = _times(numeral, unit.size)
    if plain[numeral.start - 1 : numeral.start] == "第":
        return amount(plain, replace(numeral, start=numeral.start - 1), end, "ordinal")
    if key == "degree" and numeral.weak:  # 四度 is four times
        kind, key = "count", "time"
    height = _HEIGHT.match(plain, end) if key == "m" else None
    if height is not None:  # 1米93
        centimetres = Fraction(int(height.group()), 100)
        numeral, end = (
            replace(numeral, low=numeral.low + centimetres, high=numeral.high + centimetres),
            height.end(),
        )
    quantity = _currency(plain, amount(plain, numeral, end, kind, key))
    if kind == "times":
        quantity = _growth(plain, quantity)
    quantity = compared(plain, quantity, numeral)
    if not measured.half and _is_article(plain, numeral, unit, quantity):
        return replace(quantity, kind="article")
    return quantity


def _is_article(plain: str, numeral: Numeral, unit: Unit | None, quantity: Quantity) -> bool:
    """Tell 一个 and 百年 from counts: they are said without counting."""
    first = plain[numeral.start]
    if unit is None or quantity.comparator == "range" or numeral.end - numeral.start > 1:
        return False
    if first in "百千万亿":
        return quantity.comparator == "="
    is_plain = quantity.kind == "count" and unit.base is None
    emphasis = plain[numeral.start - 1 : numeral.start] in _EMPHASIS
    return first == "一" and is_plain and not emphasis


def _is_name(plain: str, numeral: Numeral) -> bool:
    """Tell a number inside a name or a version (GPT-6, 5G, v1.2.3) from an amount."""
    start, end = numeral.start, numeral.end
    if not plain[start].isdigit() or not plain[start].isascii():
        return False
    return _is_led_by_name(plain, start) or _leads_name(plain, end)


def _is_led_by_name(plain: str, start: int) -> bool:
    """Tell whether letters, or a sign that names, stand before a number."""
    before = plain[max(0, start - 2) : start]
    if before and _ASCII.match(before[-1]):
        return not plain.startswith("rmb", start - 3)
    if len(before) == 2 and before[1] in "-./@#" and _ASCII.match(before[0]):
        return not (before[0].isdigit() and before[1] in "-/")
    is_suffix = len(before) == 2 and before[1] == "-" and before[0].isalpha()  # 新冠-19
    return is_suffix or before[-1:] in {"@", "#", "."}


def _leads_name(plain: str, end: int) -> bool:
    """Tell whether letters that are no unit, or a further number after a dot, follow a number."""
    rest = plain[end : end + 3]
    if rest[:1] == "." and rest[1:2].isdigit():
        return True
    if not (rest[:1].isascii() and rest[:1].isalpha()):
        return False
    is_scale = rest[:1] in _THOUSANDS and not (rest[1:2].isascii() and rest[1:2].isalnum())
    return not is_scale and _unit(plain, end).unit is None


def _unit(plain: str, end: int) -> _Measured:
    """Find the longest unit at a place; 个半月 and 个多小时 carry 半 and 多 in their middle."""
    table = units().zh
    if plain[end : end + 1] == " ":
        end += 1
    inner = plain[end + 1 : end + 2]
    if plain[end : end + 1] == "个" and inner and inner in "半多":
        for size in range(_LONGEST_UNIT, 1, -1):
            rest = plain[end + 2 : end + 1 + size]
            unit = table.get("个" + rest) or table.get(rest)
            if unit is not None:
                return _Measured(unit, end + 2 + len(rest), inner == "半", inner == "多")
        return _Measured(table["个"], end + 2, inner == "半", inner == "多")
    for size in range(min(_LONGEST_UNIT, len(plain) - end), 0, -1):
        word = plain[end : end + size]
        unit = table.get(word)
        after = plain[end + size : end + size + 1]
        if unit is not None and not (after and after in _parts().get(word, "")):
            return _tail(plain, _Measured(unit, end + size))
    return _Measured(None, end)


@cache
def _parts() -> dict[str, str]:
    """Read the characters before which a unit is only part of a word."""
    table: dict[str, str] = numerals()["zh"]["not_unit"]
    return table


def _tail(plain: str, measured: _Measured) -> _Measured:
    """Read 半 and 多 behind a unit that can be halved: 三年半, 两倍多."""
    unit, end = measured.unit, measured.end
    if unit is None or not (unit.kind in _HALVED or unit.base):
        return measured
    following, after = plain[end : end + 1], plain[end + 1 : end + 2]
    if following == "半" and after not in _NOT_HALF:
        return replace(measured, end=end + 1, half=True)
    if following == "多" and after not in _NOT_MORE:
        return replace(measured, end=end + 1, odd=True)
    return measured


def _currency(plain: str, quantity: Quantity) -> Quantity:
    """Read a currency sign in front of the number."""
    signs: dict[str, str] = numerals()["en"]["words"]["currencies"]
    start = quantity.span.start
    for size in range(min(4, start), 0, -1):
        unit = signs.get(plain[start - size : start])
        if unit is not None:
            widened = stretch(quantity, start - size, quantity.span.end, plain)
            return replace(widened, kind="money", unit=unit)
    return quantity


def _growth(plain: str, quantity: Quantity) -> Quantity:
    """Count 增加了两倍 as three times: the rise comes on top of what was there."""
    before = plain[max(0, quantity.span.start - 8) : quantity.span.start]
    if not _GROWTH.search(before) or quantity.low is None or quantity.high is None:
        return quantity
    # From four times on, both ways of counting are in use.
    low = quantity.low + (1 if quantity.low < _LOOSE_GROWTH else 0)
    sign = "=" if low == quantity.high + 1 else "range"
    return replace(quantity, low=low, high=quantity.high + 1, comparator=sign)
