"""Makes the embedded translator: `python -m models.recipes.translation all --work FOLDER`."""

import argparse
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import torch

from models.embedded import BEAMS, FOLDER, NAME
from models.recipes.translation import (
    average,
    card,
    corpus,
    evaluate,
    export,
    start,
    train,
    vocabulary,
)
from models.recipes.translation.presets import PRESETS, Preset

CURVE = "curve.jsonl"


def main(arguments: list[str] | None = None) -> int:
    """Run one step of the recipe, or all of them in order."""
    options = _parser().parse_args(arguments)
    torch.set_num_threads(options.threads)
    options.work.mkdir(parents=True, exist_ok=True)
    for step in _open(options.work) if options.step == "all" else [options.step]:
        STEPS[step](options, PRESETS[options.preset])
    return 0


def _open(work: Path) -> list[str]:
    """List the steps of `all` that are still to do: text and vocabulary are made only once.

    A training that goes on after a stop would not know its pieces again in another vocabulary.
    """
    return [step for step in STEPS if not (step in _MADE and (work / _MADE[step]).exists())]


def _corpus(options: argparse.Namespace, preset: Preset) -> None:
    _say(json.dumps(corpus.build(options.data, options.work, preset.seed, preset.blend)))


def _vocabulary(options: argparse.Namespace, preset: Preset) -> None:
    vocabulary.learn(options.work, preset)


def _align(options: argparse.Namespace, preset: Preset) -> None:
    sides = vocabulary.encode_corpus(options.work, preset)
    start.align(options.work, sides, options.align, preset.seed)


def _train(options: argparse.Namespace, preset: Preset) -> None:
    steps = options.steps or (sys.maxsize if options.seconds else _STEPS)
    _learn(options, preset, train.Budget(steps=steps, seconds=options.seconds, **_habits(options)))


def _finish(options: argparse.Namespace, preset: Preset) -> None:
    _learn(options, preset, train.Budget(fall=options.fall, **_habits(options)))


def _habits(options: argparse.Namespace) -> dict[str, int]:
    names = ("save_every", "snapshot_every", "validate_every")
    return {name: getattr(options, name) for name in names}


def _learn(options: argparse.Namespace, preset: Preset, budget: train.Budget) -> None:
    def validate(snapshot: Path, progress: train.Progress) -> None:
        """Add the scores of a snapshot to the learning curve."""
        place = options.work / "validation" / NAME
        model = export.load(options.work, preset, average.average([snapshot]))
        export.export(model, options.work, place)
        export.describe(place, snapshot.stem)
        row = {"step": progress.step, "tokens": progress.tokens} | _quick(options, place)
        with (options.work / CURVE).open("a", encoding="utf-8") as curve:
            curve.write(json.dumps(row) + "\n")

    progress = train.train(options.work, preset, budget, validate)
    _say(f"step {progress.step}, {progress.tokens} tokens, {progress.seconds / 3600:.2f} hours")


def _quick(options: argparse.Namespace, place: Path) -> dict[str, float]:
    return evaluate.quick(place, options.data / evaluate.FLORES, options.work / "held-out.tsv")


def _export(options: argparse.Namespace, preset: Preset) -> None:
    """Average the last snapshots, export them, and measure the agreement with PyTorch."""
    snapshots = average.snapshots(options.work)[-options.last :]
    model = export.load(options.work, preset, average.average(snapshots))
    place = options.work / NAME
    export.export(model, options.work, place)
    export.describe(place, snapshots[-1].stem)
    lines = (options.work / "held-out.tsv").read_text(encoding="utf-8").splitlines()[:64]
    pairs = [(line.split("\t")[0], line.split("\t")[1]) for line in lines]
    found = export.agreement(model, place, pairs)
    _say(
        f"PyTorch and the export differ by {found.mean:.4f} nats a piece, {found.worst:.3f} at most"
    )


def _evaluate(options: argparse.Namespace, _: Preset) -> None:
    place = options.weights or options.work / NAME
    scores = evaluate.beside_peers(place, options.data / evaluate.FLORES, beams=options.beams)
    _say(evaluate.table(scores))


def _ship(options: argparse.Namespace, preset: Preset) -> None:
    """Measure an export and, where it is good enough, put it with its card among the weights."""
    place = options.work / NAME
    scores = evaluate.beside_peers(place, options.data / evaluate.FLORES, beams=options.beams)
    (place / "CARD.md").write_text(card.written(options.work, preset, scores), encoding="utf-8")
    export.ship(place, options.output, evaluate.ours(scores).bleu)
    _say(f"shipped to {options.output}")


STEPS: dict[str, Callable[[argparse.Namespace, Preset], None]] = {
    "corpus": _corpus,
    "vocabulary": _vocabulary,
    "align": _align,
    "train": _train,
    "finish": _finish,
    "export": _export,
    "evaluate": _evaluate,
    "ship": _ship,
}

# What a step leaves behind when it has ended, and not before.
_MADE = {
    "corpus": "counts.json",
    "vocabulary": vocabulary.TARGET_MODEL,
    "align": start.TABLE,
}
_STEPS = 10_000


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="models.recipes.translation", description=__doc__)
    parser.add_argument("step", choices=[*STEPS, "all"])
    parser.add_argument("--preset", choices=sorted(PRESETS), default="tiny")
    data = Path(os.environ.get("DRIFT_DATA", "../shared/data"))
    parser.add_argument("--data", type=Path, default=data, help="the raw text (DRIFT_DATA)")
    parser.add_argument("--work", type=Path, required=True, help="the training's own folder")
    parser.add_argument("--output", type=Path, default=FOLDER, help="where `ship` puts the weights")
    parser.add_argument(
        "--weights", type=Path, help="what `evaluate` measures (default: WORK/zh-en)"
    )
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--steps", type=int, help=f"steps of the plateau (default {_STEPS})")
    parser.add_argument(
        "--seconds", type=float, default=0.0, help="of training, which end the plateau (a lent GPU)"
    )
    parser.add_argument("--fall", type=int, default=1000, help="steps of the finish")
    parser.add_argument("--save-every", type=int, default=250)
    parser.add_argument("--snapshot-every", type=int, default=500, help="what `export` averages")
    parser.add_argument("--validate-every", type=int, default=0, help="0: never")
    parser.add_argument("--align", type=int, default=200_000, help="sentence pairs to align")
    parser.add_argument("--last", type=int, default=4, help="snapshots to average")
    parser.add_argument("--beams", type=int, default=BEAMS)
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
