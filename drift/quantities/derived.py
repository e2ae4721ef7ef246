"""Figures that a retweet works out from the post's: what is left, the sum, the missing noughts."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import combinations

from drift.quantities.compare import axis
from drift.quantities.number_relations import anchor
from drift.records import Quantity

_SCALES = tuple(Fraction(10**power) for power in (3, 4, 6, 8, 9))
_MOST = 40  # amounts of a post that are looked at; a longer list makes any number by chance
_APART = 60  # characters between two amounts that belong together
_SMALL = 10  # a smaller number comes out of any post by chance


def follows(claim: Quantity, post: Sequence[Quantity], *, rest: bool = False) -> bool:
    """Tell whether a claim's figure follows from two of the post's, or from one that is cut short.

    412 votes to 389 makes 23 more; 40,000 copies, 31,000 of them abroad, make 9,000 at home;
    "cost 9 million and has taken 4" makes four million. Where the claim speaks of what is left
    (`rest`), a third makes two thirds, and small numbers count too.
    """
    said = anchor(claim)
    if said is None or said <= 0 or claim.kind in {"date", "time", "ordinal", "age"}:
        return False
    alike = [
        (other.span, value)
        for other in post[:_MOST]
        if axis(other) == axis(claim) and (value := anchor(other)) is not None
    ]
    if rest and axis(claim) == "share" and any(said == 1 - value for _, value in alike):
        return True
    added_up = (rest or said >= _SMALL) and any(
        said in {one + other, abs(one - other)}
        for (first, one), (second, other) in combinations(alike, 2)
        if abs(second.start - first.end) <= _APART
    )
    return added_up or (axis(claim) == "count" and said in set(_cut_short(post)))


def _cut_short(post: Sequence[Quantity]) -> Iterator[Fraction]:
    """Give back the noughts that a number borrows from another one."""
    counts = [one for one in post if one.kind in {"count", "money"} and one.low is not None]
    lent = [scale for scale in _SCALES if any((one.low or 0) >= scale for one in counts)]
    for one in counts:
        if 0 < (one.low or 0) < 1000:
            yield from ((one.low or 0) * scale for scale in lent)
