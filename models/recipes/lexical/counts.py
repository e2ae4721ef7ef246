"""Counts which word stands for which, from the links of both directions."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from models.recipes.lexical.corpus import DEFAULT, QUOTAS

Link = tuple[int, int]
_NEIGHBOURS = ((-1, 0), (0, -1), (1, 0), (0, 1), (-1, -1), (-1, 1), (1, -1), (1, 1))
_LONGEST_PHRASE = 3
DICTIONARY = "cedict"
_LEADING = frozenset(("the", "a", "an", "'s", "of", "to"))
_WEAK = frozenset(
    ("the", "a", "an", "'s", "of", "to", "in", "on", "at", "for", "by", "with", "and", "or", "be",
     "sb", "sth", "one", "as", "up", "out", "off", "it", "from", "into", "down", "over", "away",
     "back", "about", "make", "give", "get")
)  # fmt: skip
_TRAILING = frozenset(("the", "a", "an", "'s"))


@dataclass(frozen=True, slots=True)
class Sentence:
    """One pair as tokens, with its source."""

    english: list[str]
    chinese: list[str]
    source: str


@dataclass(slots=True)
class Counts:
    """Weighted link counts of Chinese words with English units, and how often each was seen.

    An English unit is a word or a phrase of two or three words with spaces between them.
    `glossed` holds the English words with which the dictionary explains a Chinese word.
    """

    links: dict[str, dict[str, float]] = field(default_factory=dict)
    raw: Counter[tuple[str, str]] = field(default_factory=Counter)
    chinese: Counter[str] = field(default_factory=Counter)
    english: Counter[str] = field(default_factory=Counter)
    chinese_aligned: Counter[str] = field(default_factory=Counter)
    english_aligned: Counter[str] = field(default_factory=Counter)
    bigrams: Counter[tuple[str, str]] = field(default_factory=Counter)
    glossed: dict[str, set[str]] = field(default_factory=dict)
    sentences: int = 0

    def link(self, chinese: str, english: str, weight: float, times: int = 1) -> None:
        """Count one link; a dictionary's word for it counts as more than one sighting."""
        row = self.links.setdefault(chinese, {})
        row[english] = row.get(english, 0.0) + weight
        self.raw[chinese, english] += times


def has_han(word: str) -> bool:
    """Tell whether a token is a Chinese word."""
    return any("\u3400" <= char <= "\u9fff" for char in word)


def is_english(word: str) -> bool:
    """Tell whether a token is an English word, not a number or a sign."""
    return word[0].isalpha() and word.isascii()


def count(work: Path) -> Counts:
    """Count over all sentences of a work folder."""
    counts = Counts()
    names = ("en.txt", "zh.txt", "source.txt", "forward.links", "reverse.links")
    files = [(work / name).open(encoding="utf-8") for name in names]
    try:
        for english, chinese, source, forward, reverse in zip(*files, strict=True):
            sentence = Sentence(english.split(), chinese.split(), source.strip())
            _count_sentence(counts, sentence, read_links(forward), read_links(reverse))
    finally:
        for file in files:
            file.close()
    return counts


def read_links(line: str) -> set[Link]:
    """Read `i-j` pairs.

    >>> sorted(read_links("0-1 2-0"))
    [(0, 1), (2, 0)]
    """
    links = set()
    for pair in line.split():
        left, _, right = pair.partition("-")
        links.add((int(left), int(right)))
    return links


def grow(forward: set[Link], reverse: set[Link]) -> set[Link]:
    """Grow the intersection of both directions along diagonals into their union.

    A link joins when it touches a link that is in already and one of its words has none yet.

    >>> sorted(grow({(0, 0), (1, 0)}, {(0, 0), (2, 2)}))
    [(0, 0), (1, 0)]
    """
    grown = forward & reverse
    union = forward | reverse
    rows, columns = {i for i, _ in grown}, {j for _, j in grown}
    waiting = list(grown)
    while waiting:
        i, j = waiting.pop()
        for di, dj in _NEIGHBOURS:
            link = (i + di, j + dj)
            free = link[0] not in rows or link[1] not in columns
            if link in union and link not in grown and free:
                grown.add(link)
                rows.add(link[0])
                columns.add(link[1])
                waiting.append(link)
    return grown


def _count_sentence(
    counts: Counts, sentence: Sentence, forward: set[Link], reverse: set[Link]
) -> None:
    english, chinese = sentence.english, sentence.chinese
    if sentence.source == DICTIONARY:
        _count_gloss(counts, english, chinese[0])
        return
    weight = QUOTAS.get(sentence.source, DEFAULT)[1]
    counts.english.update(english)
    counts.chinese.update(chinese)
    counts.sentences += 1
    counts.bigrams.update(pairwise(["<s>", *english]))
    for i, j in forward & reverse:
        counts.english_aligned[english[i]] += 1
        counts.chinese_aligned[chinese[j]] += 1
        if is_english(english[i]) and has_han(chinese[j]):
            counts.link(chinese[j], english[i], weight)
    for phrase, word in phrases(english, chinese, grow(forward, reverse)):
        counts.link(word, phrase, weight)


def _count_gloss(counts: Counts, english: list[str], headword: str) -> None:
    """Count a dictionary's gloss, which as a whole stands for its headword.

    A gloss counts as often as it takes for a link to be kept: somebody wrote it on purpose.
    """
    words = [word for word in english if is_english(word)]
    counts.glossed.setdefault(headword, set()).update(words)
    if len(words) == 1:
        counts.link(headword, words[0], 1.0, 2)
    elif 2 <= len(words) <= _LONGEST_PHRASE:
        if len(words) == 2 or counts.chinese[headword]:
            counts.link(headword, " ".join(words), 1.0, 4)
        for word in words:
            if word not in _WEAK:
                counts.link(headword, word, 1 / len(words), 2)


def phrases(
    english: list[str], chinese: list[str], links: Iterable[Link]
) -> Iterator[tuple[str, str]]:
    """Yield (English phrase, Chinese word) where two or three neighbours share one word alone.

    >>> list(phrases(["he", "turned", "down", "it"], ["他", "拒绝"], [(0, 0), (1, 1), (2, 1)]))
    [('turned down', '拒绝')]
    """
    partners: dict[int, list[int]] = {}
    ties: Counter[int] = Counter()
    for i, j in links:
        partners.setdefault(j, []).append(i)
        ties[i] += 1
    for j, found in partners.items():
        if not (2 <= len(found) <= _LONGEST_PHRASE + 1) or not has_han(chinese[j]):
            continue
        start, end = min(found), max(found) + 1
        if end - start != len(found) or any(ties[i] > 1 for i in found):
            continue
        phrase = _trimmed(english[start:end])
        if 2 <= len(phrase) <= _LONGEST_PHRASE and all(map(is_english, phrase)):
            yield " ".join(phrase), chinese[j]


def _trimmed(words: list[str]) -> list[str]:
    while words and words[0] in _LEADING:
        words = words[1:]
    while words and words[-1] in _TRAILING:
        words = words[:-1]
    return words
