"""Cuts an encoded corpus into batches of like length, in an order that a seed fixes."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch

from models.recipes.translation.vocabulary import Encoded

POOL = 30_000


@dataclass(frozen=True, slots=True)
class Batch:
    """Padded piece numbers; targets are what the decoder must say, shifted inside the network."""

    source: torch.Tensor
    mask: torch.Tensor
    target: torch.Tensor


def plan(source: Encoded, target: Encoded, tokens: int, seed: int) -> list[list[int]]:
    """Group the sentences of one pass into batches of about so many padded tokens a side.

    The same seed gives the same batches in the same order: a resumed training repeats the plan
    and skips what it has seen.
    """
    dice = np.random.default_rng(seed)
    lengths = np.stack([target.lengths(), source.lengths()])
    order = dice.permutation(len(source))
    batches: list[list[int]] = []
    for start in range(0, len(order), POOL):
        pool = order[start : start + POOL]
        ranked = pool[np.lexsort((lengths[1][pool], lengths[0][pool]))]
        cut = list(_filled(ranked.tolist(), lengths.max(axis=0), tokens))
        batches += [cut[index] for index in dice.permutation(len(cut))]
    return batches


def _filled(
    ranked: list[int], lengths: "np.ndarray[tuple[int, ...], np.dtype[np.int64]]", tokens: int
) -> Iterator[list[int]]:
    batch: list[int] = []
    longest = 0
    for index in ranked:
        longest = max(longest, int(lengths[index]))
        if batch and longest * (len(batch) + 1) > tokens:
            yield batch
            batch, longest = [], int(lengths[index])
        batch.append(index)
    if batch:
        yield batch


def collate(sides: tuple[Encoded, Encoded], indices: list[int], pads: tuple[int, int]) -> Batch:
    """Pad the sentences of one batch into tensors."""
    source, target = (
        _padded([side.row(index) for index in indices], pad)
        for side, pad in zip(sides, pads, strict=True)
    )
    return Batch(source, (source != pads[0]).long(), target)


def _padded(
    rows: "list[np.ndarray[tuple[int, ...], np.dtype[np.uint16]]]", pad: int
) -> torch.Tensor:
    table = np.full((len(rows), max(map(len, rows))), pad, dtype=np.int64)
    for number, row in enumerate(rows):
        table[number, : len(row)] = row
    return torch.from_numpy(table)
