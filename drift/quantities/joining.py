"""Quantities beside each other: ranges (20到45岁) and ratios (11个里9个, one in five)."""

import re
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise

from drift.quantities.bounds import scaled
from drift.quantities.lexicon import units
from drift.records import Quantity, Span


@dataclass(frozen=True, slots=True)
class Draft:
    """A quantity before its neighbours were looked at; a weak one needs them to stay."""

    quantity: Quantity
    weak: bool = False


_RANGE = re.compile(r" ?(?:到|至|-|~|——?|—|或者?|to|or|and|through) ?$")
_FROM = re.compile(r"(?:从|由|自|from|went|went up|up|down) ?$")
_BETWEEN = re.compile(r"\bbetween (?:about |roughly )?$")
_PLUS = re.compile(r" ?(?:零|又|and)? ?")
_STEPS = {("year", "month"), ("hour", "minute"), ("minute", "second")}
_LENDERS = frozenset({"count", "percent", "money", "duration", "age", "point", "times"})
_DASHES = frozenset("-~—到至")
_LINK = 9  # the longest connector
_SCALE = re.compile(r"(?:[十百千]?[万亿]|[百千]| ?(?:thousand|million|billion|trillion|bn|k)\b)")
_SIZES = {
    "百": 100, "千": 1000, "万": 10**4, "十万": 10**5, "百万": 10**6, "千万": 10**7, "亿": 10**8,
    "十亿": 10**9, "百亿": 10**10, "千亿": 10**11, "thousand": 1000, "k": 1000, "million": 10**6,
    "billion": 10**9, "bn": 10**9, "trillion": 10**12, "十千": 10**4,
}  # fmt: skip
_IN_ZH = re.compile(
    r"^[^,。;!?、，；！？]{0,6}?(?:里|中|之中|里面|当中|中间|就|, ?有)[^,。;!?，；！？]{0,3}$"
)
_OUT_EN = re.compile(
    r"^(?:/$|[ -](?:(?:chances?|times|cases) )?"
    r"(?:out of|in every|in|of (?:the|our|its|their|his|her|these|those)|of)"
    r"[ -]?(?:every |the |all )?-?$)"
)


def join(plain: str, drafts: list[Draft]) -> list[Quantity]:
    """Join ranges, add ratios, and drop the weak drafts that found no partner."""
    out: list[Quantity] = []
    index = 0
    while index < len(drafts):
        draft, index = drafts[index], index + 1
        partner = drafts[index] if index < len(drafts) else None
        if partner and _shares_currency(plain, draft.quantity, partner.quantity):
            money = replace(partner.quantity, kind="money", unit=draft.quantity.unit)
            partner = drafts[index] = Draft(money)
        quantity = _lend(plain, draft.quantity, partner.quantity) if partner else draft.quantity
        joined = _range(plain, quantity, partner.quantity) if partner else None
        joined = joined or (_sum(plain, quantity, partner.quantity) if partner else None)
        if joined is not None:
            out.append(joined)
            index += 1
        elif not draft.weak or quantity is not draft.quantity:
            out.append(quantity)
    return sorted(out + _ratios(plain, out), key=lambda item: item.span)


def _shares_currency(plain: str, first: Quantity, second: Quantity) -> bool:
    """Tell "$2.4-2.6 billion", where the sign stands for both ends, from two amounts."""
    between = plain[first.span.end : second.span.start]
    is_bare = second.unit is None and second.kind == "count"
    return first.kind == "money" and is_bare and len(between) <= 1 and between in _DASHES


def _range(plain: str, first: Quantity, second: Quantity) -> Quantity | None:
    """Join two ends of a range; "from 5 to 10" stays two amounts, for it may be a change."""
    between = plain[first.span.end : second.span.start]
    if len(between) > _LINK or not _RANGE.fullmatch(between):
        return None
    before = plain[max(0, first.span.start - 16) : first.span.start]
    if _FROM.search(before) or (between.strip() == "and" and not _BETWEEN.search(before)):
        return None
    if (
        first.kind != second.kind
        or first.unit != second.unit
        or first.comparator in {">", "<", "<="}
    ):
        return None
    if first.low is None or second.high is None or first.low > second.high:
        return None
    if first.kind == "time" or (first.kind == "date" and first.unit != "ymd"):
        return None
    span = Span(first.span.start, second.span.end)
    return Quantity(span, second.kind, first.low, second.high, second.unit, "range", span.of(plain))


def _sum(plain: str, first: Quantity, second: Quantity) -> Quantity | None:
    """Add up "one hour 20 minutes" and 一年零三个月."""
    if (
        first.kind != "duration"
        or second.kind != "duration"
        or first.low is None
        or second.low is None
    ):
        return None
    between = plain[first.span.end : second.span.start]
    one, other = (units().by_key.get(item.unit or "") for item in (first, second))
    if one is None or other is None or not _PLUS.fullmatch(between):
        return None
    if (one.key, other.key) not in _STEPS:  # 一天八小时 is eight hours a day
        return None
    if first.low != first.high or second.low != second.high or second.low * other.size >= one.size:
        return None
    total = first.low + second.low * other.size / one.size
    span = Span(first.span.start, second.span.end)
    return Quantity(span, "duration", total, total, first.unit, "=", span.of(plain))


def _lend(plain: str, first: Quantity, second: Quantity) -> Quantity:
    """Give the first of two linked amounts the unit and the scale that only the second says.

    "5 to 10 million", "9 and 17 percent", "from 8.1 to 13.6 billion", "$2.4-2.6 billion".
    """
    between = plain[first.span.end : second.span.start]
    if len(between) > _LINK or not _RANGE.fullmatch(between) or first.low is None:
        return first
    is_bare = first.unit is None and first.kind in {"count", "article"}
    if is_bare and second.kind in _LENDERS:
        first = _lend_scale(first, second)
        if second.kind == "percent":
            first = scaled(first, Fraction(1, 10 if "成" in second.text else 100))
        return replace(first, kind=second.kind, unit=second.unit)
    one_sort = (first.kind, first.unit) == (second.kind, second.unit)
    if one_sort:
        return _lend_scale(first, second)
    return first


def _lend_scale(first: Quantity, second: Quantity) -> Quantity:
    """Multiply the first amount by the scale of the second, where it says none itself."""
    scale = _SCALE.search(second.text)
    top = second.high if second.high is not None else second.low
    if scale is None or top is None or first.high is None or _SCALE.search(first.text):
        return first
    size = Fraction(_SIZES.get(scale.group().strip(), 1))
    return scaled(first, size) if first.high * size <= top * 2 else first


def _ratios(plain: str, quantities: list[Quantity]) -> list[Quantity]:
    """Add the share that two counts name together; the counts themselves stay."""
    found = []
    for first, second in pairwise(quantities):
        if first.kind not in {"count", "article"} or not _is_count(second):
            continue
        between = plain[first.span.end : second.span.start]
        if _IN_ZH.match(between) and _is_count(first):
            part, whole = second, first
        elif _OUT_EN.match(between):
            part, whole = first, second
        else:
            continue
        size = whole.low or Fraction(0)
        if size > 0 and max(part.low or 0, part.high or 0) < size:
            shared = scaled(part, 1 / size)
            span = Span(first.span.start, second.span.end)
            found.append(replace(shared, span=span, kind="ratio", unit=None, text=span.of(plain)))
    return found


def _is_count(quantity: Quantity) -> bool:
    exact = quantity.low is not None and quantity.low == quantity.high
    return exact and quantity.kind in {"count", "article"}
