"""Leads an English word form back to its base, so that rejected, rejects and reject are one."""

from functools import cache
from importlib.resources import files


def lemma(word: str) -> str:
    """Give the base form of a lower-case English word; an unknown word is its own.

    >>> lemma("rejected"), lemma("diplomats"), lemma("news"), lemma("zzgl")
    ('reject', 'diplomat', 'news', 'zzgl')
    """
    return _table().get(word, word)


@cache
def _table() -> dict[str, str]:
    text = files("drift").joinpath("lexicons", "lemmas.txt").read_text("utf-8")
    table: dict[str, str] = {}
    for line in text.splitlines():
        if not line.startswith("#"):
            base, *forms = line.split(" ")
            table.update(dict.fromkeys(forms, base))
    return table
