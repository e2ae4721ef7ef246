"""Turns the raw parallel text into one clean, deduplicated, weighted training text."""

import gzip
import json
import lzma
import random
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from models.recipes.translation.augment import Pair, joined, noisy
from models.recipes.translation.cleaning import fit
from models.source_text import clean_english, has_chinese, prepared

TRAIN, FINISH, HELD_OUT = "train", "finish", "held-out"
_HELD_OUT_SHARE = 60
_KEY = re.compile(r"\W+")
_GLOSS = re.compile(r"\([^)]*\)")
_NOT_A_GLOSS = re.compile(r"variant of|surname|abbr|CL:|see |also written|\[|\||/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One part of the raw text, with its share of the training text."""

    file: str
    name: str
    take: int
    copies: int
    finish: int
    licence: str


def sources() -> tuple[Source, ...]:
    """Read the table of sources, best first."""
    table = Path(__file__).with_name("sources.toml")
    rows = tomllib.loads(table.read_text(encoding="utf-8"))["source"]
    return tuple(Source(**row) for row in rows)


def build(data: Path, folder: Path, seed: int, blend: float = 0.0) -> Counter[str]:
    """Write the texts (Chinese, tab, English) of a training and count their pairs by source.

    `train.tsv` is the bulk, `finish.tsv` the choice that the training ends on, `held-out.tsv` is in
    neither. With a `blend` the choice stands twice, beside such a share of the bulk, so that a long
    end does not wear it out.
    """
    folder.mkdir(parents=True, exist_ok=True)
    dice = random.Random(seed)  # noqa: S311 -- shuffling, not secrecy
    seen = forbidden(data)
    counts: Counter[str] = Counter()
    texts: dict[str, list[Pair]] = {TRAIN: [], FINISH: [], HELD_OUT: []}
    for source in sources():
        pairs = _fresh(_read(data / source.file, source.name), seen)
        dice.shuffle(pairs)
        if source.copies > 1:
            texts[HELD_OUT] += pairs[:_HELD_OUT_SHARE]
            pairs = pairs[_HELD_OUT_SHARE:]
        # What the bulk leaves over is new to the training when it comes to its end.
        texts[FINISH] += [noisy(pair, dice) for pair in pairs[::-1][: source.finish]]
        pairs = pairs[: source.take]
        counts[source.name] = len(pairs)
        for _ in range(source.copies):
            texts[TRAIN] += [noisy(pair, dice) for pair in joined(pairs, dice)]
            dice.shuffle(pairs)
    if blend:
        texts[FINISH] = 2 * texts[FINISH] + dice.sample(
            texts[TRAIN], int(blend * len(texts[TRAIN]))
        )
    for name, pairs in texts.items():
        dice.shuffle(pairs)
        _write(folder / f"{name}.tsv", pairs)
    (folder / "counts.json").write_text(json.dumps(counts, indent=1), encoding="utf-8")
    return counts


def forbidden(data: Path) -> set[str]:
    """Collect the keys of everything that is for measuring only, so that no pair repeats it."""
    keys: set[str] = set()
    flores = data / "mt-dev-flores-dev.jsonl.gz"
    if flores.exists():
        with gzip.open(flores, "rt", encoding="utf-8") as lines:
            for row in map(json.loads, lines):
                keys |= {_key(prepared(row["zh"])), _key(clean_english(row["en"]))}
    for name in ("driftbench-dev.jsonl",):
        if (data / name).exists():
            for line in (data / name).read_text(encoding="utf-8").splitlines():
                keys.add(_key(prepared(json.loads(line)["retweet"])))
    return keys


def _fresh(pairs: Iterator[Pair], seen: set[str]) -> list[Pair]:
    """Clean pairs and keep those whose two sides were both never seen."""
    kept: list[Pair] = []
    for raw_chinese, raw_english in pairs:
        chinese, english = prepared(raw_chinese), clean_english(raw_english)
        keys = {_key(chinese), _key(english)}
        if fit(chinese, english) and not keys & seen:
            seen |= keys
            kept.append((chinese, english))
    return kept


def _key(text: str) -> str:
    return _KEY.sub("", text).casefold()


def _read(path: Path, name: str) -> Iterator[Pair]:
    if path.suffix == ".jsonl":
        return _driftbench(path)
    return _cedict(path) if "cedict" in path.name else _tsv(path, set(name.split("|")))


def _tsv(path: Path, names: set[str]) -> Iterator[Pair]:
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            fields = line.rstrip("\n").split("\t")
            if len(fields) == 3 and fields[2] in names:
                yield fields[1], fields[0]


def _driftbench(path: Path) -> Iterator[Pair]:
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row.get("gloss"):
            yield row["retweet"], row["gloss"]


def _cedict(path: Path) -> Iterator[Pair]:
    """Give each headword of two or more signs with its first plain gloss."""
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            head, _, rest = line.partition(" [")
            words = head.split()
            glosses = rest.partition("] /")[2].strip().strip("/").split("/")
            plain = _GLOSS.sub("", glosses[0]).strip() if glosses else ""
            usable = plain and not _NOT_A_GLOSS.search(plain) and not has_chinese(plain)
            if len(words) == 2 and len(words[1]) > 1 and usable:
                yield words[1], plain.removeprefix("to ")


def _write(path: Path, pairs: list[Pair]) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as out:
        out.writelines(f"{chinese}\t{english}\n" for chinese, english in pairs)
