"""Makes texts comparable and keeps the way back to the text as its author wrote it.

What is folded: width and compatibility forms (NFKC, one code point at a time, so that nothing
explodes), Traditional to Simplified, digits of other scripts, single quotes, hyphens, and letters
of other alphabets inside a Latin word. What is dropped, with a flag: signs that nobody sees. What
stays: Chinese punctuation (，is no comma; only between digits it is), double quotes, 「」, vulgar
fractions (½: folded, 1½ would read 11/2), superscripts after a digit (10² is not 102), numbered
list signs (①) and ™.
"""

import functools
import re
import tomllib
import unicodedata
from collections.abc import Iterator
from importlib import resources
from itertools import pairwise
from typing import Any

from drift.records import Normalised, Script

# A compatibility form longer than this (U+FDFA has 18 code points) is left as it is.
_LONGEST_FORM = 4
# What most texts are made of: copied as it is, without a look at each character.
_SPECIAL = re.compile(r"[\u0300-\u036f]{9,}|[^ -~\n一-鿿，。！？；：、“”（）《》【】「」『』…—]")
_KEPT = frozenset(
    "，。！？；：、“”„「」『』（）《》〈〉【】〔〕［］｛｝…—·・™®©℠¼½¾⅐⅑⅒⅓⅔⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞↉"
)
_MAPPED = {
    **dict.fromkeys("‘’‚‛′`´＇", "'"),
    **dict.fromkeys("‐‑‒–−﹣－﹘", "-"),
    **dict.fromkeys("―⸺⸻﹙", "—"),
    **dict.fromkeys("\x0b\x0c\x1c\x1d\x1e", "\n"),
    **dict.fromkeys("〜～∼", "~"),
    "﹙": "（",
    "﹚": "）",
    "⁄": "/",
}
_BIDI = frozenset("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# Invisible although Unicode does not class them as format characters.
_UNSEEN = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2065\u2800\u3164\uffa0"
)
# Format characters that are drawn (Arabic number signs and their like).
_DRAWN = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u08e2\U000110bd\U000110cd")
_HALF_WIDTH_MARKS = frozenset("\uff9e\uff9f")  # the voicing marks of half-width kana
_VARIANTS = frozenset("\ufe0e\ufe0f")
_PICTURE = re.compile(r"[©®‼⁉™ℹ←-⇿⌀-➿⤴⤵⬀-⯿〰〽㊗㊙\U0001f000-\U0001faff]")
_CONTEXTUAL = frozenset("\r\x85\u2028\u2029\u200d\ufe0e\ufe0f")
_KEYS = frozenset("0123456789#*")  # what a keycap emoji starts from
_SENTENCE_ENDS = frozenset('.!?。！？…:：”"\n')
_FLAG_TAGS = re.compile("(?<=\U0001f3f4)[\U000e0030-\U000e007a]{2,6}\U000e007f")
_SUPERSCRIPT = re.compile("(?<![0-9⁰¹²³⁴⁵⁶⁷⁸⁹])[⁰¹²³⁴⁵⁶⁷⁸⁹]+")
_CIRCLED = re.compile(r"[①-⑨⓪]{2,}|(?<=\d)[①-⑨⓪]+|[①-⑨⓪]+(?=[\d%])")
_THOUSANDS = re.compile(r"(?<=\d)，(?=\d{3}(?!\d))")
_SPACED = re.compile(
    r"(?<![一-鿿])[一-鿿](?P<sign>[ *._~|/·-]|[\u2600-\u27bf\U0001f000-\U0001faff])[一-鿿]"
    r"(?:(?P=sign)[一-鿿]){2,}(?![一-鿿])"
)
_MIXED = re.compile(r"[A-Za-zÀ-ɏͰ-ϿЀ-ԯ]{2,}")
_LATIN = re.compile("[A-Za-z]")
_MARKS_KEPT = 3  # marks that stay on a letter of a script that needs them


@functools.cache
def _lexicon() -> dict[str, Any]:
    """Read what is known about the scripts."""
    path = resources.files("drift") / "lexicons" / "script.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def normalise(raw: str) -> Normalised:
    """Make a text comparable; every later span leads back to the raw text.

    >>> done = normalise("如果美國拒絕他，１２０萬")
    >>> done.text, done.script
    ('如果美国拒绝他，120万', 'hant')
    """
    characters, offsets, flags = _fold(raw)
    text = _rewrite("".join(characters))
    text, confused = _clear_confusables(text)
    text, offsets, spaced = _close_up(text, offsets)
    flags |= {"confusable"} if confused else set()
    flags |= {"spaced"} if spaced else set()
    script = _script(text)
    if any(sign in _hant() for sign in text):
        text, offsets = _simplify(text, offsets)
    return Normalised(raw, text, (*offsets, len(raw)), script, tuple(sorted(flags)))


def chinese_share(text: str) -> float:
    """Give the share of ideographs among the letters of a text; figures are of no language.

    >>> chinese_share("王立军 has left"), chinese_share("涨10%20%30%")
    (0.3, 1.0)
    """
    letters = [sign for sign in text if sign.isalpha()]
    return sum(_is_han(sign) for sign in letters) / len(letters) if letters else 0.0


def _is_han(sign: str) -> bool:
    return "㐀" <= sign <= "鿿" or "豈" <= sign <= "\ufaff" or "\U00020000" <= sign <= "\U0003ffff"


def _fold(raw: str) -> tuple[list[str], list[int], set[str]]:
    """Fold character by character; an emptied character leaves no entry."""
    characters: list[str] = []
    offsets: list[int] = []
    flags: set[str] = set()
    hidden = {at for tag in _FLAG_TAGS.finditer(raw) for at in range(*tag.span())}
    done = 0
    for match in _SPECIAL.finditer(raw):
        at = match.start()
        characters.extend(raw[done:at])
        offsets.extend(range(done, at))
        done = match.end()
        if at in hidden:
            continue
        form, flag = _form(match[0])
        if flag == "mark":
            form, flag = _combine(characters, match[0])
        elif flag == "context":
            form, flag = _in_context(raw, at)
        flags.add(flag)
        characters.extend(form)
        offsets.extend([at] * len(form))
    characters.extend(raw[done:])
    offsets.extend(range(done, len(raw)))
    return characters, offsets, flags - {""}


@functools.lru_cache(maxsize=1 << 14)
def _form(sign: str) -> tuple[str, str]:
    """Give what a character becomes and what is to be said about it."""
    if len(sign) > 1:  # a run of marks that no script needs
        return "", "marks"
    if sign in _KEPT:
        return sign, ""
    if sign in _MAPPED:
        return _MAPPED[sign], ""
    if sign in _CONTEXTUAL:
        return "", "context"
    if sign in _BIDI:
        return "", "bidi"
    return _by_category(sign, unicodedata.category(sign))


def _by_category(sign: str, category: str) -> tuple[str, str]:
    if _is_unseen(sign, category):
        return "", "invisible"
    if category[0] == "M" or sign in _HALF_WIDTH_MARKS:
        return "", "mark"
    broken = _broken(sign, category)
    if broken:
        return "\ufffd", broken
    if category == "Nd":
        return str(unicodedata.digit(sign)), ""
    return _compatible(sign, category), ""


def _broken(sign: str, category: str) -> str:
    """Name what is wrong with a code point that no text should have."""
    if category == "Cn" and (ord(sign) & 0xFFFE == 0xFFFE or "\ufdd0" <= sign <= "\ufdef"):
        return "noncharacter"
    if sign == "\t":
        return ""
    return {"Cs": "surrogate", "Cc": "control"}.get(category, "")


def _is_unseen(sign: str, category: str) -> bool:
    """Tell whether a character leaves no trace on the page."""
    if sign in _UNSEEN or "\U000e0000" <= sign <= "\U000e0fff":
        return True
    return (category == "Cf" and sign not in _DRAWN) or "\ufe00" <= sign <= "\ufe0d"


def _compatible(sign: str, category: str) -> str:
    """Give the compatibility form where it reads the same and does not explode."""
    if category == "No":  # ² ① ⑴ ⒈: what they become depends on their neighbours
        return sign
    form = unicodedata.normalize("NFKC", sign)
    if len(form) > _LONGEST_FORM or " " in form.strip():
        return sign
    # A spacing accent (¨) becomes a blank and a mark: no gain, and a word boundary that was none.
    return sign if form.startswith(" ") and form != " " else form


def _in_context(raw: str, at: int) -> tuple[str, str]:
    """Decide about the characters that mean something only between the right neighbours."""
    sign, before, after = raw[at], raw[at - 1 : at] if at else "", raw[at + 1 : at + 2]
    if sign == "\r":
        return ("", "") if after == "\n" else ("\n", "")
    if sign in "\x85\u2028\u2029":  # a line break, unless it stands where no line ends
        return ("\n", "") if before in _SENTENCE_ENDS else ("", "invisible")
    pictured = before in _VARIANTS or _PICTURE.match(before) is not None
    if sign in _VARIANTS:
        keycap = before in _KEYS and after == "\u20e3"
        return "", "" if pictured or keycap else "invisible"
    return (sign, "") if pictured and _PICTURE.match(after) else ("", "invisible")


def _combine(characters: list[str], mark: str) -> tuple[str, str]:
    """Join a combining mark to the letter before it, or drop it.

    Marks compose (é), or belong to a letter of a script that cannot be written without them; on
    anything else they hide the text and go.
    """
    base = characters[-1] if characters else " "
    joined = unicodedata.normalize("NFC", base + unicodedata.normalize("NFKC", mark))
    if len(joined) == 1:
        characters[-1] = joined
        return "", ""
    if mark in "\u20e3\u20e0":  # the frame of a keycap emoji, the bar of a prohibition
        return "", ""
    needs_marks = unicodedata.category(base)[0] in "LM" and base > "\u0590" and not _is_han(base)
    crowded = all(unicodedata.category(sign)[0] == "M" for sign in characters[-_MARKS_KEPT:])
    return (mark, "") if needs_marks and not crowded else ("", "marks")


def _rewrite(text: str) -> str:
    """Put numbers into ASCII where their neighbours say that they are numbers."""
    if not text.isascii():
        text = _SUPERSCRIPT.sub(_plain_digits, text)
        text = _CIRCLED.sub(_plain_digits, text)
        text = _THOUSANDS.sub(",", text)
    return text


def _close_up(text: str, offsets: list[int]) -> tuple[str, list[int], bool]:
    """Take out one and the same sign put between single ideographs (没👏有👏辞👏职)."""
    dropped = {
        at for run in _SPACED.finditer(text) for at in range(run.start() + 1, run.end() - 1, 2)
    }
    if not dropped:
        return text, offsets, False
    kept = [at for at in range(len(text)) if at not in dropped]
    return "".join(text[at] for at in kept), [offsets[at] for at in kept], True


def _plain_digits(match: re.Match[str]) -> str:
    return "".join(str(unicodedata.digit(sign)) for sign in match[0])


def _clear_confusables(text: str) -> tuple[str, bool]:
    """Give Latin words their Latin letters back."""
    if text.isascii():
        return text, False
    table = _confusables()
    found = False

    def clear(match: re.Match[str]) -> str:
        nonlocal found
        word = match[0]
        if word.isascii() or not _LATIN.search(word):
            return word
        plain = word.translate(table)
        found = found or plain != word
        return plain

    return _MIXED.sub(clear, text), found


@functools.cache
def _confusables() -> dict[int, int]:
    pair = _lexicon()["confusables"]
    return str.maketrans(pair["from"], pair["into"])


@functools.cache
def _hans() -> frozenset[str]:
    return frozenset(_lexicon()["hans"]) - {"\n"}


@functools.cache
def _hant() -> frozenset[str]:
    return frozenset(_lexicon()["hant"]) - {"\n"}


def _script(text: str) -> Script:
    """Name the script by the characters that stand in one script only."""
    simplified, traditional = _hans(), _hant()
    hans = sum(sign in simplified for sign in text)
    hant = sum(sign in traditional for sign in text)
    if hans or hant:
        return "hant" if hant > hans else "hans"
    # Nothing tells the scripts apart; most such texts were written in Simplified.
    return "hans" if any(_is_han(sign) for sign in text) else "none"


def _simplify(text: str, offsets: list[int]) -> tuple[str, list[int]]:
    """Convert to Simplified; characters keep their places, replaced words keep their outline."""
    simple = _converter()(text)
    if len(simple) != len(text):  # not seen over all of CC-CEDICT; then character by character
        simple = "".join(_converter()(sign)[:1] or sign for sign in text)
    words: list[str] = []
    places: list[int] = []
    for start, end, word in _vocabulary(simple):
        words.append(word)
        same = word == simple[start:end]
        places.extend(offsets[start:end] if same else [offsets[start]] * len(word))
    return "".join(words), places


def _vocabulary(text: str) -> Iterator[tuple[int, int, str]]:
    """Cut the text at words that Taiwan writes differently and give each piece its reading."""
    words = _lexicon()["vocabulary"]
    cuts = [0]
    for match in _taiwanese().finditer(text):
        cuts.extend(match.span())
    cuts.append(len(text))
    for start, end in pairwise(cuts):
        piece = text[start:end]
        yield start, end, words.get(piece, piece)


@functools.cache
def _taiwanese() -> re.Pattern[str]:
    longest_first = sorted(_lexicon()["vocabulary"], key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest_first)))


@functools.cache
def _converter() -> Any:  # noqa: ANN401  # the method of a compiled class without types
    from opencc import OpenCC

    return OpenCC("tw2s").convert
