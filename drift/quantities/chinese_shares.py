"""Chinese shares (三分之一, 两成半, 八折) and fixed words that are amounts (翻番, 减半)."""

import re
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from functools import cache

from drift.quantities.bounds import Numeral
from drift.quantities.chinese_bounds import amount, compared, more
from drift.quantities.chinese_numerals import RUN, read
from drift.quantities.joining import Draft
from drift.quantities.lexicon import numerals
from drift.records import Quantity, Span

_NOT_TENTHS = frozenset("为员功立长本果了绩都型分交语")  # 成 before these is part of a word
_NOT_DISCOUNT = frozenset("腾磨叠扣射算现旧返断")


@cache
def _expressions() -> tuple[re.Pattern[str], tuple[tuple[str, Fraction, Fraction], ...]]:
    """Join the fixed words into one pattern, a numbered group each."""
    rows = numerals()["zh"]["expressions"]["entries"]
    joined = "|".join(f"(?P<n{index}>{row[0]})" for index, row in enumerate(rows))
    return re.compile(joined), tuple((row[1], Fraction(row[2]), Fraction(row[3])) for row in rows)


def expressions(plain: str, blocked: bytearray) -> Iterator[Draft]:
    """Find fixed words that are an amount, outside the blocked places."""
    pattern, amounts = _expressions()
    for match in pattern.finditer(plain):
        if blocked[match.start()]:
            continue
        kind, low, high = amounts[int((match.lastgroup or "n0")[1:])]
        span = Span(match.start(), match.end())
        comparator = "=" if low == high else "range"
        quantity = Quantity(span, kind, low, high, None, comparator, match.group())
        yield Draft(compared(plain, quantity, Numeral(span.start, span.end, low, high)))


def share(plain: str, numeral: Numeral) -> Draft | None:
    """Read the share that a numeral begins; None where it begins none."""
    if plain.startswith("分之", numeral.end):
        return _fraction(plain, numeral)
    sign = plain[numeral.end : numeral.end + 1]
    following = plain[numeral.end + 1 : numeral.end + 2]
    if sign == "成" and following not in _NOT_TENTHS and 0 < numeral.high <= 10:
        return _tenths(plain, numeral)
    if sign == "折" and following not in _NOT_DISCOUNT and 0 < numeral.high < 100:
        base = 10 if numeral.high < 10 else 100
        low, high = 1 - numeral.high / base, 1 - numeral.low / base
        return Draft(
            amount(plain, replace(numeral, low=low, high=high), numeral.end + 1, "percent")
        )
    return None


def _fraction(plain: str, whole: Numeral) -> Draft | None:
    match = RUN.match(plain, whole.end + 2)
    part = read(match.group(), match.start()) if match else None
    if part is None or not whole.low:
        return None
    kind = "percent" if whole.low in {100, 1000, 10000} else "fraction"
    end, odd = more(plain, part.end)
    numeral = Numeral(
        whole.start,
        end,
        part.low / whole.low,
        part.high / whole.low,
        "odd" if odd else part.sense,
        part.step / whole.low,
    )
    return Draft(compared(plain, amount(plain, numeral, end, kind), numeral))


def _tenths(plain: str, numeral: Numeral) -> Draft:
    end, extra = _hundredths(plain, numeral.end + 1, numeral)
    end, odd = more(plain, end)
    found = replace(
        numeral,
        low=(numeral.low + extra) / 10,
        high=(numeral.high + extra) / 10,
        sense="odd" if odd else numeral.sense,
        step=Fraction(1, 10),
        weak=False,
    )
    return Draft(compared(plain, amount(plain, found, end, "percent"), found))


def _hundredths(plain: str, end: int, numeral: Numeral) -> tuple[int, Fraction]:
    """Read what follows 成: 半, or one digit that is not the start of another number."""
    if plain[end : end + 1] == "半" and plain[end : end + 2] not in {"半年", "半数"}:
        return end + 1, Fraction(1, 2)
    match = RUN.match(plain, end)
    digit = read(match.group(), end) if match and len(match.group()) == 1 else None
    if digit is None or digit.high >= 10 or numeral.low != numeral.high:
        return end, Fraction(0)
    return end + 1, digit.low / 10
