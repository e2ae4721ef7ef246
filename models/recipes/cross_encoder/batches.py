"""Examples as arrays, and batches of them; examples of a group stay together."""

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from sentencepiece import SentencePieceProcessor

from models.cross import TYPES
from models.cross_text import PAD, Encoded, encode
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
    relation: int
    kinds: NDArray[np.bool_]

    @property
    def length(self) -> int:
        """Count the pieces."""
        return len(self.tags)


def items(pieces: SentencePieceProcessor, examples: Sequence[Example]) -> list[Item]:
    """Encode examples."""
    encoded = encode(pieces, [(one.retweet, one.post) for one in examples])
    return [_item(example, row) for example, row in zip(examples, encoded, strict=True)]


def _item(example: Example, encoded: Encoded) -> Item:
    tags = np.full(len(encoded.ids), 0 if example.tagged else UNKNOWN, np.int8)
    for side, marks in ((1, example.marks), (2, example.post_marks)):
        _tag(tags, encoded, side, marks)
    if example.source == "rated":  # nobody looked at the English words
        tags[encoded.side == 2] = UNKNOWN
    tags[encoded.side == 0] = UNKNOWN
    found = {tag for _, _, tag in (*example.marks, *example.post_marks)}
    return Item(
        example.id,
        example.source,
        example.group,
        encoded,
        tags,
        (_known(example.misrepresents), _known(example.drifts)),
        example.relation,
        np.array([tag in found for tag in range(1, len(TYPES) + 1)]),
    )


def _known(label: float | None) -> float:
    return NO_LABEL if label is None else label


def _tag(tags: NDArray[np.int8], encoded: Encoded, side: int, marks: Sequence[Mark]) -> None:
    here = encoded.side == side
    for start, end, tag in marks:
        inside = (encoded.spans[:, 0] < end) & (encoded.spans[:, 1] > start)
        tags[here & inside] = tag


def grouped(chosen: Iterable[Item]) -> list[list[Item]]:
    """Put examples of a group together."""
    groups: dict[str, list[Item]] = {}
    for number, one in enumerate(chosen):
        groups.setdefault(one.group or f"#{number}", []).append(one)
    return list(groups.values())


def batches(chosen: Iterable[Item], pieces: int, seed: int) -> Iterator[Batch]:
    """Group items of like length into batches of about so many pieces, in a random order."""
    chance = random.Random(seed)  # noqa: S311
    ordered = grouped(chosen)
    chance.shuffle(ordered)
    ordered.sort(key=lambda group: max(one.length for one in group) // 8)
    made: list[list[Item]] = []
    current: list[Item] = []
    for group in ordered:
        longest = max(one.length for one in [*current, *group])
        if current and longest * (len(current) + len(group)) > pieces:
            made.append(current)
            current = []
        current = current + group
    if current:
        made.append(current)
    chance.shuffle(made)
    yield from map(collate, made)


def collate(chosen: Sequence[Item]) -> Batch:
    """Pad items to one length."""
    count, length = len(chosen), max(one.length for one in chosen)
    ids = np.full((count, length), PAD, np.int64)
    side, tags = np.zeros_like(ids), np.full_like(ids, UNKNOWN)
    for row, one in enumerate(chosen):
        ids[row, : one.length] = one.encoded.ids
        side[row, : one.length] = one.encoded.side
        tags[row, : one.length] = one.tags
    known = dict.fromkeys(one.group for one in chosen if one.group)
    numbers = {group: number for number, group in enumerate(known)}
    return Batch(
        ids=torch.from_numpy(ids),
        side=torch.from_numpy(side),
        tags=torch.from_numpy(tags),
        verdicts=torch.tensor([one.verdict for one in chosen]),
        relations=torch.tensor([one.relation for one in chosen]),
        groups=torch.tensor([numbers.get(one.group, -1) for one in chosen]),
        kinds=torch.from_numpy(np.stack([one.kinds for one in chosen])),
    )
