"""Cuts an encoded corpus into batches of like length, in an order that a seed fixes."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch

from drift.errors import InputError
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


def fixed_plan(
    source: Encoded, target: Encoded, tokens: int, lengths: tuple[int, ...], seed: int
) -> list[list[int]]:
    """Group the sentences of one pass into batches of a few fixed shapes: `tokens` in all a side.

    Every new shape costs a GPU a search for the kernels that suit it, more than the step itself.
    The few sentences that fill no batch of their length are left out of this pass.
    """
    dice = np.random.default_rng(seed)
    longest = np.maximum(source.lengths(), target.lengths())
    place = np.searchsorted(lengths, longest)
    batches: list[list[int]] = []
    for number, length in enumerate(lengths):
        rows = dice.permutation(np.flatnonzero(place == number))
        count = tokens // length
        batches += [rows[at : at + count].tolist() for at in range(0, len(rows) - count + 1, count)]
    if not batches:
        raise InputError(f"the text fills no batch of {tokens} pieces; take more text or a preset")
    return [batches[index] for index in dice.permutation(len(batches))]


def collate(
    sides: tuple[Encoded, Encoded],
    indices: list[int],
    pads: tuple[int, int],
    lengths: tuple[int, ...] = (),
) -> Batch:
    """Pad the sentences of one batch into tensors, to one of the given lengths if there are any."""
    rows = np.asarray(indices)
    longest = [int((side.starts[rows + 1] - side.starts[rows]).max()) for side in sides]
    if lengths:
        longest = [next(one for one in lengths if one >= max(longest))] * 2
    source, target = (
        _padded(side, indices, pad, length)
        for side, pad, length in zip(sides, pads, longest, strict=True)
    )
    return Batch(source, (source != pads[0]).long(), target)


def _padded(side: Encoded, indices: list[int], pad: int, length: int) -> torch.Tensor:
    starts, ends = side.starts[indices], side.starts[np.asarray(indices) + 1]
    places = starts[:, None] + np.arange(length)
    pieces = side.pieces[np.minimum(places, len(side.pieces) - 1)].astype(np.int64)
    return torch.from_numpy(np.where(places < ends[:, None], pieces, pad))
