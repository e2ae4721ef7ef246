"""Command line of the recipe."""

import argparse
import json
from datetime import date
from pathlib import Path

import models
from drift.detectors import DETECTORS
from drift.evaluate import auc
from drift.pipeline import Tools
from models import weights
from models.recipes.calibration import fit
from models.recipes.calibration.cases import read_rows, see


def main() -> None:
    """Fit, report on held-out posts, and write the file with its manifest."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="holds driftbench-train.jsonl")
    parser.add_argument("--output", type=Path, help="folder of the weights; default: report only")
    parser.add_argument("--alarms", type=float, default=0.08, help="share of faithful accused")
    args = parser.parse_args()
    tools = Tools(translator=None, table=models.table(), calibrator=None)  # type: ignore[arg-type]
    seen = list(see(read_rows(args.data / "driftbench-train.jsonl"), tools))
    labels = fit.truth(seen)
    faithful = [one.case["verdict"] == "faithful" for one in seen]
    best = max(
        fit.PENALTIES,
        key=lambda penalty: auc(*_sides(fit.held_out(seen, penalty), labels, faithful)),
    )
    scores = fit.held_out(seen, best)
    limits = fit.limits(seen, scores, args.alarms)
    print(f"cases {len(seen)}, penalty C={best}")
    print(f"held-out AUC {auc(*_sides(scores, labels, faithful)):.3f}")
    earned = fit.reasons(seen)
    for reason, row in sorted(earned.items(), key=lambda item: -item[1]["seen"]):
        print(f"  {reason:32} {row['seen']:5} agreed {row['confidence']:.2f} {row['severity']}")
    accused = scores >= limits["accuse"]
    print(f"limits {limits}: precision {labels[accused].mean():.3f} recall {accused[labels == 1].mean():.3f}")
    silent = set(DETECTORS) - {reason.split(".")[0] for reason in earned}
    print(f"detectors that never fired: {', '.join(sorted(silent)) or 'none'}")
    if args.output:
        _write(args.output, seen, best, {"limits": limits, "reasons": earned})


def _sides(scores, labels, faithful):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    return scores[labels == 1].tolist(), scores[faithful].tolist()


def _write(folder: Path, seen, penalty: float, found: dict[str, object]) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    bias, fitted = fit.final(seen, penalty)
    folder.mkdir(parents=True, exist_ok=True)
    document = {"signature": "1", "made": date.today().isoformat(), "bias": bias, "weights": fitted} | found  # noqa: DTZ011, E501
    text = json.dumps(document, indent=1, ensure_ascii=False, sort_keys=True)
    (folder / "calibration.json").write_text(text + "\n", "utf-8")
    facts = {
        "version": "calibration-1",
        "summary": "logistic regression over the detectors' findings, and the verdicts' limits",
        "licence": "Apache-2.0",
        "recipe": "models.recipes.calibration",
    }
    weights.write_manifest(folder, facts)


if __name__ == "__main__":
    main()
