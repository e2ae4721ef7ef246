"""Command line of the recipe."""

import argparse
import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

import models
from drift.evaluate import calibration_error
from drift.pipeline import Tools
from models import weights
from models.recipes.calibration import ablation, fit, naming
from models.recipes.calibration.card import card
from models.recipes.calibration.cases import Seen, read_opinions, see
from models.recipes.cases import read_rows, written

KINDS = 0.05  # weights of the types below this are left out of the file
FACTS = {
    "version": "calibration-1",
    "summary": "logistic regression over the detectors' findings, and the verdicts' limits",
    "licence": "Apache-2.0",
    "recipe": "models.recipes.calibration",
}


def _parser() -> argparse.ArgumentParser:
    """Say what the recipe takes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="holds driftbench-train.jsonl")
    parser.add_argument("--output", type=Path, help="folder of the weights; default: report only")
    parser.add_argument(
        "--alarms", type=float, default=0.08, help="share of faithful that score high"
    )
    parser.add_argument(
        "--opinions", type=Path, help="out-of-fold scores of the cross-encoder's recipe (oof.jsonl)"
    )
    parser.add_argument(
        "--models", default="auto", help="as in `drift check`: hub fits what pulled models say too"
    )
    parser.add_argument(
        "--no-likelihoods", action="store_true", help="leave out what the translator finds likely"
    )
    parser.add_argument(
        "--ablate", action="store_true",
        help="print what each group of features is worth, held out, and write nothing",
    )  # fmt: skip
    return parser


def main() -> None:
    """Fit, report on held-out posts, and write the file with its card and manifest."""
    args = _parser().parse_args()
    advisers = models.choose(args.models).advisers
    tools = Tools(
        translator=None,  # type: ignore[arg-type]  # neither speaks before the features are made
        table=models.table(),
        calibrator=None,  # type: ignore[arg-type]
        advisers=advisers,
        likelihoods=None if args.no_likelihoods else models.likelihoods(),
    )
    opinions = read_opinions(args.opinions) if args.opinions else {}
    rows = read_rows(args.data / "driftbench-train.jsonl") + written()
    whole = list(see(rows, tools, opinions))
    earned = fit.reasons(whole)
    whole = fit.with_likely(fit.with_evidence(fit.with_wording(whole), earned))
    # The scorer speaks of every retweet at run time: only cases that it was asked of, without
    # having seen their posts, tell what its word is worth beside the others'.
    told = np.array([not opinions or fit.OPINION[0] in one.features for one in whole])
    seen = [one for one, kept in zip(whole, told, strict=True) if kept]
    if args.ablate:
        print(ablation.table(ablation.ablations(seen, args.alarms), seen))
        return
    bare = fit.without_opinion(whole)
    held = {penalty: fit.held_out(bare, penalty) for penalty in fit.PENALTIES}
    best = max(held, key=lambda penalty: ablation.ranking(bare, held[penalty].tolist()))
    joint = fit.join(seen, held[best][told])
    scores = fit.joined(seen, held[best][told])
    limits = fit.limits(seen, scores, args.alarms)
    grave = int((fit.truth(seen) == 1).sum())
    kinds = naming.kinds(whole)
    named, right = naming.fit(whole, list(kinds), told)
    earned["wording.suspect"] = {"confidence": round(right, 3), "severity": "major", "seen": grave}
    measured = figures(seen, scores, limits)
    for name, value in {"cases": len(seen), "penalty": best, **measured, **limits}.items():
        print(f"{name:44} {value}")
    for reason, row in sorted(earned.items(), key=lambda item: -item[1]["seen"]):
        print(f"  {reason:32} {row['seen']:5} agreed {row['confidence']:.2f} {row['severity']}")
    if args.output:
        facts = {
            "joint": joint,
            "joining": len(seen),
            "penalty": best,
            "alarms": args.alarms,
            "figures": measured,
            "reasons": earned,
            "kinds": {name: named.line(name, model, KINDS) for name, model in kinds.items()},
            "advisers": advisers.signature,
        }
        write(args.output, whole, facts, limits)


def signature(advisers: str) -> str:
    """Name the file; one that was fitted with other models beside the rules is another one."""
    if not advisers:
        return "1"
    return f"1-{hashlib.sha256(advisers.encode()).hexdigest()[:8]}"


def figures(seen: Sequence[Seen], scores: Any, limits: Mapping[str, float]) -> dict[str, str]:  # noqa: ANN401 -- an array
    """Measure the held-out scores, and what the limits make of them."""
    labels = fit.truth(seen)
    accused = ablation.accused(seen, scores, limits)
    faithful = fit.truth(seen, "faithful") == 1
    apart = fit.held_out(seen, 1.0, "unrelated") >= limits["unrelated"]
    told = fit.truth(seen, "unrelated") == 1
    listed = scores.tolist()
    return {
        "AUC, misrepresents against faithful": f"{ablation.ranking(seen, listed):.3f}",
        "calibration error": f"{calibration_error(listed, (labels == 1).tolist()):.3f}",
        "accusations: precision": f"{labels[accused].mean():.3f}",
        "accusations: recall": f"{accused[labels == 1].mean():.3f}",
        "accusations: faithful accused": f"{accused[faithful].mean():.3f}",
        "minimal pairs ordered": f"{ablation.pairs_ordered(seen, listed):.3f}",
        "unrelated, told": f"{(apart & told).sum()} of {told.sum()}",
        "unrelated, wrongly": f"{(apart & ~told).sum()} of {(~told).sum()}",
    }


def write(
    folder: Path, whole: Sequence[Seen], facts: dict[str, Any], limits: Mapping[str, float]
) -> None:
    """Fit on all cases and write the file."""
    folder.mkdir(parents=True, exist_ok=True)
    told = any("likely" in one.features for one in whole)
    likely = fit.trees(whole, fit.truth(whole)) if told else None
    document = {
        "signature": signature(facts["advisers"]),
        "advisers": facts["advisers"],
        "drift": fit.final(fit.without_opinion(whole), facts["penalty"], joint=facts["joint"]),
        "wording": fit.Wording(whole, fit.truth(whole) == 1).line(),
        "kinds": facts["kinds"],
        "topic": fit.final(whole, 1.0, "unrelated"),
        "limits": limits,
        "likely": likely,
        "reasons": facts["reasons"],
    }
    text = json.dumps(document, indent=1, ensure_ascii=False, sort_keys=True)
    (folder / "calibration.json").write_text(text + "\n", "utf-8")
    about = {
        "command": "python -m models.recipes.calibration --data DIR --opinions oof.jsonl"
        f"{' --models hub' if facts['advisers'] else ''} --output models/weights/{folder.name}",
        "models": facts["advisers"].strip("|").replace("|", ", ")
        or "none beside the embedded ones",
        "cases": f"{len(whole)}, {facts['joining']} of them to join the parts",
        "posts": len({one.case["post_id"] for one in whole}),
        "licence": FACTS["licence"],
    }
    (folder / "CARD.md").write_text(card({**facts, **about}), "utf-8")
    weights.write_manifest(folder, FACTS)


if __name__ == "__main__":
    main()
