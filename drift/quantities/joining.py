"""Quantities beside each other: ranges (20到45岁) and ratios (11个里9个, one in five)."""

import re
from dataclasses import dataclass, replace
from fractions import Fraction

from drift.quantities.bounds import scaled
from drift.records import Quantity, Span


@dataclass(frozen=True, slots=True)
class Draft:
    """A quantity before its neighbours were looked at; a weak one needs them to stay."""

    quantity: Quantity
    weak: bool = False


_RANGE = re.compile(r" ?(?:到|至|-|~|——?|—|或者?|to|or|and|through) ?$")
_FROM = re.compile(r"(?:从|由|自|from|went|went up|up|down) ?$")
_BETWEEN = re.compile(r"\bbetween (?:about |roughly )?$")
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
    r"^[ -](?:out of|in every|in|of (?:the|our|its|their|his|her|these|those)|of)[ -]?(?:every |the |all )?-?$"
)


def join(plain: str, drafts: list[Draft]) -> list[Quantity]:
    """Join ranges, add ratios, and drop the weak drafts that found no partner."""
    out: list[Quantity] = []
    index = 0
    while index < len(drafts):
        draft = drafts[index]
        partner = drafts[index + 1] if index + 1 < len(drafts) else None
        joined = _range(plain, draft.quantity, partner.quantity) if partner else None
        if joined is not None:
            out.append(joined)
            index += 2
            continue
        if not draft.weak:
            out.append(draft.quantity)
        index += 1
    return sorted(out + _ratios(plain, out), key=lambda item: item.span)


def _range(plain: str, first: Quantity, second: Quantity) -> Quantity | None:
    """Join two ends of a range; "from 5 to 10" stays two amounts, for it may be a change."""
    between = plain[first.span.end : second.span.start]
    if len(between) > 9 or not _RANGE.search(between) or not _RANGE.fullmatch(between):
        return None
    before = plain[max(0, first.span.start - 16) : first.span.start]
    if _FROM.search(before) or (between.strip() == "and" and not _BETWEEN.search(before)):
        return None
    if first.low is None or second.high is None or first.comparator in {">", "<", "<="}:
        return None
    if first.unit is None and first.kind in {"count", "article"}:
        first = _lend(first, second)
    elif first.kind != second.kind or first.unit != second.unit:
        return None
    if first.low is None or second.high is None or first.low > second.high:
        return None
    span = Span(first.span.start, second.span.end)
    return Quantity(span, second.kind, first.low, second.high, second.unit, "range", span.of(plain))


def _lend(first: Quantity, second: Quantity) -> Quantity:
    """Give the first end of a range the unit, and where it lacks one the scale, of the second."""
    scale = _SCALE.search(second.text)
    if (
        scale
        and first.low is not None
        and second.high is not None
        and not _SCALE.search(first.text)
    ):
        size = Fraction(_SIZES.get(scale.group().strip(), 1))
        if first.low * size <= second.high:
            first = scaled(first, size)
    if second.kind == "percent":
        first = scaled(first, Fraction(1, 100) if "成" not in second.text else Fraction(1, 10))
    return replace(first, kind=second.kind, unit=second.unit)


def _ratios(plain: str, quantities: list[Quantity]) -> list[Quantity]:
    """Add the share that two counts name together; the counts themselves stay."""
    found = []
    for first, second in zip(quantities, quantities[1:], strict=False):
        if not (_is_count(first) and _is_count(second)):
            continue
        between = plain[first.span.end : second.span.start]
        if _IN_ZH.match(between):
            part, whole = second, first
        elif _OUT_EN.match(between):
            part, whole = first, second
        else:
            continue
        if part.low is not None and whole.low and part.low < whole.low:
            span = Span(first.span.start, second.span.end)
            share = part.low / whole.low
            found.append(Quantity(span, "ratio", share, share, None, "=", span.of(plain)))
    return found


def _is_count(quantity: Quantity) -> bool:
    return quantity.kind in {"count", "article"} and quantity.low == quantity.high is not None
