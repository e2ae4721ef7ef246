"""Quantities of an English text: numerals with what stands before and behind them."""

import re
from dataclasses import replace
from fractions import Fraction
from functools import cache

from drift.quantities.bounds import Numeral, bound, step_of, stretch
from drift.quantities.english_calendar import calendar_quantities
from drift.quantities.english_numerals import Word, cardinal, is_number, table, words
from drift.quantities.joining import Draft, join
from drift.quantities.lexicon import Unit, comparators, fold, masks, numerals, units
from drift.records import Quantity, Span

_ORDINAL = re.compile(r"st|nd|rd|th")
_SHARE_BEFORE = frozenset(
    "by than about nearly over almost only another under around roughly just to least most fully some up "
    "as down fell rose cut lost lose loses drop dropped within above below one approximately exactly".split()
)
_LEADING = frozenset({"a", "an", "the", "one"})
_LONGEST_PHRASE = 5  # words of the longest comparator


def english(text: str) -> tuple[Quantity, ...]:
    """Read every quantity of an English text."""
    plain = fold(text)
    blocked = bytearray(len(plain))
    for match in masks("en").finditer(plain):
        if _is_whole(plain, match.start(), match.end()):
            blocked[match.start() : match.end()] = b"\x01" * (match.end() - match.start())
    drafts = []
    for quantity in calendar_quantities(text, plain, blocked):
        drafts.append(Draft(quantity))
        span = quantity.span
        blocked[span.start : span.end] = b"\x01" * (span.end - span.start)
    tokens = words(plain)
    index = 0
    while index < len(tokens):
        if blocked[tokens[index].start]:
            index += 1
            continue
        draft, behind = _at(plain, tokens, index)
        if draft is not None and not any(
            blocked[draft.quantity.span.start : draft.quantity.span.end]
        ):
            drafts.append(draft)
            index = behind
        else:
            index += 1
    drafts.sort(key=lambda draft: draft.quantity.span)
    return tuple(replace(item, text=item.span.of(text)) for item in join(plain, drafts))


def _is_whole(plain: str, start: int, end: int) -> bool:
    """Tell whether a match starts and ends at the edges of words."""
    before, after = plain[start - 1 : start], plain[end : end + 1]
    return not (before.isalnum() or after.isalnum())


def _text(tokens: list[Word], index: int) -> str:
    return tokens[index].text if 0 <= index < len(tokens) else ""


def _at(plain: str, tokens: list[Word], index: int) -> tuple[Draft | None, int]:
    """Read the quantity that starts at a word, and the index behind it."""
    for reading in (_age, _factor, _fraction, _ordinal, _amount, _article):
        found = reading(plain, tokens, index)
        if found is not None:
            return found
    return None, index + 1


_Found = tuple[Draft, int]


def _quantity(plain: str, numeral: Numeral, kind: str, unit: str | None = None) -> Quantity:
    sign = "=" if numeral.low == numeral.high else "range"
    span = Span(numeral.start, numeral.end)
    return Quantity(span, kind, numeral.low, numeral.high, unit, sign, span.of(plain))


def _plain_numeral(tokens: list[Word], index: int, end: int, value: Fraction) -> Numeral:
    return Numeral(tokens[index].start, tokens[end - 1].end, value, value, "", step_of(value))


def _age(plain: str, tokens: list[Word], index: int) -> _Found | None:
    """Read "in his forties" and "in her 30s" as an age; "in the 1990s" is a date."""
    if _text(tokens, index - 1) not in {"his", "her", "their", "my", "early", "mid", "late"}:
        return None
    word, end = tokens[index].text, index + 1
    low = table("ages").get(word)
    if low is None and is_number(word) and _text(tokens, end) == "s" and word in {f"{n}0" for n in range(2, 10)}:
        low, end = Fraction(word), end + 1
    if low is None:
        return None
    numeral = replace(_plain_numeral(tokens, index, end, low), high=low + 10)
    return Draft(_quantity(plain, numeral, "age", "age")), end


def _factor(plain: str, tokens: list[Word], index: int) -> _Found | None:
    """Read twice, doubled, tenfold, 3x, "10-fold", and halved."""
    word = tokens[index].text
    if word in table("factors"):
        numeral = _plain_numeral(tokens, index, index + 1, table("factors")[word])
        return Draft(
            _compared(
                plain, tokens, (index, index + 1), _quantity(plain, numeral, "times"), numeral
            )
        ), index + 1
    if word in numerals()["en"]["halves"]["words"]:
        numeral = _plain_numeral(tokens, index, index + 1, Fraction(1, 2))
        return Draft(_quantity(plain, numeral, "fraction")), index + 1
    if word == "once" and _text(tokens, index + 1) in {"in", "every"}:
        numeral = _plain_numeral(tokens, index, index + 1, Fraction(1))
        return Draft(_quantity(plain, numeral, "count")), index + 1
    point = _points(plain, tokens, index)
    if point is not None:
        return point
    found = cardinal(tokens, index) if is_number(word) or word in table("cardinals") else None
    if found is None:
        return None
    numeral, end = found
    end += _text(tokens, end) == "-"
    if _text(tokens, end) not in {"fold", "x", "×"}:
        return None
    numeral = replace(numeral, end=tokens[end].end)
    return Draft(
        _compared(plain, tokens, (index, end + 1), _quantity(plain, numeral, "times"), numeral)
    ), end + 1


def _points(plain: str, tokens: list[Word], index: int) -> _Found | None:
    """Read "a quarter-point cut" and "half a point"."""
    size = {"quarter": Fraction(1, 4), "half": Fraction(1, 2)}.get(tokens[index].text)
    ahead = [_text(tokens, index + offset) for offset in range(1, 6)]
    words_ahead = [word for word in ahead if word not in {"-", "of", "a", "percentage"}]
    if size is None or words_ahead[:1] not in (["point"], ["points"]):
        return None
    end = index + 2 + ahead.index(words_ahead[0])
    numeral = _plain_numeral(tokens, index, end, size)
    return Draft(_quantity(plain, numeral, "point", "point")), end


def _fraction(plain: str, tokens: list[Word], index: int) -> _Found | None:
    """Read "a third of", "two-thirds", "half", "three quarters"."""
    word = tokens[index].text
    parts = table("fractions")
    if word in {"half"}:
        return _half(plain, tokens, index)
    top = Fraction(1) if word in {"a", "an"} else table("cardinals").get(word)
    if top is None:
        return None
    at = index + 1
    at += _text(tokens, at) == "-"
    part = _text(tokens, at)
    if (
        part not in parts
        or (top > 1) != part.endswith(("s", "ves"))
        or (top == 1 and word == "both")
    ):
        return None
    is_share = (
        top > 1
        or _text(tokens, at + 1) == "of"
        or _text(tokens, index - 1) in _SHARE_BEFORE
        or part == "half"
    )
    if not is_share or (
        part.startswith("second") or _text(tokens, at + 1) in {"time", "year", "day", "party", "person"}
    ):
        return None
    numeral = _plain_numeral(tokens, index, at + 1, top / parts[part])
    return Draft(
        _compared(plain, tokens, (index, at + 1), _quantity(plain, numeral, "fraction"), numeral)
    ), at + 1


def _half(plain: str, tokens: list[Word], index: int) -> _Found | None:
    """Read half as a share or as half a unit; "second half" and "half past" are dates and times."""
    if _text(tokens, index - 1) in {"first", "second", "other", "latter", "final"}:
        return None
    if cardinal(tokens, index) is not None:
        return None
    at = index + 1
    at += _text(tokens, at) == "-"
    at += _text(tokens, at) in {"a", "an"}
    unit, end = _unit(tokens, at)
    numeral = _plain_numeral(tokens, index, index + 1, Fraction(1, 2))
    if unit is not None and at > index + 1:
        numeral = replace(numeral, end=tokens[end - 1].end)
        quantity = _quantity(plain, numeral, unit.kind, unit.key)
        return Draft(_compared(plain, tokens, (index, end), quantity, numeral)), end
    return Draft(
        _compared(plain, tokens, (index, index + 1), _quantity(plain, numeral, "fraction"), numeral)
    ), index + 1


def _ordinal(plain: str, tokens: list[Word], index: int) -> _Found | None:
    """Read third, 28th and twenty-first; "second" in front of nothing countable is left alone."""
    word, end = tokens[index].text, index + 1
    value = table("ordinals").get(word)
    if value is None and is_number(word) and _ORDINAL.fullmatch(_text(tokens, end)):
        touching = tokens[end].start == tokens[index].end
        if touching and len(word) < 5 and "." not in word:
            value, end = Fraction(word.replace(",", "")), end + 1
    tens = table("cardinals").get(word)
    if value is None and tens is not None and tens >= 20 and _text(tokens, end) == "-":
        ones = table("ordinals").get(_text(tokens, end + 1))
        if ones is not None and ones < 10:
            value, end = tens + ones, end + 2
    if value is None:
        return None
    numeral = _plain_numeral(tokens, index, end, value)
    return Draft(_quantity(plain, numeral, "ordinal")), end


def _amount(plain: str, tokens: list[Word], index: int) -> _Found | None:
    """Read a number with its unit, currency and comparators."""
    found = cardinal(tokens, index)
    if found is None or _is_name(plain, tokens, index):
        return None
    numeral, end = found
    unit, behind = _unit(tokens, end)
    letter = _text(tokens, end)
    touches = bool(letter) and end > index and tokens[end].start == tokens[end - 1].end
    if unit is None and touches and letter.isalpha() and letter not in {"s", "m"}:
        return None  # 5G, 3D
    currency, first = _currency(tokens, index)
    kind, key = (unit.kind, unit.key) if unit else ("count", None)
    if currency is not None:
        numeral = replace(numeral, start=tokens[first].start)
        kind, key, behind = "money", currency, behind if unit and unit.kind == "money" else end
    elif unit is not None:
        numeral = replace(numeral, end=tokens[behind - 1].end)
        if unit.kind == "percent":
            size = unit.size
            numeral = replace(
                numeral, low=numeral.low * size, high=numeral.high * size, step=numeral.step * size
            )
    elif letter == "m" and touches:
        key, behind = "m", end + 1
    quantity = _quantity(plain, numeral, kind, key)
    if kind == "times":
        quantity = _growth(tokens, behind, quantity)
    quantity = _compared(plain, tokens, (first, max(behind, end)), quantity, numeral)
    if (
        tokens[index].text == "one"
        and key in {None, "item", "person"}
        and quantity.comparator == "="
    ):
        emphasis = _text(tokens, index - 1) in {"only", "just", "single", "exactly"}
        kind = "count" if emphasis or _text(tokens, end) in {"in", "out"} else "article"
        quantity = replace(quantity, kind=kind)
    return Draft(quantity), max(behind, end)


def _article(plain: str, tokens: list[Word], index: int) -> _Found | None:
    """Read "a week" and "an hour" as one of them; other nouns with an article count nothing."""
    if tokens[index].text not in {"a", "an", "per"}:
        return None
    unit, end = _unit(tokens, index + 1)
    if unit is None or unit.kind not in {"duration"} or tokens[end - 1].text.endswith("s"):
        return None
    if _text(tokens, end) in {"later", "ago", "long", "old"} or unit.kind == "duration":
        numeral = _plain_numeral(tokens, index, end, Fraction(1))
        return Draft(
            _compared(
                plain, tokens, (index, end), _quantity(plain, numeral, unit.kind, unit.key), numeral
            )
        ), end
    return None


def _growth(tokens: list[Word], behind: int, quantity: Quantity) -> Quantity:
    """Let "three times more" be three or four times as much: it is used for both."""
    following = _text(tokens, behind)
    if quantity.high is None or not (following.endswith("er") or following == "more"):
        return quantity
    return replace(quantity, high=quantity.high + 1, comparator="range")


def _is_name(plain: str, tokens: list[Word], index: int) -> bool:
    """Tell a number inside a name or a version (GPT-6, v1.2.3, @user1) from an amount."""
    start = tokens[index].start
    before = plain[max(0, start - 2) : start]
    if not is_number(tokens[index].text) or plain[max(0, start - 4) : start] == "-in-":
        return False
    if before[-1:].isalnum() or before[-1:] in {"@", "_"}:
        return True
    if len(before) == 2 and before[1] in "-./" and before[0].isalnum():
        return not before[0].isdigit() or before[1] == "."
    end = tokens[index].end
    return plain[end : end + 1] == "." and plain[end + 1 : end + 2].isdigit()


@cache
def _fillers() -> frozenset[str]:
    return frozenset(numerals()["en"]["words"]["fillers"])


def _unit(tokens: list[Word], index: int) -> tuple[Unit | None, int]:
    """Find the unit behind a number, past a hyphen and at most one filler word."""
    at = index
    at += _text(tokens, at) == "-"
    for skip in (0, 1):
        if skip and _text(tokens, at) not in _fillers():
            break
        found = _unit_at(tokens, at + skip)
        if found is not None:
            return found
    return None, index


def _unit_at(tokens: list[Word], at: int) -> tuple[Unit, int] | None:
    for size in (4, 3, 2, 1):
        ahead = [token.text for token in tokens[at : at + size + 1] if token.text != "-"][:size]
        unit = units().en.get(" ".join(ahead))
        if unit is not None and len(ahead) == size:
            hyphens = sum(token.text == "-" for token in tokens[at : at + size])
            return unit, min(at + size + hyphens, len(tokens))
    return None


def _currency(tokens: list[Word], index: int) -> tuple[str | None, int]:
    """Read a currency sign or code in front of a number."""
    signs: dict[str, str] = numerals()["en"]["words"]["currencies"]
    sign = _text(tokens, index - 1)
    before = _text(tokens, index - 2)
    if sign not in signs:
        return None, index
    both = before + sign
    if both in signs and tokens[index - 2].end == tokens[index - 1].start:
        return signs[both], index - 2
    return signs[sign], index - 1


def _compared(
    plain: str, tokens: list[Word], place: tuple[int, int], quantity: Quantity, numeral: Numeral
) -> Quantity:
    """Apply the comparators before and behind a quantity; `place` is its range of words."""
    first, behind = place
    start, end, sense = (
        quantity.span.start,
        max(quantity.span.end, tokens[behind - 1].end),
        numeral.sense,
    )
    sense, end = _behind(tokens, behind, sense, end)
    first -= _text(tokens, first - 1) in {"a", "an", '"'} and _text(tokens, first) not in _LEADING
    for size in range(min(_LONGEST_PHRASE, first), 0, -1):
        phrase = " ".join(token.text for token in tokens[first - size : first])
        found = comparators("en", "before").get(phrase)
        if found is not None:
            sense, start = found, tokens[first - size].start
            break
    return bound(stretch(quantity, start, end, plain), sense, numeral.step)


def _behind(tokens: list[Word], behind: int, sense: str, end: int) -> tuple[str, int]:
    """Read a comparator behind a number, past a comma or a hyphen: "30 percent, tops", "40-odd"."""
    behind += _text(tokens, behind) in {",", "-"}
    for size in range(_LONGEST_PHRASE, 0, -1):
        phrase = " ".join(token.text for token in tokens[behind : behind + size])
        found = comparators("en", "after").get(phrase)
        if found is not None and len(tokens) >= behind + size:
            return found, tokens[behind + size - 1].end
    return sense, end
