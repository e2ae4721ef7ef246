"""Writes the training shards: synthetic twins from parallel text, mixed with labelled data."""

import argparse
import hashlib
import logging
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from models.cross_lexicon import load_lexicon
from models.recipes.cross_encoder.batches import Item, item, write_items
from models.recipes.cross_encoder.data import (
    Example,
    Row,
    critical_errors,
    data_folder,
    parallel,
    paraphrases,
    rated,
)
from models.recipes.cross_encoder.pieces import Stock, load_stock
from models.recipes.cross_encoder.synthetic import twins

# The share of each source that is used, most for what reads like posts and news.
SHARES = {
    "tatoeba": 0.35, "c3b1b": 0.5, "hackernews": 0.35, "lctt": 0.15, "quantblogs": 0.15,
    "dsaiblogs": 0.2,
}  # fmt: skip
UNSEEN = "geekdoc"
"""This source is kept for reporting."""
BLOCK = 40
SHARD = 6_000
HELD_OUT = 3_000

_log = logging.getLogger(__name__)


def main() -> None:
    """Write shards into the work folder until the parallel text is used up."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--first", type=int, default=0, help="number of the first shard")
    parser.add_argument("--seed", type=int, default=8)
    arguments = parser.parse_args()
    write_shards(arguments.work, data_folder(), arguments.first, arguments.seed)


def write_shards(work: Path, data: Path, first: int, seed: int) -> None:
    """Write labelled.pickle, held-out.pickle and shards; a later run writes only more shards."""
    lexicon = load_lexicon(work / "lexicon")
    stock = load_stock(lexicon, work / "lexicon", data, seed=seed)
    if not first:
        labelled = natural(data)
        write_items([item(lexicon, example) for example in labelled], work / "labelled.pickle")
        _log.info("%d labelled examples", len(labelled))
    held: list[Item] = []
    current: list[Item] = []
    number = first
    for example in synthetic(data, stock, seed):
        made = item(lexicon, example)
        if not first and len(held) < HELD_OUT:
            held.append(made)
            continue
        if not first and len(held) == HELD_OUT:
            write_items(held, work / "held-out.pickle")
            held.append(made)
        current.append(made)
        if len(current) >= SHARD:
            write_items(current, work / f"shard-{number:03}.pickle")
            _log.info("shard %d", number)
            number, current = number + 1, []


def natural(data: Path) -> list[Example]:
    """Give the labelled training data but for driftbench; held-out documents are left out."""
    found = critical_errors(data / "critical-errors-train.jsonl.gz")
    found += [one for one in rated(data / "esa-train.jsonl.gz") if not is_held_out(one)]
    return found + paraphrases(data / "paws-x-dev.jsonl.gz")


def is_held_out(example: Example) -> bool:
    """Tell whether a rated example belongs to the fifth of the posts that is kept for reporting."""
    return hashlib.sha256(example.post.encode()).digest()[0] < 51


def synthetic(data: Path, stock: Stock, seed: int) -> Iterator[Example]:
    """Make twins from blocks of neighbouring rows, the blocks in a random order."""
    chance = random.Random(seed)  # noqa: S311
    blocks: list[list[Row]] = [[]]
    for row in parallel(data):
        if len(blocks[-1]) >= BLOCK or (blocks[-1] and blocks[-1][0].source != row.source):
            blocks.append([])
        blocks[-1].append(row)
    chosen = [block for block in blocks if block and chance.random() < _share(block)]
    chance.shuffle(chosen)
    for number, block in enumerate(chosen):
        for example in twins(block, stock):
            group = f"{number}-{example.group}" if example.group else ""
            yield replace(example, id=f"{number}-{example.id}", group=group)


def _share(block: list[Row]) -> float:
    return 0.0 if block[0].source == UNSEEN else SHARES.get(block[0].source, 1.0)


if __name__ == "__main__":
    main()
