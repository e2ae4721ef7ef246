"""Judges a Chinese retweet beside its English post with the project's own small cross-encoder.

Reads the two texts together, word links included, and says for every word of the retweet whether
something is wrong with it and of what type, and for the whole how likely it misrepresents the
post. The network is learned from synthetic drift and labelled cases; its word is one voice beside
the rules, never a finding by itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np  # noqa: TID253 - imported only with this backend

from drift.errors import BackendError
from models import weights
from models.cross_lexicon import Lexicon, load_lexicon
from models.cross_network import Output, Parameters, load_parameters, run
from models.cross_text import Encoded, encode

TYPES = (
    "conditional", "certainty", "polarity", "quantity", "entity", "role", "attribution",
    "cause", "intensity", "aspect", "quantifier", "addition", "omission", "stance",
)  # fmt: skip
_SHOWN = 0.3  # words below this strength are left out of the tags; chosen for brevity, not tuned


@dataclass(frozen=True, slots=True)
class Tag:
    """A stretch of one text that seems wrong: its place, its likeliest type, how strongly."""

    start: int
    end: int
    type: str
    strength: float


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the network says of one retweet; offsets are those of the texts given."""

    probability: float
    drifts: float
    tags: tuple[Tag, ...]
    post_tags: tuple[Tag, ...]


class CrossEncoder:
    """Scores (retweet, post) pairs; both texts normalised: NFKC, Simplified characters."""

    def __init__(self, lexicon: Lexicon, network: Parameters, signature: str) -> None:
        self._lexicon = lexicon
        self._network = network
        self._signature = signature

    @classmethod
    def load(cls, folder: Path | None = None) -> "CrossEncoder":
        """Read the shipped weights, or those of another folder."""
        found = folder or weights.folder("cross")
        try:
            lexicon = load_lexicon(found)
            network = load_parameters(found / "network.npz")
        except (OSError, KeyError, ValueError) as error:
            raise BackendError(f"{found} holds no readable cross-encoder: {error}") from error
        digest = weights.sha256(found / "network.npz")[:8]
        return cls(lexicon, network, f"cross:{digest}")

    @property
    def signature(self) -> str:
        """Name and checksum of the weights."""
        return self._signature

    def score(self, pairs: Sequence[tuple[str, str]]) -> list[Judgement]:
        """Judge every (retweet, post); a post may be long, the sentences that matter are found."""
        return [self._one(retweet, post) for retweet, post in pairs]

    def _one(self, retweet: str, post: str) -> Judgement:
        if not retweet.strip() or not post.strip():
            return Judgement(0.0, 0.0, (), ())
        encoded = encode(self._lexicon, retweet, post)
        output = run(self._network, encoded)
        return Judgement(
            output.misrepresents,
            output.drifts,
            _tags(encoded, output, 1),
            _tags(encoded, output, 2),
        )


def _tags(encoded: Encoded, output: Output, side: int) -> tuple[Tag, ...]:
    """Join neighbouring words that seem wrong; the type is the one with most weight on them."""
    strengths = 1 - output.tags[:, 0]
    runs: list[list[int]] = []
    for index in np.flatnonzero((encoded.side == side) & (strengths >= _SHOWN)).tolist():
        if runs and runs[-1][-1] == index - 1:
            runs[-1].append(index)
        else:
            runs.append([index])
    return tuple(
        Tag(
            int(encoded.spans[run[0], 0]),
            int(encoded.spans[run[-1], 1]),
            TYPES[int(output.tags[run, 1 : 1 + len(TYPES)].sum(axis=0).argmax())],
            round(float(strengths[run].max()), 4),
        )
        for run in runs
    )


@cache
def load() -> CrossEncoder:
    """Load the shipped cross-encoder, once."""
    return CrossEncoder.load()
