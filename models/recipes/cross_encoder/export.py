"""Writes a trained network and its lexicon as the weights that `models.cross` reads."""

import argparse
import shutil
from pathlib import Path

import numpy as np
import torch

from models import weights

VERSION = "1"


def main() -> None:
    """Export the final network of a work folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--network", default="final.pt")
    parser.add_argument("--to", type=Path, default=Path("models/weights/cross"))
    arguments = parser.parse_args()
    export(arguments.work / arguments.network, arguments.work / "lexicon", arguments.to)


def export(saved: Path, lexicon: Path, to: Path) -> None:
    """Write network.npz (words as bytes, the rest as halves), the lexicon and the manifest."""
    to.mkdir(parents=True, exist_ok=True)
    stored = torch.load(saved)
    arrays = {name: array.numpy() for name, array in stored["network"].items()}
    words = arrays.pop("words.weight")
    scales = np.maximum(np.abs(words).max(axis=1), 1e-6) / 127
    sizes = [stored["shape"]["layers"], stored["shape"]["heads"]]
    np.savez_compressed(
        to / "network.npz",
        words=np.round(words / scales[:, None]).astype(np.int8),
        scales=scales.astype(np.float32),
        sizes=np.array(sizes, np.int32),
        **{name: array.astype(np.float16) for name, array in arrays.items()},
    )
    for name in ("words.json.gz", "links.npz"):
        shutil.copyfile(lexicon / name, to / name)
    facts = {
        "name": "cross",
        "version": VERSION,
        "summary": "Bilingual cross-encoder: how likely a Chinese retweet misrepresents a post",
        "licence": "CC BY-NC-SA 4.0 (see CARD.md)",
        "recipe": "models.recipes.cross_encoder",
    }
    weights.write_manifest(to, facts)


if __name__ == "__main__":
    main()
