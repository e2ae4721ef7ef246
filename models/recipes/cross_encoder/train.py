"""Trains the cross-encoder: on inference, errors and synthetic drift first, then on labelled cases.

A checkpoint resumes: the order of batches follows from the seed and the round.
"""

import argparse
import hashlib
import json
import logging
import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from models.recipes.cross_encoder.batches import NO_LABEL, Item, batches, grouped
from models.recipes.cross_encoder.data import ANY, UNKNOWN
from models.recipes.cross_encoder.measures import auc, scores_of, summary
from models.recipes.cross_encoder.network import DEVICE, Batch, Network, load_network, save_network
from models.recipes.cross_encoder.prepare import SEEN, Prepared, read_prepared

PIECES = 5_000
"""Pieces a batch, padding included."""
RATE = 1.5e-4
WARM_UP = 0.06
"""Share of a training that the rate rises."""
FOLDS = 3
ROUND = 400_000
"""Pieces of one round: about as many from every source as `SHARES` says."""
SHARES = {"inference": 0.34, "synthetic": 0.36, "critical": 0.14, "rated": 0.11, "paraphrase": 0.05}
AGAIN = {SEEN: 0.25, "critical": 0.2}
"""The share of a source that each epoch of fine-tuning repeats."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Tuning:
    """How to fine-tune on one set of posts."""

    epochs: int = 3
    rate: float = 1e-4
    glosses: float = 0.25
    others: float = 0.1
    dropout: float = 0.1


def loss_of(network: Network, batch: Batch) -> Tensor:
    """Add up the losses of tags, verdicts, the order within twins, relations, and types."""
    with torch.autocast(DEVICE.type, torch.bfloat16):
        low = network(batch)
    tags, relations, verdicts, kinds = (each.float() for each in low)
    return (
        0.5 * _tag_loss(tags, batch.tags)
        + _verdict_loss(verdicts, batch)
        + 0.7 * _rank_loss(verdicts[:, 0], batch)
        + _relation_loss(relations, batch.relations)
        + 0.5 * _kind_loss(kinds, batch.kinds)
    )


def _kind_loss(logits: Tensor, kinds: Tensor) -> Tensor:
    """Ask that the likeliest type be among those noted, where one is."""
    known = kinds.any(dim=1)
    logs = logits.log_softmax(dim=1).masked_fill(~kinds, -1e4).logsumexp(dim=1)
    return -(logs * known).sum() / known.sum().clamp(min=1)


def _relation_loss(logits: Tensor, relations: Tensor) -> Tensor:
    known = relations != UNKNOWN
    if not known.any():
        return logits.sum() * 0
    loss = functional.cross_entropy(logits[known], relations[known], reduction="sum")
    return loss / len(relations)


def _tag_loss(logits: Tensor, tags: Tensor) -> Tensor:
    """Cross entropy, where `any` counts all types alike and `unknown` does not count."""
    logs = logits.log_softmax(dim=2)
    right = -logs.gather(2, tags.clamp(min=0).unsqueeze(2)).squeeze(2)
    wrong = -torch.logsumexp(logs[:, :, 1:], dim=2)
    loss = torch.where(tags == ANY, wrong, right)
    # What is wrong is rare, and of what type it is hardest to learn: both weigh more.
    loss = torch.where((tags > 0) & (tags < ANY), 2 * right, loss)
    known = tags != UNKNOWN
    weight = torch.where(tags > 0, 2.0, 1.0) * known
    return (loss * weight).sum() / weight.sum().clamp(min=1) * 4


def _verdict_loss(logits: Tensor, batch: Batch) -> Tensor:
    known = batch.verdicts != NO_LABEL
    each = functional.binary_cross_entropy_with_logits(
        logits, batch.verdicts.clamp(min=0), reduction="none"
    )
    weight = known * torch.tensor([1.0, 0.5], device=logits.device)
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
    """Train everything but the embeddings of pieces; the fresh heads at five times the rate."""
    network.body.embeddings.word_embeddings.weight.requires_grad_(False)
    body = [weight for weight in network.body.parameters() if weight.requires_grad]
    names = {name for name, _ in network.body.named_parameters(prefix="body")}
    heads = [weight for name, weight in network.named_parameters() if name not in names]
    groups = [{"params": body, "ratio": 1.0}, {"params": heads, "ratio": 5.0}]
    return torch.optim.AdamW(groups, lr=rate, weight_decay=0.01, betas=(0.9, 0.98), fused=True)


def step(network: Network, optimiser: torch.optim.Optimizer, batch: Batch, rate: float) -> float:
    """Take one step and give the loss."""
    for group in optimiser.param_groups:
        group["lr"] = rate * group["ratio"]
    loss = loss_of(network, batch.there())
    optimiser.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
    optimiser.step()
    return float(loss.detach())


def scheduled(peak: float, gone: float) -> float:
    """Give the rate when this share of a training is over: a rise, then a straight fall."""
    return peak * min(gone / WARM_UP, 1.0) * max(0.02, 1 - gone)


def pretrain(work: Path, seconds: float) -> None:
    """Train round after round until so many seconds are spent; those before a stop count too."""
    prepared = read_prepared(work)
    saved = work / "pretrained.pt"
    network = load_network(saved if saved.exists() else work / "start.pt")
    optimiser = optimiser_of(network, RATE)
    state = {"round": 0, "spent": 0.0}
    if saved.exists():
        loaded = torch.load(saved, map_location=DEVICE)
        optimiser.load_state_dict(loaded["optimiser"])
        state = loaded["state"]
    while state["spent"] < seconds:
        number = int(state["round"])
        torch.manual_seed(number)
        network.train()
        losses = []
        last = time.monotonic()
        for batch in batches(_round(prepared, number), PIECES, seed=number):
            rate = scheduled(RATE, state["spent"] / seconds)
            losses.append(step(network, optimiser, batch, rate))
            now = time.monotonic()
            state["spent"] += now - last
            last = now
            if state["spent"] >= seconds:
                break
        state["round"] += 1
        save_network(saved, network, {"optimiser": optimiser.state_dict(), "state": state})
        _log.info(
            "round %d, %.0f s, loss %.3f, held out %s", state["round"], state["spent"],
            np.mean(losses), summary(network, prepared.held),
        )  # fmt: skip


def _round(prepared: Prepared, number: int) -> list[Item]:
    """Take the next stretch of every source, each in an order of its own."""
    chosen: list[Item] = []
    for source, share in SHARES.items():
        groups = prepared.sources[source]
        pieces = sum(one.length for group in groups for one in group)
        wanted = share * ROUND
        begin = number * wanted
        while wanted > 0:
            turn, within = divmod(begin, pieces)
            order = np.random.default_rng(int(turn)).permutation(len(groups))
            at = 0
            for index in order.tolist():
                size = sum(one.length for one in groups[index])
                if at >= within and wanted > 0:
                    chosen += groups[index]
                    wanted -= size
                at += size
            begin = (turn + 1) * pieces
    return chosen


def finetune(work: Path, prepared: Prepared, posts: set[str], tuning: Tuning, seed: int) -> Network:
    """Fine-tune the pre-trained network on the cases of some posts, mixed with other data."""
    network = load_network(work / "pretrained.pt", tuning.dropout)
    optimiser = optimiser_of(network, tuning.rate)
    epochs = list(_epochs(prepared, posts, tuning, seed))
    total = sum(len(epoch) for epoch in epochs)
    done = 0
    torch.manual_seed(seed)
    for number, epoch in enumerate(epochs):
        network.train()
        losses = []
        for batch in batches(epoch, PIECES, seed=100 * seed + number):
            done += len(batch.ids)
            losses.append(step(network, optimiser, batch, scheduled(tuning.rate, done / total)))
        _log.info("epoch %d loss %.3f", number, np.mean(losses))
    return network


def _epochs(prepared: Prepared, posts: set[str], tuning: Tuning, seed: int) -> Iterator[list[Item]]:
    """Give all cases, shares of the gloss twins and of what is repeated, some of the rest."""
    cases = [one for one in prepared.cases if prepared.posts[one.id] in posts]
    groups = grouped(
        one for one in prepared.glosses if prepared.posts[one.id.partition("~")[0]] in posts
    )
    sources = prepared.sources.items()
    rest = [group for source, found in sources if source not in AGAIN for group in found]
    for epoch in range(tuning.epochs):
        chance = np.random.default_rng(100 * seed + epoch)
        glosses = list(_drawn(groups, tuning.glosses, chance))
        others = chance.choice(len(rest), int(tuning.others * len(cases)), replace=False)
        again = [
            one
            for source, share in AGAIN.items()
            for one in _drawn(prepared.sources.get(source, ()), share, chance)
        ]
        yield [
            *cases,
            *glosses,
            *(one for index in others for one in rest[index]),
            *again,
        ]


def _drawn(
    groups: Sequence[Sequence[Item]], share: float, chance: np.random.Generator
) -> Iterator[Item]:
    for index in chance.choice(len(groups), int(share * len(groups)), replace=False):
        yield from groups[index]


def fold_of(post: str, folds: int) -> int:
    """Give the fold of a post: stable, and alike for all its cases."""
    return hashlib.sha256(post.encode()).digest()[0] % folds


def cross_validate(work: Path, folds: Sequence[int], count: int, tuning: Tuning) -> None:
    """Fine-tune once a fold and write the scores of the cases that it has not seen."""
    prepared = read_prepared(work)
    posts = set(prepared.posts.values())
    for number in folds:
        unseen = {post for post in posts if fold_of(post, count) == number}
        network = finetune(work, prepared, posts - unseen, tuning, seed=number)
        own = [one for one in prepared.cases if prepared.posts[one.id] in unseen]
        rows = scores_of(network, own)
        with (work / f"oof-{number}.jsonl").open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        _log.info("fold %d AUC %.3f, %s", number, auc(rows), summary(network, own))


def final(work: Path, tuning: Tuning) -> None:
    """Fine-tune on all of the labelled cases and save the network that ships."""
    prepared = read_prepared(work)
    network = finetune(work, prepared, set(prepared.posts.values()), tuning, seed=99)
    save_network(work / "final.pt", network, {})


def main() -> None:
    """Run one stage."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("stage", choices=("pretrain", "folds", "final", "both"))
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--seconds", type=float, default=math.inf, help="time of the pre-training")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--folds", type=int, nargs="*", default=list(range(FOLDS)))
    parser.add_argument("--epochs", type=int, default=Tuning().epochs)
    parser.add_argument("--rate", type=float, default=Tuning().rate)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    tuning = Tuning(epochs=arguments.epochs, rate=arguments.rate)
    if arguments.stage == "pretrain":
        pretrain(arguments.work, arguments.seconds)
    if arguments.stage in {"folds", "both"}:
        cross_validate(arguments.work, arguments.folds, FOLDS, tuning)
    if arguments.stage in {"final", "both"}:
        final(arguments.work, tuning)


if __name__ == "__main__":
    main()
