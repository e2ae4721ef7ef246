"""The words that synthetic drift edits: cue classes, translation links, and how a text is cut.

Words of both languages share one list; a Chinese run is cut into the likeliest words of that list,
so nothing but the list is needed.
"""

import gzip
import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.recipes.cross_encoder.numbers import values_in

Floats = NDArray[np.float32]
Integers = NDArray[np.int32]

NUMBER, UNKNOWN = 3, 4
FIRST_WORD = 68
"""The id of the first listed word, as the lexicon's files count."""

_LONGEST_WORD = 6
_UNLIKELY = -20.0
"""The log probability of a character that is not listed."""

_PIECES = re.compile(
    r"[A-Za-zÀ-ÿ]+(?:['’][A-Za-z]+)?|[0-9]+(?:[.,:][0-9]+)*|[\u3400-\u4dbf\u4e00-\u9fff]+|[^\s]"
)
_ENDINGS = (("'s", ""), ("ies", "y"), ("es", ""), ("s", ""), ("ing", ""), ("ed", ""), ("ly", ""))
_STEMS = {"ca": "can", "wo": "will", "sha": "shall"}
"""What is left of a verb before n't, where that is no word."""


@dataclass(frozen=True, slots=True)
class Word:
    """A token with its id, its place and, for a number, its value (0 where there is none)."""

    id: int
    start: int
    end: int
    value: float = 0.0
    key: str = ""


@dataclass(frozen=True)
class Lexicon:
    """The word list with log probabilities, cue classes and translation links."""

    words: tuple[str, ...]
    log_probabilities: Floats
    classes: Integers
    starts: Integers
    targets: Integers
    strengths: Floats
    _ids: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._ids.update((word, FIRST_WORD + index) for index, word in enumerate(self.words))

    def id(self, word: str) -> int:
        """Give the id of a word, or else of its stem, or else `UNKNOWN`."""
        found = self._ids.get(word)
        if found is not None:
            return found
        for ending, instead in _ENDINGS:
            if word.endswith(ending) and len(word) > len(ending) + 2:
                found = self._ids.get(word.removesuffix(ending) + instead)
                if found is not None:
                    return found
        return UNKNOWN

    def class_of(self, identity: int) -> int:
        """Give the number of a word's cue class, or 0."""
        return int(self.classes[identity - FIRST_WORD]) if identity >= FIRST_WORD else 0

    def translations(self, identity: int) -> dict[int, float]:
        """Give the English ids that translate a Chinese word, with link strengths."""
        if identity < FIRST_WORD:
            return {}
        row = slice(self.starts[identity - FIRST_WORD], self.starts[identity - FIRST_WORD + 1])
        return dict(zip(self.targets[row].tolist(), self.strengths[row].tolist(), strict=True))

    def tokens(self, text: str) -> list[Word]:
        """Cut a text of either language, in the form of `data.normal`, into words with values."""
        values = values_in(text)
        found = (word for piece in _PIECES.finditer(text) for word in self._piece(piece))
        return [_valued(word, values) for word in found]

    def _piece(self, piece: re.Match[str]) -> list[Word]:
        text, start = piece.group(), piece.start()
        if "\u3400" <= text[0] <= "\u9fff":
            return self._han(text, start)
        if text[0].isdigit():
            return [Word(NUMBER, start, piece.end(), key=text)]
        key = text.lower().replace("’", "'")
        if len(key) > 3 and key.endswith("n't"):
            stem = _STEMS.get(key[:-3], key[:-3])
            cut = piece.end() - 3
            return [
                Word(self.id(stem), start, cut, key=stem),
                Word(self.id("n't"), cut, piece.end(), key="n't"),
            ]
        if "'" in key and key not in self._ids:
            cut = start + key.index("'")
            head, tail = key[: cut - start], key[cut - start :]
            return [
                Word(self.id(head), start, cut, key=head),
                Word(self.id(tail), cut, piece.end(), key=tail),
            ]
        return [Word(self.id(key), start, piece.end(), key=key)]

    def _han(self, text: str, offset: int) -> list[Word]:
        """Cut a Chinese run along its likeliest path through the word list."""
        best = [0.0] + [-math.inf] * len(text)
        back = [0] * (len(text) + 1)
        for end in range(1, len(text) + 1):
            for start in range(max(0, end - _LONGEST_WORD), end):
                found = self._ids.get(text[start:end])
                if found is not None:
                    log = float(self.log_probabilities[found - FIRST_WORD])
                elif end - start == 1:
                    log = _UNLIKELY
                else:
                    continue
                if best[start] + log > best[end]:
                    best[end], back[end] = best[start] + log, start
        cuts = [len(text)]
        while cuts[-1]:
            cuts.append(back[cuts[-1]])
        cuts.reverse()
        return [
            Word(self.id(text[a:b]), offset + a, offset + b, key=text[a:b])
            for a, b in pairwise(cuts)
        ]


def load_lexicon(folder: Path) -> Lexicon:
    """Read the lexicon that the recipe wrote."""
    words = json.loads(gzip.decompress((folder / "words.json.gz").read_bytes()))
    with np.load(folder / "links.npz") as arrays:
        return Lexicon(
            tuple(words),
            arrays["log_probabilities"].astype(np.float32),
            arrays["classes"].astype(np.int32),
            arrays["starts"].astype(np.int32),
            arrays["targets"].astype(np.int32),
            arrays["strengths"].astype(np.float32) / 255,
        )


def _valued(word: Word, values: Sequence[tuple[int, int, float]]) -> Word:
    for start, end, value in values:
        if start <= word.start < end:
            return replace(word, value=value)
    return word
