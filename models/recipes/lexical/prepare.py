"""Writes the chosen pairs as tokens, one sentence a line, ready for the aligner."""

import logging
import os
import unicodedata
from collections import Counter
from contextlib import ExitStack
from itertools import chain, islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from drift.lemmas import lemma
from models.recipes.lexical import cedict, corpus
from models.recipes.lexical.counts import DICTIONARY
from models.recipes.lexical.tokens import chinese_tokens, english_tokens

_NICE = 5
_WORKER: dict[str, Any] = {}


def write_dictionary(entries: list[cedict.Entry], path: Path) -> None:
    """Write jieba's whole dictionary plus the headwords that it lacks as a jieba dictionary."""
    import jieba  # only the recipe's first step needs it

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


def count_words(data: Path, work: Path, limit: int | None = None) -> Counter[str]:
    """Count the words of the chosen pairs as jieba cuts them with its whole dictionary."""
    counts: Counter[str] = Counter()
    entries = cedict.read(data / "lexicon" / "cc-cedict.u8.xz")
    write_dictionary(entries, work / "dictionary.txt")
    texts = (pair.chinese for pair in corpus.choose(data / "parallel", limit))
    with get_context("spawn").Pool(2, _start_cutter, (work / "dictionary.txt", entries)) as pool:
        for words in pool.imap_unordered(_cut_whole, texts, chunksize=500):
            counts.update(words)
    return counts


def write_tokens(data: Path, work: Path, limit: int | None = None) -> int:
    """Choose pairs and write en.txt, en.base.txt, zh.txt and source.txt; count the pairs."""
    entries = cedict.read(data / "lexicon" / "cc-cedict.u8.xz")
    chosen = corpus.choose(data / "parallel", limit)
    pairs = chain(
        ((pair.english, pair.chinese, pair.source) for pair in chosen),
        ((en, zh, DICTIONARY) for en, zh in islice(cedict.short_pairs(entries), limit)),
    )
    written = 0
    with ExitStack() as stack:
        pool = stack.enter_context(get_context("spawn").Pool(2, _start_worker, (entries,)))
        names = ("en.txt", "en.base.txt", "zh.txt", "source.txt")
        files = [stack.enter_context((work / name).open("w", encoding="utf-8")) for name in names]
        for lines in pool.imap(_cut, pairs, chunksize=500):
            if all(lines):
                written += 1
                for file, line in zip(files, lines, strict=True):
                    file.write(line + "\n")
    return written


def _start_worker(entries: list[cedict.Entry]) -> None:
    os.nice(_NICE)
    _WORKER["simplified"] = cedict.simplification(entries)


def _start_cutter(dictionary: Path, entries: list[cedict.Entry]) -> None:
    import jieba  # heavy, and only these processes need it

    _start_worker(entries)
    jieba.setLogLevel(logging.WARNING)
    cutter = jieba.Tokenizer(dictionary=str(dictionary))
    cutter.tmp_dir = str(dictionary.parent)
    cutter.initialize()
    _WORKER["cut"] = cutter.lcut


def _cut(pair: tuple[str, str, str]) -> tuple[str, str, str, str]:
    english, chinese, source = pair
    words = english_tokens(english)
    # A headword is one word, whatever the cutter thinks.
    whole = source == DICTIONARY
    cut = [chinese] if whole else chinese_tokens(chinese, _WORKER["simplified"])
    return " ".join(words), " ".join(map(lemma, words)), " ".join(cut), source


def _cut_whole(text: str) -> list[str]:
    folded = unicodedata.normalize("NFKC", text).translate(_WORKER["simplified"])
    words: list[str] = _WORKER["cut"](folded)
    return words
