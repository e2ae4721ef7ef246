"""Writes the chosen pairs as tokens, one sentence a line, ready for the aligner."""

import logging
import os
from collections.abc import Iterator
from itertools import chain
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from models.recipes.lexical import cedict, corpus
from models.recipes.lexical.counts import DICTIONARY
from models.recipes.lexical.tokens import chinese_tokens, english_tokens

_NICE = 5
_WORKER: dict[str, Any] = {}


def write_dictionary(entries: list[cedict.Entry], path: Path) -> None:
    """Write jieba's whole dictionary plus the headwords that it lacks as a jieba dictionary."""
    import jieba  # noqa: PLC0415 -- only the recipe's first step needs it

    known: dict[str, int] = {}
    with jieba.get_dict_file() as lines:
        for line in lines:
            word, count, *_ = line.decode("utf-8").split(" ")
            known[word] = int(count)
    for entry in entries:
        word = entry.simplified
        if 2 <= len(word) <= 4 and all("\u3400" <= char <= "\u9fff" for char in word):
            known.setdefault(word, 3)  # 3 is the most frequent count of a rare word in jieba's own
    path.write_text("".join(f"{word} {count}\n" for word, count in known.items()), "utf-8")


def tokenizer(dictionary: Path) -> Any:  # noqa: ANN401 -- jieba is untyped
    """Load a jieba tokenizer on a dictionary file, with its cache beside that file."""
    import jieba  # noqa: PLC0415 -- heavy, and only needed in the worker processes

    jieba.setLogLevel(logging.WARNING)
    cutter = jieba.Tokenizer(dictionary=str(dictionary))
    cutter.tmp_dir = str(dictionary.parent)
    cutter.initialize()
    return cutter


def write_tokens(data: Path, work: Path, limit: int | None = None) -> int:
    """Choose pairs, cut them into tokens and write en.txt, zh.txt and source.txt; count them."""
    entries = cedict.read(data / "lexicon" / "cc-cedict.u8.xz")
    dictionary = work / "dictionary.txt"
    write_dictionary(entries, dictionary)
    tokenizer(dictionary)  # makes the cache once, before the workers start
    simplified = cedict.simplification(entries)
    pairs = chain(
        ((pair.english, pair.chinese, pair.source) for pair in corpus.choose(data / "parallel", limit)),
        ((en, zh, DICTIONARY) for en, zh in _short_pairs(entries, limit)),
    )
    written = 0
    with (
        get_context("spawn").Pool(2, _start_worker, (dictionary, simplified)) as pool,
        (work / "en.txt").open("w", encoding="utf-8") as english,
        (work / "zh.txt").open("w", encoding="utf-8") as chinese,
        (work / "source.txt").open("w", encoding="utf-8") as sources,
    ):
        for left, right, source in pool.imap(_cut, pairs, chunksize=500):
            if left and right:
                english.write(left + "\n")
                chinese.write(right + "\n")
                sources.write(source + "\n")
                written += 1
    return written


def _short_pairs(entries: list[cedict.Entry], limit: int | None) -> Iterator[tuple[str, str]]:
    for number, pair in enumerate(cedict.short_pairs(entries)):
        if limit is not None and number >= limit:
            return
        yield pair


def _start_worker(dictionary: Path, simplified: dict[int, str]) -> None:
    os.nice(_NICE)
    _WORKER["cut"] = tokenizer(dictionary).lcut
    _WORKER["simplified"] = simplified


def _cut(pair: tuple[str, str, str]) -> tuple[str, str, str]:
    english, chinese, source = pair
    if source == DICTIONARY:
        words = [chinese]  # a headword is one word, whatever the cutter thinks
    else:
        words = chinese_tokens(chinese, _WORKER["cut"], _WORKER["simplified"])
    return " ".join(english_tokens(english)), " ".join(words), source
