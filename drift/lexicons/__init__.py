"""Loads the linguistic knowledge: cue lexicons and the knowledge files, all TOML, all bilingual.

An entry is a meaning, not a word: its English and Chinese forms stand side by side, so that a
one-sided entry shows in review. How a form is written is told in `drift.lexicons.forms`.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

from drift.errors import LexiconError
from drift.records import Lang

DIMENSIONS = (
    "conditional",
    "certainty",
    "polarity",
    "attribution",
    "cause",
    "intensity",
    "aspect",
    "quantifier",
    "stance",
    "role",
    "contrast",
)


class Reach(StrEnum):
    """Where a cue works (the directions of NegEx and ConText)."""

    FORWARD = "forward"  # 可能 -> what follows
    BACKWARD = "backward"  # what precedes -> 的话
    BOTH = "both"  # "reportedly": the whole clause
    PSEUDO = "pseudo"  # looks like a cue and is none: 不仅, "not only"
    TERMINATE = "terminate"  # ends the scope of this lexicon's cues: 但, "but"


class Limit(StrEnum):
    """How far a scope may reach before it ends by itself."""

    WORD = "word"  # the neighbouring word: 了 in 批准了
    OBJECT = "object"  # what the verb acts on, or its subject where it has no object: 取消
    NP = "np"  # the noun phrase that follows: "without X", 所有X
    CLAUSE = "clause"
    SENTENCE = "sentence"
    CONTENT = "content"  # what is reported: "X said Y", 据X称Y
    COMPLEMENT = "complement"  # the verb's own clause; the content where a sign or "that" follows
    SELF = "self"  # nothing beyond the cue itself: loaded words


@dataclass(frozen=True, slots=True, kw_only=True)
class Cue:
    """One meaning of one dimension, with its forms in both languages."""

    value: str
    en: tuple[str, ...] = ()
    zh: tuple[str, ...] = ()
    reach: Reach = Reach.FORWARD
    limit: Limit = Limit.CLAUSE
    strength: float = 1.0  # how sure the cue is to mean its value where its form is found
    needs: str = ""  # a value that must occur in the same sentence ("Had he ... would")
    note: str = ""  # why, with an example


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One meaning of a knowledge file: forms by rank, in both languages.

    Antonyms have two or more poles, degrees an order from weak to strong, stages an order in time,
    reporting verbs and aliases one rank.
    """

    name: str
    en: tuple[tuple[str, ...], ...] = ()
    zh: tuple[tuple[str, ...], ...] = ()
    kind: str = ""
    note: str = ""


def parse(name: str, text: str) -> tuple[Cue, ...]:
    """Read a cue lexicon; an unknown key, an empty cue or a one-sided lexicon is an error."""
    cues = tuple(_cue(name, entry) for entry in _entries(name, text, "cue"))
    for lang in ("en", "zh"):
        if not any(written(cue, lang) for cue in cues):
            raise LexiconError(f"{name}.toml has no {lang} cue: write the other language too.")
        _refuse_doubles(name, lang, [form for cue in cues for form in written(cue, lang)])
    return cues


def parse_entries(name: str, text: str) -> tuple[Entry, ...]:
    """Read a knowledge file; every entry needs both languages, with as many ranks in each."""
    found = tuple(_entry(name, entry) for entry in _entries(name, text, "entry"))
    for entry in found:
        if not entry.en or len(entry.en) != len(entry.zh):
            raise LexiconError(f"{name}.toml: {entry.name!r} needs equal ranks in en and zh.")
    _refuse_doubles(name, "entry name", [entry.name for entry in found])
    return found


def written(cue: Cue, lang: Lang | str) -> tuple[str, ...]:
    """Give the forms of one language."""
    return cue.en if lang == "en" else cue.zh


@cache
def lexicon(name: str) -> tuple[Cue, ...]:
    """Load the cues of a dimension.

    >>> {cue.reach.value for cue in lexicon("polarity") if "不仅" in cue.zh}
    {'pseudo'}
    """
    return parse(name, source(name))


@cache
def entries(name: str) -> tuple[Entry, ...]:
    """Load a knowledge file: antonyms, degrees, stages, reporting or aliases."""
    return parse_entries(name, source(name))


@cache
def grammar() -> Mapping[str, Any]:
    """Load the small word classes that matching and scoping lean on."""
    return tomllib.loads(source("grammar"))


def source(name: str) -> str:
    """Read a data file of this package."""
    try:
        return files("drift.lexicons").joinpath(f"{name}.toml").read_text(encoding="utf-8")
    except FileNotFoundError:
        raise LexiconError(f"There is no lexicon {name!r}.") from None


def _entries(name: str, text: str, table: str) -> list[dict[str, Any]]:
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise LexiconError(f"{name}.toml: {error}") from error
    if unknown := document.keys() - {table}:
        raise LexiconError(f"{name}.toml: unknown tables {sorted(unknown)}; known: [[{table}]].")
    entries: list[dict[str, Any]] = document.get(table, [])
    if not entries:
        raise LexiconError(f"{name}.toml has no [[{table}]].")
    return entries


def _cue(name: str, entry: Mapping[str, Any]) -> Cue:
    _refuse_keys(Cue, name, entry)
    try:
        return Cue(
            **{
                **entry,
                "en": tuple(entry.get("en", ())),
                "zh": tuple(entry.get("zh", ())),
                "reach": Reach(entry.get("reach", Reach.FORWARD)),
                "limit": Limit(entry.get("limit", Limit.CLAUSE)),
            }
        )
    except ValueError as error:
        raise LexiconError(f"{name}.toml: {error}") from error


def _entry(name: str, entry: Mapping[str, Any]) -> Entry:
    _refuse_keys(Entry, name, entry)
    ranks = {lang: tuple(tuple(rank) for rank in entry.get(lang, ())) for lang in ("en", "zh")}
    return Entry(**{**entry, **ranks})


def _refuse_keys(kind: type[Cue] | type[Entry], name: str, entry: Mapping[str, Any]) -> None:
    known = {field.name: field.default is MISSING for field in fields(kind)}
    if unknown := entry.keys() - known.keys():
        raise LexiconError(f"{name}.toml: unknown keys {sorted(unknown)}; known: {sorted(known)}.")
    if missing := {key for key, required in known.items() if required} - entry.keys():
        raise LexiconError(f"{name}.toml: missing keys {sorted(missing)} in {dict(entry)!r}.")
    wrong = [key for key in ("en", "zh") if not isinstance(entry.get(key, []), list)]
    if wrong or not (entry.get("en") or entry.get("zh")):
        raise LexiconError(f"{name}.toml: en and zh are lists of forms, one not empty: {entry!r}.")


def _refuse_doubles(name: str, what: str, values: list[str]) -> None:
    seen: set[str] = set()
    for value in values:
        if value in seen:
            raise LexiconError(f"{name}.toml: {what} {value!r} occurs twice.")
        seen.add(value)
