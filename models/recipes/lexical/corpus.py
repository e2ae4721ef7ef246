"""Reads, cleans and chooses the sentence pairs."""

import hashlib
import html
import lzma
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

# How many pairs of a source are taken at most, and what one link of it weighs in the counts. News,
# talk and posts are the domain of the product and small, so they weigh more; translations made by
# machine (essays, software books) and old style weigh less. Set by hand from the note on the
# sources; a source that is not named here gets DEFAULT.
QUOTAS: dict[str, tuple[int, float]] = {
    "tatoeba": (40_000, 1.5),
    "yummy": (40_000, 3.0),
    "aichallenger": (40_000, 2.0),
    "chinadaily": (40_000, 2.5),
    "mlqepe": (40_000, 2.0),
    "microtopia": (40_000, 2.0),
    "undoc": (40_000, 2.0),
    "c3b1b": (40_000, 1.0),
    "hackernews": (400_000, 1.0),
    "quantblogs": (130_000, 0.7),
    "dsaiblogs": (12_000, 0.6),
    "geekdoc": (8_000, 0.6),
    "lctt": (300_000, 0.8),
    "xitu": (50_000, 0.5),
    "flygon": (40_000, 0.4),
    "trans2406": (30_000, 0.4),
    "bible": (6_000, 0.4),
}
DEFAULT = (50_000, 1.0)

_MARKUP = re.compile(r"<[^<>]{1,80}>|\]\([^()\s]{1,300}\)|[*_`#\[\]|]+|\{#[^}]{0,80}\}")
_LINK = re.compile(r"(?:https?://|www\.)\S+")
_HAN = re.compile(r"[\u3400-\u9fff]")
_WORD = re.compile(r"[A-Za-z]+(?:['’][a-z]+)?")
_CODE = re.compile(r"[{}<>=;\\$]")


@dataclass(frozen=True, slots=True)
class Pair:
    """One sentence in two languages and where it came from."""

    english: str
    chinese: str
    source: str


def read(folder: Path) -> Iterator[Pair]:
    """Yield every pair of every `*.tsv.xz` file, in the order of the file names."""
    for path in sorted(folder.glob("*.tsv.xz")):
        with lzma.open(path, "rt", encoding="utf-8", errors="replace") as lines:
            for line in lines:
                fields = line.rstrip("\n").split("\t")
                if len(fields) == 3:
                    yield Pair(*fields)


def clean(text: str) -> str:
    """Remove markup and addresses and fold the rest.

    >>> clean("See *this* <b>page</b> &amp; https://a.example/x")
    'See this page &'
    """
    plain = unicodedata.normalize("NFKC", html.unescape(text))
    plain = _MARKUP.sub(" ", _LINK.sub(" ", plain))
    return " ".join(plain.split())


def usable(english: str, chinese: str) -> bool:
    """Tell whether a cleaned pair looks like two renderings of one sentence.

    >>> usable("He refused to comment.", "他拒绝置评。")
    True
    >>> usable("He refused to comment.", "He refused to comment.")
    False
    """
    han = len(_HAN.findall(chinese))
    latin = len(_WORD.findall(chinese))
    words = len(_WORD.findall(english))
    if not (1 <= words <= 60 and 1 <= han <= 120) or _HAN.search(english):
        return False
    if latin > han / 2 or len(_CODE.findall(english)) > 3:
        return False
    ratio = (han + 2 * latin) / words  # about 1.6 in good pairs; headings reach further
    return 0.5 <= ratio <= 4.0


def choose(folder: Path, limit: int | None = None) -> Iterator[Pair]:
    """Yield cleaned pairs without repetitions, each source up to its quota.

    A pair is taken by the hash of its text, not by its place, so the choice is spread over the
    whole source and the same on every run.
    """
    seen: set[bytes] = set()
    sizes = _sizes(folder)
    taken: dict[str, int] = {}
    for pair in read(folder):
        quota = min(limit or DEFAULT[0] * 10, QUOTAS.get(pair.source, DEFAULT)[0])
        key = hashlib.blake2b(pair.english.lower().encode(), digest_size=8).digest()
        # a tenth more than the quota, because cleaning takes some away
        if int.from_bytes(key) / 2**64 > 1.1 * quota / sizes[pair.source] or key in seen:
            continue
        english, chinese = clean(pair.english), clean(pair.chinese)
        if taken.get(pair.source, 0) < quota and usable(english, chinese):
            seen.add(key)
            taken[pair.source] = taken.get(pair.source, 0) + 1
            yield Pair(english, chinese, pair.source)


def _sizes(folder: Path) -> dict[str, int]:
    sizes: dict[str, int] = {}
    for pair in read(folder):
        sizes[pair.source] = sizes.get(pair.source, 0) + 1
    return sizes
