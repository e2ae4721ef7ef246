"""Measures an exported translator: BLEU and chrF, alone and beside recorded systems."""

import gzip
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import sacrebleu

from models.embedded import BEAMS, EmbeddedTranslator

FLORES = "mt-dev-flores-dev.jsonl.gz"
OURS = "ours"
PEERS = ("argos", "opusmt", "nllb", "bergamot-base-memory", "google")


@dataclass(frozen=True, slots=True)
class Score:
    """BLEU and chrF of one system on one test text."""

    system: str
    bleu: float
    chrf: float


def measure(system: str, outputs: Sequence[str], references: Sequence[str]) -> Score:
    """Score the outputs of one system."""
    return Score(
        system,
        sacrebleu.corpus_bleu(outputs, [references]).score,
        sacrebleu.corpus_chrf(outputs, [references]).score,
    )


def beside_peers(exported: Path, flores: Path, *, beams: int = BEAMS) -> list[Score]:
    """Score the exported translator and the recorded systems on the same lines."""
    with gzip.open(flores, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    references = [row["en"] for row in rows]
    said = EmbeddedTranslator(exported, beams=beams).translate([row["zh"] for row in rows])
    scores = [measure(peer, [row[peer] for row in rows], references) for peer in PEERS]
    return sorted([measure(OURS, said, references), *scores], key=lambda score: score.bleu)


def ours(scores: Sequence[Score]) -> Score:
    """Pick our own translator's score."""
    return next(score for score in scores if score.system == OURS)


def quick(exported: Path, flores: Path, held_out: Path, limit: int = 200) -> dict[str, float]:
    """Score greedy translations of some news lines and of the held-out pairs, for the curve."""
    translator = EmbeddedTranslator(exported, beams=1)
    with gzip.open(flores, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines][:limit]
    pairs = [line.split("\t") for line in held_out.read_text(encoding="utf-8").splitlines()]
    sets = {
        "flores": ([row["zh"] for row in rows], [row["en"] for row in rows]),
        "held-out": ([pair[0] for pair in pairs], [pair[1] for pair in pairs]),
    }
    result: dict[str, float] = {}
    for name, (chinese, english) in sets.items():
        score = measure(name, translator.translate(chinese), english)
        result |= {f"{name} bleu": round(score.bleu, 2), f"{name} chrf": round(score.chrf, 2)}
    return result


def table(scores: Sequence[Score]) -> str:
    """Lay scores out as a Markdown table."""
    rows = [f"| {one.system} | {one.bleu:.1f} | {one.chrf:.1f} |" for one in scores]
    return "\n".join(["| system | BLEU | chrF |", "| --- | --- | --- |", *rows])
