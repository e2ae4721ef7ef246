"""The cross-encoder as a torch module: a small transformer whose attention knows the links.

Between the two languages every head adds a learned multiple of what is known about two words:
translation links, where neighbours' links point, equal figures, equal cue classes, likeness of
embeddings. So the network need not find the dictionary by itself. `models.cross` computes the
same function in numpy.
"""

from dataclasses import asdict, dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from models.cross_text import FEATURES
from models.recipes.cross_encoder.data import TYPES

CHANNELS = 12
TAGS = len(TYPES) + 2
EXTRA = 1
"""Inputs a word that the network computes itself: its likeness to the other side's best word."""


@dataclass(frozen=True, slots=True)
class Shape:
    """The sizes of a network."""

    words: int
    classes: int
    width: int = 160
    inner: int = 480
    layers: int = 4
    heads: int = 5

    def as_dict(self) -> dict[str, int]:
        """Give the sizes by name, as the runtime reads them."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Batch:
    """Encoded examples, padded, with their targets."""

    ids: Tensor
    side: Tensor
    features: Tensor
    classes: Tensor
    clauses: Tensor
    values: Tensor
    links: Tensor
    tags: Tensor
    verdicts: Tensor
    groups: Tensor


class Layer(nn.Module):  # type: ignore[misc]
    """Pre-norm attention with given biases, then a feed-forward step."""

    def __init__(self, shape: Shape, dropout: float) -> None:
        super().__init__()
        self.heads = shape.heads
        self.attend_norm = nn.LayerNorm(shape.width)
        self.attend = nn.Linear(shape.width, 3 * shape.width)
        self.gather = nn.Linear(shape.width, shape.width)
        self.inner_norm = nn.LayerNorm(shape.width)
        self.widen = nn.Linear(shape.width, shape.inner)
        self.narrow = nn.Linear(shape.inner, shape.width)
        self.dropout = nn.Dropout(dropout)

    def forward(self, states: Tensor, bias: Tensor) -> Tensor:
        """Give the next states."""
        count, length, width = states.shape
        mixed = self.attend(self.attend_norm(states))
        parts = mixed.view(count, length, 3, self.heads, width // self.heads)
        query, key, value = parts.permute(2, 0, 3, 1, 4).flatten(1, 2)
        # By hand: with a bias that learns, torch's own attention takes a slower path.
        scale = (width // self.heads) ** -0.5
        weights = torch.baddbmm(bias.flatten(0, 1), query, key.transpose(1, 2), alpha=scale)
        seen = (weights.softmax(dim=2).to(value.dtype) @ value).unflatten(0, (count, self.heads))
        seen = seen.transpose(1, 2).reshape(count, length, width)
        states = states + self.dropout(self.gather(seen))
        inner = functional.relu(self.widen(self.inner_norm(states)))
        return states + self.dropout(self.narrow(inner))


class Network(nn.Module):  # type: ignore[misc]
    """Tags every word with a drift type, and judges the whole."""

    def __init__(self, shape: Shape, dropout: float = 0.1) -> None:
        super().__init__()
        self.shape = shape
        self.words = nn.Embedding(shape.words, shape.width)
        self.classes = nn.Embedding(shape.classes, shape.width)
        self.sides = nn.Embedding(3, shape.width)
        self.features = nn.Linear(FEATURES + EXTRA, shape.width)
        self.enter_norm = nn.LayerNorm(shape.width)
        self.bias = nn.Linear(CHANNELS, shape.layers * shape.heads, bias=False)
        self.layers = nn.ModuleList(Layer(shape, dropout) for _ in range(shape.layers))
        self.leave_norm = nn.LayerNorm(shape.width)
        self.tags = nn.Linear(shape.width, TAGS)
        self.pool = nn.Linear(shape.width, 1)
        self.judge_in = nn.Linear(2 * shape.width + 5, 64)
        self.judge_out = nn.Linear(64, 2)
        self.dropout = nn.Dropout(dropout)
        self._start()

    def _start(self) -> None:
        nn.init.normal_(self.words.weight, std=0.08)
        nn.init.normal_(self.classes.weight, std=0.3)
        nn.init.normal_(self.sides.weight, std=0.3)
        with torch.no_grad():
            self.bias.weight.normal_(std=0.3)
            # Heads start out with a task: links, projections, likeness, classes, neighbours.
            for layer in range(self.shape.layers):
                first = layer * self.shape.heads
                for head, (channel, value) in enumerate(_TASKS[: self.shape.heads]):
                    self.bias.weight[first + head, channel] += value
            self.tags.bias[0] = 3.0

    def forward(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Give tag logits a word and two verdict logits: misrepresents, drifts at all."""
        embedded = self.words(batch.ids)
        likeness = _likeness(embedded, batch.side)
        best = likeness.amax(dim=2, keepdim=True)
        states = self.features(torch.cat([batch.features, best], dim=2)) + self.sides(batch.side)
        states = self.enter_norm(states + 3 * embedded + self.classes(batch.classes))
        states = self.dropout(states)
        bias = self._biases(batch, likeness)
        for layer, part in zip(self.layers, bias, strict=True):
            states = layer(states, part)
        states = self.leave_norm(states)
        tags = self.tags(states)
        return tags, self._judge(states, tags, batch)

    def _biases(self, batch: Batch, likeness: Tensor) -> Tensor:
        channels = channels_of(batch, likeness)
        # Padding is one more channel with a fixed weight: cheaper than masking every head.
        hidden = torch.full((len(self.bias.weight), 1), -1e4)
        weight = torch.cat([self.bias.weight, hidden], dim=1)
        bias = functional.linear(channels, weight).permute(3, 0, 1, 2)
        heads, count, length, _ = bias.shape
        shaped = bias.view(self.shape.layers, heads // self.shape.layers, count, length, length)
        return shaped.transpose(1, 2)

    def _judge(self, states: Tensor, tags: Tensor, batch: Batch) -> Tensor:
        there = batch.ids != 0
        weight = self.pool(states).squeeze(2).masked_fill(~there, -1e4).softmax(dim=1)
        pooled = (weight[:, :, None] * states).sum(dim=1)
        wrong = torch.logsumexp(tags[:, :, 1:], dim=2) - tags[:, :, 0]
        parts = [pooled, states[:, 0]]
        for side in (1, 2):
            here = batch.side == side
            parts.append(wrong.masked_fill(~here, -15.0).amax(dim=1, keepdim=True) / 5)
            chance = (wrong.sigmoid() * here).sum(dim=1, keepdim=True)
            parts.append(torch.log1p(chance))
        parts.append((batch.side == 1).sum(dim=1, keepdim=True) / 50)
        inner = functional.relu(self.judge_in(self.dropout(torch.cat(parts, dim=1))))
        judged: Tensor = self.judge_out(inner)
        return judged


_TASKS = ((0, 5.0), (1, 4.0), (11, 4.0), (7, 4.0), (8, 3.0))


def _likeness(embedded: Tensor, side: Tensor) -> Tensor:
    unit = functional.normalize(embedded.detach(), dim=2)
    cross = (side[:, :, None] * side[:, None, :]) == 2
    likeness: Tensor = (unit @ unit.transpose(1, 2)).clamp(min=0) * cross
    return likeness


def channels_of(batch: Batch, likeness: Tensor) -> Tensor:
    """Lay out what is known about every two words as the runtime does, and padding last."""
    side, ids = batch.side, batch.ids
    cross = (side[:, :, None] * side[:, None, :]) == 2
    same_side = (side[:, :, None] == side[:, None, :]) & (ids != 0)[:, None, :]
    near = spread(batch.links) * cross
    same_class = batch.classes[:, :, None] == batch.classes[:, None, :]
    same_class = same_class & (batch.classes > 0)[:, :, None] & cross
    values = batch.values
    equal = (values[:, :, None] - values[:, None, :]).abs() <= 1e-6 * values[:, :, None]
    equal = equal & (values > 0)[:, :, None] & cross
    same_word = (ids[:, :, None] == ids[:, None, :]) & cross
    clause = (batch.clauses[:, :, None] == batch.clauses[:, None, :]) & same_side
    place = torch.arange(ids.shape[1], dtype=torch.float32)
    distance = place[None, :] - place[:, None]
    decay = torch.exp(-distance.abs() / 3)[None] * same_side
    before = ((distance == -1)[None] & same_side).float()
    after = ((distance == 1)[None] & same_side).float()
    padding = (ids == 0).float()[:, None, :].expand_as(likeness)
    parts = [
        batch.links, near, same_class.float(), equal.float(), same_word.float(),
        same_side.float(), clause.float(), same_class * near, decay, before, after, likeness,
        padding,
    ]  # fmt: skip
    return torch.stack(parts, dim=3)


def spread(links: Tensor) -> Tensor:
    """Spread link matrices over their neighbours, as `models.cross_text.projection` does."""
    kernel = torch.tensor([0.3, 0.6, 1.0, 0.6, 0.3])
    both = (kernel[:, None] * kernel[None, :])[None, None]
    wide = functional.conv2d(links[:, None], both, padding=2)[:, 0]
    return wide.clamp(max=1.0)
