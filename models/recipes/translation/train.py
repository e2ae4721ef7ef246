"""Trains a translator; stopped at any moment, it goes on from its last checkpoint alike."""

import json
import os
import platform
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from models.recipes.translation import batches, network, start, vocabulary
from models.recipes.translation.corpus import FINISH, TRAIN
from models.recipes.translation.optimiser import Optimiser
from models.recipes.translation.presets import Preset
from models.recipes.translation.vocabulary import SOURCE_MODEL, TARGET_MODEL, Encoded

CHECKPOINT, PLATEAU, MACHINE = "checkpoint.pt", "plateau.pt", "machine.txt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """When to stop and when to save.

    A training has two parts. The plateau (`steps` in all) learns from the bulk at a constant rate
    and can be continued at any time. The finish (`fall` steps) learns from the choice of text while
    the rate falls to nothing; it starts from the last checkpoint and keeps that one in place.
    `seconds` of training end the plateau too, where a machine is lent by the minute.
    """

    steps: int = 0
    seconds: float = 0.0
    fall: int = 0
    save_every: int = 500
    save_seconds: float = 600.0
    snapshot_every: int = 500
    log_every: int = 50
    validate_every: int = 0


@dataclass(slots=True)
class Progress:
    """How far a training has come; saved and restored with the weights."""

    text: str = TRAIN
    turned: int = 0
    step: int = 0
    epoch: int = 0
    position: int = 0
    tokens: int = 0
    seconds: float = 0.0
    losses: list[Any] = field(default_factory=list)  # tensors, or numbers after a save

    def rate(self, preset: Preset, budget: Budget) -> float:
        """Give the learning rate of the next step."""
        fall = (self.turned, budget.fall) if budget.fall else None
        return network.rate(self.step, preset, fall)

    def done(self, budget: Budget) -> bool:
        """Tell whether this part of the training has had its steps."""
        if budget.fall:
            return self.step >= self.turned + budget.fall
        return self.step >= budget.steps or 0 < budget.seconds <= self.seconds


Validate = Callable[[Path, Progress], None]


def train(
    folder: Path, preset: Preset, budget: Budget, validate: Validate | None = None
) -> Progress:
    """Train in a folder that `corpus` and `vocabulary` filled, until the budget is spent.

    `validate` is given the weights of a step and what led there; it must leave the dice alone.
    """
    text = FINISH if budget.fall else TRAIN
    sides = vocabulary.encode_corpus(folder, preset, text)
    sizes = [
        vocabulary.load(folder / name).get_piece_size() + 1 for name in (SOURCE_MODEL, TARGET_MODEL)
    ]
    device = "cuda" if torch.cuda.is_available() else "cpu"
    (folder / MACHINE).write_text(_machine(), encoding="utf-8")
    model = network.build(preset, *sizes)
    if (folder / start.TABLE).exists():
        start.start(model, folder / start.TABLE)
    optimiser = Optimiser(model, device)
    progress = _resume(folder, optimiser, text)
    if progress.done(budget):
        return progress  # nothing to save: a finish that was stopped stays where it is
    mark = saved = time.monotonic()
    for batch in _stream(sides, preset, progress, network.pads(optimiser.full)):
        if progress.done(budget):
            break
        learn(optimiser, batch, preset, (progress, budget))
        now = time.monotonic()
        progress.seconds += now - mark
        mark = now
        _report(folder, progress, budget, preset)
        # A machine that is busy otherwise may need an hour for the steps between two checkpoints.
        if progress.step % budget.save_every == 0 or now - saved > budget.save_seconds:
            save(folder / CHECKPOINT, optimiser, progress)
            saved = now
        if progress.step % budget.snapshot_every == 0:
            snapshot(folder, optimiser, progress)
        if validate and budget.validate_every and progress.step % budget.validate_every == 0:
            validate(snapshot(folder, optimiser, progress), progress)
            mark = time.monotonic()
    _report(folder, progress, budget, preset, last=True)
    save(folder / CHECKPOINT, optimiser, progress)
    snapshot(folder, optimiser, progress)
    return progress


def _machine() -> str:
    """Name what the training runs on, for the card."""
    if torch.cuda.is_available():
        return f"one {torch.cuda.get_device_name()}"
    return f"{platform.machine()} with {os.cpu_count()} cores"


def learn(
    optimiser: Optimiser, batch: batches.Batch, preset: Preset, when: tuple[Progress, Budget]
) -> None:
    """Learn from one batch and note it in the progress."""
    progress, budget = when
    device = next(optimiser.short.parameters()).device
    progress.tokens += int((batch.target != network.pads(optimiser.full)[1]).sum())
    value = network.loss(optimiser.short, _moved(batch, device), preset.smoothing)
    value.backward()
    optimiser.step(progress.rate(preset, budget), preset.clip)
    progress.step += 1
    progress.position += 1
    # Kept as it is: to read it at once would make a GPU wait for the next batch.
    progress.losses.append(value.detach())


def _moved(batch: batches.Batch, device: torch.device) -> batches.Batch:
    parts = [getattr(batch, name) for name in batch.__slots__]
    if device.type == "cpu":
        return batch
    return batches.Batch(*(one.pin_memory().to(device, non_blocking=True) for one in parts))


def _stream(
    sides: tuple[Encoded, Encoded], preset: Preset, progress: Progress, pads: tuple[int, int]
) -> Iterator[batches.Batch]:
    """Yield batches for ever, from where the progress stands."""
    while True:
        seed = preset.seed + progress.epoch
        if preset.lengths:
            plan = batches.fixed_plan(*sides, preset.batch_tokens, preset.lengths, seed)
        else:
            plan = batches.plan(*sides, preset.batch_tokens, seed)
        while progress.position < len(plan):
            yield batches.collate(sides, plan[progress.position], pads, preset.lengths)
        progress.epoch += 1
        progress.position = 0


def _report(
    folder: Path, progress: Progress, budget: Budget, preset: Preset, *, last: bool = False
) -> None:
    due = last or not progress.step % budget.log_every
    if not due or not progress.losses:
        return
    row = {
        "step": progress.step,
        "epoch": progress.epoch,
        "tokens": progress.tokens,
        "hours": round(progress.seconds / 3600, 4),
        "rate": progress.rate(preset, budget),
        "loss": round(sum(map(float, progress.losses)) / len(progress.losses), 4),
    }
    progress.losses.clear()
    with (folder / "log.jsonl").open("a", encoding="utf-8") as log:
        log.write(json.dumps(row) + "\n")


def save(path: Path, optimiser: Optimiser, progress: Progress) -> None:
    """Write a checkpoint so that a kill leaves either the old one or the new one, whole."""
    progress.losses = [float(loss) for loss in progress.losses]
    state = optimiser.state() | {
        "progress": {name: getattr(progress, name) for name in progress.__slots__},
        "dice": torch.get_rng_state(),
        "cuda dice": torch.cuda.get_rng_state_all() if torch.cuda.is_available() else [],
    }
    fresh = path.with_suffix(".new")
    with fresh.open("wb") as out:
        torch.save(state, out)
        out.flush()
        os.fsync(out.fileno())
    fresh.replace(path)


def snapshot(folder: Path, optimiser: Optimiser, progress: Progress) -> Path:
    """Keep the bare weights of this step, for averaging."""
    path = folder / "snapshots" / f"step-{progress.step:07d}.pt"
    path.parent.mkdir(exist_ok=True)
    fresh = path.with_suffix(".new")
    torch.save(optimiser.full.state_dict(), fresh)
    fresh.replace(path)
    return path


def _resume(folder: Path, optimiser: Optimiser, text: str) -> Progress:
    """Go on where this part of the training stopped, or turn from the plateau to the finish."""
    checkpoint, plateau = folder / CHECKPOINT, folder / PLATEAU
    if not checkpoint.exists():
        return Progress()
    progress = _restore(checkpoint, optimiser)
    if progress.text == text:
        return progress
    if text == TRAIN:
        return _restore(plateau, optimiser)
    shutil.copyfile(checkpoint, plateau)
    progress.text, progress.turned = text, progress.step
    progress.epoch = progress.position = 0
    return progress


def _restore(path: Path, optimiser: Optimiser) -> Progress:
    device = next(optimiser.full.parameters()).device
    state: dict[str, Any] = torch.load(path, map_location=device, weights_only=True)
    optimiser.restore(state)
    torch.set_rng_state(state["dice"].cpu())
    if state.get("cuda dice"):
        torch.cuda.set_rng_state_all([dice.cpu() for dice in state["cuda dice"]])
    return Progress(**state["progress"])
