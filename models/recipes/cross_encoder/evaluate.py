"""Reports how well the cross-encoder tells drift: out of fold, on held-out and on dev data.

The shipped weights are run as `models.cross` runs them; labelled cases of training are reported
only from the out-of-fold scores of `train folds`, by networks that never saw their posts.
"""

import argparse
import json
import logging
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from sentencepiece import SentencePieceProcessor

from models.cross import TYPES, CrossEncoder
from models.recipes.cases import SETS, read_rows, written
from models.recipes.cross_encoder.batches import items
from models.recipes.cross_encoder.data import (
    Case,
    Example,
    critical_errors,
    data_folder,
    driftbench,
    parallel,
    rated,
)
from models.recipes.cross_encoder.measures import auc, by_type, scores_of, twins_right
from models.recipes.cross_encoder.network import load_network
from models.recipes.cross_encoder.pieces import load_stock
from models.recipes.cross_encoder.prepare import UNSEEN, as_read, is_held_out
from models.recipes.cross_encoder.synthetic import twins
from models.recipes.cross_encoder.words import load_lexicon

SYNTHETIC = 2_000

Row = dict[str, Any]
_log = logging.getLogger(__name__)


def main() -> None:
    """Print the figures as JSON; driftbench-dev only when asked."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--dev", action="store_true", help="look at driftbench-dev as well")
    parser.add_argument(
        "--unseen", nargs="+", choices=SETS, default=["held"],
        help="written cases that the weights have not seen",
    )  # fmt: skip
    arguments = parser.parse_args()
    figures: dict[str, Any] = {"out of fold": out_of_fold(arguments.work)}
    if (arguments.work / "lexicon").exists():
        figures["synthetic"] = synthetic(arguments.work)
    if arguments.weights:
        encoder = CrossEncoder(arguments.weights)
        for name in arguments.unseen:
            figures[f"unseen: {name}"] = unseen(encoder, arguments.work, name)
        figures |= shipped(encoder, data_folder(), dev=arguments.dev)
    print(json.dumps(figures, indent=1, ensure_ascii=False))


def out_of_fold(work: Path) -> dict[str, Any]:
    """Sum up the scores of the folds, and write them to one file."""
    rows = [row for path in sorted(work.glob("oof-*.jsonl")) for row in read_rows(path)]
    if not rows:
        return {}
    with (work / "oof.jsonl").open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    scored_ids = {row["id"] for row in rows}
    cases = read_rows(data_folder() / "driftbench-train.jsonl") + written(*SETS)
    return figures_of(rows, _shown([case for case in cases if case["id"] in scored_ids]))


def unseen(encoder: CrossEncoder, work: Path, name: str) -> dict[str, Any]:
    """Sum up the scores of written cases that the weights have not seen, and add them to the file.

    Cases that are to be learned next are asked of the weights before them: so the calibration has
    opinions of them too.
    """
    cases = _shown(written(name))
    rows = scored(encoder, cases)
    with (work / "oof.jsonl").open("a", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    return figures_of(rows, cases)


def _shown(cases: Sequence[Case]) -> list[Example]:
    """Make examples of cases as the network is shown them."""
    return list(as_read(cases, driftbench(cases)))


def figures_of(rows: Sequence[Row], cases: Sequence[Example]) -> dict[str, Any]:
    """Give AUC overall and by type, twins, and how well the marked words are found."""
    known = {case.id: case for case in cases}
    kept = [row for row in rows if row["label"] or not known[row["id"]].drifts]
    kinds = {
        case.id: TYPES[marks[0][2] - 1]
        for case in cases
        if (marks := case.marks or case.post_marks)
    }
    return {
        "cases": len(rows),
        "AUC misrepresents v. rest": round(auc(rows), 4),
        "AUC misrepresents v. faithful": round(auc(kept), 4),
        "AUC of the highest word": round(auc([_by_word(row) for row in kept]), 4),
        "twins right": round(twins_right(rows), 4),
        "by type": by_type(kept, kinds),
        "AUC of words": round(auc(_words(rows, known)), 4),
        "right type": round(_right_type(rows, known), 4),
    }


def _right_type(rows: Sequence[Row], known: dict[str, Example]) -> float:
    """Give the share of misrepresenting cases whose likeliest type was noted."""
    right = []
    for row in rows:
        case = known[row["id"]]
        noted = {TYPES[tag - 1] for _, _, tag in (*case.marks, *case.post_marks)}
        if row["label"] > 0.5 and noted and row["kinds"]:
            right.append(max(row["kinds"], key=row["kinds"].get) in noted)
    return float(np.mean(right)) if right else float("nan")


def _by_word(row: Row) -> Row:
    highest = max((word[4] for word in row["words"] if word[0] == 1), default=0.0)
    return {"label": row["label"], "probability": highest}


def _words(rows: Sequence[Row], known: dict[str, Example]) -> list[Row]:
    """Give one row a word of the retweets that have marks: was it marked, how high is it."""
    return [
        {
            "label": float(any(a < end and start < b for a, b, _ in known[row["id"]].marks)),
            "probability": strength,
        }
        for row in rows
        if known[row["id"]].marks
        for side, start, end, _, strength in row["words"]
        if side == 1
    ]


def synthetic(work: Path) -> dict[str, Any]:
    """Score twins made from a source that trained nothing, with the pre-trained network."""
    lexicon = load_lexicon(work / "lexicon")
    stock = load_stock(lexicon, work / "lexicon", data_folder(), seed=77)
    rows = [row for row in parallel(data_folder()) if row.source == UNSEEN]
    examples = list(islice(twins(rows, stock), SYNTHETIC))
    pieces = SentencePieceProcessor(model_file=str(work / "pieces.spm"))
    judged = scores_of(load_network(work / "pretrained.pt"), items(pieces, examples))
    kinds = {one.id: one.source for one in examples if (one.misrepresents or 0) > 0.5}
    return {
        "cases": len(judged),
        "AUC": round(auc(judged), 4),
        "twins right": round(twins_right(judged), 4),
        "by type": by_type(judged, kinds),
    }


def scored(encoder: CrossEncoder, cases: Sequence[Example]) -> list[Row]:
    """Score cases as the pipeline would."""
    judged = encoder.score([(case.retweet, case.post) for case in cases])
    return [
        {
            "id": case.id,
            "group": case.group,
            "label": -1.0 if case.misrepresents is None else case.misrepresents,
            "probability": one.probability,
            "words": [[1, tag.start, tag.end, tag.type, tag.strength] for tag in one.tags],
            "kinds": dict(one.kinds),
        }
        for case, one in zip(cases, judged, strict=True)
    ]


def shipped(encoder: CrossEncoder, data: Path, *, dev: bool) -> dict[str, Any]:
    """Give the figures of the shipped weights on data that trained none of them."""
    critical = scored(encoder, critical_errors(data / "critical-errors-dev.jsonl.gz"))
    train = scored(encoder, critical_errors(data / "critical-errors-train.jsonl.gz")[:1500])
    threshold = best_threshold(train)
    held = [case for case in rated(data / "esa-train.jsonl.gz") if is_held_out(case)]
    natural = scored(encoder, held)
    clean = [row["probability"] for row in natural if row["label"] == 0]
    found: dict[str, Any] = {
        "critical-errors dev": {
            "AUC": round(auc(critical), 4),
            "MCC at the threshold of train": round(matthews(critical, threshold), 4),
        },
        "rated translations held out": {
            "AUC bad v. clean": round(auc(natural), 4),
            "clean": len(clean),
            "clean, probability at 50, 95, 99 %": np.quantile(clean, (0.5, 0.95, 0.99)).tolist(),
        },
    }
    if dev:
        cases = _shown(read_rows(data / "driftbench-dev.jsonl"))
        found["driftbench-dev"] = figures_of(scored(encoder, cases), cases)
    return found


def best_threshold(rows: Sequence[Row]) -> float:
    """Give the probability at which Matthews' correlation is highest."""
    candidates = np.quantile([row["probability"] for row in rows], np.linspace(0.02, 0.98, 49))
    return float(max(candidates, key=lambda one: matthews(rows, one)))


def matthews(rows: Sequence[Row], threshold: float) -> float:
    """Give Matthews' correlation of labels with probabilities above a threshold."""
    label = np.array([row["label"] > 0.5 for row in rows], float)
    said = np.array([row["probability"] >= threshold for row in rows], float)
    if label.std() == 0 or said.std() == 0:
        return 0.0
    return float(np.corrcoef(label, said)[0, 1])


if __name__ == "__main__":
    main()
