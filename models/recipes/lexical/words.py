"""Writes the core's word list and Pinyin table from the dictionary and the corpus."""

import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from models.recipes.lexical.cedict import Entry
from models.recipes.lexical.counts import has_han

_SYLLABLE = re.compile(r"^([A-Za-z:ü]+)[1-5]$")
_PINYIN_HEAD = "# Readings without tones, the commonest first. From CC-CEDICT, CC BY-SA 3.0.\n"
# A word of jieba's own dictionary is kept from this count on, one of the corpus from that.
JIEBA_FEWEST = 20
CORPUS_FEWEST = 5
LONGEST = 6


def write_words(dictionary: Path, seen: Mapping[str, int], entries: list[Entry], path: Path) -> int:
    """Write the word list that the core cuts Chinese with, as `word count` lines; count them.

    Words come from the full dictionary of the recipe's first step: those that the corpus uses,
    those that are frequent in jieba's own counts, the headwords of CC-CEDICT, and all single
    characters. The counts stay the dictionary's, so cuts agree with the full dictionary's where
    no word was left out.
    """
    full: dict[str, int] = {}
    with dictionary.open(encoding="utf-8") as lines:
        for line in lines:
            word, number = line.split()
            full[word] = int(number)
    headwords = {entry.simplified for entry in entries}
    kept = {}
    for word, count in full.items():
        used = seen.get(word, 0) >= CORPUS_FEWEST or count >= JIEBA_FEWEST
        short = word in headwords and len(word) <= 4
        if has_han(word) and len(word) <= LONGEST and (len(word) == 1 or used or short):
            kept[word] = count
    path.write_text("".join(f"{word} {kept[word]}\n" for word in sorted(kept)), "utf-8")
    return len(kept)


def write_pinyin(entries: list[Entry], seen: Mapping[str, int], path: Path) -> int:
    """Write `character reading...` lines for both scripts; count them.

    A reading weighs what the headwords with it weigh in the corpus. ü is written u, as in names in
    English text.
    """
    votes: dict[str, Counter[str]] = {}
    shares = _shares(entries)
    for entry in entries:
        weight = 1 + round(seen.get(entry.simplified, 0) * shares[entry.simplified, entry.pinyin])
        for form in (entry.simplified, entry.traditional):
            if len(form) != len(entry.pinyin):
                continue
            for char, spoken in zip(form, entry.pinyin, strict=True):
                match = _SYLLABLE.match(spoken)
                if match and match.group(1) != "r" and has_han(char):
                    plain = match.group(1).lower().replace("u:", "u").replace("ü", "u")
                    votes.setdefault(char, Counter())[plain] += weight
    lines = [_PINYIN_HEAD]
    for char in sorted(votes):
        ranked = sorted(votes[char].items(), key=lambda item: (-item[1], item[0]))
        lines.append(" ".join([char, *(reading for reading, _ in ranked[:4])]) + "\n")
    path.write_text("".join(lines), "utf-8")
    return len(votes)


def _shares(entries: list[Entry]) -> dict[tuple[str, tuple[str, ...]], float]:
    """Share the sightings of a headword among its readings; a toneless one (的 de) takes all."""
    spoken: dict[str, set[tuple[str, ...]]] = {}
    for entry in entries:
        spoken.setdefault(entry.simplified, set()).add(entry.pinyin)
    shares = {}
    for word, found in spoken.items():
        light = {reading for reading in found if len(word) == 1 and reading[0].endswith("5")}
        for reading in found:
            full = light or found
            shares[word, reading] = 1 / len(full) if reading in full else 0.0
    return shares
