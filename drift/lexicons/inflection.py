"""Inflects English verbs and nouns, so that a lexicon writes ``deny/v`` once.

The regular endings are rules of spelling; what is irregular or doubles its consonant is data
(`inflections.toml`).
"""

import tomllib
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any

from drift.errors import LexiconError
from drift.lexicons import source

_VOWELS = "aeiou"


def inflect(word: str, kind: str) -> frozenset[str]:
    """Give the forms of a verb (``v``) or noun (``n``); of anything else the word alone.

    >>> sorted(inflect("deny", "v"))
    ['denied', 'denies', 'deny', 'denying']
    >>> sorted(inflect("plan", "v"))
    ['plan', 'planned', 'planning', 'plans']
    """
    if kind == "v":
        return _verb(word)
    if kind == "n":
        return frozenset([word, _nouns().get(word, _with_s(word))])
    if kind:
        raise LexiconError(f"{word}/{kind}: a form ends in /v, /n or nothing.")
    return frozenset([word])


@lru_cache(maxsize=1 << 13)
def is_past(word: str) -> bool:
    """Tell whether a word looks like a past form or participle.

    >>> is_past("rejected"), is_past("sought"), is_past("red"), is_past("need")
    (True, True, False, False)
    """
    if word in _pasts():
        return True
    return len(word) > 4 and word.endswith("ed") and word not in _not_pasts()


def _verb(word: str) -> frozenset[str]:
    irregular = _verbs().get(word)
    stem = word[:-1] if word.endswith("e") and not word.endswith(("ee", "ye", "oe")) else word
    if word in _doubling():
        stem = word + word[-1]
    past = {stem + "ed"} if not (word.endswith("y") and word[-2] not in _VOWELS) else set()
    past |= {word[:-1] + "ied"} if not past else set()
    if word.endswith("e"):
        past = {word + "d"}
    gerund = word[:-2] + "ying" if word.endswith("ie") else stem + "ing"
    return frozenset({word, _with_s(word), gerund} | (set(irregular) if irregular else past))


def _with_s(word: str) -> str:
    if word.endswith("y") and word[-2:-1] not in _VOWELS:
        return word[:-1] + "ies"
    return word + ("es" if word.endswith(("s", "x", "z", "ch", "sh", "o")) else "s")


@cache
def _data() -> Mapping[str, Any]:
    return tomllib.loads(source("inflections"))


@cache
def _verbs() -> Mapping[str, list[str]]:
    verbs: Mapping[str, list[str]] = _data()["verbs"]
    return verbs


@cache
def _nouns() -> Mapping[str, str]:
    nouns: Mapping[str, str] = _data()["nouns"]
    return nouns


@cache
def _doubling() -> frozenset[str]:
    return frozenset(_data()["doubling"])


@cache
def _pasts() -> frozenset[str]:
    return frozenset(form for forms in _verbs().values() for form in forms) - frozenset(
        _data()["same"]
    )


@cache
def _not_pasts() -> frozenset[str]:
    return frozenset(_data()["not_past"])
