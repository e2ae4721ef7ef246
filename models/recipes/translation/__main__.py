"""Makes the embedded translator: `python -m models.recipes.translation all --help`."""

import argparse
import json
import os
import sys
from pathlib import Path

import torch

from models.embedded import FOLDER
from models.recipes.translation import average, corpus, evaluate, export, start, train, vocabulary
from models.recipes.translation.presets import PRESETS, Preset

STEPS = ("corpus", "vocabulary", "align", "train", "finish", "export", "quick", "evaluate")


def main(arguments: list[str] | None = None) -> int:
    """Run one step of the recipe, or all of them in order."""
    options = _parser().parse_args(arguments)
    torch.set_num_threads(options.threads)
    preset = PRESETS[options.preset]
    options.work.mkdir(parents=True, exist_ok=True)
    for step in STEPS if options.step == "all" else [options.step]:
        _run(step, options, preset)
    return 0


def _run(step: str, options: argparse.Namespace, preset: Preset) -> None:
    if step == "corpus":
        _say(json.dumps(corpus.build(options.data, options.work, preset.seed)))
    elif step == "vocabulary":
        vocabulary.learn(options.work, preset)
    elif step == "align":
        sides = vocabulary.encode_corpus(options.work, preset)
        start.align(options.work, sides, options.align, preset.seed)
    elif step == "train":
        budget = train.Budget(steps=options.steps, save_every=options.save_every)
        _say(str(train.train(options.work, preset, budget)))
    elif step == "finish":
        budget = train.Budget(fall=options.fall, save_every=options.save_every)
        _say(str(train.train(options.work, preset, budget)))
    elif step == "export":
        _say(str(_export(options, preset)))
    elif step == "quick":
        flores = options.data / evaluate.FLORES
        _say(json.dumps(evaluate.quick(options.output, flores, options.work / "held-out.tsv")))
    else:
        scores = evaluate.beside_peers(
            options.output, options.data / evaluate.FLORES, beams=options.beams
        )
        _say(evaluate.table(scores))


def _export(options: argparse.Namespace, preset: Preset) -> export.Agreement:
    """Average the last snapshots, export them, and measure the agreement with PyTorch."""
    snapshots = average.snapshots(options.work)[-options.last :]
    model = export.load(options.work, preset, average.average(snapshots))
    export.export(model, options.work, options.output)
    export.describe(options.output, snapshots[-1].stem)
    lines = (options.work / "held-out.tsv").read_text(encoding="utf-8").splitlines()[:64]
    pairs = [(line.split("\t")[0], line.split("\t")[1]) for line in lines]
    return export.agreement(model, options.output, pairs)


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="models.recipes.translation", description=__doc__)
    parser.add_argument("step", choices=[*STEPS, "all"])
    parser.add_argument("--preset", choices=sorted(PRESETS), default="tiny")
    data = Path(os.environ.get("DRIFT_DATA", "../shared/data"))
    parser.add_argument("--data", type=Path, default=data, help="the raw text (DRIFT_DATA)")
    parser.add_argument("--work", type=Path, required=True, help="the training's own folder")
    parser.add_argument("--output", type=Path, default=FOLDER, help="where the export goes")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--steps", type=int, default=10_000, help="steps of the plateau")
    parser.add_argument("--align", type=int, default=200_000, help="sentence pairs to align")
    parser.add_argument("--save-every", type=int, default=250)
    parser.add_argument("--fall", type=int, default=1000, help="steps of the finish")
    parser.add_argument("--last", type=int, default=4, help="snapshots to average")
    parser.add_argument("--beams", type=int, default=2)
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
