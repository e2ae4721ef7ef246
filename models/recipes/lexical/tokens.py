"""Cuts both languages into the words that the table is keyed by."""

import re
import unicodedata
from collections.abc import Mapping

from drift.records import Span
from drift.segment import tokens

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
_RUN = re.compile(
    r"(?P<han>[\u3400-\u9fff]+(?:·[\u3400-\u9fff]+)*)|[a-z]+|\d+(?:[.,]\d+)*|[^\sa-z\d]"
)
_LOWER = re.compile(r"[a-z]")
_HYPHEN = re.compile(r"(?<=[A-Za-z])-(?=[A-Za-z])")


def english_tokens(text: str) -> list[str]:
    """Split English text into lowercase tokens, contractions undone.

    >>> english_tokens("The US didn't say it's well-known.")
    ['the', 'u.s', 'did', 'not', 'say', 'it', "'s", 'well', 'known', '.']
    """
    folded = unicodedata.normalize("NFKC", text).translate(_APOSTROPHES)
    if _LOWER.search(folded):  # in a line of capitals US may be the pronoun
        folded = _COUNTRY.sub("U.S.", folded)
    words: list[str] = []
    for token in _ENGLISH.findall(_HYPHEN.sub(" ", folded).lower()):
        words.extend(_undo_contraction(token) if "'" in token else (token.rstrip(".") or token,))
    return words


def _undo_contraction(token: str) -> tuple[str, ...]:
    if token in _NEGATED:
        return _NEGATED[token]
    if token.endswith("n't"):
        return token[:-3], "not"
    match = _CONTRACTED.match(token)
    if match:
        return match.group(1), _SUFFIX.get(match.group(2), match.group(2))
    return (token,)


def chinese_tokens(text: str, simplified: Mapping[int, str]) -> list[str]:
    """Fold Chinese text to Simplified and half width, and cut it as the product cuts it.

    >>> chinese_tokens("他拒絕了IBM。", {ord("絕"): "绝"})
    ['他', '拒绝', '了', 'ibm', '。']
    """
    folded = unicodedata.normalize("NFKC", text).translate(simplified)
    words: list[str] = []
    for match in _RUN.finditer(folded.lower()):
        run = match.group()
        if match.lastgroup == "han":
            words.extend(token.key for token in tokens(run, Span(0, len(run)), "zh"))
        else:
            words.append(run)
    return words
