"""English shares, factors, points, ordinals and ages: a third of, doubled, quarter-point, 28th."""

import re
from dataclasses import replace
from fractions import Fraction
from functools import cache

from drift.quantities.english_bounds import Page, amount, compared, numeral_of, unit_behind
from drift.quantities.english_numerals import cardinal, is_number, table
from drift.quantities.joining import Draft
from drift.quantities.lexicon import numerals

Found = tuple[Draft, int]

_ORDINAL = re.compile(r"st|nd|rd|th")


@cache
def _words(name: str) -> frozenset[str]:
    return frozenset(numerals()["en"]["words"][name])


def age(page: Page, index: int) -> Found | None:
    """Read "in his forties" and "in her 30s" as an age; "in the 1990s" is a date."""
    if page.word(index - 1) not in {"his", "her", "their", "my", "early", "mid", "late"}:
        return None
    word, end = page.tokens[index].text, index + 1
    low = table("ages").get(word)
    if (
        low is None
        and is_number(word)
        and page.word(end) == "s"
        and word in {f"{n}0" for n in range(2, 10)}
    ):
        low, end = Fraction(word), end + 1
    if low is None:
        return None
    numeral = replace(numeral_of(page, index, end, low), high=low + 10)
    return Draft(amount(page, numeral, "age", "age")), end


def factor(page: Page, index: int) -> Found | None:
    """Read twice, doubled, tenfold, 3x, "10-fold", and halved."""
    word = page.tokens[index].text
    if word in table("factors"):
        return _read(page, (index, index + 1), table("factors")[word], "times")
    if word in numerals()["en"]["halves"]["words"]:
        numeral = numeral_of(page, index, index + 1, Fraction(1, 2))
        return Draft(amount(page, numeral, "fraction")), index + 1
    if word == "once" and page.word(index + 1) in {"in", "every"}:
        numeral = numeral_of(page, index, index + 1, Fraction(1))
        return Draft(amount(page, numeral, "count")), index + 1
    found = cardinal(page.tokens, index) if is_number(word) or word in table("cardinals") else None
    if found is None:
        return None
    numeral, end = found
    end += page.word(end) == "-"
    if page.word(end) not in {"fold", "x", "×"}:
        return None
    numeral = replace(numeral, end=page.tokens[end].end)
    return Draft(compared(page, (index, end + 1), amount(page, numeral, "times"), numeral)), end + 1


def points(page: Page, index: int) -> Found | None:
    """Read "a quarter-point cut" and "half a point"."""
    size = {"quarter": Fraction(1, 4), "half": Fraction(1, 2)}.get(page.tokens[index].text)
    ahead = [page.word(index + offset) for offset in range(1, 6)]
    words_ahead = [word for word in ahead if word not in {"-", "of", "a", "percentage"}]
    if size is None or words_ahead[:1] not in (["point"], ["points"]):
        return None
    end = index + 2 + ahead.index(words_ahead[0])
    numeral = numeral_of(page, index, end, size)
    return Draft(amount(page, numeral, "point", "point")), end


def fraction(page: Page, index: int) -> Found | None:
    """Read "a third of", "two-thirds", "half", "three quarters"."""
    word = page.tokens[index].text
    parts = table("fractions")
    if word == "half":
        return _half(page, index)
    if word in parts and page.word(index - 1) in _words("extremes") and not word.endswith("s"):
        numeral = numeral_of(page, index, index + 1, 1 / parts[word])
        return Draft(amount(page, numeral, "fraction")), index + 1
    top = Fraction(1) if word in {"a", "an"} else table("cardinals").get(word)
    if top is None:
        return None
    at = index + 1
    at += page.word(at) == "-"
    part = page.word(at)
    if (
        part not in parts
        or (top > 1) != part.endswith(("s", "ves"))
        or (top == 1 and word == "both")
    ):
        return None
    is_share = (
        top > 1
        or word == "one"
        or page.word(at + 1) in _words("after_share")
        or _is_measure_of(page, index, at + 1)
        or page.word(index - 1) in _words("before_share")
        or part == "half"
    )
    if not is_share or (part.startswith("second") or page.word(at + 1) in _words("after_ordinal")):
        return None
    value, end, kind = top / parts[part], at + 1, "fraction"
    behind = _percent_behind(page, end)
    if behind:  # a hundredth of one percent
        value, end, kind = value / 100, behind, "percent"
    return _read(page, (index, end), value, kind)


def _is_measure_of(page: Page, index: int, end: int) -> bool:
    """Tell "a drop of a third." from "the fear of a third strike"."""
    behind = page.plain[page.tokens[end - 1].end :][:1]
    return page.word(index - 1) == "of" and behind in {"", ".", ",", ";", ")", ":"}


def _percent_behind(page: Page, index: int) -> int:
    """Give where "of one percent" ends; 0 where something else stands there."""
    ahead = [page.word(index + offset) for offset in range(4)]
    if ahead[0] != "of" or ahead[1] not in {"one", "a", "1"}:
        return 0
    if ahead[2:] == ["per", "cent"]:
        return index + 4
    return index + 3 if ahead[2] in {"percent", "%"} else 0


def _read(page: Page, place: tuple[int, int], value: Fraction, kind: str) -> Found:
    """Make an amount of a run of words, with the comparators around it."""
    numeral = numeral_of(page, *place, value)
    return Draft(compared(page, place, amount(page, numeral, kind), numeral)), place[1]


def _half(page: Page, index: int) -> Found | None:
    """Read half as a share or as half a unit; "second half" and "half past" are dates and times."""
    if page.word(index - 1) in {"first", "second", "other", "latter", "final"}:
        return None
    if cardinal(page.tokens, index) is not None:
        return None
    at = index + 1
    at += page.word(at) == "-"
    at += page.word(at) in {"a", "an"}
    unit, end = unit_behind(page, at)
    numeral = numeral_of(page, index, index + 1, Fraction(1, 2))
    if unit is not None and at > index + 1:
        numeral = replace(numeral, end=page.tokens[end - 1].end)
        quantity = amount(page, numeral, unit.kind, unit.key)
        return Draft(compared(page, (index, end), quantity, numeral)), end
    return _read(page, (index, index + 1), Fraction(1, 2), "fraction")


def ordinal(page: Page, index: int) -> Found | None:
    """Read third, 28th and twenty-first; "second" in front of nothing countable is left alone."""
    word, end = page.tokens[index].text, index + 1
    value = table("ordinals").get(word)
    if value is None and is_number(word) and _ORDINAL.fullmatch(page.word(end)):
        touching = page.tokens[end].start == page.tokens[index].end
        if touching and len(word) < 5 and "." not in word:
            value, end = Fraction(word.replace(",", "")), end + 1
    tens = table("cardinals").get(word)
    if value is None and tens is not None and tens >= 20 and page.word(end) == "-":
        ones = table("ordinals").get(page.word(end + 1))
        if ones is not None and ones < 10:
            value, end = tens + ones, end + 2
    if value is None:
        return None
    numeral = numeral_of(page, index, end, value)
    return Draft(amount(page, numeral, "ordinal")), end
