"""A lexicon of a few words, in the files that synthetic drift reads."""

import gzip
import json

import numpy as np

from models.recipes.cross_encoder.words import FIRST_WORD, load_lexicon

WORDS = [
    "也许", "会", "他", "作者", "可能", "同意", "周五", "周六", "如果", "已经", "总统", "我们",
    "拒绝", "政府", "没有", "美国", "表示", "警方", "说", "需要", "部长", "降低", "提高",
    "a", "accepted", "asylum", "government", "has", "if", "may", "minister", "not", "police",
    "president", "raise", "refused", "said", "the", "will", "n't", "did", "us", "friday",
]  # fmt: skip
LINKS = {
    "可能": {"may": 0.9},
    "如果": {"if": 1.0},
    "拒绝": {"refused": 0.95},
    "没有": {"not": 0.6, "n't": 0.6},
    "部长": {"minister": 0.9},
    "警方": {"police": 1.0},
    "总统": {"president": 1.0},
    "政府": {"government": 1.0},
    "表示": {"said": 0.8},
    "说": {"said": 0.9},
    "会": {"will": 0.7},
    "提高": {"raise": 0.9},
    "周五": {"friday": 1.0},
    "美国": {"us": 0.9},
}
CLASSES = {
    "如果": 1, "if": 1, "可能": 2, "may": 2, "也许": 2, "没有": 4, "not": 4, "n't": 4,
    "拒绝": 5, "refused": 5, "表示": 6, "说": 6, "said": 6, "会": 12, "will": 12, "已经": 11,
}  # fmt: skip


def write(folder):
    """Write the files of the lexicon into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with gzip.open(folder / "words.json.gz", "wt", encoding="utf-8") as file:
        json.dump(WORDS, file)
    starts, targets, strengths = [0], [], []
    for word in WORDS:
        for other, strength in LINKS.get(word, {}).items():
            targets.append(FIRST_WORD + WORDS.index(other))
            strengths.append(round(255 * strength))
        starts.append(len(targets))
    np.savez(
        folder / "links.npz",
        log_probabilities=np.full(len(WORDS), -8.0, np.float16),
        classes=np.array([CLASSES.get(word, 0) for word in WORDS], np.uint8),
        starts=np.array(starts, np.int32),
        targets=np.array(targets, np.uint16),
        strengths=np.array(strengths, np.uint8),
    )


def small(folder):
    """Write and load the lexicon."""
    write(folder)
    return load_lexicon(folder)
