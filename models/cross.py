"""Judges a Chinese retweet beside its English post with the project's own cross-encoder.

A small multilingual transformer (CTranslate2, 8-bit) reads the two texts together. It says for
every piece whether something is wrong with it and of what type, and for the whole how likely it
misrepresents the post. It was fine-tuned on inference, translation errors, synthetic drift and
labelled cases; its word is one voice beside the rules, never a finding by itself.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np  # noqa: TID253 - imported only with this backend
from numpy.typing import NDArray  # noqa: TID253

from drift.errors import BackendError
from models import weights
from models.cross_text import Encoded, encode
from models.native import Native, threads

TYPES = (
    "conditional", "certainty", "polarity", "quantity", "entity", "role", "attribution",
    "cause", "intensity", "aspect", "quantifier", "addition", "omission", "stance",
)  # fmt: skip
_SHOWN = 0.3  # pieces below this strength are left out of the tags; chosen for brevity, not tuned
NOWHERE = -15.0
"""The log-odds of being wrong where a side has no piece."""
PEAK = 5.0
"""Divides the tags' log-odds, so that the judge reads numbers of about 1."""

Floats = NDArray[np.float32]


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
    kinds: Mapping[str, float]  # how likely each type is, should the retweet drift at all


@dataclass(frozen=True, slots=True)
class _Loaded:
    pieces: Any
    body: Any
    heads: dict[str, Floats]


class CrossEncoder(Native[_Loaded]):
    """Scores (retweet, post) pairs; both texts normalised: NFKC, Simplified characters.

    Safe to share between threads and over a fork; it remembers nothing.
    """

    def __init__(self, folder: Path, workers: int | None = None) -> None:
        """Name the weights; nothing is loaded before the first pair."""
        super().__init__()
        self._folder = folder
        self._workers = workers

    @cached_property
    def signature(self) -> str:
        """Name and checksum of the weights."""
        return f"cross:{weights.recorded(self._folder, 'model.bin')[:8]}"

    def score(self, pairs: Sequence[tuple[str, str]]) -> list[Judgement]:
        """Judge every (retweet, post); what is longer than the network reads is cut off."""
        asked = list(dict.fromkeys(pair for pair in pairs if all(map(str.strip, pair))))
        if not asked:
            return [_NOTHING for _ in pairs]
        native = self._native
        encoded = list(encode(native.pieces, asked))
        # One pair at a time: padding would change sums in their last digits, and a verdict must
        # not depend on what else is judged.
        with ThreadPoolExecutor(self._workers or threads()) as pool:
            judged = list(pool.map(lambda one: _judged(native, one), encoded))
        found = dict(zip(asked, judged, strict=True))
        return [found.get(pair, _NOTHING) for pair in pairs]

    def _load(self) -> _Loaded:
        return _load(self._folder, self._workers or threads())


_NOTHING = Judgement(0.0, 0.0, (), (), {})


def _load(folder: Path, workers: int) -> _Loaded:
    weights.verify(folder)
    try:
        import ctranslate2
        import sentencepiece

        with np.load(folder / "heads.npz") as saved:
            heads = {name: saved[name].astype(np.float32) for name in saved.files}
        pieces = sentencepiece.SentencePieceProcessor(model_file=str(folder / "pieces.spm"))
        body = ctranslate2.Encoder(str(folder), inter_threads=workers, intra_threads=1)
    except (ImportError, OSError, KeyError, ValueError, RuntimeError) as error:
        raise BackendError(f"{folder} holds no readable cross-encoder: {error}") from error
    return _Loaded(pieces, body, heads)


def _judged(native: _Loaded, encoded: Encoded) -> Judgement:
    kinds = (encoded.side == 2).astype(int).tolist()
    said = native.body.forward_batch([encoded.ids.tolist()], token_type_ids=[kinds])
    states = np.array(said.last_hidden_state)[0]
    tags, verdicts, kinds = _heads(native.heads, states, encoded.side)
    strengths = _softmax(tags)
    chances = 1 / (1 + np.exp(-verdicts))
    return Judgement(
        round(float(chances[0]), 5),
        round(float(chances[1]), 5),
        _tags(encoded, strengths, 1),
        _tags(encoded, strengths, 2),
        {name: round(float(one), 4) for name, one in zip(TYPES, _softmax(kinds), strict=True)},
    )


def _heads(
    heads: dict[str, Floats], states: Floats, side: NDArray[np.int32]
) -> tuple[Floats, Floats, Floats]:
    """Compute the heads of recipes.cross_encoder.network: logits of tags, verdicts, types."""

    def linear(name: str, values: Floats) -> Floats:
        found: Floats = values @ heads[f"{name}.weight"].T + heads[f"{name}.bias"]
        return found

    tags = linear("tags", states)
    weight = _softmax(linear("pool", states)[:, 0])
    wrong = np.log(np.exp(tags[:, 1:]).sum(axis=1)) - tags[:, 0]
    parts = [weight @ states, states[0], linear("relation", states[0])]
    for number in (1, 2):
        here = wrong[side == number]
        parts.append(np.array([max(here, default=NOWHERE) / PEAK], np.float32))
        parts.append(np.array([np.log1p((1 / (1 + np.exp(-here))).sum())], np.float32))
    hidden = np.maximum(linear("judge_in", np.concatenate(parts)), 0)
    place = _softmax(np.where(side > 0, wrong, -1e4))
    kinds = linear("kinds", np.concatenate([place @ states, states[0]]))
    return tags, linear("judge_out", hidden), kinds


def _softmax(logits: Floats) -> Floats:
    """Normalise over the last axis."""
    raised = np.exp(logits - logits.max(axis=-1, keepdims=True))
    found: Floats = raised / raised.sum(axis=-1, keepdims=True)
    return found


def _tags(encoded: Encoded, chances: Floats, side: int) -> tuple[Tag, ...]:
    """Join neighbouring pieces that seem wrong; the type is the one with most weight on them."""
    strengths = 1 - chances[:, 0]
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
            TYPES[int(chances[run, 1 : 1 + len(TYPES)].sum(axis=0).argmax())],
            round(float(strengths[run].max()), 4),
        )
        for run in runs
    )


@cache
def load() -> CrossEncoder:
    """Give the shipped cross-encoder, once; where its weights are missing, say so at once."""
    return CrossEncoder(weights.folder("cross"))
