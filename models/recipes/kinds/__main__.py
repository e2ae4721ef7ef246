"""Command line of the recipe."""

import argparse
import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from drift.lexicons import entries as known
from models.recipes.lexical.cedict import Entry, read

HERE = Path(__file__).parent
TARGET = Path("drift/lexicons/kinds.toml")
HEAD = """# Things and places by kind; two of a kind exclude each other.
# Made by models.recipes.kinds from CC-CEDICT, CC BY-SA 3.0; this file is under the same licence.
"""
_PLACE = re.compile(
    r"^(?:([A-Z][a-z]+) or )?([A-Z][a-z]+(?:[ -][A-Z][a-z]+)?)(?: city)?,? "
    r"(?:the |a |an |[a-z]+ )*(?:capital|city|port|island|municipality)\b"
)
_CAPITAL = re.compile(r"capital (?:city )?of ([A-Z][a-z]+(?: [A-Z][a-z]+)?)")
_ASIDE = re.compile(r"\s*\([^()]*\)\s*")
_CHINESE = re.compile(r"[\u4e00-\u9fff]+")
_SINGLE = frozenset({"animal", "colour", "metal"})  # kinds with words of one character


def main() -> None:
    """Write the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="holds lexicon/cc-cedict.u8.xz")
    parser.add_argument("--output", type=Path, default=TARGET)
    args = parser.parse_args()
    dictionary = read(args.data / "lexicon" / "cc-cedict.u8.xz")
    rows = [*things(dictionary), *places(dictionary)]
    args.output.write_text(HEAD + "".join(_written(*row) for row in rows), "utf-8")
    print(f"{len(rows)} entries")


def things(dictionary: Sequence[Entry]) -> Iterator[tuple[str, str, list[str]]]:
    """Give kind, English and Chinese of the nouns that are listed and that the dictionary has."""
    by_gloss: dict[str, list[str]] = defaultdict(list)
    for entry in dictionary:
        word = _ASIDE.sub("", entry.glosses[0]).removeprefix("a ").removeprefix("an ").lower()
        if _CHINESE.fullmatch(entry.simplified) and not _is_proper(entry):
            by_gloss[word].append(entry.simplified)
    for kind, words in tomllib.loads((HERE / "classes.toml").read_text("utf-8")).items():
        for word in words:
            least = 1 if kind in _SINGLE else 2
            chinese = [one for one in dict.fromkeys(by_gloss[word]) if len(one) >= least]
            if chinese:
                yield kind, word, chinese


def places(dictionary: Sequence[Entry]) -> Iterator[tuple[str, str, list[str]]]:
    """Give the cities that the dictionary calls so, but those that the aliases have already."""
    had = {form for entry in known("aliases") for rank in entry.zh for form in rank}
    had |= {entry.simplified for entry in dictionary if not _is_proper(entry)}  # 安宁, 和平
    found: dict[str, list[str]] = defaultdict(list)
    for entry in dictionary:
        match = _PLACE.match(entry.glosses[0])
        fits = _CHINESE.fullmatch(entry.simplified) and len(entry.simplified) > 1
        if match and fits and entry.simplified not in had and _is_proper(entry):
            bare = entry.simplified.removesuffix("市")
            names = [bare, entry.simplified] if len(bare) > 1 else [entry.simplified]
            found[match[2]] += [name for name in names if name not in had]
    for english, chinese in sorted(found.items()):
        if chinese:
            yield "place", english.lower(), list(dict.fromkeys(chinese))


def _is_proper(entry: Entry) -> bool:
    return entry.pinyin[0][:1].isupper()


def _written(kind: str, english: str, chinese: list[str]) -> str:
    forms = ", ".join(f'"{form}"' for form in chinese)
    noun = "" if kind in ("place", "colour", "religion", "season") else "/n"
    form = f"{english}{noun}" if " " not in english else english
    name = f"{kind}-{english.replace(' ', '-')}"
    return f'\n[[entry]]\nname = "{name}"\nkind = "{kind}"\nen = [["{form}"]]\nzh = [[{forms}]]\n'


if __name__ == "__main__":
    main()
