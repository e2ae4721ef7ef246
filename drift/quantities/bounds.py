"""Numerals on their way to quantities: exact bounds, and what a comparator makes of them."""

from dataclasses import dataclass, replace
from fractions import Fraction

from drift.records import Quantity, Span

NEAR = Fraction(17, 20)  # "nearly 100" may be said from 85 on


@dataclass(frozen=True, slots=True)
class Numeral:
    """A number without its unit: where it stands, its bounds, the step of its last digit.

    `weak` marks a single Chinese digit, which is a quantity only with a unit behind it.
    """

    start: int
    end: int
    low: Fraction
    high: Fraction
    sense: str = ""  # a comparator that the numeral itself carries, such as 多
    step: Fraction = Fraction(1)
    weak: bool = False


SIGNS = {
    "about": "~",
    "near": "<",
    "odd": ">",
    "above": ">",
    "below": "<",
    "least": ">=",
    "most": "<=",
}


def bound(quantity: Quantity, sense: str, step: Fraction = Fraction(0)) -> Quantity:
    """Open or narrow the bounds of an exact quantity as a comparator demands.

    "Nearly" and "odd" stay bounded on both sides; "over", "under" and the like leave one side open.
    """
    low, high = quantity.low, quantity.high
    if not sense or low is None or high is None:
        return quantity
    sign = SIGNS[sense]
    if sense == "near":
        low = low * NEAR
    elif sense == "odd":
        high = high + (step or high / 5)
    elif sense in {"above", "least"}:
        high = None
    elif sense in {"below", "most"}:
        low = None
    return replace(quantity, low=low, high=high, comparator=sign)


def scaled(quantity: Quantity, factor: Fraction) -> Quantity:
    """Multiply both bounds."""
    low = None if quantity.low is None else quantity.low * factor
    high = None if quantity.high is None else quantity.high * factor
    return replace(quantity, low=low, high=high)


def stretch(quantity: Quantity, start: int, end: int, text: str) -> Quantity:
    """Widen the span of a quantity and cut its words anew."""
    return replace(quantity, span=Span(start, end), text=text[start:end])


def step_of(value: Fraction) -> Fraction:
    """Give the size of the last digit that is not nought: 2,300 has the step 100.

    >>> step_of(Fraction(2300))
    Fraction(100, 1)
    """
    step = Fraction(1)
    if value.denominator != 1 or not value:
        return Fraction(1, 10)
    while value % (step * 10) == 0:
        step *= 10
    return step
