"""Learns to guess masked pieces of a pair, then has drift to find that it guessed itself.

First translation language modelling (Lample and Conneau 2019): pieces of an English and a Chinese
text are masked, and guessed from both texts or from their own alone. Then replaced-token detection
on pairs (ELECTRA, Clark et al. 2020; XLM-E, Chi et al. 2022): the guesser, shown one side alone,
fills masks with what fits there; the network, shown both, marks what the other side does not say.
What was put is fluent, so only the other language gives it away.
"""

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from models.cross_text import END, PAD, START
from models.recipes.cross_encoder.batches import NO_LABEL
from models.recipes.cross_encoder.data import ANY, UNKNOWN
from models.recipes.cross_encoder.network import DEVICE, Batch, Network

MASK = 3
"""The piece for unknown text stands for a mask: it hardly occurs otherwise."""
_STARTS = 0.08
"""Share of the pieces at which a mask begins; it goes on for one or two more."""
_GOES_ON = 0.5
_INTACT = 0.25
_CHINESE = 0.7
"""Share of the passages left alone, and of the others the share changed in the Chinese."""

Integers = NDArray[np.uint16]


@dataclass(frozen=True, slots=True)
class Passages:
    """Parallel passages: pieces of all in a row, and where each begins, for both languages."""

    chinese: Integers
    english: Integers
    chinese_at: NDArray[np.int64]
    english_at: NDArray[np.int64]

    def __len__(self) -> int:
        """Count the passages."""
        return len(self.chinese_at) - 1


def read_passages(path: Path) -> Passages:
    """Read what `prepare` wrote."""
    with np.load(path) as arrays:
        return Passages(*(arrays[name] for name in Passages.__slots__))


class Guesser(nn.Module):  # type: ignore[misc]
    """Guesses masked pieces; the pieces' own vectors tell them apart."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.body = copy.deepcopy(network.body)
        width = self.body.config.hidden_size
        self.dense = nn.Linear(width, width)
        self.norm = nn.LayerNorm(width)
        self.bias = nn.Parameter(torch.zeros(self.body.config.vocab_size))
        self.body.embeddings.word_embeddings.weight.requires_grad_(True)

    def forward(self, ids: Tensor, side: Tensor, seen: Tensor, masked: Tensor) -> Tensor:
        """Give the logits of the masked pieces, from what is seen of the texts."""
        states = self.body(
            input_ids=ids.masked_fill(masked, MASK),
            attention_mask=seen.long(),
            token_type_ids=(side == 2).long(),
        ).last_hidden_state
        hidden = self.norm(functional.gelu(self.dense(states[masked])))
        return hidden @ self.body.embeddings.word_embeddings.weight.T + self.bias


def passages(found: Passages, pieces: int, seed: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Give batches of about so many pieces without end: ids and sides, passages of like length."""
    lengths = np.diff(found.chinese_at) + np.diff(found.english_at) + 3
    turn = 0
    while True:
        chance = np.random.default_rng((seed, turn))
        order = np.argsort(lengths // 8 + chance.random(len(lengths)), kind="stable")
        cuts = np.searchsorted(
            np.cumsum(lengths[order]), np.arange(pieces, lengths.sum() + pieces, pieces)
        )
        made = [part for part in np.split(order, cuts) if len(part)]
        for which in chance.permutation(len(made)):
            yield _collated(found, made[which])
        turn += 1


def _collated(found: Passages, chosen: NDArray[np.int64]) -> tuple[Tensor, Tensor]:
    rows = []
    for one in chosen.tolist():
        chinese = found.chinese[found.chinese_at[one] : found.chinese_at[one + 1]]
        english = found.english[found.english_at[one] : found.english_at[one + 1]]
        rows.append((chinese, english))
    length = max(len(chinese) + len(english) + 3 for chinese, english in rows)
    ids = np.full((len(rows), length), PAD, np.int64)
    side = np.zeros_like(ids)
    for row, (chinese, english) in enumerate(rows):
        middle = 1 + len(chinese)
        end = middle + 1 + len(english)
        ids[row, 0], ids[row, middle], ids[row, end] = START, END, END
        ids[row, 1:middle], side[row, 1:middle] = chinese, 1
        ids[row, middle + 1 : end], side[row, middle + 1 : end] = english, 2
    return torch.from_numpy(ids), torch.from_numpy(side)


def masks(side: Tensor) -> Tensor:
    """Choose stretches of one to three pieces to mask, in either text."""
    begins = torch.rand(side.shape, device=side.device) < _STARTS
    masked = begins
    for _ in range(2):
        goes_on = torch.rand(side.shape, device=side.device) < _GOES_ON
        begins = functional.pad(begins[:, :-1], (1, 0)) & goes_on
        masked = masked | begins
    return masked & (side > 0)


def guess_loss(guesser: Guesser, ids: Tensor, side: Tensor) -> Tensor:
    """Mask pieces and give the loss of the guesses: half from both texts, half from their own."""
    alone = torch.randint(1, 5, (len(ids), 1), device=ids.device)  # 1, 2: one side is seen
    seen = (ids != PAD) & ((alone > 2) | (side == alone) | (side == 0))
    masked = masks(side) & seen
    with torch.autocast(DEVICE.type, torch.bfloat16):
        logits = guesser(ids, side, seen, masked)
    loss = functional.cross_entropy(logits.float(), ids[masked], reduction="sum")
    return loss / masked.sum().clamp(min=1)


def replaced(guesser: Guesser, ids: Tensor, side: Tensor) -> Batch:
    """Put guesses into one side of most passages, and say where they differ from what was there."""
    chance = torch.rand((len(ids), 1), device=ids.device)
    which = torch.where(chance < _CHINESE, 1, 2)
    intact = torch.rand((len(ids), 1), device=ids.device) < _INTACT
    seen = (ids != PAD) & ((side == which) | (side == 0))
    masked = masks(side) & (side == which) & ~intact
    with torch.no_grad(), torch.autocast(DEVICE.type, torch.bfloat16):
        logits = guesser(ids, side, seen, masked)
    noise = torch.empty_like(logits, dtype=torch.float32).exponential_().log()
    changed = ids.clone()
    changed[masked] = (logits.float() - noise).argmax(dim=1)  # Gumbel's way to draw
    wrong = changed != ids
    drifts = wrong.any(dim=1)
    # Nobody says which words of the other side the change departs from.
    looked_at = (side > 0) & ((side == which) | ~drifts[:, None])
    tags = torch.where(wrong, ANY, torch.where(looked_at, 0, UNKNOWN))
    nothing = torch.full((len(ids),), NO_LABEL, device=ids.device)
    return Batch(
        ids=changed,
        side=side,
        tags=tags,
        verdicts=torch.stack([nothing, drifts.float()], dim=1),
        relations=torch.full((len(ids),), UNKNOWN, device=ids.device),
        groups=torch.full((len(ids),), -1, device=ids.device),
    )
