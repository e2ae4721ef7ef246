"""The words of the web pages, as written in words.toml."""

import tomllib
from functools import cache
from importlib.resources import files

from drift.catalogue import LANGS
from drift.records import Lang


@cache
def all_words() -> dict[str, str]:
    """Read the words once."""
    return dict(tomllib.loads(files("api").joinpath("words.toml").read_text(encoding="utf-8")))


def say(key: str, lang: Lang) -> str:
    """Give a text of the pages in one language."""
    return all_words()[f"{key}_{lang}"]


def language(asked: str | None, header: str) -> Lang:
    """Choose the language: the one asked for, else the browser's first that we speak.

    >>> language(None, "fr, zh-TW;q=0.8, en;q=0.5"), language("en", "zh")
    ('zh', 'en')
    """
    for known in LANGS:
        if asked == known:
            return known
    for part in header.lower().split(","):
        for known in LANGS:
            if part.strip().startswith(known):
                return known
    return "en"
