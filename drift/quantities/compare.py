"""Compare a claim's quantity with those of the post: same, rounded, weaker, unit, different, absent."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

from drift.quantities.date_relations import relate_dates, relate_times
from drift.quantities.lexicon import units
from drift.quantities.number_relations import relate_amounts
from drift.records import Quantity

Relation = Literal["same", "rounded", "weaker", "unit", "different", "absent"]

_RANK = {"same": 0, "rounded": 1, "weaker": 2, "unit": 3, "different": 4}
_GENERIC = frozenset({None, "item", "person", "household"})
_SHARES = frozenset({"percent", "fraction", "ratio"})


@dataclass(frozen=True, slots=True)
class Match:
    """How a claim's quantity relates to the post, with the nearest of the post's quantities.

    `confidence` says how far the relation itself may be trusted: units that were only guessed to be
    the same, and small counts, lower it.
    """

    relation: Relation
    post: Quantity | None
    confidence: float


def axis(quantity: Quantity) -> str:
    """Name the scale on which a quantity lies; only amounts on one scale can differ."""
    kind = quantity.kind
    if kind in _SHARES:
        return "share"
    if kind in {"count", "article"}:
        unit = units().by_key.get(quantity.unit or "")
        return f"measure:{unit.base}" if unit and unit.base else "count"
    if kind == "date" and (quantity.unit or "").startswith("relative"):
        return f"date:{quantity.unit}"
    return kind


def compare(claim: Quantity, post: Sequence[Quantity]) -> Match | None:
    """Find the post's best counterpart of a claim's quantity; None where nothing can be said.

    The best relation wins, then the nearest amount. Articles (一个), relative dates and parts of the
    day without a counterpart, and vague amounts (几个) are never called absent.
    """
    ranked = []
    for other in post:
        found = _relate(claim, other)
        if found is not None:
            relation, confidence = found
            ranked.append(
                (
                    _RANK[relation],
                    -confidence,
                    _distance(claim, other),
                    Match(relation, other, confidence),
                )
            )
    if ranked:
        best = min(ranked, key=lambda row: row[:3])[3]
        if claim.kind == "article" and best.relation not in {"same", "rounded"}:
            return None
        return best
    return Match("absent", None, 0.4) if _is_missed(claim) else None


def compare_all(
    claims: Sequence[Quantity], post: Sequence[Quantity]
) -> tuple[tuple[Quantity, Match], ...]:
    """Compare every quantity of a claim; the counts inside a ratio that holds are not held apart."""
    rows = [(claim, compare(claim, post)) for claim in claims]
    held = [
        claim.span
        for claim, match in rows
        if claim.kind == "ratio" and match is not None and match.relation in {"same", "rounded"}
    ]
    out = []
    for claim, match in rows:
        inside = claim.kind != "ratio" and any(span.covers(claim.span) for span in held)
        whole = (
            claim.kind == "ratio"
            and match is not None
            and match.relation not in {"same", "rounded"}
        )
        if match is None or inside or (whole and _parts_hold(claim, rows)):
            continue
        out.append((claim, match))
    return tuple(out)


def _parts_hold(ratio: Quantity, rows: Sequence[tuple[Quantity, Match | None]]) -> bool:
    """Tell whether both counts of a ratio were found in the post one by one, or judge it alone."""
    parts = [
        match for claim, match in rows if claim.kind != "ratio" and ratio.span.covers(claim.span)
    ]
    return bool(parts)


def _is_missed(claim: Quantity) -> bool:
    """Tell whether a quantity without counterpart is worth a word."""
    if claim.kind in {"article", "time"} or (
        claim.kind == "date" and (claim.unit or "") in {"season"}
    ):
        return False
    if (claim.unit or "").startswith("relative") or claim.unit == "daypart":
        return False
    is_vague = claim.comparator == "range" and claim.low is not None and claim.low < 10
    return not is_vague and claim.low != 1


def _relate(claim: Quantity, post: Quantity) -> tuple[Relation, float] | None:
    if claim.kind == "time" or post.kind == "time":
        return relate_times(claim, post) if claim.kind == post.kind else None
    if claim.kind == "date" or post.kind == "date":
        return _date_or_number(claim, post)
    if axis(claim) == axis(post):
        return _on_one_axis(claim, post)
    return _across(claim, post)


def _date_or_number(claim: Quantity, post: Quantity) -> tuple[Relation, float] | None:
    if claim.kind == post.kind == "date":
        return relate_dates(claim, post)
    date, number = (claim, post) if claim.kind == "date" else (post, claim)
    if date.unit == "monthday" and number.kind in {"ordinal", "count"} and date.low == number.low:
        return "same", 0.7
    is_year = date.unit == "ymd" and date.low is not None and number.low == date.low // 10000
    return ("same", 0.6) if is_year and number.unit is None else None


def _base(quantity: Quantity) -> Quantity:
    """Express an amount in the base of its unit."""
    unit = units().by_key.get(quantity.unit or "")
    if unit is None or unit.base is None or quantity.kind in _SHARES:
        return quantity
    low = None if quantity.low is None else quantity.low * unit.size
    high = None if quantity.high is None else quantity.high * unit.size
    return replace(quantity, low=low, high=high, unit=unit.base)


def _on_one_axis(claim: Quantity, post: Quantity) -> tuple[Relation, float] | None:
    if claim.kind == "money":
        return _money(claim, post)
    one_unit = claim.unit == post.unit or claim.kind in _SHARES
    if axis(claim) == "count" and not one_unit:
        return _counts(claim, post)
    relation = relate_amounts(_base(claim), _base(post), converted=not one_unit)
    if relation != "different":
        return relation, 0.9
    if not one_unit and claim.low == post.low and claim.high == post.high:
        return "unit", 0.8
    return "different", 0.8 if one_unit else 0.6


def _counts(claim: Quantity, post: Quantity) -> tuple[Relation, float] | None:
    """Compare counts of things that may or may not be the same things."""
    relation = relate_amounts(claim, post, converted=False)
    generic = claim.unit in _GENERIC and post.unit in _GENERIC
    if relation == "different":
        return (relation, 0.5) if generic or None in {claim.unit, post.unit} else None
    return relation, 0.8 if generic else 0.6


def _money(claim: Quantity, post: Quantity) -> tuple[Relation, float] | None:
    one, other = _base(claim), _base(post)
    if (
        one.unit == other.unit
        or "money" in {one.unit, other.unit}
        or {"cny", "usd"} == {one.unit, other.unit}
        and claim.text.endswith("元")
        and False
    ):
        relation = relate_amounts(one, other, converted=False)
        return relation, 0.8
    relation = relate_amounts(replace(claim, unit=None), replace(post, unit=None), converted=False)
    if relation in {"same", "rounded", "weaker"}:
        return "unit", 0.8
    return "different", 0.4


def _across(claim: Quantity, post: Quantity) -> tuple[Relation, float] | None:
    """Compare amounts on different scales: only an agreement says something."""
    kinds = {claim.kind, post.kind}
    if kinds & {"times"} and kinds & _SHARES:
        return _rise(claim, post)
    if post.kind == "times" and claim.unit == "time":
        return relate_amounts(claim, replace(post, unit="time", kind="count"), converted=False), 0.6
    if claim.kind == "age" and post.kind == "count" and post.unit is None:
        return relate_amounts(claim, post, converted=False), 0.4
    relation = relate_amounts(_spoken(claim), _spoken(post), converted=False)
    is_loose = claim.unit in _GENERIC or post.unit in _GENERIC or claim.kind in {"ordinal", "age"}
    return ("same", 0.5) if relation == "same" and is_loose else None


def _spoken(quantity: Quantity) -> Quantity:
    """Give an amount as the number that was said: 5 % is five."""
    if quantity.kind != "percent":
        return quantity
    low = None if quantity.low is None else quantity.low * 100
    high = None if quantity.high is None else quantity.high * 100
    return replace(quantity, low=low, high=high)


def _rise(claim: Quantity, post: Quantity) -> tuple[Relation, float] | None:
    """Hold doubled against a rise of 100 %: a factor is one more than the rise."""
    factor, share = (claim, post) if claim.kind == "times" else (post, claim)
    if factor.low is None or share.low is None:
        return None
    gap = abs(factor.low - 1 - share.low)
    return ("same" if gap < Fraction(1, 50) else "rounded", 0.7) if gap < Fraction(1, 10) else None


def _distance(claim: Quantity, post: Quantity) -> float:
    """Measure how far two amounts are from each other, on a logarithmic scale."""
    one, other = (_base(item) for item in (claim, post))
    first = float(one.low if one.low is not None else one.high or 0)
    second = float(other.low if other.low is not None else other.high or 0)
    away = 0.0 if claim.unit == post.unit else 0.5
    if first <= 0 or second <= 0:
        return abs(first - second) + away
    return abs(math.log(first / second)) + away
