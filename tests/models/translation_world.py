"""A miniature language pair on which the real recipe runs in seconds."""

import dataclasses
import random
from pathlib import Path

import torch

from models.recipes.translation import average, export, train, vocabulary
from models.recipes.translation.presets import TINY

MICRO = dataclasses.replace(
    TINY,
    name="micro",
    width=32,
    heads=2,
    feed_forward=64,
    encoder_layers=2,
    decoder_layers=1,
    source_pieces=120,
    target_pieces=200,
    batch_tokens=256,
    warmup_steps=10,
)

_WHO = {"汤姆": "Tom", "玛丽": "Mary", "老师": "the teacher", "市长": "the mayor"}
_DID = {"看见": "saw", "拒绝": "rejected", "批准": "approved", "喜欢": "liked"}
_WHAT = {"那本书": "the book", "新计划": "the new plan", "这座桥": "the bridge", "报告": "a report"}


def sentences(count: int) -> list[tuple[str, str]]:
    """Give pairs of a language with three words a sentence; the same ones every time."""
    dice = random.Random(7)
    pairs = []
    for _ in range(count):
        who, did, what = (dice.choice(sorted(table.items())) for table in (_WHO, _DID, _WHAT))
        end = dice.choice(("。", ""))
        pairs.append(
            (f"{who[0]}{did[0]}{what[0]}{end}", f"{who[1]} {did[1]} {what[1]}{'.' if end else ''}")
        )
    return pairs


def prepare(folder: Path, count: int = 600) -> Path:
    """Write the corpus of a training, with its vocabularies."""
    torch.set_num_threads(1)
    folder.mkdir(parents=True, exist_ok=True)
    pairs = sentences(count)
    text = "".join(f"{chinese}\t{english}\n" for chinese, english in pairs)
    (folder / "train.tsv").write_text(text, encoding="utf-8")
    (folder / "finish.tsv").write_text(text[: len(text) // 2].rpartition("\n")[0], encoding="utf-8")
    (folder / "held-out.tsv").write_text(text[: text.index("\n") + 1], encoding="utf-8")
    vocabulary.learn(folder, MICRO)
    return folder


def shipped(work: Path, output: Path, steps: int) -> Path:
    """Train a little, average, export and describe, as the recipe does."""
    prepare(work)
    train.train(work, MICRO, train.Budget(steps=steps, snapshot_every=steps))
    model = export.load(work, MICRO, average.average(average.snapshots(work)))
    export.export(model, work, output)
    export.describe(output, f"step-{steps}")
    return output
