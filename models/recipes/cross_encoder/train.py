"""Trains the cross-encoder: on guesses, on inference, errors and drift, then on labelled cases.

A checkpoint of the pre-training resumes: the order of batches follows from the seed and the round.
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

from drift.errors import InputError
from models.recipes.cross_encoder.batches import NO_LABEL, Item, batches, grouped
from models.recipes.cross_encoder.data import ANY, UNKNOWN
from models.recipes.cross_encoder.guess import (
    Guesser,
    guess_loss,
    passages,
    read_passages,
    replaced,
)
from models.recipes.cross_encoder.measures import auc, scores_of, summary
from models.recipes.cross_encoder.network import DEVICE, Batch, Network, load_network, save_network
from models.recipes.cross_encoder.store import SEEN, Prepared, read_prepared

RATE = 3e-4
WARM_UP = 0.06
"""Share of a training that the rate rises."""
FOLDS = 4
ROUND = 4_000_000
"""Pieces of one round: about as many from every source as `SHARES` says."""
SHARES = {"inference": 0.5, "synthetic": 0.25, "critical": 0.12, "rated": 0.09, "paraphrase": 0.04}
GUESSED = 0.5
"""Share of the batches of pre-training that are passages with guesses put in."""
AGAIN = {SEEN: 0.33, "critical": 0.3}
"""The share of a source that each epoch of fine-tuning repeats."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Tuning:
    """How to fine-tune on one set of posts; `pieces` a batch, padding included."""

    epochs: int = 3
    rate: float = 1e-4
    pieces: int = 5_000
    glosses: float = 0.25
    others: float = 0.1
    dropout: float = 0.1


def loss_of(network: Network, batch: Batch) -> Tensor:
    """Add up the losses of the tags, the verdicts, the order within twins, and the relations."""
    with torch.autocast(DEVICE.type, torch.bfloat16):
        low = network(batch)
    tags, relations, verdicts = (each.float() for each in low)
    return (
        0.5 * _tag_loss(tags, batch.tags)
        + _verdict_loss(verdicts, batch)
        + 0.7 * _rank_loss(verdicts[:, 0], batch)
        + _relation_loss(relations, batch.relations)
    )


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


def optimiser_of(network: Network, rate: float, *, embeddings: bool = False) -> torch.optim.AdamW:
    """Train everything, the embeddings of pieces if asked; the heads at five times the rate."""
    network.body.embeddings.word_embeddings.weight.requires_grad_(embeddings)
    body = [weight for weight in network.body.parameters() if weight.requires_grad]
    names = {name for name, _ in network.body.named_parameters(prefix="body")}
    heads = [weight for name, weight in network.named_parameters() if name not in names]
    groups = [{"params": body, "ratio": 1.0}, {"params": heads, "ratio": 5.0}]
    return torch.optim.AdamW(groups, lr=rate, weight_decay=0.01, betas=(0.9, 0.98), fused=True)


def step(network: Network, optimiser: torch.optim.Optimizer, batch: Batch, rate: float) -> Tensor:
    """Take one step and give the loss, where it was computed."""
    for group in optimiser.param_groups:
        group["lr"] = rate * group["ratio"]
    loss = loss_of(network, batch)
    optimiser.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
    optimiser.step()
    return loss.detach()


def _mean(losses: Sequence[Tensor]) -> float:
    return float(torch.stack(list(losses)).mean())


def scheduled(peak: float, gone: float) -> float:
    """Give the rate when this share of a training is over: a rise, then a straight fall."""
    return peak * min(gone / WARM_UP, 1.0) * max(0.02, 1 - gone)


def guess(work: Path, seconds: float, pieces: int) -> None:
    """Train the guesser for so many seconds; the network goes on from its body."""
    network = load_network(work / "start.pt")
    guesser = Guesser(network).to(DEVICE)
    optimiser = torch.optim.AdamW(guesser.parameters(), lr=RATE, weight_decay=0.01, fused=True)
    torch.manual_seed(1)
    begun = time.monotonic()
    losses: list[Tensor] = []
    for ids, side in passages(read_passages(work / "passages.npz"), pieces, seed=1):
        gone = (time.monotonic() - begun) / seconds
        if gone >= 1:
            break
        for group in optimiser.param_groups:
            group["lr"] = scheduled(RATE, gone)
        loss = guess_loss(guesser, ids.to(DEVICE), side.to(DEVICE))
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(guesser.parameters(), 1.0)
        optimiser.step()
        losses.append(loss.detach())
        if len(losses) % 100 == 0:
            _log.info("%d batches, loss %.3f", len(losses), _mean(losses[-100:]))
    _log.info("guesser: %d batches, loss %.3f", len(losses), _mean(losses[-100:]))
    torch.save(guesser.state_dict(), work / "guesser.pt")
    network.body.load_state_dict(guesser.body.state_dict())
    save_network(work / "guessing.pt", network, {})


def pretrain(work: Path, seconds: float, pieces: int) -> None:
    """Train round after round until so many seconds are spent; those before a stop count too."""
    prepared = read_prepared(work)
    saved = work / "pretrained.pt"
    network = load_network(saved if saved.exists() else work / "guessing.pt")
    optimiser = optimiser_of(network, RATE, embeddings=True)
    state = {"round": 0, "spent": 0.0}
    if saved.exists():
        loaded = torch.load(saved, map_location=DEVICE)
        optimiser.load_state_dict(loaded["optimiser"])
        state = loaded["state"]
    guessed = _guessed(work, pieces, seed=100 + int(state["round"]))
    while state["spent"] < seconds:
        number = int(state["round"])
        torch.manual_seed(number)
        chance = np.random.default_rng(number)
        network.train()
        losses = []
        last = time.monotonic()
        for batch in batches(_round(prepared, number), pieces, seed=number):
            rate = scheduled(RATE, state["spent"] / seconds)
            losses.append(step(network, optimiser, batch.there(), rate))
            while chance.random() < GUESSED:
                step(network, optimiser, next(guessed), rate)
            now = time.monotonic()
            state["spent"] += now - last
            last = now
            if state["spent"] >= seconds:
                break
        state["round"] += 1
        save_network(saved, network, {"optimiser": optimiser.state_dict(), "state": state})
        _log.info(
            "round %d, %.0f s, loss %.3f, held out %s", state["round"], state["spent"],
            _mean(losses), summary(network, prepared.held),
        )  # fmt: skip


def _guessed(work: Path, pieces: int, seed: int) -> Iterator[Batch]:
    """Give passages with the guesser's guesses put in, without end."""
    guesser = Guesser(load_network(work / "guessing.pt")).to(DEVICE).eval()
    guesser.load_state_dict(torch.load(work / "guesser.pt", map_location=DEVICE))
    for ids, side in passages(read_passages(work / "passages.npz"), pieces, seed):
        yield replaced(guesser, ids.to(DEVICE), side.to(DEVICE))


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
        for batch in batches(epoch, tuning.pieces, seed=100 * seed + number):
            done += len(batch.ids)
            rate = scheduled(tuning.rate, done / total)
            losses.append(step(network, optimiser, batch.there(), rate))
        _log.info("epoch %d loss %.3f", number, _mean(losses))
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


def final(work: Path, tuning: Tuning, seed: int) -> None:
    """Fine-tune on all of the labelled cases and save the network as one of those to average."""
    prepared = read_prepared(work)
    network = finetune(work, prepared, set(prepared.posts.values()), tuning, seed)
    save_network(work / f"final-{seed}.pt", network, {})


def average(work: Path) -> None:
    """Average the weights of all final networks: a model soup (Wortsman et al. 2022)."""
    paths = sorted(work.glob("final-*.pt"))
    if not paths:
        raise InputError(f"{work} holds no final-SEED.pt; run `final` first, once a seed")
    network = load_network(paths[0])
    states = [load_network(path).state_dict() for path in paths]
    network.load_state_dict(
        {name: torch.stack([state[name] for state in states]).mean(0) for name in states[0]}
    )
    save_network(work / "final.pt", network, {})


def main() -> None:
    """Run one stage."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("stage", choices=("guess", "pretrain", "folds", "final", "average"))
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--seconds", type=float, default=math.inf, help="time of this stage")
    parser.add_argument("--pieces", type=int, default=5_000, help="pieces a batch")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--folds", type=int, nargs="*", default=list(range(FOLDS)))
    parser.add_argument("--epochs", type=int, default=Tuning().epochs)
    parser.add_argument("--rate", type=float, default=Tuning().rate)
    parser.add_argument("--seed", type=int, default=99, help="of `final`")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    tuning = Tuning(epochs=arguments.epochs, rate=arguments.rate, pieces=arguments.pieces)
    if arguments.stage == "guess":
        guess(arguments.work, arguments.seconds, arguments.pieces)
    elif arguments.stage == "pretrain":
        pretrain(arguments.work, arguments.seconds, arguments.pieces)
    elif arguments.stage == "folds":
        cross_validate(arguments.work, arguments.folds, FOLDS, tuning)
    elif arguments.stage == "final":
        final(arguments.work, tuning, arguments.seed)
    else:
        average(arguments.work)


if __name__ == "__main__":
    main()
