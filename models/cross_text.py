"""Turns a retweet and its post into the arrays that the cross-encoder reads; training uses it too.

Both texts are expected normalised (NFKC, Simplified). Words of both languages share one list; a
Chinese run is cut into the likeliest words of that list, so nothing but the list is needed.
"""

import gzip
import json
import math
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from pathlib import Path

import numpy as np  # noqa: TID253 - imported only with this backend
from numpy.typing import NDArray  # noqa: TID253 - imported only with this backend

from models.cross_numbers import values_in

PAD, START, BREAK, NUMBER = 0, 1, 2, 3
RESERVED = ("<pad>", "<start>", "<break>", "<number>")
BUCKETS = 64
"""Unknown words fall into this many buckets after the reserved ids."""
FIRST_WORD = len(RESERVED) + BUCKETS

MOST_CHINESE = 80
MOST_ENGLISH = 100
FEATURES = 15
LONGEST_WORD = 6

Floats = NDArray[np.float32]
Integers = NDArray[np.int32]

_PIECES = re.compile(
    r"[A-Za-zÀ-ÿ]+(?:['’][A-Za-z]+)?|[0-9]+(?:[.,:][0-9]+)*|[\u3400-\u4dbf\u4e00-\u9fff]+|[^\s]"
)
_SENTENCE_END = re.compile(r"[.!?…][\"'”’)]*\s+|\n+")
_CLAUSE_ENDS = frozenset("，。；：！？,;:.!?、—\n|")
_ENDINGS = (("'s", ""), ("ies", "y"), ("es", ""), ("s", ""), ("ing", ""), ("ed", ""), ("ly", ""))


@dataclass(frozen=True, slots=True)
class Word:
    """A token with its id, its place and, for a number, its value (0 where there is none)."""

    id: int
    start: int
    end: int
    value: float = 0.0
    key: str = ""


@dataclass(frozen=True, slots=True)
class Encoded:
    """One retweet beside the sentences of its post, as arrays over all tokens.

    `side` is 0 for the two marks, 1 for the retweet, 2 for the post; `links` holds rows of
    (retweet token, post token) with `strengths`; `spans` are code points of the text of a side.
    """

    ids: Integers
    side: Integers
    features: Floats
    classes: Integers
    clauses: Integers
    values: Floats
    links: Integers
    strengths: Floats
    spans: Integers


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

    @cached_property
    def size(self) -> int:
        """Count the ids, reserved ones and buckets included."""
        return FIRST_WORD + len(self.words)

    def id(self, word: str) -> int:
        """Give the id of a word, of its stem, or of the bucket that it falls into."""
        found = self._ids.get(word)
        if found is not None:
            return found
        for ending, instead in _ENDINGS:
            if word.endswith(ending) and len(word) > len(ending) + 2:
                found = self._ids.get(word.removesuffix(ending) + instead)
                if found is not None:
                    return found
        return len(RESERVED) + zlib.crc32(word.encode()) % BUCKETS

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
        """Cut a text of either language into words with places and values."""
        values = values_in(text)
        found = [word for piece in _PIECES.finditer(text) for word in self._piece(piece)]
        return [_valued(word, values) for word in found]

    def _piece(self, piece: re.Match[str]) -> list[Word]:
        text, start = piece.group(), piece.start()
        if text[0] >= "\u3400" and text[0] <= "\u9fff":
            return self._han(text, start)
        if text[0].isdigit():
            return [Word(NUMBER, start, piece.end(), key=text)]
        key = text.lower().replace("’", "'")
        if len(key) > 3 and key.endswith("n't"):
            stem = {"ca": "can", "wo": "will", "sha": "shall"}.get(key[:-3], key[:-3])
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
            for start in range(max(0, end - LONGEST_WORD), end):
                found = self._ids.get(text[start:end])
                if found is not None:
                    log = float(self.log_probabilities[found - FIRST_WORD])
                elif end - start == 1:
                    log = -20.0
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


def sentences(text: str) -> list[tuple[int, int]]:
    """Cut English text into sentence spans.

    >>> sentences("It may rain. We wait.")
    [(0, 13), (13, 21)]
    """
    cuts = [0, *(match.end() for match in _SENTENCE_END.finditer(text)), len(text)]
    return [(a, b) for a, b in pairwise(cuts) if text[a:b].strip()]


def encode(lexicon: Lexicon, retweet: str, post: str) -> Encoded:
    """Turn a retweet and its post into arrays; of a long post the sentences that it rests on."""
    chinese = lexicon.tokens(retweet)[:MOST_CHINESE]
    tables = [lexicon.translations(word.id) for word in chinese]
    english = _premises(chinese, tables, lexicon.tokens(post), sentences(post))
    mark, gap = Word(START, 0, 0), Word(BREAK, 0, 0)
    words = [mark, *chinese, gap, *english]
    side = np.zeros(len(words), np.int32)
    side[1 : 1 + len(chinese)] = 1
    side[2 + len(chinese) :] = 2
    links, strengths = _links(chinese, tables, english)
    classes = np.array([lexicon.class_of(word.id) for word in words], np.int32)
    encoded = Encoded(
        ids=np.array([word.id for word in words], np.int32),
        side=side,
        features=np.zeros((len(words), FEATURES), np.float32),
        classes=classes,
        clauses=_clauses(words, side),
        values=np.array([word.value for word in words], np.float32),
        links=links,
        strengths=strengths,
        spans=np.array([(word.start, word.end) for word in words], np.int32),
    )
    _fill(encoded, words, post)
    return encoded


def projection(links: Floats) -> Floats:
    """Spread a link matrix over its neighbours: where in the post a retweet word should rest."""
    height, width = links.shape
    padded = np.pad(links, 2)
    rows, total = np.zeros((height, width + 4), np.float32), np.zeros_like(links)
    for offset, weight in _SPREAD:
        rows += weight * padded[2 + offset : 2 + offset + height]
    for offset, weight in _SPREAD:
        total += weight * rows[:, 2 + offset : 2 + offset + width]
    return np.minimum(total, np.float32(1))


_SPREAD: tuple[tuple[int, float], ...] = ((-2, 0.3), (-1, 0.6), (0, 1.0), (1, 0.6), (2, 0.3))


def _valued(word: Word, values: Sequence[tuple[int, int, float]]) -> Word:
    for start, end, value in values:
        if start <= word.start < end:
            return Word(word.id, word.start, word.end, value, word.key)
    return word


def _premises(
    chinese: Sequence[Word],
    tables: Sequence[dict[int, float]],
    english: list[Word],
    spans: Sequence[tuple[int, int]],
) -> list[Word]:
    """Keep the sentences that account for most of the retweet, up to the room there is."""
    if len(english) <= MOST_ENGLISH:
        return english
    groups = [[word for word in english if a <= word.start < b] for a, b in spans]
    owner = [row for row, group in enumerate(groups) for _ in group]
    scores = np.zeros((len(groups), len(chinese)), np.float32)
    for i, j, strength in _linked(chinese, tables, [w for group in groups for w in group]):
        scores[owner[j], i] = max(scores[owner[j], i], strength)
    kept: list[int] = []
    reached = np.zeros(len(chinese), np.float32)
    room = MOST_ENGLISH
    while room > 0 and len(kept) < len(groups):
        gains = np.maximum(scores - reached, 0).sum(axis=1) + 0.01 * scores.sum(axis=1)
        gains[kept] = -1
        best = int(gains.argmax())
        if kept and len(groups[best]) > room:
            break
        kept.append(best)
        reached = np.maximum(reached, scores[best])
        room -= len(groups[best])
    return [word for index in sorted(kept) for word in groups[index]][:MOST_ENGLISH]


def _linked(
    chinese: Sequence[Word], tables: Sequence[dict[int, float]], english: Sequence[Word]
) -> Iterator[tuple[int, int, float]]:
    """Give the links of two lists of words: equal figures, equal spellings, translations."""
    places: dict[int | str, list[int]] = {}
    for j, word in enumerate(english):
        places.setdefault(word.id, []).append(j)
        if word.key.isalnum():
            places.setdefault(word.key, []).append(j)
        if word.value:
            places.setdefault(f"={word.value:g}", []).append(j)
    for i, (word, table) in enumerate(zip(chinese, tables, strict=True)):
        exact = set(places.get(f"={word.value:g}", ())) if word.value else set()
        if word.key.isalnum():
            exact.update(places.get(word.key, ()))
        yield from ((i, j, 1.0) for j in exact)
        for identity, strength in table.items():
            yield from ((i, j, strength) for j in places.get(identity, ()) if j not in exact)


def _links(
    chinese: Sequence[Word], tables: Sequence[dict[int, float]], english: Sequence[Word]
) -> tuple[Integers, Floats]:
    found = list(_linked(chinese, tables, english))
    rows = [(i + 1, j + 2 + len(chinese)) for i, j, _ in found]
    links = np.array(rows, np.int32).reshape(-1, 2)
    return links, np.array([strength for _, _, strength in found], np.float32)


def _clauses(words: Sequence[Word], side: Integers) -> Integers:
    numbers, current = [], 0
    for index, word in enumerate(words):
        if index and side[index] != side[index - 1]:
            current += 1
        numbers.append(current)
        if word.key in _CLAUSE_ENDS:
            current += 1
    return np.array(numbers, np.int32)


def dense(encoded: Encoded) -> Floats:
    """Lay the links out as a symmetric matrix over all tokens."""
    matrix = np.zeros((len(encoded.ids), len(encoded.ids)), np.float32)
    i, j = encoded.links[:, 0], encoded.links[:, 1]
    matrix[i, j] = encoded.strengths
    matrix[j, i] = encoded.strengths
    return matrix


def _fill(encoded: Encoded, words: Sequence[Word], post: str) -> None:
    """Fill in the features of every token."""
    matrix = dense(encoded)
    side, values, features = encoded.side, encoded.values, encoded.features
    cross = (side[:, None] * side[None, :]) == 2
    best = np.sort(matrix, axis=1)[:, ::-1]
    same = (encoded.classes[:, None] == encoded.classes[None, :]) & cross
    same &= (encoded.classes > 0)[:, None]
    equal = (np.abs(values[:, None] - values[None, :]) <= 1e-6 * values[:, None]) & cross
    equal &= (values > 0)[:, None]
    near = projection(matrix) * cross
    features[:, 0] = side == 1
    features[:, 1] = best[:, 0]
    features[:, 2] = best[:, 1] if best.shape[1] > 1 else 0
    features[:, 3] = np.convolve(best[:, 0], np.full(5, 0.2, np.float32), "same")[: len(words)]
    features[:, 4] = values > 0
    features[:, 5] = equal.any(axis=1)
    features[:, 6] = same.any(axis=1)
    features[:, 7] = (same * near).max(axis=1)
    features[:, 8] = near.max(axis=1)
    features[:, 9] = [word.key in _CLAUSE_ENDS for word in words]
    features[:, 10] = [len(RESERVED) <= word.id < FIRST_WORD for word in words]
    starts = encoded.clauses[1:] != encoded.clauses[:-1]
    features[1:, 11] = starts
    features[:, 12] = [
        side[i] == 2 and post[word.start : word.start + 1].isupper() for i, word in enumerate(words)
    ]
    features[:, 13] = (encoded.classes > 0) & ~same.any(axis=1)
    features[:, 14] = [word.end - word.start == 1 for word in words]
