"""Examples as arrays on disk, and batches of them; examples of a group stay together."""

import pickle
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from models.cross_lexicon import Lexicon
from models.cross_text import Encoded, encode
from models.recipes.cross_encoder.data import UNKNOWN, Example, Mark
from models.recipes.cross_encoder.network import Batch

NO_LABEL = -1.0


@dataclass(frozen=True, slots=True)
class Item:
    """One encoded example with its targets."""

    id: str
    source: str
    group: str
    encoded: Encoded
    tags: NDArray[np.int8]
    verdict: tuple[float, float]

    @property
    def length(self) -> int:
        """Count the tokens."""
        return len(self.tags)


def item(lexicon: Lexicon, example: Example) -> Item:
    """Encode one example."""
    encoded = encode(lexicon, example.retweet, example.post)
    tags = np.full(len(encoded.ids), 0 if example.tagged else UNKNOWN, np.int8)
    for side, marks in ((1, example.marks), (2, example.post_marks)):
        _tag(tags, encoded, side, marks)
    if example.source == "rated":  # nobody looked at the English words
        tags[encoded.side == 2] = UNKNOWN
    return Item(
        example.id,
        example.source,
        example.group,
        encoded,
        tags,
        (_known(example.misrepresents), _known(example.drifts)),
    )


def _known(label: float | None) -> float:
    return NO_LABEL if label is None else label


def _tag(tags: NDArray[np.int8], encoded: Encoded, side: int, marks: Sequence[Mark]) -> None:
    here = encoded.side == side
    for start, end, tag in marks:
        inside = (encoded.spans[:, 0] < end) & (encoded.spans[:, 1] > start)
        tags[here & inside] = tag


def write_items(items: Sequence[Item], path: Path) -> None:
    """Write items so that a file is there whole or not at all."""
    part = path.with_suffix(".part")
    with part.open("wb") as file:
        pickle.dump(items, file, protocol=5)
    part.rename(path)


def read_items(path: Path) -> list[Item]:
    """Read what `write_items` wrote; only for files of one's own making."""
    with path.open("rb") as file:
        items: list[Item] = pickle.load(file)  # noqa: S301 - written by this recipe
    return items


def batches(items: Iterable[Item], tokens: int, seed: int) -> Iterator[Batch]:
    """Group items of like length into batches of about so many tokens, in a random order."""
    chance = random.Random(seed)  # noqa: S311
    groups: dict[str, list[Item]] = {}
    for number, one in enumerate(items):
        groups.setdefault(one.group or f"#{number}", []).append(one)
    ordered = list(groups.values())
    chance.shuffle(ordered)
    ordered.sort(key=lambda group: max(one.length for one in group) // 8)
    made: list[list[Item]] = []
    current: list[Item] = []
    for group in ordered:
        longest = max(one.length for one in [*current, *group])
        if current and longest * (len(current) + len(group)) > tokens:
            made.append(current)
            current = []
        current = current + group
    if current:
        made.append(current)
    chance.shuffle(made)
    yield from map(collate, made)


def collate(items: Sequence[Item]) -> Batch:
    """Pad items to one length."""
    count, length = len(items), max(one.length for one in items)
    ids = np.zeros((count, length), np.int64)
    side, classes = np.zeros_like(ids), np.zeros_like(ids)
    clauses, tags = np.full_like(ids, -1), np.full_like(ids, UNKNOWN)
    values = np.zeros((count, length), np.float32)
    features = np.zeros((count, length, items[0].encoded.features.shape[1]), np.float32)
    links = np.zeros((count, length, length), np.float32)
    for row, one in enumerate(items):
        encoded, size = one.encoded, one.length
        ids[row, :size] = encoded.ids
        side[row, :size] = encoded.side
        classes[row, :size] = encoded.classes
        clauses[row, :size] = encoded.clauses
        values[row, :size] = encoded.values
        features[row, :size] = encoded.features
        tags[row, :size] = one.tags
        tags[row, np.flatnonzero(encoded.side == 0)] = UNKNOWN
        i, j = encoded.links[:, 0], encoded.links[:, 1]
        links[row, i, j] = encoded.strengths
        links[row, j, i] = encoded.strengths
    known = dict.fromkeys(one.group for one in items if one.group)
    numbers = {group: number for number, group in enumerate(known)}
    return Batch(
        ids=torch.from_numpy(ids),
        side=torch.from_numpy(side),
        features=torch.from_numpy(features),
        classes=torch.from_numpy(classes),
        clauses=torch.from_numpy(clauses),
        values=torch.from_numpy(values),
        links=torch.from_numpy(links),
        tags=torch.from_numpy(tags),
        verdicts=torch.tensor([one.verdict for one in items]),
        groups=torch.tensor([numbers.get(one.group, -1) for one in items]),
    )
