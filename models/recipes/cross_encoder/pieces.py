"""Sentences as lists of tagged pieces, and the stock of words from which edits are made."""

import lzma
import random
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.recipes.cross_encoder.data import Mark, normal
from models.recipes.cross_encoder.lexicon import CUES
from models.recipes.cross_encoder.words import FIRST_WORD, Lexicon

STRONG = 0.3
"""From this link strength on, a word is taken for a rendering of another."""

CLAUSE_ENDS = frozenset("，。；：！？,;:.!?\n")


@dataclass(frozen=True, slots=True)
class Piece:
    """A word, sign or gap of a text, with the tag of what an edit did to it."""

    text: str
    key: str
    id: int = 0
    value: float = 0.0
    tag: int = 0

    def tagged(self, tag: int) -> "Piece":
        """Give the piece with a tag."""
        return replace(self, tag=tag)


@dataclass(frozen=True, slots=True)
class Sides:
    """A Chinese text and an English one, in pieces; `tag` is what the edit made."""

    chinese: tuple[Piece, ...]
    english: tuple[Piece, ...]
    tag: int = 0
    weight: float = 1.0


@dataclass(frozen=True)
class Stock:
    """What the edits draw on: cue words, verbs, neighbours, a purse of clauses, chance."""

    lexicon: Lexicon
    cues: dict[str, Any]
    verbs: frozenset[str]
    vectors: NDArray[np.float32]
    chance: random.Random
    clauses: list[str]
    names: list[str]
    class_names: tuple[str, ...]
    renderings: Mapping[int, Sequence[int]] = field(default_factory=dict)

    def class_of(self, piece: Piece) -> str:
        """Name the cue class of a piece, or give an empty name."""
        number = self.lexicon.class_of(piece.id)
        return self.class_names[number - 1] if number else ""

    def has(self, pieces: Sequence[Piece], name: str) -> bool:
        """Tell whether a text holds a cue of a class."""
        return any(self.class_of(piece) == name for piece in pieces)

    def type_of(self, name: str) -> str:
        """Give the drift type of a cue class."""
        return str(self.cues["class"][self.class_names.index(name)]["type"])

    def new(self, text: str, tag: int) -> list[Piece]:
        """Cut a new text into pieces that carry a tag."""
        return [piece.tagged(tag) for piece in cut(self.lexicon, normal(text))]

    def linked(self, piece: Piece, english: Sequence[Piece]) -> float:
        """Tell how strongly a Chinese piece is linked to any English one."""
        table = self.lexicon.translations(piece.id)
        return max((table.get(other.id, 0.0) for other in english), default=0.0)


def load_stock(lexicon: Lexicon, folder: Path, data: Path, seed: int) -> Stock:
    """Load the cues, the verbs of CC-CEDICT and the word vectors."""
    cues = tomllib.loads(CUES.read_text("utf-8"))
    return Stock(
        lexicon=lexicon,
        cues=cues,
        verbs=_verbs(data / "lexicon" / "cc-cedict.u8.xz"),
        vectors=np.load(folder / "embeddings.npy"),
        chance=random.Random(seed),  # noqa: S311 - edits need no secrets
        clauses=[],
        names=[],
        class_names=tuple(cue["name"] for cue in cues["class"]),
        renderings=_renderings(lexicon),
    )


def _renderings(lexicon: Lexicon) -> dict[int, list[int]]:
    """Give the Chinese words that render an English one well, by id."""
    found: dict[int, list[int]] = {}
    for number, word in enumerate(lexicon.words):
        if not word.isascii() and not lexicon.classes[number]:
            for other, strength in lexicon.translations(FIRST_WORD + number).items():
                if strength > STRONG:
                    found.setdefault(other, []).append(FIRST_WORD + number)
    return found


def _verbs(path: Path) -> frozenset[str]:
    """Take the dictionary's words whose first sense is an English infinitive."""
    verbs = set()
    with lzma.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            head, _, senses = line.partition("/")
            words = head.split()
            if senses.startswith("to ") and len(words) > 1 and 1 < len(words[1]) <= 4:
                verbs.add(words[1])
    return frozenset(verbs)


def cut(lexicon: Lexicon, text: str) -> list[Piece]:
    """Cut a text into pieces that join to it again.

    Gaps between words are pieces without a key.
    """
    pieces, at = [], 0
    for word in lexicon.tokens(text):
        if word.start > at:
            pieces.append(Piece(text[at : word.start], ""))
        pieces.append(Piece(text[word.start : word.end], word.key, word.id, word.value))
        at = word.end
    if at < len(text):
        pieces.append(Piece(text[at:], ""))
    return pieces


def joined(pieces: Sequence[Piece]) -> tuple[str, tuple[Mark, ...]]:
    """Join pieces to a text with the marks of what is tagged."""
    marks: list[Mark] = []
    at = 0
    for piece in pieces:
        end = at + len(piece.text)
        if piece.tag:
            if marks and marks[-1][1] == at and marks[-1][2] == piece.tag:
                marks[-1] = (marks[-1][0], end, piece.tag)
            else:
                marks.append((at, end, piece.tag))
        at = end
    return "".join(piece.text for piece in pieces), tuple(marks)


def neighbours(stock: Stock, identity: int, most: int) -> list[int]:
    """Give the ids of the words whose contexts are most like a word's, in its own script."""
    if identity < FIRST_WORD:
        return []
    vectors = stock.vectors
    nearest = np.argsort(-(vectors @ vectors[identity - FIRST_WORD]))[1 : 4 * most]
    latin = stock.lexicon.words[identity - FIRST_WORD].isascii()
    alike = [int(k) for k in nearest if stock.lexicon.words[k].isascii() == latin]
    return [FIRST_WORD + k for k in alike[:most]]
