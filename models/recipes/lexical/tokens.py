"""Cuts both languages into the words that the table is keyed by."""

import re
import unicodedata
from collections.abc import Callable, Mapping

_ENGLISH = re.compile(
    r"(?:[a-z]\.){2,}"  # u.s.
    r"|\d+(?:[.,]\d+)*"
    r"|[a-zà-öø-ÿ]+(?:'[a-z]+)?"
    r"|[^\sa-zà-öø-ÿ\d]"
)
_CONTRACTED = re.compile(r"^([a-z]+)('s|'re|'m|'ve|'ll|'d)$")
_NEGATED = {"won't": ("will", "not"), "can't": ("can", "not"), "shan't": ("shall", "not")}
_SUFFIX = {"'re": "are", "'m": "am", "'ve": "have", "'ll": "will"}
_APOSTROPHES = str.maketrans({"’": "'", "‘": "'", "`": "'", "´": "'"})
_COUNTRY = re.compile(r"\bUSA?\b")
_LOWER = re.compile(r"[a-z]")
_HYPHEN = re.compile(r"(?<=[A-Za-z])-(?=[A-Za-z])")


def english_tokens(text: str) -> list[str]:
    """Split English text into lowercase tokens, contractions undone.

    >>> english_tokens("The US didn't say it's well-known.")
    ['the', 'u.s.', 'did', 'not', 'say', 'it', "'s", 'well', 'known', '.']
    """
    folded = unicodedata.normalize("NFKC", text).translate(_APOSTROPHES)
    if _LOWER.search(folded):  # in a line of capitals US may be the pronoun
        folded = _COUNTRY.sub("U.S.", folded)
    tokens: list[str] = []
    for token in _ENGLISH.findall(_HYPHEN.sub(" ", folded).lower()):
        tokens.extend(_undo_contraction(token) if "'" in token else (token,))
    return tokens


def _undo_contraction(token: str) -> tuple[str, ...]:
    if token in _NEGATED:
        return _NEGATED[token]
    if token.endswith("n't"):
        return token[:-3], "not"
    match = _CONTRACTED.match(token)
    if match:
        return match.group(1), _SUFFIX.get(match.group(2), match.group(2))
    return (token,)


def chinese_tokens(
    text: str, cut: Callable[[str], list[str]], simplified: Mapping[int, str]
) -> list[str]:
    """Fold Chinese text to Simplified and half width, and cut it into words."""
    folded = unicodedata.normalize("NFKC", text).translate(simplified)
    return [word.lower() for word in cut(folded) if not word.isspace()]
