"""Writes the model card of an export from what its training recorded."""

import json
from collections.abc import Sequence
from pathlib import Path

from models.recipes.translation import corpus, train
from models.recipes.translation.corpus import FINISH, TRAIN
from models.recipes.translation.evaluate import Score, table
from models.recipes.translation.presets import Preset

_TEMPLATE = Path(__file__).with_name("card.md")
_CURVE: tuple[str, ...] = (
    "step",
    "tokens",
    "flores bleu",
    "flores chrf",
    "held-out bleu",
    "held-out chrf",
)
_BLEND = " beside {:.0%} of the bulk"
_LOSSES = ("step", "tokens", "hours", "loss")


def written(work: Path, preset: Preset, scores: Sequence[Score]) -> str:
    """Fill the card's template with data, shape, hours, curve and scores of a training folder."""
    counts = json.loads((work / "counts.json").read_text(encoding="utf-8"))
    log = _rows(work / "log.jsonl")
    last = log[-1] if log else {"step": 0, "tokens": 0, "hours": 0, "loss": 0}
    return _TEMPLATE.read_text(encoding="utf-8").format(
        preset=preset.name,
        shape=(
            f"{preset.encoder_layers} encoder and {preset.decoder_layers} decoder layers, "
            f"width {preset.width}, feed-forward {preset.feed_forward}, {preset.heads} heads; "
            f"{preset.source_pieces} Chinese and {preset.target_pieces} English pieces"
        ),
        hardware=(work / train.MACHINE).read_text(encoding="utf-8"),
        lines=" and ".join(f"{_lines(work / f'{one}.tsv'):,}" for one in (TRAIN, FINISH)),
        blend=_BLEND.format(preset.blend) if preset.blend else "",
        data="\n".join(_data(counts)),
        pairs=f"{sum(counts.values()):,}",
        step=last["step"],
        tokens=f"{last['tokens']:,}",
        duration=_duration(last["hours"]),
        loss=last["loss"],
        remarks=_remarks(work),
        curve=_curve(_rows(work / "curve.jsonl"), log),
        scores=table(scores),
    )


def _data(counts: dict[str, int]) -> list[str]:
    """Give a table row for each source that gave pairs."""
    return [
        f"| {one.name.replace('|', ', ')} | {counts[one.name]:,} | {one.copies} | {one.licence} |"
        for one in corpus.sources()
        if counts.get(one.name)
    ]


def _curve(validations: list[dict[str, float]], log: list[dict[str, float]]) -> str:
    """Lay out the validation scores, or the loss where none were taken."""
    rows, columns = (validations, _CURVE) if validations else (_thinned(log), _LOSSES)
    lines = [f"| {' | '.join(columns)} |", f"|{' --- |' * len(columns)}"]
    lines += [f"| {' | '.join(str(row.get(column, '')) for column in columns)} |" for row in rows]
    return "\n".join(lines)


def _remarks(work: Path) -> str:
    """Give what is to be said of this one training: a file that whoever ran it may leave."""
    path = work / "remarks.txt"
    return path.read_text(encoding="utf-8") if path.exists() else ""


def _duration(hours: float) -> str:
    """Say how long a training took.

    >>> _duration(12.34), _duration(0.0733)
    ('12.3 hours', '264 seconds')
    """
    return f"{hours:.1f} hours" if hours >= 1 else f"{3600 * hours:.0f} seconds"


def _lines(path: Path) -> int:
    with path.open(encoding="utf-8") as lines:
        return sum(1 for _ in lines)


def _thinned(log: list[dict[str, float]]) -> list[dict[str, float]]:
    """Take some twelve rows, the last among them."""
    return log[:: -max(1, len(log) // 12)][::-1]


def _rows(path: Path) -> list[dict[str, float]]:
    if not path.exists():
        return []
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    # A resumed training repeats the steps since its last checkpoint; the later row counts.
    return list({row["step"]: row for row in rows}.values())
