"""Turns counts into the shipped files: words, links both ways, sightings, bigrams."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from drift.lemmas import lemma
from models.links import write_links, write_words
from models.recipes.lexical.counts import Counts, has_han, is_english

# Limits of the shipped table. They hold it under 8 MB; a lower floor adds mostly chance links.
WORDS_KEPT = 20
PHRASES_KEPT = 3
FLOOR = 0.005
PHRASE_FLOOR = 0.05
PHRASE_BEST = 0.5  # of the share of the best word: a phrase under that is not chosen for a gloss
FEWEST = 2
FEWEST_PHRASES = 4
# As many sightings of the base form stand behind every rare form of it.
FAMILY = 4.0
# The commonest English words are linked to everything by chance: they need this share, and to be
# among the dictionary's words for a word that it has ("by" for 作者, author, is not), or SURE.
SURE = 0.5
GRAMMATICAL = 60
GRAMMATICAL_FLOOR = 0.03
BIGRAM_FEWEST = 6
BIGRAM_FLOOR = 0.002
SPOKEN = 100  # tokens seen so often are listed for the bigrams even without a translation
START = "<s>"


@dataclass(frozen=True, slots=True)
class Row:
    """Translations of one word with their probabilities, best first."""

    word: str
    links: tuple[tuple[str, float], ...]


def chinese_rows(counts: Counts) -> list[Row]:
    """Give p(English unit | Chinese word) for every Chinese word."""
    ranked = [word for word, _ in counts.english.most_common() if is_english(word)]
    grammatical = frozenset(ranked[: min(GRAMMATICAL, len(ranked) // 100)])
    rows = []
    for word, links in counts.links.items():
        kept = _kept(word, links, counts, grammatical)
        if kept and has_han(word):
            rows.append(Row(word, kept))
    return sorted(rows, key=lambda row: row.word.encode())


def english_rows(counts: Counts, chinese: Iterable[Row]) -> list[Row]:
    """Give p(Chinese word | English unit) for every English unit that the other side uses."""
    turned: dict[str, dict[str, float]] = {}
    totals: dict[str, float] = {}
    for links in counts.links.values():
        for unit, weight in links.items():
            totals[unit] = totals.get(unit, 0.0) + weight
    for row in chinese:
        for unit, _ in row.links:
            turned.setdefault(unit, {})[row.word] = counts.links[row.word][unit]
    families = _families(turned, totals)
    rows = []
    for unit, links in turned.items():
        family = families.get(lemma(unit), {}) if " " not in unit else {}
        weight = FAMILY if family else 0.0
        shares = (
            (
                word,
                (_discounted(counts, word, unit) if word in links else 0.0)
                / (totals[unit] + weight)
                + weight * family.get(word, 0.0) / (totals[unit] + weight),
            )
            for word in links.keys() | family.keys()
        )
        best = sorted(
            (pair for pair in shares if pair[1] >= FLOOR), key=lambda pair: (-pair[1], pair[0])
        )
        rows.append(Row(unit, tuple(best[:WORDS_KEPT])))
    return sorted(rows, key=lambda row: row.word.encode())


def _families(
    turned: Mapping[str, Mapping[str, float]], totals: Mapping[str, float]
) -> dict[str, dict[str, float]]:
    """Give p(Chinese word | base form) for the words that come in several forms."""
    forms: dict[str, list[str]] = {}
    for unit in turned:
        if " " not in unit:
            forms.setdefault(lemma(unit), []).append(unit)
    families = {}
    for base, units in forms.items():
        if len(units) > 1:
            joined: Counter[str] = Counter()
            for unit in units:
                joined.update(turned[unit])
            total = sum(totals[unit] for unit in units)
            families[base] = {word: weight / total for word, weight in joined.items()}
    return families


def bigram_rows(counts: Counts, vocabulary: Mapping[str, int]) -> list[list[tuple[int, float]]]:
    """Give p(next word | word) for every English unit of the vocabulary."""
    rows: list[list[tuple[int, float]]] = [[] for _ in vocabulary]
    for (left, right), seen in counts.bigrams.items():
        total = counts.english[left] if left != START else counts.sentences
        if seen >= BIGRAM_FEWEST and left in vocabulary and right in vocabulary:
            share = (seen - 0.5) / total
            if share >= BIGRAM_FLOOR:
                rows[vocabulary[left]].append((vocabulary[right], share))
    for row in rows:
        row.sort(key=lambda link: (-link[1], link[0]))
    return rows


def write(counts: Counts, output: Path) -> tuple[list[Row], list[Row]]:
    """Write every file of the table and give its Chinese and its English rows."""
    chinese = chinese_rows(counts)
    english = english_rows(counts, chinese)
    spoken = (word for word, seen in counts.english.items() if seen >= SPOKEN)
    missing = {START, *spoken} - {row.word for row in english}
    english = sorted(
        [*english, *(Row(word, ()) for word in missing)], key=lambda row: row.word.encode()
    )
    zh_index = {row.word: index for index, row in enumerate(chinese)}
    en_index = {row.word: index for index, row in enumerate(english)}
    write_words(output / "zh.words", list(zh_index))
    write_words(output / "en.words", list(en_index))
    write_links(
        output / "zh-en.links", [[(en_index[w], p) for w, p in row.links] for row in chinese]
    )
    write_links(
        output / "en-zh.links", [[(zh_index[w], p) for w, p in row.links] for row in english]
    )
    write_links(output / "zh.seen", _seen(zh_index, counts.chinese, counts.chinese_aligned))
    write_links(output / "en.seen", _seen(en_index, counts.english, counts.english_aligned))
    write_links(output / "en.bigrams", bigram_rows(counts, en_index))
    return chinese, english


def _kept(
    word: str, links: Mapping[str, float], counts: Counts, grammatical: frozenset[str]
) -> tuple[tuple[str, float], ...]:
    if sum(counts.raw[word, unit] for unit in links) < FEWEST:
        return ()  # seen once: as often chance as not
    total = sum(weight for unit, weight in links.items() if " " not in unit)
    sightings = sum(counts.raw[word, unit] for unit in links if " " not in unit)
    fewest = FEWEST if sightings > 4 else 1
    glossed = counts.glossed.get(word)
    words, phrases = [], []
    for unit in links:
        seen, is_phrase = counts.raw[word, unit], " " in unit
        share = min(1.0, _discounted(counts, word, unit) / max(total, links[unit]))
        if unit in grammatical and glossed and unit not in glossed and share < SURE:
            continue
        if is_phrase:
            if share >= PHRASE_FLOOR and seen >= min(FEWEST_PHRASES, max(1, sightings)):
                phrases.append((unit, share))
        elif seen >= fewest and share >= (GRAMMATICAL_FLOOR if unit in grammatical else FLOOR):
            words.append((unit, share))
    words = _best(words)[:WORDS_KEPT]
    least = PHRASE_BEST * words[0][1] if words else 0.0
    phrases = [phrase for phrase in phrases if phrase[1] > least]
    best = words + _fitting(_best(phrases)[:PHRASES_KEPT])
    return tuple(_best(best))


def _best(links: list[tuple[str, float]]) -> list[tuple[str, float]]:
    return sorted(links, key=lambda link: (-link[1], link[0]))


def _fitting(links: list[tuple[str, float]]) -> list[tuple[str, float]]:
    total = sum(share for _, share in links)
    return [(unit, share / max(1.0, total)) for unit, share in links]


def _discounted(counts: Counts, chinese: str, english: str) -> float:
    weight, seen = counts.links[chinese][english], counts.raw[chinese, english]
    return weight * (1 - 0.5 / seen)  # half a sighting off, so that a chance link weighs less


def _seen(
    index: Mapping[str, int], seen: Mapping[str, int], aligned: Mapping[str, int]
) -> list[list[tuple[int, float]]]:
    limit = (1 << 20) - 1
    rows = []
    for word in index:
        times = seen.get(word, 0)
        share = min(1.0, aligned.get(word, 0) / times) if times else 0.0
        # A phrase is counted by its links alone: an empty row takes half the room.
        rows.append([] if " " in word else [(min(times, limit), share)])
    return rows
