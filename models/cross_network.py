"""The cross-encoder's arithmetic in numpy: the function of the recipe's torch network.

numpy and not an ONNX runtime, because a retweet is about 120 tokens through 4 narrow layers: that
takes a few milliseconds in plain matrix products, numpy is there already for the word links, and
a second runtime would cost more to install and load than it saves.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np  # noqa: TID253 - imported only with this backend

from models.cross_lexicon import Floats
from models.cross_text import Encoded, dense, projection

_NORM_FLOOR = 1e-5


@dataclass(frozen=True)
class Parameters:
    """The arrays of a network by their torch names; words as bytes with a scale each."""

    arrays: dict[str, Floats]
    words: np.ndarray[tuple[int, int], np.dtype[np.int8]]
    scales: Floats
    layers: int
    heads: int

    def __getitem__(self, name: str) -> Floats:
        return self.arrays[name]


@dataclass(frozen=True, slots=True)
class Output:
    """Probabilities a token (`ok` first, then the types, then `any`), and of the verdicts."""

    tags: Floats
    misrepresents: float
    drifts: float


def load_parameters(path: Path) -> Parameters:
    """Read the network that the recipe exported."""
    with np.load(path) as stored:
        arrays = {
            name: stored[name].astype(np.float32)
            for name in stored.files
            if name not in {"words", "scales", "sizes"}
        }
        layers, heads = (int(size) for size in stored["sizes"])
        # Linear layers are used as x @ W, and a C-ordered W is read fastest.
        for name, array in arrays.items():
            if array.ndim == 2 and name not in _TABLES:
                arrays[name] = np.ascontiguousarray(array.T)
        scales = stored["scales"].astype(np.float32)
        return Parameters(arrays, stored["words"], scales, layers, heads)


_TABLES = frozenset({"classes.weight", "sides.weight", "bias.weight"})


def run(network: Parameters, encoded: Encoded) -> Output:
    """Judge one encoded retweet."""
    embedded = network.words[encoded.ids] * network.scales[encoded.ids, None]
    likeness = _likeness(embedded, encoded)
    features = np.concatenate([encoded.features, likeness.max(axis=1, keepdims=True)], axis=1)
    states = _linear(network, "features", features) + network["sides.weight"][encoded.side]
    states += 3 * embedded + network["classes.weight"][encoded.classes]
    states = _norm(network, "enter_norm", states)
    channels = channels_of(encoded, likeness)
    length = len(encoded.ids)
    biases = (network["bias.weight"] @ channels.reshape(len(channels), -1)).reshape(
        -1, length, length
    )
    for layer in range(network.layers):
        part = biases[layer * network.heads : (layer + 1) * network.heads]
        states = _layer(network, f"layers.{layer}", states, part)
    states = _norm(network, "leave_norm", states)
    logits = _linear(network, "tags", states)
    judged = _judge(network, states, logits, encoded)
    return Output(_softmax(logits), _sigmoid(judged[0]), _sigmoid(judged[1]))


def _layer(network: Parameters, name: str, states: Floats, bias: Floats) -> Floats:
    length, width = states.shape
    size = width // network.heads
    mixed = _linear(network, f"{name}.attend", _norm(network, f"{name}.attend_norm", states))
    query, key, value = mixed.reshape(length, 3, network.heads, size).transpose(1, 2, 0, 3)
    weights = query @ key.transpose(0, 2, 1)
    weights *= size**-0.5
    weights += bias
    seen = (_softmax(weights) @ value).transpose(1, 0, 2).reshape(length, width)
    states = states + _linear(network, f"{name}.gather", seen)
    inner = _linear(network, f"{name}.widen", _norm(network, f"{name}.inner_norm", states))
    np.maximum(inner, 0, out=inner)
    return states + _linear(network, f"{name}.narrow", inner)


def _judge(network: Parameters, states: Floats, logits: Floats, encoded: Encoded) -> Floats:
    weights = _softmax(_linear(network, "pool", states)[:, 0])
    highest = logits[:, 1:].max(axis=1)
    wrong = highest + np.log(np.exp(logits[:, 1:] - highest[:, None]).sum(axis=1)) - logits[:, 0]
    parts = [weights @ states, states[0]]
    for side in (1, 2):
        here = wrong[encoded.side == side]
        parts.append(np.array([max(here.max(initial=-15.0), -15.0) / 5], np.float32))
        parts.append(np.log1p((1 / (1 + np.exp(-here))).sum(keepdims=True)))
    parts.append(np.array([(encoded.side == 1).sum() / 50], np.float32))
    inner = np.maximum(_linear(network, "judge_in", np.concatenate(parts)), 0)
    return _linear(network, "judge_out", inner)


def channels_of(encoded: Encoded, likeness: Floats) -> Floats:
    """Lay out what is known about every two words, in the order that the network learned."""
    side, ids, classes, values = encoded.side, encoded.ids, encoded.classes, encoded.values
    cross = (side[:, None] * side[None, :]) == 2
    same_side = side[:, None] == side[None, :]
    links = dense(encoded)
    near = projection(links) * cross
    same_class = (classes[:, None] == classes[None, :]) & (classes > 0)[:, None] & cross
    equal = np.abs(values[:, None] - values[None, :]) <= 1e-6 * values[:, None]
    equal &= (values > 0)[:, None] & cross
    place = np.arange(len(ids))
    distance = place[None, :] - place[:, None]
    parts = (
        links,
        near,
        same_class,
        equal,
        (ids[:, None] == ids[None, :]) & cross,
        same_side,
        (encoded.clauses[:, None] == encoded.clauses[None, :]) & same_side,
        same_class * near,
        np.exp(np.abs(distance) * np.float32(-1 / 3)) * same_side,
        (distance == -1) & same_side,
        (distance == 1) & same_side,
        likeness,
    )
    return np.stack([np.asarray(part, np.float32) for part in parts])


def _likeness(embedded: Floats, encoded: Encoded) -> Floats:
    length = np.linalg.norm(embedded, axis=1, keepdims=True)
    unit = embedded / np.maximum(length, 1e-12)
    cross = (encoded.side[:, None] * encoded.side[None, :]) == 2
    likeness: Floats = np.maximum(unit @ unit.T, 0) * cross
    return likeness


def _linear(network: Parameters, name: str, states: Floats) -> Floats:
    result: Floats = states @ network[f"{name}.weight"]
    result += network[f"{name}.bias"]
    return result


def _norm(network: Parameters, name: str, states: Floats) -> Floats:
    centred = states - states.mean(axis=1, keepdims=True)
    deviation = np.sqrt((centred * centred).mean(axis=1, keepdims=True) + _NORM_FLOOR)
    result: Floats = centred / deviation * network[f"{name}.weight"] + network[f"{name}.bias"]
    return result


def _softmax(logits: Floats) -> Floats:
    shifted: Floats = logits - logits.max(axis=-1, keepdims=True)
    np.exp(shifted, out=shifted)
    shifted /= shifted.sum(axis=-1, keepdims=True)
    return shifted


def _sigmoid(logit: np.float32) -> float:
    return float(1 / (1 + np.exp(-logit)))
