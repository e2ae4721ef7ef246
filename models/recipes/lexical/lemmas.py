"""Leads English forms back to their base, with the translation table as the judge.

An ending rule proposes bases (hoping: hop, hope); the base whose Chinese translations are most
like those of the form is taken, and none when they are unlike (meeting stays apart from meat).
"""

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

from models.recipes.lexical.table import Row

ALIKE = 0.04  # overlap of the translations below which two words are two; set on verbs by eye
_VOWELS = frozenset("aeiouy")
_FEWEST = 3


def write(english: list[Row], seen: Mapping[str, int], path: Path) -> int:
    """Write `base form form...` lines; count the forms."""
    meanings = {row.word: dict(row.links) for row in english if " " not in row.word}
    fixed, families = _irregular()
    taken = {form for forms in families.values() for form in forms} | fixed | set(families)
    for form in meanings:
        if form not in taken and seen.get(form, 0) >= _FEWEST and form.isalpha():
            base = _base(form, meanings, seen)
            if base is not None:
                families.setdefault(base, []).append(form)
    _flatten(families)
    lines = [" ".join([base, *sorted(set(families[base]))]) + "\n" for base in sorted(families)]
    path.write_text("# Base and its forms.\n" + "".join(lines), "utf-8")
    return sum(map(len, families.values()))


def candidates(form: str) -> Iterator[str]:
    """Yield what a form may be an inflection of.

    >>> list(candidates("hoping")), list(candidates("parties")), list(candidates("stopped"))
    (['hop', 'hope'], ['party', 'partie'], ['stopp', 'stoppe', 'stop'])
    """
    if form.endswith("ies") and len(form) > 4:
        yield from (form[:-3] + "y", form[:-1])
    elif form.endswith("s") and not form.endswith(("ss", "us", "is")):
        yield form[:-1]
        if form.endswith("es"):
            yield form[:-2]
    for ending in ("ing", "ed"):
        stem = form.removesuffix(ending)
        if stem == form or len(stem) < 2 or not _VOWELS & set(stem):
            continue
        if stem.endswith("i"):
            yield stem[:-1] + "y"
        yield from (stem, stem + "e")
        if len(stem) > 3 and stem[-1] == stem[-2]:
            yield stem[:-1]


def _base(
    form: str, meanings: Mapping[str, Mapping[str, float]], seen: Mapping[str, int]
) -> str | None:
    best, score = None, ALIKE
    for base in candidates(form):
        if seen.get(base, 0) < max(_FEWEST, seen[form] // 500):
            continue
        alike = _overlap(meanings[form], meanings.get(base, {}))
        if alike > score:
            best, score = base, alike
    return best


def _overlap(left: Mapping[str, float], right: Mapping[str, float]) -> float:
    return sum(min(share, right.get(word, 0.0)) for word, share in left.items())


def _irregular() -> tuple[set[str], dict[str, list[str]]]:
    text = (Path(__file__).parent / "irregular.toml").read_text("utf-8")
    groups = tomllib.loads(text)
    fixed = set(groups.pop("fixed")["words"])
    families: dict[str, list[str]] = {}
    for group in groups.values():
        for base, forms in group.items():
            families.setdefault(base, []).extend(forms)
    return fixed, families


def _flatten(families: dict[str, list[str]]) -> None:
    """Let no form be a base: buildings -> building -> build becomes buildings -> build."""
    parent = {form: base for base, forms in families.items() for form in forms}
    for base in [base for base in families if base in parent]:
        top = base
        for _ in range(3):
            top = parent.get(top, top)
        if top != base:
            families.setdefault(top, []).extend(families.pop(base))
