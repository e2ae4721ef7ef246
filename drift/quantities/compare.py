"""Compare a claim's quantity with the post's: same, rounded, weaker, unit, different or absent."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from drift.quantities.date_relations import is_feast, relate_dates, relate_times
from drift.quantities.lexicon import units
from drift.quantities.number_relations import LARGE, Relation, anchor, is_vague, relate_amounts
from drift.records import Quantity

_RANK = {"same": 0, "rounded": 1, "weaker": 2, "unit": 3, "different": 4}
_OPPOSITE = 0.5  # the same number with the opposite bound outranks a mere rounding
_GENERIC = frozenset({None, "item", "person", "household"})
_SHARES = frozenset({"percent", "fraction", "ratio"})
_NOUGHTS = frozenset({10, 100, 1000, 10000})
_AGES = Fraction(6, 5)  # a bare number this near to an age may be one
_COUNTED = 5  # a retweet may count up to here what the post only lists
_BY_BOUNDS = 2  # the basis of a relation that only bounds allow
_APART = 3  # counts further apart than this factor are hardly one count, corrupted


@dataclass(frozen=True, slots=True)
class Match:
    """How a claim's quantity relates to the post, with the nearest of the post's quantities.

    `confidence` says how far the relation itself may be trusted: units that were only guessed to be
    the same, and small counts, lower it.
    """

    relation: Relation
    post: Quantity | None
    confidence: float


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A relation to one quantity of the post, before the best is chosen."""

    relation: Relation
    confidence: float
    basis: int = 0  # 0 the same number, 1 a rounding, 2 bounds


def axis(quantity: Quantity) -> str:
    """Name the scale on which a quantity lies; only amounts on one scale can differ."""
    kind = quantity.kind
    if kind in _SHARES:
        return "share"
    if kind in {"count", "article"}:
        unit = units().by_key.get(quantity.unit or "")
        return f"measure:{unit.base}" if unit and unit.base else "count"
    return kind


def compare(claim: Quantity, post: Sequence[Quantity]) -> Match | None:
    """Find the post's best counterpart of a claim's quantity; None where nothing can be said.

    The best relation wins, then the nearest amount. Articles (一个), relative dates and parts of
    the day without a counterpart, and vague amounts (几个) are never called different or absent.
    """
    ranked = []
    for other in post:
        found = _relate(claim, other)
        if found is not None and not (_is_bad(found) and "article" in {claim.kind, other.kind}):
            rank = float(_RANK[found.relation])
            if found.relation == "different" and found.basis == 0:
                rank = _OPPOSITE
            match = Match(found.relation, other, found.confidence)
            ranked.append(((rank, found.basis, _distance(claim, other)), match))
    if not ranked:
        return Match("absent", None, 0.3) if _is_missed(claim) else None
    best = min(ranked, key=lambda row: row[0])[1]
    is_one_of = best.relation == "unit" and anchor(claim) == 1  # 一天, "a month"
    is_loose = best.relation in {"different", "unit"} and _is_loose(claim)
    return None if is_one_of or is_loose else best


def compare_all(
    claims: Sequence[Quantity], post: Sequence[Quantity]
) -> tuple[tuple[Quantity, Match], ...]:
    """Compare every quantity of a claim; the counts inside a ratio that holds are left alone."""
    rows = [(claim, compare(claim, post)) for claim in claims]
    held = [
        claim.span
        for claim, match in rows
        if claim.kind == "ratio" and match is not None and match.relation in {"same", "rounded"}
    ]
    out = []
    for claim, match in rows:
        if match is None:
            continue
        agrees = match.relation in {"same", "rounded"}
        inside = any(span != claim.span and span.covers(claim.span) for span in held)
        if agrees or not (inside or claim.kind == "ratio"):
            out.append((claim, match))
    return tuple(out)


def _is_bad(found: _Candidate) -> bool:
    return found.relation in {"different", "unit"}


def _is_loose(claim: Quantity) -> bool:
    """Tell amounts that are never held against the post: 几个, 大半."""
    if claim.kind == "article":
        return True
    if not is_vague(claim) or claim.low is None:
        return False
    return (claim.low < 3 and "几" in claim.text) or claim.kind == "fraction"


def _is_missed(claim: Quantity) -> bool:
    """Tell whether a quantity without counterpart is worth a word."""
    said = anchor(claim)
    is_time = claim.kind == "time" or claim.unit in {"season", "monthday"} or is_feast(claim)
    is_relative = (claim.unit or "").startswith("relative")
    is_half = claim.kind == "fraction" and said == Fraction(1, 2)  # also a figure of speech
    if is_time or is_relative or is_half or is_vague(claim) or _is_loose(claim):
        return False
    is_plain = claim.kind in {"count", "ordinal"} and claim.unit in _GENERIC
    return said != 1 and not (is_plain and said is not None and said <= _COUNTED)


def _relate(claim: Quantity, post: Quantity) -> _Candidate | None:
    if claim.kind == "time" or post.kind == "time":
        if claim.kind == post.kind:
            return _dated(relate_times(claim, post))
        # "1:04" may be a time of day or a minute and four seconds.
        is_one = claim.unit == "second" and post.kind == "time" and claim.low == post.low
        return _Candidate("same", 0.6) if is_one else None
    if claim.kind == post.kind == "date":
        return _dated(relate_dates(claim, post))
    if claim.kind == "date" or post.kind == "date":
        return _date_or_number(claim, post)
    if axis(claim) == axis(post):
        return _money(claim, post) if claim.kind == "money" else _on_one_axis(claim, post)
    return _across(claim, post)


def _dated(found: tuple[Relation, float] | None) -> _Candidate | None:
    return None if found is None else _Candidate(*found, basis=1)


def _date_or_number(claim: Quantity, post: Quantity) -> _Candidate | None:
    """Hold a year or a day against a bare number: only an agreement says something."""
    date, number = (claim, post) if claim.kind == "date" else (post, claim)
    if date.unit == "monthday" and number.kind in {"ordinal", "count"} and date.low == number.low:
        return _Candidate("same", 0.7)
    is_year = date.unit == "ymd" and date.low is not None and number.low == date.low // 10000
    return _Candidate("same", 0.6) if is_year and number.unit is None else None


def _base(quantity: Quantity) -> Quantity:
    """Express an amount in the base of its unit."""
    unit = units().by_key.get(quantity.unit or "")
    if unit is None or unit.base is None or quantity.kind in _SHARES:
        return quantity
    low = None if quantity.low is None else quantity.low * unit.size
    high = None if quantity.high is None else quantity.high * unit.size
    return replace(quantity, low=low, high=high, unit=unit.base)


def _on_one_axis(claim: Quantity, post: Quantity) -> _Candidate | None:
    one_unit = claim.unit == post.unit or claim.kind in _SHARES
    if axis(claim) == "count":
        return _counts(claim, post)
    relation, basis = relate_amounts(_base(claim), _base(post), converted=not one_unit)
    if relation != "different":
        return _Candidate(relation, 0.9, basis)
    if not one_unit and claim.low == post.low and claim.high == post.high:
        return _Candidate("unit", 0.8, 1)
    if claim.kind == "duration" and basis and not _is_corrupted(_base(claim), _base(post)):
        return None
    confidence = 0.8 if one_unit or basis == 0 else 0.6
    if claim.kind == "ordinal":
        confidence = 0.5
    return _Candidate(relation, confidence, basis)


def _counts(claim: Quantity, post: Quantity) -> _Candidate | None:
    """Compare counts of things that may or may not be the same things."""
    relation, basis = relate_amounts(claim, post)
    one_unit = claim.unit == post.unit and claim.unit not in _GENERIC
    generic = claim.unit in _GENERIC and post.unit in _GENERIC
    if relation != "different":
        return _Candidate(relation, 0.8 if generic or one_unit else 0.6, basis)
    if not (one_unit or generic or None in {claim.unit, post.unit}):
        return None
    if basis and not _is_corrupted(claim, post):
        return None
    sure = one_unit or basis == 0 or ratio(claim, post) in _NOUGHTS  # 4,000 -> 4万
    return _Candidate(relation, 0.8 if sure else 0.5, basis)


def _is_corrupted(claim: Quantity, post: Quantity) -> bool:
    """Tell whether one count may be the other one gone wrong: near it, or off by noughts."""
    factor = ratio(claim, post)
    return 0 < factor <= _APART or factor in _NOUGHTS


def ratio(claim: Quantity, post: Quantity) -> Fraction:
    """Divide the larger amount by the smaller; nought where one of them is nought."""
    claim, post = _base(claim), _base(post)
    one = claim.low if claim.low is not None else claim.high
    other = post.low if post.low is not None else post.high
    return max(one, other) / min(one, other) if one and other else Fraction(0)


def _money(claim: Quantity, post: Quantity) -> _Candidate | None:
    """Compare amounts of money; colloquial money and cents fit every currency."""
    one, other = _base(claim), _base(post)
    if "cent" in {one.unit, other.unit} and one.unit != other.unit:
        one, other = (_hundredth(item) for item in (one, other))
    if (
        one.unit == other.unit
        or None in {one.unit, other.unit}
        or "money" in {one.unit, other.unit}
    ):
        relation, basis = relate_amounts(one, other)
        return _Candidate(relation, 0.8, basis)
    relation, _ = relate_amounts(claim, post)
    if relation in {"same", "rounded", "weaker"}:
        # 元 is often left to stand for the currency of the post.
        return _Candidate("unit", 0.5 if claim.unit == "cny" else 0.8, 1)
    return _Candidate("different", 0.4, 2)


def _hundredth(quantity: Quantity) -> Quantity:
    if quantity.unit != "cent":
        return quantity
    low = None if quantity.low is None else quantity.low / 100
    high = None if quantity.high is None else quantity.high / 100
    return replace(quantity, low=low, high=high, unit=None)


def _across(claim: Quantity, post: Quantity) -> _Candidate | None:
    """Compare amounts on different scales: for the most part, only an agreement says something."""
    kinds = {claim.kind, post.kind}
    if "times" in kinds and kinds & _SHARES:
        return _rise(claim, post)
    if post.kind == "times" and claim.unit == "time":
        relation, basis = relate_amounts(claim, post)
        return _Candidate(relation, 0.6, basis)
    if claim.kind == "age" and post.kind == "count" and post.unit is None:
        relation, basis = relate_amounts(claim, post)
        is_near = relation != "different" or (basis > 0 and ratio(claim, post) <= _AGES)
        return _Candidate(relation, 0.4, basis) if is_near else None
    if not _may_agree(claim, post):
        return None
    relation, basis = relate_amounts(_spoken(claim), _spoken(post))
    agrees = relation in {"same", "rounded"} and basis < _BY_BOUNDS
    end_of_range = relation == "weaker" and basis == 0 and post.comparator == "range"
    # A large amount without its unit, as in 估值四亿多, is still that amount.
    is_large = _is_bare(claim) and (claim.low or 0) >= LARGE and relation != "different"
    return _Candidate(relation, 0.5, basis) if agrees or end_of_range or is_large else None


def _is_bare(quantity: Quantity) -> bool:
    return quantity.kind == "count" and quantity.unit is None


def _may_agree(claim: Quantity, post: Quantity) -> bool:
    """Tell whether one of two amounts names no unit, so that it may mean the other's."""
    if "ordinal" in {claim.kind, post.kind}:
        ordinal = claim if claim.kind == "ordinal" else post
        return claim.kind == "ordinal" or (ordinal.low or 0) > 10
    bare = [
        item for item in (claim, post) if item.unit is None and item.kind in {"count", "article"}
    ]
    return bool(bare)


def _spoken(quantity: Quantity) -> Quantity:
    """Give an amount as the number that was said: 5 % is five."""
    if quantity.kind != "percent":
        return quantity
    low = None if quantity.low is None else quantity.low * 100
    high = None if quantity.high is None else quantity.high * 100
    return replace(quantity, low=low, high=high, kind="count")


def _rise(claim: Quantity, post: Quantity) -> _Candidate | None:
    """Hold doubled against a rise of 100 %: a factor is one more than the rise."""
    factor, share = (claim, post) if claim.kind == "times" else (post, claim)
    if factor.low is None or share.low is None:
        return None
    gap = abs(factor.low - 1 - share.low)
    if gap >= Fraction(1, 10):
        return None
    return _Candidate("same" if gap < Fraction(1, 50) else "rounded", 0.7, 1)


def _distance(claim: Quantity, post: Quantity) -> float:
    """Measure how far two amounts are from each other, on a logarithmic scale."""
    one, other = (_base(item) for item in (claim, post))
    first = float(one.low if one.low is not None else one.high or 0)
    second = float(other.low if other.low is not None else other.high or 0)
    away = 0.0 if claim.unit == post.unit else 0.5
    if first <= 0 or second <= 0:
        return abs(first - second) + away
    return abs(math.log(first / second)) + away
