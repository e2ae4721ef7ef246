"""Reads shipped weights back as a network, so that training can go on from them.

CTranslate2's file (version 6), little-endian: version, name, revision, then every array as name,
shape, kind and bytes; strings have their length before them and a zero at their end. An 8-bit
array has a scale a row in another array of its name. `export` is the way there.
"""

import struct
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from drift.errors import InputError
from models.recipes.cross_encoder.base import Sizes
from models.recipes.cross_encoder.network import Network, config_of

_VERSION = 6
_EPSILON = 1e-12  # of the layer norms; the file does not say
_KINDS = (np.float32, np.int8, np.int16, np.int32, np.float16)
_EMBEDDINGS = {
    "embeddings_0": "word_embeddings.weight",
    "embeddings_1": "token_type_embeddings.weight",
}
_LAYER = {
    "self_attention/linear_1": "attention.output.dense",
    "self_attention/layer_norm": "attention.output.LayerNorm",
    "ffn/linear_0": "intermediate.dense",
    "ffn/linear_1": "output.dense",
    "ffn/layer_norm": "output.LayerNorm",
}
_QUERIES = "self_attention/linear_0"

Arrays = dict[str, NDArray[Any]]


def read_network(folder: Path) -> Network:
    """Read model.bin and heads.npz; raises `InputError` where they are something else."""
    try:
        arrays = _arrays((folder / "model.bin").read_bytes())
        with np.load(folder / "heads.npz") as saved:
            heads = {name: saved[name].astype(np.float32) for name in saved.files}
        body = _body(arrays)
    except (OSError, struct.error, KeyError, ValueError, IndexError) as error:
        raise InputError(
            f"{folder} holds no cross-encoder that training could go on from ({error}); "
            "give models/weights/cross, or what `export` wrote"
        ) from error
    pieces = len(body["embeddings.word_embeddings.weight"])
    network = Network(config_of(_sizes(arrays, body), pieces))
    state = {f"body.{name}": array for name, array in body.items()} | heads
    network.load_state_dict({name: torch.tensor(array) for name, array in state.items()})
    return network


def _arrays(raw: bytes) -> Arrays:
    """Give the arrays by name, 8-bit ones as floats."""
    at = 0

    def take(layout: str) -> Any:  # noqa: ANN401 - one number or a tuple of them
        nonlocal at
        values = struct.unpack_from("<" + layout, raw, at)
        at += struct.calcsize("<" + layout)
        return values[0] if len(values) == 1 else values

    def text() -> str:
        size = take("H")
        return str(take(f"{size}s")[:-1].decode("utf-8"))

    if take("I") != _VERSION:
        raise ValueError("another version of the file")
    text()
    take("I")
    found: Arrays = {}
    for _ in range(take("I")):
        name = text()
        shape = [take("I") for _ in range(take("B"))]
        kind, size = _KINDS[take("B")], take("I")
        array = np.frombuffer(raw, kind, size // np.dtype(kind).itemsize, at)
        found[name] = array.reshape(shape)
        at += size
    return {name: _floats(name, array, found) for name, array in found.items()}


def _floats(name: str, array: NDArray[Any], all_of_them: Arrays) -> NDArray[Any]:
    scale = all_of_them.get(f"{name}_scale")
    if scale is None:
        return array
    return array.astype(np.float32) / scale[:, None]


def _body(arrays: Arrays) -> Arrays:
    """Give the arrays the names that transformers has for them."""
    body: Arrays = {}
    for short, long in _EMBEDDINGS.items():
        body[f"embeddings.{long}"] = arrays[f"encoder/{short}/weight"]
    positions = arrays["encoder/position_encodings/encodings"]
    body["embeddings.position_embeddings.weight"] = positions
    body |= _norm(arrays, "encoder/layernorm_embedding", "embeddings.LayerNorm")
    layer = 0
    while f"encoder/layer_{layer}/{_QUERIES}/weight" in arrays:
        here, there = f"encoder/layer_{layer}", f"encoder.layer.{layer}"
        for part in ("weight", "bias"):
            three = np.split(arrays[f"{here}/{_QUERIES}/{part}"], 3)
            for name, array in zip(("query", "key", "value"), three, strict=True):
                body[f"{there}.attention.self.{name}.{part}"] = array
        for short, long in _LAYER.items():
            if short.endswith("layer_norm"):
                body |= _norm(arrays, f"{here}/{short}", f"{there}.{long}")
            else:
                for part in ("weight", "bias"):
                    body[f"{there}.{long}.{part}"] = arrays[f"{here}/{short}/{part}"]
        layer += 1
    return body


def _norm(arrays: Arrays, here: str, there: str) -> Arrays:
    return {
        f"{there}.weight": arrays[f"{here}/gamma"],
        f"{there}.bias": arrays[f"{here}/beta"],
    }


def _sizes(arrays: Arrays, body: Arrays) -> Sizes:
    return Sizes(
        width=body["embeddings.word_embeddings.weight"].shape[1],
        layers=sum(name.endswith("attention.self.query.bias") for name in body),
        heads=int(arrays["encoder/num_heads"]),
        inner=len(body["encoder.layer.0.intermediate.dense.bias"]),
        positions=len(body["embeddings.position_embeddings.weight"]),
        epsilon=_EPSILON,
    )
