"""The cross-encoder as a torch module: a small multilingual BERT, and heads on its states.

One head tags every piece with a drift type, one tells entailment for the sake of what that
teaches the body, one judges the whole from the first state, the tags and the entailment, and one
names the drift's type from the states of what seems wrong. `models.cross` computes the same heads
in numpy.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import BertConfig, BertModel

from models.cross import NOWHERE, PEAK, TYPES
from models.recipes.cross_encoder.base import Base, Sizes
from models.recipes.cross_encoder.data import RELATIONS

TAGS = len(TYPES) + 2
VERDICTS = 2
"""Misrepresents, drifts at all."""
HIDDEN = 96
DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")
ATTENTION = "sdpa" if DEVICE.type == "cuda" else "eager"
"""Measured on a CPU at this size: eager is twice as fast, backwards, as the fused kernel."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Encoded examples, padded, with their targets; -1 stands for no target."""

    ids: Tensor
    side: Tensor
    tags: Tensor
    verdicts: Tensor
    relations: Tensor
    groups: Tensor
    kinds: Tensor

    def there(self) -> "Batch":
        """Give the batch on the device that computes."""
        return Batch(*(getattr(self, one.name).to(DEVICE) for one in fields(self)))


class Network(nn.Module):  # type: ignore[misc]
    """Tags every piece, tells entailment, judges the whole, and names the drift's type."""

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        self.body = BertModel(config, add_pooling_layer=False)
        width = config.hidden_size
        self.dropout = nn.Dropout(config.hidden_dropout_prob)
        self.tags = nn.Linear(width, TAGS)
        self.relation = nn.Linear(width, len(RELATIONS))
        self.pool = nn.Linear(width, 1)
        self.judge_in = nn.Linear(2 * width + len(RELATIONS) + 4, HIDDEN)
        self.judge_out = nn.Linear(HIDDEN, VERDICTS)
        self.kinds = nn.Linear(2 * width, len(TYPES))
        with torch.no_grad():
            self.tags.bias[0] = 3.0

    def forward(self, batch: Batch) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Give tag logits a piece, relation logits, verdict logits, and logits of the types."""
        there = batch.ids != self.body.config.pad_token_id
        states = self.body(
            input_ids=batch.ids,
            attention_mask=there.long(),
            token_type_ids=(batch.side == 2).long(),
        ).last_hidden_state
        states = self.dropout(states)
        tags = self.tags(states)
        relation = self.relation(states[:, 0])
        judged = self._judge(states, tags, relation, batch.side, there)
        return tags, relation, judged, self._name(states, tags, batch.side)

    def _name(self, states: Tensor, tags: Tensor, side: Tensor) -> Tensor:
        wrong = torch.logsumexp(tags[:, :, 1:], dim=2) - tags[:, :, 0]
        weight = wrong.masked_fill(side == 0, -1e4).softmax(dim=1)
        pooled = (weight[:, :, None] * states).sum(dim=1)
        return self.kinds(torch.cat([pooled, states[:, 0]], dim=1))

    def _judge(
        self, states: Tensor, tags: Tensor, relation: Tensor, side: Tensor, there: Tensor
    ) -> Tensor:
        weight = self.pool(states).squeeze(2).masked_fill(~there, -1e4).softmax(dim=1)
        pooled = (weight[:, :, None] * states).sum(dim=1)
        wrong = torch.logsumexp(tags[:, :, 1:], dim=2) - tags[:, :, 0]
        parts = [pooled, states[:, 0], relation]
        for number in (1, 2):
            here = side == number
            parts.append(wrong.masked_fill(~here, NOWHERE).amax(dim=1, keepdim=True) / PEAK)
            parts.append(torch.log1p((wrong.sigmoid() * here).sum(dim=1, keepdim=True)))
        hidden = functional.relu(self.judge_in(torch.cat(parts, dim=1)))
        return self.judge_out(self.dropout(hidden))


def start(base: Base, kept: list[int]) -> Network:
    """Make a network whose body is the base, with the kept pieces of its vocabulary."""
    network = Network(config_of(base, len(kept)))
    arrays = dict(base.arrays)
    words = "embeddings.word_embeddings.weight"
    arrays[words] = arrays[words][kept]
    # The base never saw a second text in a row: its marks start out alike for both.
    kinds = "embeddings.token_type_embeddings.weight"
    arrays[kinds] = arrays[kinds][[0, 0]]
    network.body.load_state_dict({name: torch.tensor(array) for name, array in arrays.items()})
    return network


def config_of(sizes: Sizes, pieces: int) -> BertConfig:
    """Describe a body of these sizes to transformers, without dropout."""
    return BertConfig(
        vocab_size=pieces,
        hidden_size=sizes.width,
        num_hidden_layers=sizes.layers,
        num_attention_heads=sizes.heads,
        intermediate_size=sizes.inner,
        max_position_embeddings=sizes.positions,
        type_vocab_size=2,
        layer_norm_eps=sizes.epsilon,
        pad_token_id=1,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        attn_implementation=ATTENTION,
    )


def save_network(path: Path, network: Network, more: Mapping[str, object]) -> None:
    """Save a network with what else is known of its training; whole or not at all."""
    part = path.with_suffix(".part")
    config = network.body.config.to_dict()
    torch.save({"network": network.state_dict(), "config": config, **more}, part)
    part.rename(path)


def load_network(path: Path, dropout: float = 0.0) -> Network:
    """Load a saved network."""
    saved = torch.load(path, map_location="cpu")
    config = {**saved["config"], "hidden_dropout_prob": dropout}
    network = Network(BertConfig(**config, attn_implementation=ATTENTION))
    network.load_state_dict(saved["network"])
    network.to(DEVICE)
    return network
