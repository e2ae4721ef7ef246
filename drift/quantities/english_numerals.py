"""English numerals: digits with scales, and number words, read from a list of words."""

import re
from fractions import Fraction
from functools import cache
from typing import NamedTuple

from drift.quantities.bounds import Numeral, step_of
from drift.quantities.lexicon import numerals

LONGEST = 18  # digits; a longer run is an identifier


class Word(NamedTuple):
    """A word, number or sign of a folded text."""

    text: str
    start: int
    end: int


_GROUPED = r"\d{1,3}(?:,\d{3}){1,6}(?!\d)|\d{1,3}(?: \d{3}){1,6}(?! ?\d)"
_WORD = re.compile(rf"(?:{_GROUPED}|\d++)(?:\.\d{{1,12}})?+|[a-z]++(?:\.[a-z](?=\.))*+|[^\s]")
_BARE = frozenset({"hundred", "thousand", "dozen", "million"})
_ALONE = frozenset({"both", "zero"})  # never part of a longer number
THOUSAND = 1000
_MAX_TOKENS = 16  # no spelled-out number is longer


def words(plain: str) -> list[Word]:
    """Cut a folded English text into words, numbers and signs."""
    return [Word(m.group(), m.start(), m.end()) for m in _WORD.finditer(plain)]


@cache
def table(name: str) -> dict[str, Fraction]:
    """Read one of the word tables as exact numbers."""
    return {word: Fraction(amount) for word, amount in numerals()["en"][name].items()}


def _text(tokens: list[Word], index: int) -> str:
    return tokens[index].text if 0 <= index < len(tokens) else ""


def is_number(text: str) -> bool:
    """Tell digits from words and signs."""
    return text[:1].isdigit() and text[:1].isascii()


def _after_hyphen(tokens: list[Word], index: int) -> int:
    """Step over the hyphen of twenty-two."""
    return index + 1 if _text(tokens, index) == "-" else index


def cardinal(tokens: list[Word], index: int) -> tuple[Numeral, int] | None:
    """Read the number that starts at a word: its bounds and the index behind it."""
    text = _text(tokens, index)
    if is_number(text):
        return _digits(tokens, index)
    if text in table("plurals"):
        return _plural(tokens, index)
    if text == "half":
        return _half_scale(tokens, index)
    after_article = text in {"a", "an"} and _long_scale(tokens, index + 1) is not None
    bare_scale = text in _BARE and not _is_counted(tokens, index)
    if after_article or bare_scale or text in table("cardinals"):
        return _spelled(tokens, index, index + after_article)
    return _vague(tokens, index)


def _is_counted(tokens: list[Word], index: int) -> bool:
    """Tell whether a number stands before a scale word."""
    before = _text(tokens, index - 1)
    return is_number(before) or before in table("cardinals") or before in {"few", "several", "-"}


def _make(tokens: list[Word], index: int, end: int, amount: Fraction) -> tuple[Numeral, int]:
    start, stop = tokens[index].start, tokens[end - 1].end
    return Numeral(start, stop, amount, amount, "", step_of(amount)), end


def _digits(tokens: list[Word], index: int) -> tuple[Numeral, int] | None:
    text = tokens[index].text
    if len(text) > LONGEST + 6:
        return None
    amount = Fraction(text.replace(",", "").replace(" ", ""))
    end = index + 1
    scale = _scale(tokens, end)
    if scale is None:
        return _make(tokens, index, end, amount)
    size, end = scale
    numeral, end = _make(tokens, index, end, amount * size)
    return numeral, end


def _scale(tokens: list[Word], index: int) -> tuple[Fraction, int] | None:
    """Read "million", "bn" or "k" behind digits; single letters must touch them."""
    at = _after_hyphen(tokens, index)
    word = _text(tokens, at)
    size = table("scales").get(word)
    if size is None or word == "dozen":
        return (size, at + 1) if size else None
    touches = at == index and tokens[at].start == tokens[index - 1].end
    if len(word) == 1 and not (touches and _is_scale_letter(tokens, at)):
        return None
    more = table("scales").get(_text(tokens, at + 1))
    if more is not None and len(_text(tokens, at + 1)) > 2:
        return size * more, at + 2
    return size, at + 1


def _is_scale_letter(tokens: list[Word], at: int) -> bool:
    """Tell 5m (million) from 5m (metres) and from a name such as 4K-TV."""
    following = _text(tokens, at + 1)
    if tokens[at].text == "m":
        return following not in set(numerals()["en"]["words"]["metres"])
    return following != "-"


def _spelled(tokens: list[Word], start: int, index: int) -> tuple[Numeral, int] | None:
    """Read "two thousand three hundred and eleven", "a hundred", "three and a half million"."""
    word = _text(tokens, index)
    if word in _ALONE:
        return _make(tokens, start, index + 1, table("cardinals")[word])
    total = section = Fraction(0)
    end, last = index, Fraction(10**13)
    seen = False
    leading = start < index or word in table("scales")  # "a hundred", "the first hundred pages"
    for _ in range(_MAX_TOKENS):
        at = _joint(tokens, end, seen)
        number, scale = table("cardinals").get(_text(tokens, at)), _long_scale(tokens, at)
        if (
            number is not None
            and _text(tokens, at) not in _ALONE
            and (not seen or _fits(section, number))
        ):
            section += number
        elif scale is not None and (seen or leading) and _larger(section, scale, last):
            section = (section or Fraction(1)) * scale
            if scale >= THOUSAND:
                total, section, last = total + section, Fraction(0), scale
        else:
            break
        end, seen = at + 1, True
    return _and_half(tokens, start, end, total + section) if seen else None


def _long_scale(tokens: list[Word], index: int) -> Fraction | None:
    """Give the size of a spelled-out scale word."""
    word = _text(tokens, index)
    return table("scales").get(word) if len(word) > 2 else None


def _joint(tokens: list[Word], index: int, seen: bool) -> int:
    """Step over a hyphen or an "and" inside a number."""
    if not seen:
        return index
    if _text(tokens, index) == "-" and tokens[index].start == tokens[index - 1].end:
        return index + 1
    after_hundred = _text(tokens, index - 1) in {"hundred", "thousand", "million"}
    if (
        _text(tokens, index) == "and"
        and after_hundred
        and _text(tokens, index + 1) in table("cardinals")
    ):
        return index + 1
    return index


def _fits(section: Fraction, number: Fraction) -> bool:
    """Tell whether a word may follow what was read: twenty-two, hundred five, not two three."""
    if section == 0:
        return True
    rest = section % 100
    return (rest == 0 and number < 100) or (number < 10 and rest >= 20 and rest % 10 == 0)


def _larger(section: Fraction, scale: Fraction, last: Fraction) -> bool:
    is_next = section < scale and (scale < last or section == 0)
    return is_next or (section >= 100 and scale >= THOUSAND and scale < last)


def _and_half(tokens: list[Word], start: int, end: int, amount: Fraction) -> tuple[Numeral, int]:
    """Read "and a half" behind a number, and a scale behind that."""
    words_ahead = [_text(tokens, end + offset) for offset in range(5)]
    dashed = [word for word in words_ahead if word != "-"]
    if dashed[:3] == ["and", "a", "half"]:
        skip = 3 + words_ahead.count("-") if words_ahead[0] == "-" else 3
        amount, end = amount + Fraction(1, 2), end + skip
        scale = table("scales").get(_text(tokens, end))
        if scale is not None and len(_text(tokens, end)) > 2:
            amount, end = amount * scale, end + 1
    return _make(tokens, start, end, amount)


def _plural(tokens: list[Word], index: int) -> tuple[Numeral, int] | None:
    """Read "dozens" and "tens of thousands" as one to ten times the word."""
    size, end = table("plurals")[_text(tokens, index)], index + 1
    if _text(tokens, end) == "of" and _text(tokens, end + 1) in table("plurals"):
        size, end = size * table("plurals")[_text(tokens, end + 1)], end + 2
    elif _text(tokens, index) in {"tens", "scores"} and _text(tokens, end) != "of":
        return None
    start, stop = tokens[index].start, tokens[end - 1].end
    return Numeral(start, stop, size * (2 if size < 1000 else 1), size * 10, "", size), end


def _half_scale(tokens: list[Word], index: int) -> tuple[Numeral, int] | None:
    """Read "half a million" and "half-dozen"."""
    at = _after_hyphen(tokens, index + 1)
    at += _text(tokens, at) in {"a", "an"}
    scale = table("scales").get(_text(tokens, at))
    if scale is None or len(_text(tokens, at)) < 3:
        return None
    return _make(tokens, index, at + 1, scale / 2)


@cache
def _vague_phrases() -> dict[tuple[str, ...], tuple[Fraction, Fraction]]:
    rows = numerals()["en"]["words"]["vague"]
    return {tuple(k.split()): (Fraction(v[0]), Fraction(v[1])) for k, v in rows.items()}


def _vague(tokens: list[Word], index: int) -> tuple[Numeral, int] | None:
    """Read "a few hundred", "several", "a couple of"; a bare "few" means nearly none."""
    for size in (2, 1):
        phrase = tuple(_text(tokens, index + offset) for offset in range(size))
        bounds = _vague_phrases().get(phrase)
        if bounds is None:
            continue
        end = index + size
        end += _text(tokens, end) == "of"
        scale = table("scales").get(_text(tokens, end), Fraction(1))
        end += scale > 1
        if phrase == ("few",) and scale == 1:
            return None
        low, high = bounds[0] * scale, (bounds[1] + (scale > 1 and bounds[1] > 3)) * scale
        return Numeral(tokens[index].start, tokens[end - 1].end, low, high, "", scale), end
    return None
