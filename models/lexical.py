"""The lexical translation table: which English words stand for a Chinese word, and back."""

import sys
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from drift.pinyin import pinyin
from models import weights
from models.links import Links, Words

Translations = tuple[tuple[str, float], ...]

# Words a cache holds before it starts anew: a post with retweets has hundreds, and of the words of
# 6,000 different retweets 8,192 find again as many as any number would (92.8 of 93.0 in a hundred).
_REMEMBERED = 16_384
_LONGEST = 8  # no word of the table that pieces() could meet is longer


class LexicalTable:
    """Translations of single words with probabilities, in both directions.

    Chinese words are Simplified and in half width; English words are lower case, `US` is `u.s`
    and contractions are undone (`did not`). A unit with a space in it is a phrase, kept apart.
    """

    signature = "lexical-1"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._zh, self._en = Words(folder / "zh.words"), Words(folder / "en.words")
        self._to_en, self._to_zh = Links(folder / "zh-en.links"), Links(folder / "en-zh.links")
        self._zh_seen, self._en_seen = Links(folder / "zh.seen"), Links(folder / "en.seen")
        self._bigrams = Links(folder / "en.bigrams")
        self._english: dict[str, Translations] = {}
        self._phrases: dict[str, Translations] = {}
        self._chinese: dict[str, Translations] = {}

    def english(self, word: str) -> Translations:
        """Give the English words for a Simplified Chinese word with p(en|zh), best first."""
        found = self._english.get(word)
        if found is None:
            links = _row(self._zh, self._to_en, self._en, word)
            found = tuple(link for link in links if " " not in link[0])
            _remember(self._english, word, found)
        return found

    def phrases(self, word: str) -> Translations:
        """Give the English phrases of two or three words for one Chinese word, best first."""
        found = self._phrases.get(word)
        if found is None:
            links = _row(self._zh, self._to_en, self._en, word)
            found = tuple(link for link in links if " " in link[0])
            _remember(self._phrases, word, found)
        return found

    def chinese(self, word: str) -> Translations:
        """Give the Chinese words for a lower-case English word or phrase with p(zh|en)."""
        found = self._chinese.get(word)
        if found is None:
            found = _row(self._en, self._to_zh, self._zh, word)
            _remember(self._chinese, word, found)
        return found

    def similar(self, word: str, most: int = 10) -> Translations:
        """Give the Chinese words that share English translations with a word, best first.

        The score is the chance of coming to the other word by way of English and back.
        """
        scores: dict[str, float] = {}
        for english, there in self.english(word):
            for other, back in self.chinese(english):
                if other != word:
                    scores[other] = scores.get(other, 0.0) + there * back
        best = sorted(scores.items(), key=lambda item: (-item[1], item[0]))
        return tuple(best[:most])

    def knows(self, word: str) -> bool:
        """Tell whether the table has translations for a Chinese word."""
        return bool(self.english(word)) or bool(self.phrases(word))

    def pieces(self, word: str) -> tuple[str, ...]:
        """Cut a Chinese word that the table lacks into the longest words that it has.

        A known word is its own only piece; a character that the table lacks stays one piece.
        """
        if self.knows(word):
            return (word,)
        found, start = [], 0
        while start < len(word):
            ends = range(min(len(word), start + _LONGEST), start + 1, -1)
            end = next((end for end in ends if self.knows(word[start:end])), start + 1)
            found.append(word[start:end])
            start = end
        return tuple(found)

    def seen(self, word: str) -> tuple[int, float]:
        """Tell how often a Chinese word was seen, and the share that had an English partner."""
        return _sighting(self._zh, self._zh_seen, word)

    def seen_english(self, word: str) -> tuple[int, float]:
        """Tell how often an English word was seen, and the share that had a Chinese partner."""
        return _sighting(self._en, self._en_seen, word)

    def follows(self, left: str) -> dict[str, float]:
        """Give p(next word | left) for the frequent followers of an English word (`<s>` starts)."""
        index = self._en.find(left)
        return {} if index < 0 else {self._en[i]: p for i, p in self._bigrams.row(index)}

    def gloss(self, words: Sequence[str]) -> list[str]:
        """Give one English gloss a Chinese word, for the interlinear line."""
        return [self.gloss_word(word) for word in words]

    def gloss_word(self, word: str) -> str:
        """Give the fixed gloss of a cue, else the best translation, else that of the pieces.

        What is not Chinese stays as it is; a word without any translation comes in Pinyin.
        """
        fixed = grammar().glosses.get(word)
        if fixed is not None:
            return fixed.removesuffix("/")
        if not _has_han(word):
            return word
        best = self.best(word)
        if best is not None:
            return grammar().display.get(best, best)
        pieces = self.name_or_pieces(word)
        return " ".join(map(self.gloss_word, pieces)) if pieces else spelt(word)

    def name_or_pieces(self, word: str) -> tuple[str, ...]:
        """Cut a word without translations into known pieces; nothing comes back for a name.

        Character by character a name would read as nonsense, so what has no longer piece is one.
        """
        pieces = self.pieces(word)
        named = word[:2] in grammar().surnames and len(word) in {3, 4}
        if named or len(pieces) == 1 or all(len(piece) == 1 for piece in pieces):
            return ()
        return pieces

    def best(self, word: str) -> str | None:
        """Give the likeliest English unit for a Chinese word, a phrase where it explains more."""
        words, phrases = self.english(word), self.phrases(word)
        if not words and not phrases:
            return None
        # Each sighting of a phrase is also one of a word in it, so a phrase is the better
        # gloss when it takes more than half of what its best word takes.
        if phrases and (not words or phrases[0][1] > 0.5 * words[0][1]):
            return phrases[0][0]
        return words[0][0]


@cache
def load() -> LexicalTable:
    """Load the shipped table, once; the files are mapped, so this costs next to nothing."""
    return LexicalTable(weights.folder("lexical"))


@dataclass(frozen=True, slots=True)
class Grammar:
    """Fixed glosses of grammatical words and cues, and the family names."""

    glosses: Mapping[str, str]
    display: Mapping[str, str]
    surnames: frozenset[str]


@cache
def grammar() -> Grammar:
    """Load `glossary.toml`."""
    groups = tomllib.loads((Path(__file__).parent / "glossary.toml").read_text("utf-8"))
    names, display, _ = groups.pop("names"), groups.pop("display"), groups.pop("figures")
    glosses = {word: gloss for group in groups.values() for word, gloss in group.items()}
    return Grammar(glosses, display, frozenset([*names["single"], *names["double"].split()]))


def spelt(word: str) -> str:
    """Spell a name in Pinyin, a Chinese person's with the family name apart.

    >>> spelt("王立军"), spelt("布兰特")
    ('Wang Lijun', 'Bulante')
    """
    surnames = grammar().surnames
    for cut in (2, 1):
        if word[:cut] in surnames and 1 <= len(word) - cut <= 2:
            return f"{pinyin(word[:cut]).capitalize()} {pinyin(word[cut:]).capitalize()}"
    return pinyin(word).capitalize()


def _row(words: Words, links: Links, others: Words, word: str) -> Translations:
    index = words.find(word)
    if index < 0:
        return ()
    # The same few thousand words are linked over and over: each is held once.
    return tuple((sys.intern(others[other]), chance) for other, chance in links.row(index))


def _sighting(words: Words, seen: Links, word: str) -> tuple[int, float]:
    index = words.find(word)
    row = [] if index < 0 else seen.row(index)
    return row[0] if row else (0, 0.0)


def _remember(cached: dict[str, Translations], word: str, found: Translations) -> None:
    if len(cached) >= _REMEMBERED:
        cached.clear()
    cached[word] = found


def _has_han(word: str) -> bool:
    return any("\u3400" <= char <= "\u9fff" for char in word)
