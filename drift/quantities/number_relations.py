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
FAR = 2  # times a bound from which an amount no longer answers to it
LARGE = 1000
_SHARES = frozenset({"percent", "fraction", "ratio"})


def anchor(quantity: Quantity) -> Fraction | None:
    """Give the number that was said; a range says two."""
    if quantity.comparator == "range":
        return None
    if quantity.comparator in {"<", "<="}:
        return quantity.high
    return quantity.low


def side(quantity: Quantity) -> str:
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
    pair = frozenset({side(claim), side(post)})
    if len(pair) == 1 or pair in _SAME_SIDE:
        return "same"
    if pair in _OPPOSITE:
        return "different"
    return "rounded" if pair in _CLOSE else "weaker"


def relate_amounts(
    claim: Quantity, post: Quantity, *, converted: bool = False
) -> tuple[Relation, int]:
    """Relate two amounts that are in the same base; `converted` says that their units differed.

    The second value says what the relation stands on: 0 the same number, 1 a rounding, 2 bounds.
    """
    one, other = anchor(claim), anchor(post)
    if one is None or other is None:
        return _ranges(claim, post)
    if one == other:
        return _sides(claim, post), 0
    is_open = side(claim) in {"up", "down"} or side(post) in {"up", "down"}
    if _is_rounding(claim, post, converted) and not (is_open and not converted):
        relation = _sides(claim, post)
        return ("rounded" if relation == "same" else relation), 1
    return _by_bounds(claim, post), 2


def _is_rounding(claim: Quantity, post: Quantity, converted: bool) -> bool:
    one, other = anchor(claim), anchor(post)
    if one is None or not other:
        return False
    gap = abs(one - other)
    if claim.kind in _SHARES:
        if claim.kind != post.kind or "about" in {side(claim), side(post)}:
            return gap <= SHARE
        return gap < Fraction(6, 1000) and _decimals(one * 100) < _decimals(other * 100)
    away = gap / abs(other)
    if converted and away <= CONVERTED:
        return True
    if side(claim) == "about" and away <= ABOUT:
        return step_of(one) > step_of(other) or _decimals(one) < _decimals(other)
    fewer = step_of(one) > step_of(other) or _decimals(one) < _decimals(other)
    return away <= ROUNDED and abs(other) >= LARGE and fewer


def _decimals(value: Fraction) -> int:
    """Count the decimals of an amount, four at most."""
    return next((places for places in range(4) if (value * 10**places).denominator == 1), 4)


def _by_bounds(claim: Quantity, post: Quantity) -> Relation:
    """Relate two different numbers by what their comparators leave open."""
    one, other = anchor(claim) or Fraction(0), anchor(post) or Fraction(0)
    claimed, posted = side(claim), side(post)
    if claimed in {"near", "odd"} and _inside(other, claim):
        return "rounded" if posted in {"exact", "about", claimed} else "weaker"
    if posted in {"exact", "about"}:
        low, high = sorted((one, other))
        is_far = low * FAR < high
        if (claimed == "up" and other > one) or (claimed == "down" and other < one):
            near = low * Fraction(5, 4) >= high
            return "different" if is_far else ("rounded" if near else "weaker")
    if posted in {"near", "odd"} and claimed in {"exact", "about"} and _inside(one, post):
        return "weaker"
    return "different"


def _inside(value: Fraction, quantity: Quantity) -> bool:
    low, high = quantity.low, quantity.high
    return (low is None or low <= value) and (high is None or value <= high)


def _ranges(claim: Quantity, post: Quantity) -> tuple[Relation, int]:
    """Relate a range to a range or to one amount."""
    if claim.low == post.low and claim.high == post.high:
        return "same", 0
    single = anchor(post)
    if single is not None:
        return ("rounded" if _inside(single, claim) else "different"), 2
    single = anchor(claim)
    if single is not None:
        ends = 0 if single in {post.low, post.high} else 2
        return ("weaker" if _inside(single, post) else "different"), ends
    return _overlap(claim, post), 2


def _overlap(claim: Quantity, post: Quantity) -> Relation:
    """Relate two ranges: vague ones agree where they share half of the shorter one."""
    if claim.low is None or claim.high is None or post.low is None or post.high is None:
        return "different"
    shared = min(claim.high, post.high) - max(claim.low, post.low)
    shorter = min(claim.high - claim.low, post.high - post.low)
    vague = is_vague(claim) or is_vague(post)
    return "rounded" if vague and shared * 2 >= shorter else "different"


def is_vague(quantity: Quantity) -> bool:
    """Tell "dozens" and 几十 from a range with two ends that were said."""
    return quantity.comparator == "range" and not any(char.isdigit() for char in quantity.text)
