"""How two amounts on one scale relate, bounds and comparators included."""

from fractions import Fraction
from typing import Literal

from drift.quantities.bounds import step_of
from drift.records import Quantity

Relation = Literal["same", "rounded", "weaker", "unit", "different", "absent"]

# Set on the faithful training cases; a wider tolerance hides findings, a narrower one invents them.
ROUNDED = Fraction(1, 40)  # of a large number said with fewer digits
ABOUT = Fraction(1, 10)  # of a number said with "about"
CONVERTED = Fraction(1, 10)  # between units, such as weeks and months
SHARE = Fraction(1, 100)  # between a fraction and a percentage
LARGE = 1000


def _anchor(quantity: Quantity) -> Fraction | None:
    """Give the number that was said; a range says two."""
    if quantity.comparator == "range":
        return None
    if quantity.comparator in {"<", "<="}:
        return quantity.high
    return quantity.low


def _side(quantity: Quantity) -> str:
    """Sort a comparator: exact, about, near (a little below), odd (a little above), up, down."""
    sign = quantity.comparator
    if sign in {"=", "~"}:
        return {"=": "exact", "~": "about"}[sign]
    if sign in {"<", "<="}:
        return "near" if quantity.low is not None else "down"
    return "odd" if quantity.high is not None else "up"


_SAME_SIDE = {frozenset({"up", "odd"}), frozenset({"near", "down"})}
_CLOSE = {
    frozenset(pair)
    for pair in (("exact", "about"), ("exact", "near"), ("about", "near"), ("about", "odd"))
}
_OPPOSITE = {frozenset({high, low}) for high in ("up", "odd") for low in ("near", "down")}


def _sides(claim: Quantity, post: Quantity) -> Relation:
    """Relate two quantities that say the same number, by their comparators."""
    pair = frozenset({_side(claim), _side(post)})
    if len(pair) == 1 or pair in _SAME_SIDE:
        return "same"
    if pair in _OPPOSITE:
        return "different"
    return "rounded" if pair in _CLOSE else "weaker"


def relate_amounts(claim: Quantity, post: Quantity, *, converted: bool) -> Relation:
    """Relate two amounts that are in the same base; `converted` says that their units differed."""
    one, other = _anchor(claim), _anchor(post)
    if one is None or other is None:
        return _ranges(claim, post)
    if one == other:
        return _sides(claim, post)
    if _is_rounding(claim, post, converted):
        relation = _sides(claim, post)
        return "rounded" if relation == "same" else relation
    return _by_bounds(claim, post, one, other)


def _is_rounding(claim: Quantity, post: Quantity, converted: bool) -> bool:
    one, other = _anchor(claim), _anchor(post)
    if one is None or not other:
        return False
    gap = abs(one - other)
    if claim.kind in {"percent", "fraction", "ratio"}:
        mixed = claim.kind != post.kind or "about" in {_side(claim), _side(post)}
        return gap <= (SHARE if mixed else 0) or (
            _fewer_digits(one, other) and gap < Fraction(1, 200)
        )
    away = gap / abs(other)
    if converted and away <= CONVERTED:
        return True
    if _side(claim) == "about" and away <= ABOUT:
        return True
    return away <= ROUNDED and abs(other) >= LARGE and _fewer_digits(one, other)


def _fewer_digits(one: Fraction, other: Fraction) -> bool:
    return step_of(one) > step_of(other) or one.denominator < other.denominator


def _by_bounds(claim: Quantity, post: Quantity, one: Fraction, other: Fraction) -> Relation:
    """Relate two different numbers by what their comparators leave open."""
    claimed, posted = _side(claim), _side(post)
    if claimed in {"near", "odd"} and _inside(other, claim):
        return "rounded" if posted in {"exact", "about", claimed} else "weaker"
    if claimed == "up" and posted in {"exact", "about", "up", "odd"} and other >= one:
        return "rounded" if other <= one * Fraction(5, 4) else "weaker"
    if claimed == "down" and posted in {"exact", "about", "down", "near"} and other <= one:
        return "rounded" if other * Fraction(5, 4) >= one else "weaker"
    if posted in {"near", "odd"} and claimed in {"exact", "about"} and _inside(one, post):
        return "weaker"
    return "different"


def _inside(value: Fraction, quantity: Quantity) -> bool:
    low, high = quantity.low, quantity.high
    return (low is None or low <= value) and (high is None or value <= high)


def _ranges(claim: Quantity, post: Quantity) -> Relation:
    """Relate a range to a range or to one amount."""
    if claim.low == post.low and claim.high == post.high:
        return "same"
    single = _anchor(post)
    if single is not None:
        return "rounded" if _inside(single, claim) else "different"
    single = _anchor(claim)
    if single is not None:
        return "weaker" if _inside(single, post) else "different"
    return _overlap(claim, post)


def _overlap(claim: Quantity, post: Quantity) -> Relation:
    """Relate two ranges by how much of the shorter one they share."""
    if None in {claim.low, claim.high, post.low, post.high}:
        return "different"
    low = max(claim.low or 0, post.low or 0)
    high = min(claim.high or 0, post.high or 0)
    shorter = min((claim.high or 0) - (claim.low or 0), (post.high or 0) - (post.low or 0))
    vague = is_vague(claim) or is_vague(post)
    return "rounded" if vague and high - low >= shorter * Fraction(1, 2) else "different"


def is_vague(quantity: Quantity) -> bool:
    """Tell "dozens" and 几十 from a range with two ends that were said."""
    return quantity.comparator == "range" and not any(char.isdigit() for char in quantity.text)
