"""The models that Drift knows by name: where they are pinned, under which licence, in which set."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

_FILE = Path(__file__).with_name("catalogue.toml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of a model before it is asked for; empty where nothing is."""

    id: str
    revision: str = ""
    licence: str = ""
    summary: str = ""
    direction: str = ""
    note: str = ""
    prefix: str = ""


def known(identifier: str) -> Known:
    """Give what the catalogue says of a model; of a stranger, what its name says.

    >>> known("Helsinki-NLP/opus-mt-zh-en").licence
    'CC-BY-4.0'
    >>> known("somebody/opus-mt-de-en").direction, known("somebody/my-e5").prefix
    ('de-en', 'query: ')
    """
    found = _models().get(identifier)
    return found or Known(
        id=identifier, direction=_direction(identifier), prefix=_prefix(identifier)
    )


def presets() -> Mapping[str, tuple[str, ...]]:
    """Give the sets that are pulled by one word."""
    return {name: tuple(ids) for name, ids in _document()["presets"].items()}


def wanted(name: str) -> tuple[str, ...]:
    """Give the models that a word stands for: those of a set, or the one it names."""
    return presets().get(name, (name,))


def _direction(identifier: str) -> str:
    """Read the languages from a name in the OPUS-MT manner."""
    parts = identifier.rpartition("/")[2].split("-")
    if len(parts) >= 4 and parts[:2] == ["opus", "mt"]:
        return "-".join(parts[-2:])
    return ""


def _prefix(identifier: str) -> str:
    """Tell what a model of the E5 family wants before each text."""
    return "query: " if "e5" in identifier.rpartition("/")[2].lower().split("-") else ""


@cache
def _models() -> Mapping[str, Known]:
    return {entry["id"]: Known(**entry) for entry in _document()["model"]}


@cache
def _document() -> dict[str, Any]:
    return tomllib.loads(_FILE.read_text("utf-8"))
