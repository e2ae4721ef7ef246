"""Pre-trains the cross-encoder on synthetic drift, and fine-tunes it on driftbench by folds.

One thread; a checkpoint resumes exactly: the order of batches follows from the seed and the step.
"""

import argparse
import hashlib
import json
import logging
import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from models.cross_lexicon import load_lexicon
from models.recipes.cross_encoder.batches import NO_LABEL, Item, batches, item, read_items
from models.recipes.cross_encoder.data import (
    ANY,
    UNKNOWN,
    data_folder,
    driftbench,
    glossed,
    posts_of,
)
from models.recipes.cross_encoder.measures import auc, scores_of, summary
from models.recipes.cross_encoder.network import Batch, Network, Shape

TOKENS = 4_000
"""Tokens a batch."""
RATE = 1.5e-3
WARM_UP = 300
FOLDS = 4
NATURAL_SHARE = 0.12
"""Labelled data beside a shard of synthetic twins."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Tuning:
    """How to fine-tune on one set of posts."""

    epochs: int = 3
    rate: float = 1e-3
    glosses: float = 1.0
    natural: int = 400
    dropout: float = 0.25


def loss_of(network: Network, batch: Batch) -> Tensor:
    """Add up the losses of the tags, of the verdicts and of the order within twins."""
    with torch.autocast("cpu", torch.bfloat16):
        low_tags, low_verdicts = network(batch)
    tags, verdicts = low_tags.float(), low_verdicts.float()
    return (
        1.0 * _tag_loss(tags, batch.tags)
        + _verdict_loss(verdicts, batch)
        + 0.7 * _rank_loss(verdicts[:, 0], batch)
    )


def _tag_loss(logits: Tensor, tags: Tensor) -> Tensor:
    """Cross entropy, where `any` counts all types alike and `unknown` does not count."""
    logs = logits.log_softmax(dim=2)
    right = -logs.gather(2, tags.clamp(min=0).unsqueeze(2)).squeeze(2)
    wrong = -torch.logsumexp(logs[:, :, 1:], dim=2)
    loss = torch.where(tags == ANY, wrong, right)
    # What is wrong is rare: it weighs more, half of it for being wrong and half for the type.
    loss = torch.where((tags > 0) & (tags < ANY), 1.5 * wrong + 0.5 * right, loss)
    known = tags != UNKNOWN
    weight = torch.where(tags > 0, 2.0, 1.0) * known
    return (loss * weight).sum() / weight.sum().clamp(min=1) * 4


def _verdict_loss(logits: Tensor, batch: Batch) -> Tensor:
    known = batch.verdicts != NO_LABEL
    each = functional.binary_cross_entropy_with_logits(
        logits, batch.verdicts.clamp(min=0), reduction="none"
    )
    weight = known * torch.tensor([1.0, 0.5])
    return (each * weight).sum() / weight.sum().clamp(min=1)


def _rank_loss(logit: Tensor, batch: Batch) -> Tensor:
    """Ask that of two twins the one that misrepresents more gets the higher logit."""
    same = (batch.groups[:, None] == batch.groups[None, :]) & (batch.groups >= 0)[:, None]
    worse = batch.verdicts[:, 1][:, None] > batch.verdicts[:, 1][None, :]
    chosen = same & worse
    if not chosen.any():
        return logit.sum() * 0
    margins = logit[:, None] - logit[None, :]
    return functional.softplus(1.0 - margins)[chosen].mean()


def optimiser_of(network: Network, rate: float) -> torch.optim.AdamW:
    """Give word embeddings a lower rate than the rest."""
    rest = [p for name, p in network.named_parameters() if name != "words.weight"]
    groups = [
        {"params": rest, "lr": rate, "ratio": 1.0},
        {"params": [network.words.weight], "lr": rate, "ratio": 0.3, "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=rate, weight_decay=0.02, betas=(0.9, 0.98), fused=True)


def step(network: Network, optimiser: torch.optim.Optimizer, batch: Batch, rate: float) -> float:
    """Take one step and give the loss."""
    for group in optimiser.param_groups:
        group["lr"] = rate * group["ratio"]
    loss = loss_of(network, batch)
    optimiser.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
    optimiser.step()
    return float(loss.detach())


def new_network(work: Path) -> Network:
    """Make a network whose words start at the vectors of the lexicon."""
    lexicon = load_lexicon(work / "lexicon")
    torch.manual_seed(1)
    network = Network(Shape(lexicon.size, int(lexicon.classes.max()) + 1), dropout=0.0)
    vectors = torch.from_numpy(np.load(work / "lexicon" / "embeddings.npy"))
    with torch.no_grad():
        network.words.weight[-len(vectors) :] = vectors
    return network


def pretrain(work: Path, until: float) -> None:
    """Train on shard after shard until the clock (seconds since the epoch) says stop."""
    network = new_network(work)
    optimiser = optimiser_of(network, RATE)
    start = time.time()
    state = {"shard": 0, "step": 0, "share": 0.0}
    saved = work / "pretrained.pt"
    if saved.exists():
        loaded = torch.load(saved)
        network.load_state_dict(loaded["network"])
        optimiser.load_state_dict(loaded["optimiser"])
        state = loaded["state"]
    held = read_items(work / "held-out.pickle")
    natural = read_items(work / "labelled.pickle")
    share_before = state["share"]
    while time.time() < until:
        shard = int(state["shard"])
        items = _shard(work, shard, natural)
        torch.manual_seed(shard)
        network.train()
        losses = []
        for batch in batches(items, TOKENS, seed=shard):
            state["step"] += 1
            gone = min(1.0, (time.time() - start) / (until - start))
            state["share"] = share_before + (1 - share_before) * gone
            warm = min(1.0, state["step"] / WARM_UP)
            rate = RATE * warm * (0.05 + 0.95 * math.cos(math.pi / 2 * state["share"]))
            losses.append(step(network, optimiser, batch, rate))
        state["shard"] += 1
        _save(saved, network, optimiser, state)
        _log.info(
            "shard %d step %d loss %.3f %s", shard, state["step"], np.mean(losses),
            summary(network, held),
        )  # fmt: skip


def _shard(work: Path, number: int, natural: Sequence[Item]) -> list[Item]:
    """Take a shard, wrapping round once all have been seen, with a share of labelled data."""
    paths = sorted(work.glob("shard-*.pickle"))
    items = read_items(paths[number % len(paths)])
    chance = np.random.default_rng(number)
    extra = chance.choice(len(natural), int(NATURAL_SHARE * len(items)), replace=False)
    return items + [natural[index] for index in extra]


def _save(
    path: Path, network: Network, optimiser: torch.optim.Optimizer, state: dict[str, float]
) -> None:
    part = path.with_suffix(".part")
    saved = {
        "network": network.state_dict(),
        "optimiser": optimiser.state_dict(),
        "state": state,
        "shape": network.shape.as_dict(),
    }
    torch.save(saved, part)
    part.rename(path)


def load_network(path: Path, dropout: float = 0.1) -> Network:
    """Load a saved network."""
    saved = torch.load(path)
    network = Network(Shape(**saved["shape"]), dropout)
    network.load_state_dict(saved["network"])
    return network


def finetune(
    work: Path, cases: Sequence[Item], glosses: Sequence[Item], tuning: Tuning, seed: int
) -> Network:
    """Fine-tune the pre-trained network on driftbench cases, mixed with other labelled data."""
    network = load_network(work / "pretrained.pt", tuning.dropout)
    optimiser = optimiser_of(network, tuning.rate)
    natural = read_items(work / "labelled.pickle")
    epochs = list(_epochs(cases, glosses, natural, tuning))
    total = sum(len(epoch) for epoch in epochs)
    done = 0
    torch.manual_seed(seed)
    for number, epoch in enumerate(epochs):
        network.train()
        losses = []
        for batch in batches(epoch, TOKENS, seed=100 * seed + number):
            done += len(batch.ids)
            warm = min(1.0, done / (0.1 * total))
            rate = tuning.rate * warm * (0.02 + 0.98 * (1 - done / total))
            losses.append(step(network, optimiser, batch, rate))
        _log.info("epoch %d loss %.3f", number, np.mean(losses))
    return network


def _epochs(
    cases: Sequence[Item], glosses: Sequence[Item], natural: Sequence[Item], tuning: Tuning
) -> Iterator[list[Item]]:
    """Give all cases, a share of the gloss twins and some natural errors, anew every epoch."""
    twins: dict[str, list[Item]] = {}
    for one in glosses:
        twins.setdefault(one.group, []).append(one)
    groups = list(twins.values())
    for epoch in range(tuning.epochs):
        chance = np.random.default_rng(epoch)
        extra = chance.choice(len(natural), tuning.natural, replace=False)
        chosen = chance.choice(len(groups), int(tuning.glosses * len(groups)), replace=False)
        paired = [one for index in chosen for one in groups[index]]
        yield [*cases, *paired, *(natural[index] for index in extra)]


def fold_of(post: str, folds: int) -> int:
    """Give the fold of a post: stable, and alike for all its cases."""
    return hashlib.sha256(post.encode()).digest()[0] % folds


@cache
def labelled_cases(work: Path) -> tuple[list[Item], list[Item], dict[str, str]]:
    """Encode driftbench-train and its glosses, and give the post of every case."""
    lexicon = load_lexicon(work / "lexicon")
    path = data_folder() / "driftbench-train.jsonl"
    cases = [item(lexicon, example) for example in driftbench(path)]
    glosses = [item(lexicon, example) for example in glossed(path)]
    return cases, glosses, posts_of(path)


def cross_validate(work: Path, folds: Sequence[int], count: int, tuning: Tuning) -> None:
    """Fine-tune once a fold and write the scores of the cases that it has not seen."""
    cases, glosses, posts = labelled_cases(work)

    def fold(case: Item) -> int:
        return fold_of(posts[case.id.partition("~")[0]], count)

    for number in folds:
        seen = [case for case in cases if fold(case) != number]
        own = [case for case in glosses if fold(case) != number]
        unseen = [case for case in cases if fold(case) == number]
        network = finetune(work, seen, own, tuning, seed=number)
        rows = scores_of(network, unseen)
        with (work / f"oof-{number}.jsonl").open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        _log.info("fold %d AUC %.3f %s", number, auc(rows), summary(network, unseen))


def final(work: Path, tuning: Tuning) -> None:
    """Fine-tune on all of driftbench-train and save the network that ships."""
    cases, glosses, _ = labelled_cases(work)
    network = finetune(work, cases, glosses, tuning, seed=99)
    torch.save({"network": network.state_dict(), "shape": network.shape.as_dict()},
               work / "final.pt")  # fmt: skip


def main() -> None:
    """Run one stage."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.set_num_threads(1)
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("stage", choices=("pretrain", "folds", "final", "both"))
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--until", type=float, default=math.inf)
    parser.add_argument("--folds", type=int, nargs="*", default=list(range(FOLDS)))
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--rate", type=float, default=1e-3)
    arguments = parser.parse_args()
    tuning = Tuning(epochs=arguments.epochs, rate=arguments.rate)
    if arguments.stage == "pretrain":
        pretrain(arguments.work, arguments.until)
    if arguments.stage in {"folds", "both"}:
        cross_validate(arguments.work, arguments.folds, FOLDS, tuning)
    if arguments.stage in {"final", "both"}:
        final(arguments.work, tuning)


if __name__ == "__main__":
    main()
