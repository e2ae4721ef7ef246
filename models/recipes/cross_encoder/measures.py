"""Scores items with a network and sums up how well it tells drift from none."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from models.cross import TYPES
from models.recipes.cross_encoder.batches import Item, collate
from models.recipes.cross_encoder.network import DEVICE, Network

Row = dict[str, Any]
Floats = NDArray[np.float32]


def scores_of(network: Network, items: Sequence[Item]) -> list[Row]:
    """Give probability, drift probability and word scores of every item, in the items' order."""
    network.eval()
    rows: dict[str, Row] = {}
    ordered = sorted(items, key=lambda one: one.length)
    with torch.inference_mode():
        for start in range(0, len(ordered), 32):
            part = ordered[start : start + 32]
            with torch.autocast(DEVICE.type, torch.bfloat16):
                tags, _, verdicts, kinds = network(collate(part).there())
            chances = tags.float().softmax(dim=2).cpu().numpy()
            judged = verdicts.float().sigmoid().cpu().numpy()
            named = kinds.float().softmax(dim=1).cpu().numpy()
            for index, one in enumerate(part):
                row = _row(one, chances[index, : one.length], judged[index])
                rows[one.id] = {**row, "kinds": by_name(named[index])}
    return [rows[one.id] for one in items]


def _row(one: Item, chances: Floats, judged: Floats) -> Row:
    words = []
    for place, span in enumerate(one.encoded.spans.tolist()):
        side = int(one.encoded.side[place])
        wrong = float(1 - chances[place, 0])
        if side and (side == 1 or wrong > 0.2):
            kind = int(chances[place, 1 : 1 + len(TYPES)].argmax())
            words.append([side, *span, TYPES[kind], round(wrong, 4)])
    return {
        "id": one.id,
        "source": one.source,
        "group": one.group,
        "probability": round(float(judged[0]), 5),
        "drifts": round(float(judged[1]), 5),
        "label": one.verdict[0],
        "words": words,
    }


def by_name(chances: Floats) -> dict[str, float]:
    """Give the probabilities of the types by their names."""
    return {name: round(float(one), 4) for name, one in zip(TYPES, chances, strict=True)}


def auc(rows: Sequence[Mapping[str, Any]], key: str = "probability") -> float:
    """Give the chance that a positive row scores above a negative one; ties count half."""
    labels = np.array([row["label"] for row in rows])
    scores = np.array([row[key] for row in rows])
    positive, negative = scores[labels > 0.5], scores[(labels >= 0) & (labels <= 0.5)]
    if not len(positive) or not len(negative):
        return float("nan")
    ordered = np.sort(negative)
    below = np.searchsorted(ordered, positive, "left")
    upto = np.searchsorted(ordered, positive, "right")
    return float((below + upto).mean() / 2 / len(negative))


def twins_right(rows: Sequence[Mapping[str, Any]]) -> float:
    """Give the share of twins of which the worse one scores higher."""
    groups: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        if row["group"]:
            groups[row["group"]].append(row)
    right = []
    for group in groups.values():
        ordered = sorted(group, key=lambda row: row["label"])
        if len(ordered) == 2 and ordered[0]["label"] < ordered[1]["label"]:
            right.append(ordered[0]["probability"] < ordered[1]["probability"])
    return float(np.mean(right)) if right else float("nan")


def by_type(rows: Sequence[Mapping[str, Any]], kinds: Mapping[str, str]) -> dict[str, float]:
    """Give the AUC of the rows of each kind against all negative rows."""
    negative = [row for row in rows if 0 <= row["label"] <= 0.5]
    found = {}
    for kind in sorted(set(kinds.values())):
        positive = [row for row in rows if row["label"] > 0.5 and kinds.get(row["id"]) == kind]
        found[kind] = round(auc([*negative, *positive]), 3)
    return found


def summary(network: Network, items: Sequence[Item]) -> str:
    """Sum up verdicts and twins in a line."""
    rows = scores_of(network, items)
    return f"AUC {auc(rows):.3f} twins {twins_right(rows):.3f}"
