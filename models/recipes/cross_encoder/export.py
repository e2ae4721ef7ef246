"""Writes a trained network as the weights that `models.cross` reads: an 8-bit body, and heads."""

import argparse
import copy
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
from ctranslate2.converters.transformers import BertLoader
from ctranslate2.specs import transformer_spec
from sentencepiece import SentencePieceProcessor

from models import weights
from models.recipes.cross_encoder.network import Network, load_network

VERSION = "5"


class _WithoutPooler(BertLoader):  # type: ignore[misc]
    """Leaves out the pooler: our heads read the states themselves."""

    def set_linear(self, spec: Any, module: Any, **more: Any) -> None:  # noqa: ANN401
        if module is not None:
            super().set_linear(spec, module, **more)


def main() -> None:
    """Export the final network of a work folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--network", default="final.pt")
    parser.add_argument("--to", type=Path, default=Path("models/weights/cross"))
    arguments = parser.parse_args()
    network = load_network(arguments.work / arguments.network).cpu()
    export(network, arguments.work / "pieces.spm", arguments.to)


def export(network: Network, pieces: Path, to: Path, quantization: str = "int8") -> None:
    """Write model.bin, heads.npz, pieces.spm and the manifest."""
    to.mkdir(parents=True, exist_ok=True)
    _body(network, pieces, to, quantization)
    heads = {
        name: array.numpy().astype(np.float16)
        for name, array in network.state_dict().items()
        if not name.startswith("body.")
    }
    np.savez(to / "heads.npz", **heads)
    shutil.copyfile(pieces, to / "pieces.spm")
    facts = {
        "name": "cross",
        "version": VERSION,
        "summary": "Bilingual cross-encoder: how likely a Chinese retweet misrepresents a post",
        "licence": "CC BY-NC-SA 4.0 (see CARD.md)",
        "recipe": "models.recipes.cross_encoder",
    }
    weights.write_manifest(to, facts)


def _body(network: Network, pieces: Path, to: Path, quantization: str) -> None:
    read = SentencePieceProcessor(model_file=str(pieces))
    body = copy.deepcopy(network.body)  # quantising changes arrays in place
    body.pooler = _Absent()
    body.config.position_embedding_type = "absolute"
    spec = _WithoutPooler().get_model_spec(body)
    whole = transformer_spec.TransformerEncoderModelSpec(spec.encoder, pooling_layer=False)
    whole.register_vocabulary([read.id_to_piece(i) for i in range(read.vocab_size())])
    whole.config.layer_norm_epsilon = body.config.layer_norm_eps
    whole.config.unk_token = "<unk>"  # noqa: S105 - a piece of the vocabulary
    whole.validate()
    whole.optimize(quantization=None if quantization == "float32" else quantization)
    whole.save(str(to))
    words = to / "vocabulary.json"  # a third shorter without escapes and line ends
    told = json.dumps(
        json.loads(words.read_text("utf-8")), ensure_ascii=False, separators=(",", ":")
    )
    words.write_text(told, "utf-8")


class _Absent:
    dense = None


if __name__ == "__main__":
    main()
