"""Command line of the recipe."""

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import models
from drift.detectors import DETECTORS
from drift.evaluate import auc
from drift.pipeline import Tools
from models import weights
from models.recipes.calibration import fit
from models.recipes.calibration.cases import Seen, read_opinions, read_rows, see

FACTS = {
    "version": "calibration-1",
    "summary": "logistic regression over the detectors' findings, and the verdicts' limits",
    "licence": "Apache-2.0",
    "recipe": "models.recipes.calibration",
}


def main() -> None:
    """Fit, report on held-out posts, and write the file with its manifest."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="holds driftbench-train.jsonl")
    parser.add_argument("--output", type=Path, help="folder of the weights; default: report only")
    parser.add_argument("--alarms", type=float, default=0.08, help="share of faithful accused")
    parser.add_argument(
        "--opinions", type=Path, help="out-of-fold scores of the cross-encoder's recipe (oof.jsonl)"
    )
    args = parser.parse_args()
    tools = Tools(translator=None, table=models.table(), calibrator=None)  # type: ignore[arg-type]
    opinions = read_opinions(args.opinions) if args.opinions else {}
    seen = list(see(read_rows(args.data / "driftbench-train.jsonl"), tools, opinions))
    seen = fit.with_wording(seen)
    held = {penalty: fit.held_out(seen, penalty) for penalty in fit.PENALTIES}
    best = max(held, key=lambda penalty: ranking(seen, held[penalty].tolist()))
    limits = fit.limits(seen, held[best], args.alarms)
    earned = fit.reasons(seen)
    print(f"cases {len(seen)}, penalty C={best}")
    print(f"held-out AUC {ranking(seen, held[best].tolist()):.3f}")
    report(seen, held[best], limits, earned)
    if args.output:
        write(args.output, seen, best, {"limits": limits, "reasons": earned})


def ranking(seen: Sequence[Seen], scores: Sequence[float]) -> float:
    """Give the AUC of `misrepresents` against `faithful`."""
    sides: dict[str, list[float]] = {"misrepresents": [], "faithful": []}
    for one, score in zip(seen, scores, strict=True):
        sides.setdefault(one.case["verdict"], []).append(float(score))
    return auc(sides["misrepresents"], sides["faithful"])


def report(
    seen: Sequence[Seen],
    scores: Any,  # noqa: ANN401 -- an array
    limits: Mapping[str, float],
    earned: Mapping[str, Mapping[str, Any]],
) -> None:
    """Print what every reason earned, and what the limits give on held-out scores."""
    for reason, row in sorted(earned.items(), key=lambda item: -item[1]["seen"]):
        seen_, share, grave = row["seen"], row["confidence"], row["severity"]
        print(f"  {reason:32} {seen_:5} agreed {share:.2f} {grave}")
    labels, accused = fit.truth(seen), scores >= limits["accuse"]
    precision, recall = labels[accused].mean(), accused[labels == 1].mean()
    print(f"limits {limits}: precision {precision:.3f} recall {recall:.3f}")
    apart = fit.held_out(seen, 1.0, "unrelated") >= limits["unrelated"]
    told = fit.truth(seen, "unrelated") == 1
    print(f"unrelated: {(apart & told).sum()} of {told.sum()} told, {(apart & ~told).sum()} wrong")
    silent = set(DETECTORS) - {reason.split(".")[0] for reason in earned}
    print(f"detectors that never fired: {', '.join(sorted(silent)) or 'none'}")


def write(folder: Path, seen: Sequence[Seen], penalty: float, found: dict[str, Any]) -> None:
    """Fit on all cases and write the file."""
    folder.mkdir(parents=True, exist_ok=True)
    document = {
        "signature": "1",
        "drift": fit.final(seen, penalty),
        "wording": fit.Wording(seen).line(),
        "topic": fit.final(seen, 1.0, "unrelated"),
    } | found
    text = json.dumps(document, indent=1, ensure_ascii=False, sort_keys=True)
    (folder / "calibration.json").write_text(text + "\n", "utf-8")
    weights.write_manifest(folder, FACTS)


if __name__ == "__main__":
    main()
