"""Turns a retweet and its post into the arrays that the cross-encoder reads; training uses it too.

Both texts are expected normalised (NFKC, Simplified).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np  # noqa: TID253 - imported only with this backend

from models.cross_lexicon import (
    BREAK,
    FIRST_WORD,
    RESERVED,
    START,
    Floats,
    Integers,
    Lexicon,
    Word,
)
from models.cross_names import name_links

MOST_CHINESE = 80
MOST_ENGLISH = 100
FEATURES = 15

_SENTENCE_END = re.compile(r"[.!?…][\"'”’)]*\s+|\n+")
_CLAUSE_ENDS = frozenset("，。；：！？,;:.!?、—\n|")

Link = tuple[int, int, float]


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
    everything = lexicon.tokens(post)
    found = all_links(lexicon, chinese, everything)
    kept = _premises(len(chinese), found, everything, sentences(post))
    english = [everything[j] for j in kept]
    words = [Word(START, 0, 0), *chinese, Word(BREAK, 0, 0), *english]
    side = np.zeros(len(words), np.int32)
    side[1 : 1 + len(chinese)] = 1
    side[2 + len(chinese) :] = 2
    place = {j: new + 2 + len(chinese) for new, j in enumerate(kept)}
    there = [(i + 1, place[j], strength) for i, j, strength in found if j in place]
    encoded = Encoded(
        ids=np.array([word.id for word in words], np.int32),
        side=side,
        features=np.zeros((len(words), FEATURES), np.float32),
        classes=np.array([lexicon.class_of(word.id) for word in words], np.int32),
        clauses=_clauses(words, side),
        values=np.array([word.value for word in words], np.float32),
        links=np.array([link[:2] for link in there], np.int32).reshape(-1, 2),
        strengths=np.array([link[2] for link in there], np.float32),
        spans=np.array([(word.start, word.end) for word in words], np.int32),
    )
    _fill(encoded, words)
    return encoded


def all_links(lexicon: Lexicon, chinese: Sequence[Word], english: Sequence[Word]) -> list[Link]:
    """Link words by the table, by equal figures and spellings, and names by their sound."""
    tables = [lexicon.translations(word.id) for word in chinese]
    found = list(_linked(chinese, tables, english))
    linked = {i for i, _, strength in found if strength >= _WELL}
    return [*found, *name_links(lexicon, chinese, linked, english)]


_WELL = 0.2


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


def _premises(
    count: int, links: Sequence[Link], english: Sequence[Word], spans: Sequence[tuple[int, int]]
) -> list[int]:
    """Keep the sentences that account for most of the retweet, up to the room there is."""
    if len(english) <= MOST_ENGLISH:
        return list(range(len(english)))
    groups = [[j for j, word in enumerate(english) if a <= word.start < b] for a, b in spans]
    owner = {j: row for row, group in enumerate(groups) for j in group}
    scores = np.zeros((len(groups), count), np.float32)
    for i, j, strength in links:
        scores[owner[j], i] = max(scores[owner[j], i], strength)
    kept: list[int] = []
    reached = np.zeros(count, np.float32)
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
    return [j for index in sorted(kept) for j in groups[index]][:MOST_ENGLISH]


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


def _fill(encoded: Encoded, words: Sequence[Word]) -> None:
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
    features[:, 12] = (side == 2) & np.array([word.capital for word in words])
    features[:, 13] = (encoded.classes > 0) & ~same.any(axis=1)
    features[:, 14] = [word.end - word.start == 1 for word in words]
