"""What stands around an English number: unit, currency, comparators, and the look of a name."""

from dataclasses import dataclass
from fractions import Fraction
from functools import cache

from drift.quantities.bounds import Numeral, bound, step_of, stretch
from drift.quantities.english_numerals import Word, is_number
from drift.quantities.lexicon import Unit, comparators, numerals, units
from drift.records import Quantity, Span

_LONGEST_PHRASE = 5  # words of the longest comparator
_LEADING = frozenset({"a", "an", "the", "one"})


@dataclass(frozen=True, slots=True)
class Page:
    """A folded English text with its words."""

    plain: str
    tokens: list[Word]

    def word(self, index: int) -> str:
        """Give the word at a place, or nothing outside the text."""
        return self.tokens[index].text if 0 <= index < len(self.tokens) else ""


def numeral_of(page: Page, index: int, end: int, value: Fraction) -> Numeral:
    """Make an exact numeral of a run of words."""
    return Numeral(
        page.tokens[index].start, page.tokens[end - 1].end, value, value, "", step_of(value)
    )


def amount(page: Page, numeral: Numeral, kind: str, unit: str | None = None) -> Quantity:
    """Make a quantity of a numeral."""
    sign = "=" if numeral.low == numeral.high else "range"
    span = Span(numeral.start, numeral.end)
    return Quantity(span, kind, numeral.low, numeral.high, unit, sign, span.of(page.plain))


@cache
def _fillers() -> frozenset[str]:
    return frozenset(numerals()["en"]["words"]["fillers"])


def is_name(page: Page, index: int) -> bool:
    """Tell a number inside a name or a version (GPT-6, v1.2.3, @user1) from an amount."""
    start = page.tokens[index].start
    before = page.plain[max(0, start - 2) : start]
    if not is_number(page.tokens[index].text) or page.plain[max(0, start - 4) : start] == "-in-":
        return False
    if before[-1:].isalnum() or before[-1:] in {"@", "_"}:
        return True
    if len(before) == 2 and before[1] in "-./" and before[0].isalnum():
        return not before[0].isdigit() or before[1] == "."
    end = page.tokens[index].end
    return page.plain[end : end + 1] == "." and page.plain[end + 1 : end + 2].isdigit()


def unit_behind(page: Page, index: int) -> tuple[Unit | None, int]:
    """Find the unit behind a number, past a hyphen and at most one filler word."""
    at = index
    at += page.word(at) in {"-", "of"}
    for skip in (0, 1):
        if skip and page.word(at) not in _fillers():
            break
        found = _unit_at(page, at + skip)
        if found is not None:
            return found
    return None, index


def _unit_at(page: Page, at: int) -> tuple[Unit, int] | None:
    for size in (4, 3, 2, 1):
        ahead = [token.text for token in page.tokens[at : at + size + 1] if token.text != "-"][
            :size
        ]
        unit = units().en.get(" ".join(ahead))
        if unit is not None and len(ahead) == size:
            hyphens = sum(token.text == "-" for token in page.tokens[at : at + size])
            return unit, min(at + size + hyphens, len(page.tokens))
    return None


def currency(page: Page, index: int) -> tuple[str | None, int]:
    """Read a currency sign or code in front of a number."""
    signs: dict[str, str] = numerals()["en"]["words"]["currencies"]
    sign = page.word(index - 1)
    before = page.word(index - 2)
    if sign not in signs:
        return None, index
    both = before + sign
    if both in signs and page.tokens[index - 2].end == page.tokens[index - 1].start:
        return signs[both], index - 2
    return signs[sign], index - 1


def compared(page: Page, place: tuple[int, int], quantity: Quantity, numeral: Numeral) -> Quantity:
    """Apply the comparators before and behind a quantity; `place` is its range of words."""
    first, behind = place
    start, end, sense = (
        quantity.span.start,
        max(quantity.span.end, page.tokens[behind - 1].end),
        numeral.sense,
    )
    sense, end = _behind(page, behind, sense, end)
    first -= page.word(first - 1) in {"a", "an", '"'} and page.word(first) not in _LEADING
    for size in range(min(_LONGEST_PHRASE, first), 0, -1):
        phrase = " ".join(token.text for token in page.tokens[first - size : first])
        found = comparators("en", "before").get(phrase)
        if found is not None:
            sense, start = found, page.tokens[first - size].start
            break
    return bound(stretch(quantity, start, end, page.plain), sense, numeral.step)


def _behind(page: Page, behind: int, sense: str, end: int) -> tuple[str, int]:
    """Read a comparator behind a number, past a comma or a hyphen: "30 percent, tops", "40-odd"."""
    behind += page.word(behind) in {",", "-"}
    for size in range(_LONGEST_PHRASE, 0, -1):
        phrase = " ".join(token.text for token in page.tokens[behind : behind + size])
        found = comparators("en", "after").get(phrase)
        if found is not None and len(page.tokens) >= behind + size:
            return found, page.tokens[behind + size - 1].end
    return sense, end
