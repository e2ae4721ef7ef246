"""Comparators around a Chinese amount: 约, 近, 超过, 至少 before it; 多, 左右, 以上 behind it."""

import re

from drift.quantities.bounds import Numeral, bound, stretch
from drift.quantities.lexicon import comparators, longest
from drift.records import Quantity, Span

_FORERUNNER = re.compile(r"[有了达是为在共涨增升降跌至到要]$")
# A bound may stand a few words before its number: 至少要等六周, 大约缺席六周.
_APART = re.compile(r"(?P<least>至少|最少|起码)|(?P<most>最多|至多|顶多)|(?P<about>大约|大概)")
_BREAK = re.compile(r"[…,.。;；!！?？、:：\d一二两三四五六七八九十百千万亿%]")
_GAP = 5
_CLAUSE_START = re.compile(r"(?:^|[,.。;；!！?？、:：…\s])$")
_BUT = "不过"  # at the start of a clause it is a conjunction
_NOT_MORE = frozenset({"多数", "多于", "多半", "多亏", "余下", "余额", "余生"})


def amount(plain: str, numeral: Numeral, end: int, kind: str, unit: str | None = None) -> Quantity:
    """Make a quantity of a numeral that ends, with its unit, at a place."""
    sign = "=" if numeral.low == numeral.high else "range"
    span = Span(numeral.start, end)
    return Quantity(span, kind, numeral.low, numeral.high, unit, sign, span.of(plain))


def more(plain: str, end: int) -> tuple[int, bool]:
    """Step over 多 or 余 right behind a number, and tell whether one was there."""
    found = plain[end : end + 1] in {"多", "余"} and plain[end : end + 2] not in _NOT_MORE
    return (end + 1, True) if found else (end, False)


def compared(plain: str, quantity: Quantity, numeral: Numeral) -> Quantity:
    """Apply the comparators behind and before a quantity."""
    sense, end = _behind(plain, quantity.span.end, numeral.sense)
    found, start = _before(plain, quantity.span.start)
    if found == "about" and sense == "odd":  # 约三成多 is odd
        found = None
    return bound(stretch(quantity, start, end, plain), found or sense, numeral.step)


def _behind(plain: str, end: int, sense: str) -> tuple[str, int]:
    after = comparators("zh", "after")
    for size in range(min(longest("zh", "after"), len(plain) - end), 0, -1):
        word = plain[end : end + size]
        found = after.get(word)
        if found is not None and plain[end : end + 2] not in _NOT_MORE:
            return sense or found, end + size
    return sense, end


def _before(plain: str, start: int) -> tuple[str | None, int]:
    before = comparators("zh", "before")
    for gap in (0, 1):
        if gap and not _FORERUNNER.search(plain[max(0, start - 1) : start]):
            break
        limit = start - gap
        for size in range(min(longest("zh", "before"), limit), 0, -1):
            found = before.get(plain[limit - size : limit])
            if found == "scale":
                if gap == 0 and plain[start] in "百千万亿":
                    return "least", limit - size
            elif found is not None and not _is_conjunction(plain, limit - size, limit):
                return found, limit - size
    return _apart(plain, start)


def _is_conjunction(plain: str, start: int, end: int) -> bool:
    return plain[start:end] == _BUT and bool(_CLAUSE_START.search(plain[:start]))


def _apart(plain: str, start: int) -> tuple[str | None, int]:
    """Find a bound that stands a few words before the number; the span then leaves it out."""
    window = plain[max(0, start - _GAP - 2) : start]
    matches = list(_APART.finditer(window))
    if matches and not _BREAK.search(window, matches[-1].end()):
        return matches[-1].lastgroup, start - len(window) + matches[-1].start()
    return None, start
