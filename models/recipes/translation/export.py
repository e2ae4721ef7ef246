"""Turns trained weights into the CTranslate2 folder that ships, and checks that it agrees."""

import copy
import shutil
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ctranslate2
import numpy as np
import torch
from ctranslate2.converters.transformers import MarianMTLoader
from torch.nn import functional
from transformers import MarianMTModel

from drift.errors import BackendError
from models import weights
from models.recipes.translation import network, vocabulary
from models.recipes.translation.presets import Preset
from models.recipes.translation.vocabulary import (
    END,
    END_PIECE,
    SOURCE_MODEL,
    TARGET_MODEL,
    UNKNOWN_PIECE,
)

SHIPPABLE = 9.0
"""BLEU on flores dev that a shipped translator has at least; issue 3 sets it for a CPU alone."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far the exported model is from PyTorch on sample pairs, in nats a token."""

    mean: float
    worst: float


class _TwoVocabularies(MarianMTLoader):  # type: ignore[misc]
    """Drops the pad row of each side; the stock loader knows one shared vocabulary only."""

    def _remove_pad_weights(self, spec: Any) -> None:  # noqa: ANN401 -- the library has no types
        for part in (spec.encoder.embeddings[0], spec.decoder.embeddings, spec.decoder.projection):
            part.weight = part.weight[:-1]


def load(folder: Path, preset: Preset, weights: dict[str, torch.Tensor]) -> MarianMTModel:
    """Make the network of a training folder with the given weights, ready to translate."""
    sizes = [
        vocabulary.load(folder / name).get_piece_size() + 1 for name in (SOURCE_MODEL, TARGET_MODEL)
    ]
    # Building a network rolls the dice; a training that only validates must not notice.
    with torch.random.fork_rng():
        model = network.build(preset, *sizes)
    model.load_state_dict(weights)
    network.zero_pads(model)
    return model.eval()


def export(model: MarianMTModel, folder: Path, output: Path, quantization: str = "int8") -> None:
    """Write model, vocabularies and manifest of a training folder's network to an output folder."""
    loader = _TwoVocabularies()
    with torch.no_grad():
        # Quantising works in place on the weights it is given; the model stays whole.
        spec = loader.get_model_spec(copy.deepcopy(model))
    for side, register in (
        (SOURCE_MODEL, spec.register_source_vocabulary),
        (TARGET_MODEL, spec.register_target_vocabulary),
    ):
        register(vocabulary.pieces_of(vocabulary.load(folder / side)))
    spec.config.bos_token = spec.config.eos_token = END_PIECE
    spec.config.decoder_start_token = END_PIECE
    spec.config.unk_token = UNKNOWN_PIECE
    spec.validate()
    spec.optimize(quantization=None if quantization == "float32" else quantization)
    output.mkdir(parents=True, exist_ok=True)
    spec.save(str(output))
    for name in (SOURCE_MODEL, TARGET_MODEL):
        shutil.copyfile(folder / name, output / name)


def agreement(model: MarianMTModel, exported: Path, pairs: list[tuple[str, str]]) -> Agreement:
    """Score pairs by both and compare; a wrong pad row shows here and nowhere else."""
    source, target = (vocabulary.load(exported / name) for name in (SOURCE_MODEL, TARGET_MODEL))
    translator = ctranslate2.Translator(str(exported), intra_threads=1)
    scored = translator.score_batch(
        [[*source.encode(chinese, out_type=str), END_PIECE] for chinese, _ in pairs],
        [target.encode(english, out_type=str) for _, english in pairs],
    )
    gaps = []
    for (chinese, english), score in zip(pairs, scored, strict=True):
        ours = _log_probabilities(model, source.encode(chinese), target.encode(english))
        gaps.append(np.abs(np.asarray(score.log_probs) - ours))
    every = np.concatenate(gaps)
    return Agreement(float(every.mean()), float(every.max()))


def _log_probabilities(
    model: MarianMTModel, source: list[int], target: list[int]
) -> np.ndarray[Any, Any]:
    pad = network.pads(model)[1]
    wanted = torch.tensor([*target, END])
    inputs = torch.tensor([[*source, END]])
    with torch.no_grad():
        hidden = model.model(
            input_ids=inputs,
            attention_mask=torch.ones_like(inputs),
            decoder_input_ids=torch.tensor([[pad, *target]]),
        ).last_hidden_state[0]
        scores = functional.linear(hidden, model.model.decoder.embed_tokens.weight[:-1])
    chosen = scores.log_softmax(-1).gather(1, wanted[:, None])[:, 0]
    return np.asarray(chosen)


def ship(place: Path, output: Path, bleu: float) -> None:
    """Put an export among the shipped weights, unless its translations are too poor to show."""
    if bleu < SHIPPABLE:
        raise BackendError(
            f"{bleu:.1f} BLEU is below {SHIPPABLE}, which a reader should not be shown; "
            "train on with `train` and `finish`"
        )
    output.mkdir(parents=True, exist_ok=True)
    for path in place.iterdir():
        shutil.copyfile(path, output / path.name)
    version = tomllib.loads((place / "manifest.toml").read_text(encoding="utf-8"))["version"]
    describe(output, version)


def describe(output: Path, version: str) -> None:
    """Write the manifest that the runtime checks before it loads anything."""
    weights.write_manifest(
        output,
        {
            "name": output.name,
            "version": version,
            "summary": "Chinese to English, Marian architecture, CTranslate2 int8",
            "licence": "CC BY-NC-SA 4.0 (see CARD.md)",
            "recipe": "models.recipes.translation",
        },
    )
