"""Quantities of an English text: numerals with what stands before and behind them."""

from dataclasses import replace
from fractions import Fraction
from functools import cache

from drift.quantities.bounds import Numeral
from drift.quantities.english_bounds import (
    Page,
    amount,
    compared,
    currency,
    is_name,
    numeral_of,
    unit_behind,
)
from drift.quantities.english_calendar import calendar_quantities
from drift.quantities.english_numerals import cardinal, is_number, table, words
from drift.quantities.english_shares import Found, age, factor, fraction, ordinal, points
from drift.quantities.joining import Draft, join
from drift.quantities.lexicon import Unit, fold, masks, numerals, units
from drift.records import Quantity, Span

_EMPHASIS = frozenset({"only", "just", "single", "exactly"})
_GENERIC = frozenset({None, "item", "person"})


def english(text: str) -> tuple[Quantity, ...]:
    """Read every quantity of an English text."""
    plain = fold(text)
    blocked = bytearray(len(plain))
    for match in masks("en").finditer(plain):
        if not (
            plain[match.start() - 1 : match.start()] + plain[match.end() : match.end() + 1]
        ).isalnum():
            _block(blocked, Span(match.start(), match.end()))
    drafts = []
    for quantity in calendar_quantities(text, plain, blocked):
        drafts.append(Draft(quantity))
        _block(blocked, quantity.span)
    drafts.extend(_numbers(Page(plain, words(plain)), blocked))
    drafts.sort(key=lambda draft: draft.quantity.span)
    return tuple(replace(item, text=item.span.of(text)) for item in join(plain, drafts))


def _block(blocked: bytearray, span: Span) -> None:
    blocked[span.start : span.end] = b"\x01" * (span.end - span.start)


def _numbers(page: Page, blocked: bytearray) -> list[Draft]:
    """Read the numbers that no date and no look-alike has taken."""
    drafts = []
    index = 0
    while index < len(page.tokens):
        found = None if blocked[page.tokens[index].start] else _at(page, index)
        if found is not None and not _is_blocked(blocked, found[0].quantity.span):
            drafts.append(found[0])
            index = found[1]
        else:
            index += 1
    return drafts


def _is_blocked(blocked: bytearray, span: Span) -> bool:
    return any(blocked[span.start : span.end])


@cache
def _starters() -> frozenset[str]:
    """Collect the words with which an amount may begin; digits begin one too."""
    names = ("cardinals", "ordinals", "scales", "plurals", "fractions", "factors", "ages")
    known = {word for name in names for word in table(name)}
    known.update(numerals()["en"]["halves"]["words"], numerals()["en"]["periods"]["words"])
    known.update(phrase.split()[0] for phrase in numerals()["en"]["words"]["vague"])
    return frozenset(known | {"a", "an", "per", "once"})


def _at(page: Page, index: int) -> Found | None:
    """Read the quantity that starts at a word."""
    text = page.tokens[index].text
    if text not in _starters() and not is_number(text):
        return None
    for reading in (age, factor, points, fraction, ordinal, _amount, _article, _periods):
        found = reading(page, index)
        if found is not None:
            return found
    return None


def _amount(page: Page, index: int) -> Found | None:
    """Read a number with its unit, currency and comparators."""
    found = cardinal(page.tokens, index)
    if found is None or is_name(page, index):
        return None
    numeral, end = found
    unit, behind = unit_behind(page, end)
    letter, touches = page.word(end), _touches(page, end)
    if unit is None and touches and letter.isalpha() and letter not in {"s", "m"}:
        return None  # 5G, 3D
    sign, first = currency(page, index)
    if sign is not None:
        behind = behind if unit and unit.kind == "money" else end
        numeral = replace(numeral, start=page.tokens[first].start)
        quantity = amount(page, numeral, "money", sign)
    else:
        numeral, behind = _half_more(page, behind, numeral)
        numeral, quantity = _united(page, numeral, unit, behind)
    if unit is None and sign is None and letter == "m" and touches:
        quantity, behind = replace(quantity, unit="m"), end + 1
    if quantity.kind == "times":
        quantity = _growth(page, behind, quantity)
    quantity = compared(page, (first, max(behind, end)), quantity, numeral)
    if _is_article(page, index, end, quantity):
        quantity = replace(quantity, kind="article")
    return Draft(quantity), max(behind, end)


def _touches(page: Page, index: int) -> bool:
    """Tell whether a word stands right behind the one before it, without a space."""
    return 0 < index < len(page.tokens) and page.tokens[index].start == page.tokens[index - 1].end


def _united(
    page: Page, numeral: Numeral, unit: Unit | None, behind: int
) -> tuple[Numeral, Quantity]:
    """Give a number its unit; a percentage counts as a share."""
    if unit is None:
        return numeral, amount(page, numeral, "count")
    numeral = replace(numeral, end=page.tokens[behind - 1].end)
    if unit.kind == "percent":
        low, high, step = (item * unit.size for item in (numeral.low, numeral.high, numeral.step))
        numeral = replace(numeral, low=low, high=high, step=step)
    return numeral, amount(page, numeral, unit.kind, unit.key)


def _is_article(page: Page, index: int, end: int, quantity: Quantity) -> bool:
    """Tell "one of us" and "one thing" from a count of one."""
    if page.word(index) != "one" or quantity.unit not in _GENERIC or quantity.comparator != "=":
        return False
    return page.word(index - 1) not in _EMPHASIS and page.word(end) not in {"in", "out"}


def _half_more(page: Page, end: int, numeral: Numeral) -> tuple[Numeral, int]:
    """Read "a year and a half": the half stands behind the unit."""
    if [page.word(end + offset) for offset in range(3)] != ["and", "a", "half"]:
        return numeral, end
    low, high = numeral.low + Fraction(1, 2), numeral.high + Fraction(1, 2)
    return replace(numeral, end=page.tokens[end + 2].end, low=low, high=high), end + 3


def _article(page: Page, index: int) -> Found | None:
    """Read "a week" and "an hour" as one of them; other nouns with an article count nothing."""
    if page.word(index) not in {"a", "an", "per"}:
        return None
    unit, end = unit_behind(page, index + 1)
    if unit is None or unit.kind != "duration" or page.word(end - 1).endswith("s"):
        return None
    numeral, end = _half_more(page, end, numeral_of(page, index, end, Fraction(1)))
    quantity = amount(page, numeral, unit.kind, unit.key)
    return Draft(compared(page, (index, end), quantity, numeral)), end


def _periods(page: Page, index: int) -> Found | None:
    """Read "for decades" and "within hours" as two to nine of them."""
    known = numerals()["en"]["periods"]
    if page.word(index) not in known["words"] or page.word(index - 1) not in known["after"]:
        return None
    unit = units().en[page.word(index)]
    numeral = replace(numeral_of(page, index, index + 1, Fraction(2)), high=Fraction(9))
    return Draft(amount(page, numeral, unit.kind, unit.key)), index + 1


def _growth(page: Page, behind: int, quantity: Quantity) -> Quantity:
    """Let "three times more" be three or four times as much: it is used for both."""
    following = page.word(behind)
    if quantity.high is None or not (following.endswith("er") or following == "more"):
        return quantity
    return replace(quantity, high=quantity.high + 1, comparator="range")
