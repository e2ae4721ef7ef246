"""Quantities of a Chinese text: numerals with what stands before and behind them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from drift.quantities.bounds import Numeral, bound, scaled, stretch
from drift.quantities.chinese_calendar import calendar_quantities
from drift.quantities.chinese_numerals import RUN, read, scan
from drift.quantities.joining import Draft, join
from drift.quantities.lexicon import Unit, comparators, fold, longest, masks, numerals, units
from drift.records import Quantity, Span

_ASCII = re.compile(r"[a-z0-9_]")
_NOT_TENTHS = frozenset("为员功立长本果了绩都型分交")  # 成 before these is a verb or part of a word
_NOT_DISCOUNT = frozenset("腾磨叠扣射算现旧返断")
_GROWTH = re.compile(
    r"(?:增加|增长|多|高|涨|提高|上升|提升|贵|激增|暴增|大|快)(?:了|出|出了)?(?:整整)?$"
)
_FORERUNNER = re.compile(r"[有了达是为在共涨增升降跌至到]$")
_LONGEST_UNIT = 6
_HALVED = frozenset({"duration", "times", "age"})
_EMPHASIS = frozenset("只仅唯就才共")


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
    drafts: list[Draft] = []
    for match in masks("zh").finditer(plain):
        _block(blocked, match.start(), match.end())
    for quantity in calendar_quantities(plain, blocked):
        drafts.append(Draft(quantity))
        _block(blocked, quantity.span.start, quantity.span.end)
    for draft in _expressions(plain, blocked):
        drafts.append(draft)
        _block(blocked, draft.quantity.span.start, draft.quantity.span.end)
    end = 0
    for numeral in scan(plain):
        if numeral.start < end or blocked[numeral.start]:
            continue
        found = _share(plain, numeral) or _measure(plain, numeral)
        if found is not None:
            drafts.append(found)
            end = found.quantity.span.end
    drafts.sort(key=lambda draft: draft.quantity.span)
    joined = join(plain, drafts)
    return tuple(replace(item, text=item.span.of(text)) for item in joined)


def _block(blocked: bytearray, start: int, end: int) -> None:
    blocked[start:end] = b"\x01" * (end - start)


def _patterns() -> list[tuple[re.Pattern[str], str, Fraction, Fraction]]:
    rows = numerals()["zh"]["expressions"]["entries"]
    return [(re.compile(p), kind, Fraction(low), Fraction(high)) for p, kind, low, high in rows]


def _expressions(plain: str, blocked: bytearray) -> Iterator[Draft]:
    """Find fixed words that are a quantity, such as 翻番 and 减半."""
    for pattern, kind, low, high in _patterns():
        for match in pattern.finditer(plain):
            if blocked[match.start()]:
                continue
            comparator = "=" if low == high else "range"
            span = Span(match.start(), match.end())
            quantity = Quantity(span, kind, low, high, None, comparator, match.group())
            yield Draft(_compared(plain, quantity, Numeral(*span_of(span), low, high)))


def span_of(span: Span) -> tuple[int, int]:
    """Give a span as a pair."""
    return span.start, span.end


def _share(plain: str, numeral: Numeral) -> Draft | None:
    """Read 三分之一, 百分之五, 两成半 and 八折; None where the numeral is none of them."""
    if plain.startswith("分之", numeral.end):
        return _fraction(plain, numeral)
    sign = plain[numeral.end : numeral.end + 1]
    following = plain[numeral.end + 1 : numeral.end + 2]
    if sign == "成" and following not in _NOT_TENTHS and 0 < numeral.high <= 10:
        return _tenths(plain, numeral)
    if sign == "折" and following not in _NOT_DISCOUNT and 0 < numeral.high < 100:
        base = 10 if numeral.high <= 10 else 100
        low, high = 1 - numeral.high / base, 1 - numeral.low / base
        quantity = _amount(plain, numeral, numeral.end + 1, "percent")
        return Draft(replace(quantity, low=low, high=high))
    return None


def _fraction(plain: str, whole: Numeral) -> Draft | None:
    match = RUN.match(plain, whole.end + 2)
    part = read(match.group(), match.start()) if match else None
    if part is None or not whole.low:
        return None
    kind = "percent" if whole.low in {100, 1000, 10000} else "fraction"
    numeral = replace(
        part, start=whole.start, low=part.low / whole.low, high=part.high / whole.low, weak=False,
        step=part.step / whole.low,
    )  # fmt: skip
    end, odd = _odd(plain, part.end)
    if odd:
        numeral = replace(numeral, sense="odd")
    return Draft(_compared(plain, _amount(plain, numeral, end, kind), numeral))


def _tenths(plain: str, numeral: Numeral) -> Draft:
    end = numeral.end + 1
    more = Fraction(0)
    if plain[end : end + 1] == "半":
        more, end = Fraction(1, 2), end + 1
    else:
        match = RUN.match(plain, end)
        digit = read(match.group(), end) if match and len(match.group()) == 1 else None
        if digit is not None and digit.high < 10 and numeral.low == numeral.high:
            more, end = digit.low / 10, end + 1
    low, high = (numeral.low + more) / 10, (numeral.high + more) / 10
    end, odd = _odd(plain, end)
    sense = "odd" if odd else numeral.sense
    numeral = replace(numeral, low=low, high=high, sense=sense, step=Fraction(1, 10), weak=False)
    return Draft(_compared(plain, _amount(plain, numeral, end, "percent"), numeral))


def _amount(plain: str, numeral: Numeral, end: int, kind: str, unit: str | None = None) -> Quantity:
    sign = "=" if numeral.low == numeral.high else "range"
    span = Span(numeral.start, end)
    return Quantity(span, kind, numeral.low, numeral.high, unit, sign, span.of(plain))


def _odd(plain: str, end: int) -> tuple[int, bool]:
    """Step over 多 or 余 right behind a number."""
    odd = plain[end : end + 1] in {"多", "余"} and plain[end : end + 2] not in {
        "多数",
        "多于",
        "余下",
        "余额",
    }
    return (end + 1, True) if odd else (end, False)


def _measure(plain: str, numeral: Numeral) -> Draft | None:
    """Give a numeral its unit, comparators and kind."""
    if _is_name(plain, numeral):
        return None
    if plain[numeral.end : numeral.end + 1] in {"k", "w"}:
        factor = Fraction(1000 if plain[numeral.end] == "k" else 10000)
        low, high = numeral.low * factor, numeral.high * factor
        numeral = replace(
            numeral, end=numeral.end + 1, low=low, high=high, step=numeral.step * factor
        )
    sense = numeral.sense
    end, odd = _odd(plain, numeral.end)
    if plain[end : end + 1] in {"来", "几"} and numeral.low >= 10:
        end, sense = end + 1, "odd" if plain[end] == "几" else "about"
    sense = "odd" if odd else sense
    measured = _unit(plain, end)
    if measured.odd:
        sense = "odd"
    weak = numeral.weak and measured.unit is None and not sense
    numeral = replace(numeral, sense=sense, weak=weak)
    quantity = _dressed(plain, numeral, measured)
    return Draft(quantity, weak=weak and quantity.comparator in {"=", "range"})


def _dressed(plain: str, numeral: Numeral, measured: _Measured) -> Quantity:
    unit, end = measured.unit, max(measured.end, numeral.end)
    kind, key = (unit.kind, unit.key) if unit else ("count", None)
    if measured.half:
        numeral = replace(
            numeral, low=numeral.low + Fraction(1, 2), high=numeral.high + Fraction(1, 2)
        )
    if unit and unit.kind in {"percent"}:
        numeral = replace(
            numeral,
            low=numeral.low * unit.size,
            high=numeral.high * unit.size,
            step=numeral.step * unit.size,
        )
    if plain[numeral.start - 1 : numeral.start] == "第":
        return _amount(plain, replace(numeral, start=numeral.start - 1), end, "ordinal")
    quantity = _currency(plain, _amount(plain, numeral, end, kind, key))
    if kind == "times":
        quantity = _growth(plain, quantity)
    quantity = _compared(plain, quantity, numeral)
    is_article = (
        numeral.low == numeral.high == 1
        and plain[numeral.start] == "一"
        and key in {"item", "person", "time"}
    )
    if (
        is_article
        and not measured.half
        and plain[numeral.start - 1 : numeral.start] not in _EMPHASIS
    ):
        return replace(quantity, kind="article")
    return quantity


def _is_name(plain: str, numeral: Numeral) -> bool:
    """Tell a number inside a name or a version (GPT-6, 5G, v1.2.3) from an amount."""
    start, end = numeral.start, numeral.end
    if not plain[start].isdigit() or not plain[start].isascii():
        return False
    before = plain[max(0, start - 2) : start]
    if before and _ASCII.match(before[-1]) and not before.endswith("rmb"):
        return True
    if len(before) == 2 and before[1] in "-./@#" and _ASCII.match(before[0]):
        return not (before[0].isdigit() and before[1] in "-/")
    if before[-1:] in {"@", "#", "."}:
        return True
    rest = plain[end : end + 3]
    if rest[:1] == "." and rest[1:2].isdigit():
        return True
    letter = rest[:1].isascii() and rest[:1].isalpha()
    return (
        letter
        and not (rest[:1] in {"k", "w"} and not rest[1:2].isascii())
        and _unit(plain, end).unit is None
    )


def _unit(plain: str, end: int) -> _Measured:
    """Find the longest unit at a place; 个半月 and 个多小时 carry 半 and 多 in their middle."""
    table = units().zh
    if plain[end : end + 1] == " ":
        end += 1
    inner = plain[end + 1 : end + 2]
    if plain[end : end + 1] == "个" and inner in {"半", "多"} and inner:
        for size in range(_LONGEST_UNIT, 0, -1):
            rest = plain[end + 2 : end + 1 + size]
            unit = table.get("个" + rest)
            if unit is not None and rest:
                return _Measured(unit, end + 2 + len(rest), inner == "半", inner == "多")
        return _Measured(table["个"], end + 2, inner == "半", inner == "多")
    for size in range(_LONGEST_UNIT, 0, -1):
        unit = table.get(plain[end : end + size])
        if unit is not None and size <= len(plain) - end:
            return _tail(plain, _Measured(unit, end + size))
    return _Measured(None, end)


def _tail(plain: str, measured: _Measured) -> _Measured:
    """Read 半 and 多 behind a unit that can be halved: 三年半, 两倍多."""
    unit, end = measured.unit, measured.end
    if unit is None or not (unit.kind in _HALVED or unit.base):
        return measured
    following = plain[end : end + 1]
    if following == "半" and plain[end + 1 : end + 2] not in {"数", "径", "价"}:
        return replace(measured, end=end + 1, half=True)
    if following == "多" and plain[end + 1 : end + 2] not in {
        "数",
        "次",
        "个",
        "名",
        "位",
        "家",
        "人",
    }:
        return replace(measured, end=end + 1, odd=True)
    return measured


def _currency(plain: str, quantity: Quantity) -> Quantity:
    """Read a currency sign in front of the number."""
    signs = numerals()["en"]["words"]["currencies"]
    start = quantity.span.start
    for size in (4, 3, 2, 1):
        sign = plain[max(0, start - size) : start]
        if len(sign) == size and sign in signs:
            widened = stretch(quantity, start - size, quantity.span.end, plain)
            return replace(widened, kind="money", unit=signs[sign])
    return quantity


def _growth(plain: str, quantity: Quantity) -> Quantity:
    """Count 增加了两倍 as three times: the rise comes on top of what was there."""
    before = plain[max(0, quantity.span.start - 8) : quantity.span.start]
    if not _GROWTH.search(before) or quantity.low is None or quantity.high is None:
        return quantity
    return replace(quantity, low=quantity.low + 1, high=quantity.high + 1)


def _compared(plain: str, quantity: Quantity, numeral: Numeral) -> Quantity:
    """Apply the comparators behind and before a quantity."""
    sense, start, end = numeral.sense, quantity.span.start, quantity.span.end
    after = comparators("zh", "after")
    for size in range(min(longest("zh", "after"), len(plain) - end), 0, -1):
        found = after.get(plain[end : end + size])
        if found is not None:
            sense, end = sense or found, end + size
            break
    before = comparators("zh", "before")
    for gap in (0, 1):
        if gap and not _FORERUNNER.search(plain[max(0, start - 1) : start]):
            break
        limit = start - gap
        for size in range(min(longest("zh", "before"), limit), 0, -1):
            found = before.get(plain[limit - size : limit])
            if found is not None:
                return bound(stretch(quantity, limit - size, end, plain), found, numeral.step)
    return bound(stretch(quantity, start, end, plain), sense, numeral.step)


__all__ = ["chinese", "scaled"]
