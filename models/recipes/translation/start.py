"""Starts a network from word alignments, so that it knows words before it learns sentences.

A network that starts from noise spends most of a small budget on finding out which English piece
renders which Chinese piece. Alignment statistics tell it at once: each Chinese embedding starts
as the mean of the English embeddings that render it, and the network starts as the identity
around one attention over the source: a translator of bags of words.
"""

from collections import Counter
from pathlib import Path

import numpy as np
import torch
from transformers import MarianMTModel

from models.recipes.translation import network
from models.recipes.translation.vocabulary import Encoded

TABLE = "pieces.npz"
_LONGEST = 50
_NOISE = 0.3
# The mean of some twenty words is short; with this gain it weighs as much as the word before.
_GAIN = 3.0


def align(folder: Path, sides: tuple[Encoded, Encoded], count: int, seed: int) -> None:
    """Align the pieces of some sentence pairs in both directions and keep how often they agree."""
    import eflomal

    chosen = np.random.default_rng(seed).permutation(len(sides[0]))
    texts = [folder / "align.source", folder / "align.target"]
    pairs = _write(texts, sides, chosen.tolist(), count)
    links = [folder / "align.forward", folder / "align.reverse"]
    with texts[0].open() as source, texts[1].open() as target:
        eflomal.Aligner(n_samplers=1).align(
            source, target, links_filename_fwd=str(links[0]), links_filename_rev=str(links[1])
        )
    table = count_links(pairs, links)
    keys = np.array(list(table), dtype=np.int64).reshape(-1, 2)
    fresh = folder / f"new-{TABLE}"  # a kill while writing must leave no half file
    np.savez(fresh, pairs=keys, counts=np.array(list(table.values())))
    fresh.replace(folder / TABLE)
    for path in (*texts, *links):
        path.unlink()


def _write(
    paths: list[Path], sides: tuple[Encoded, Encoded], order: list[int], count: int
) -> list[tuple[list[int], list[int]]]:
    pairs: list[tuple[list[int], list[int]]] = []
    for index in order:
        source, target = (side.row(index)[:-1].tolist() for side in sides)
        if 0 < len(source) <= _LONGEST and 0 < len(target) <= _LONGEST:
            pairs.append((source, target))
        if len(pairs) == count:
            break
    for side, path in enumerate(paths):
        path.write_text("".join(" ".join(map(str, pair[side])) + "\n" for pair in pairs))
    return pairs


def count_links(
    pairs: list[tuple[list[int], list[int]]], links: list[Path]
) -> Counter[tuple[int, int]]:
    """Count how often a target piece renders a source piece in both directions of alignment."""
    counts: Counter[tuple[int, int]] = Counter()
    with links[0].open() as forward, links[1].open() as reverse:
        for (source, target), one, other in zip(pairs, forward, reverse, strict=True):
            for link in set(one.split()) & set(other.split()):
                left, _, right = link.partition("-")
                counts[source[int(left)], target[int(right)]] += 1
    return counts


def start(model: MarianMTModel, table: Path) -> None:
    """Set a fresh network's weights so that it begins as a translator of bags of words."""
    with np.load(table) as saved:
        pairs, counts = torch.from_numpy(saved["pairs"]), torch.from_numpy(saved["counts"])
    source, target = model.model.encoder.embed_tokens, model.model.decoder.embed_tokens
    with torch.no_grad():
        mass = torch.zeros_like(source.weight)
        shares = (
            counts
            / torch.zeros(len(source.weight)).index_add_(0, pairs[:, 0], counts.float())[
                pairs[:, 0]
            ]
        )
        mass.index_add_(0, pairs[:, 0], shares[:, None] * target.weight[pairs[:, 1]])
        known = mass.norm(dim=1) > 0
        rows = torch.nn.functional.normalize(mass[known], dim=1) * source.weight[known].norm(
            dim=1, keepdim=True
        )
        source.weight[known] = (1 - _NOISE**2) ** 0.5 * rows + _NOISE * source.weight[known]
        _identity(model)
    network.zero_pads(model)


def _identity(model: MarianMTModel) -> None:
    """Let the encoder pass words through, and the last attention over the source say them."""
    for layer in model.model.encoder.layers:
        layer.self_attn.out_proj.weight.zero_()
        layer.fc2.weight.zero_()
    last = model.model.decoder.layers[-1]
    torch.nn.init.orthogonal_(last.encoder_attn.v_proj.weight)
    last.encoder_attn.out_proj.weight.copy_(_GAIN * last.encoder_attn.v_proj.weight.T)
