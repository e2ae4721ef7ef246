"""Writes the lexicon of the synthetic drift: word list, cue classes, translation links, vectors.

Reads the tokens and word alignments that the lexical table's recipe leaves in its work folder
(zh.txt, en.txt, source.txt, forward.links, reverse.links).
"""

import argparse
import gzip
import json
import logging
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import numpy as np
import scipy.sparse as sparse
from numpy.typing import NDArray
from scipy.sparse.linalg import svds

from models.recipes.cross_encoder.words import FIRST_WORD

CUES = Path(__file__).with_name("cues.toml")
CHINESE_WORDS = 15_000
CHARACTERS = 4_500
ENGLISH_WORDS = 15_000
SKIPPED = frozenset({"cedict", "bible", "flygon", "trans2406", "xitu"})
CHUNK = 20_000
DIMENSIONS = 160
CONTEXTS = 8_000
LINKS_A_WORD = 12

_log = logging.getLogger(__name__)
Integers = NDArray[np.int32]


def main() -> None:
    """Make the lexicon from a work folder of the lexical recipe."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--aligned", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    write(arguments.aligned, arguments.work)


def write(aligned: Path, work: Path) -> None:
    """Write words.json.gz, links.npz and embeddings.npy."""
    chinese, english = _counts(aligned)
    words, logs = _choose(chinese, english)
    _log.info("%d words", len(words))
    with gzip.open(work / "words.json.gz", "wt", encoding="utf-8") as file:
        json.dump(words, file, ensure_ascii=False)
    together, contexts = _cooccurrences(aligned, words)
    starts, targets, strengths = _links(together)
    _log.info("%d links", len(targets))
    np.savez_compressed(
        work / "links.npz",
        log_probabilities=logs.astype(np.float16),
        classes=_classes(words),
        starts=starts,
        targets=targets,
        strengths=strengths,
    )
    np.save(work / "embeddings.npy", _embeddings(contexts))
    _log.info("done")


def _lines(path: Path) -> Iterator[list[str]]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield line.split()


def _counts(aligned: Path) -> tuple[Counter[str], Counter[str]]:
    chinese: Counter[str] = Counter()
    english: Counter[str] = Counter()
    sources = (aligned / "source.txt").read_text("utf-8").split()
    rows = zip(sources, _lines(aligned / "zh.txt"), _lines(aligned / "en.txt"), strict=True)
    for source, zh, en in rows:
        if source not in SKIPPED:
            chinese.update(zh)
            english.update(en)
    return chinese, english


def _choose(chinese: Counter[str], english: Counter[str]) -> tuple[list[str], NDArray[np.float64]]:
    """Choose the words of both languages, with log probabilities for cutting Chinese."""
    cues = tomllib.loads(CUES.read_text("utf-8"))
    needed = {word for cue in cues["class"] for word in cue["zh"]}
    needed |= {word for kind in cues["kinds"].values() for word in kind if not word.isascii()}
    needed |= {word for pair in cues["antonyms"]["zh"] for word in pair.split()}
    han = {w: n for w, n in chinese.items() if all("\u3400" <= c <= "\u9fff" for c in w)}
    characters: Counter[str] = Counter()
    for word, count in han.items():
        characters.update(dict.fromkeys(word, count))
    longer = Counter({w: n for w, n in han.items() if 1 < len(w) <= 6})
    picked = {w for w, _ in longer.most_common(CHINESE_WORDS)} | needed
    picked |= {c for c, _ in characters.most_common(CHARACTERS)}
    latin = Counter({w: n for w, n in english.items() if w.isascii() and len(w) <= 24})
    other = {w for w, _ in latin.most_common(ENGLISH_WORDS)}
    other |= {word for cue in cues["class"] for word in cue["en"]}
    other |= {*"，。；：！？“”‘’（）《》【】、…—·「」"}
    other |= {"n't", "'s", "'ll", "'re", "'ve", "'m", "'d"}
    # A single character that is seldom a word by itself should lose against a longer word.
    total = sum(han.values())
    words = sorted(picked) + sorted(other - picked)
    logs = [np.log((han.get(word, 0) + 0.5) / total) for word in sorted(picked)]
    return words, np.array(logs + [0.0] * (len(words) - len(picked)))


def _classes(words: list[str]) -> NDArray[np.uint8]:
    cues = tomllib.loads(CUES.read_text("utf-8"))
    numbers: dict[str, int] = {}
    for number, cue in enumerate(cues["class"], 1):
        for word in cue["zh"] + cue["en"]:
            numbers.setdefault(word, number)
    return np.array([numbers.get(word, 0) for word in words], np.uint8)


def _cooccurrences(aligned: Path, words: list[str]) -> tuple[sparse.csr_matrix, sparse.csr_matrix]:
    """Count aligned pairs (Chinese by English), and English contexts of every word."""
    index = {word: number for number, word in enumerate(words)}
    size = len(words)
    together = sparse.csr_matrix((size, size), dtype=np.float64)
    contexts = sparse.csr_matrix((size, size), dtype=np.float64)
    rows = zip(
        (aligned / "source.txt").read_text("utf-8").split(),
        _lines(aligned / "zh.txt"),
        _lines(aligned / "en.txt"),
        _lines(aligned / "forward.links"),
        _lines(aligned / "reverse.links"),
        strict=True,
    )
    useful = (row[1:] for row in rows if row[0] not in SKIPPED)
    while chunk := list(islice(useful, CHUNK)):
        chinese, english, lines = _flat(chunk, index)
        links = _positions(chunk)
        together += _count(chinese[links[0]], english[links[1]], size)
        for offset in (-4, -3, -2, -1, 0, 1, 2, 3, 4):
            there = np.clip(links[1] + offset, 0, len(english) - 1)
            kept = lines[there] == lines[links[1]]
            contexts += _count(chinese[links[0]][kept], english[there][kept], size)
            at = np.arange(max(0, -offset), len(english) - max(0, offset))
            kept = lines[at] == lines[at + offset]
            contexts += _count(english[at][kept], english[at + offset][kept], size)
    return together, contexts


def _flat(
    chunk: Sequence[tuple[list[str], ...]], index: dict[str, int]
) -> tuple[Integers, Integers, Integers]:
    chinese = [index.get(word, -1) for row in chunk for word in row[0]]
    english = [index.get(word, -1) for row in chunk for word in row[1]]
    lines = np.repeat(np.arange(len(chunk)), [len(row[1]) for row in chunk])
    return np.array(chinese, np.int32), np.array(english, np.int32), lines.astype(np.int32)


def _positions(chunk: Sequence[tuple[list[str], ...]]) -> tuple[Integers, Integers]:
    """Turn the links of a chunk into positions in its flat token arrays, both directions added."""
    first, second, at, other = [], [], 0, 0
    for chinese, english, forward, reverse in chunk:
        for link in forward + reverse:
            i, _, j = link.partition("-")  # English first
            first.append(at + int(j))
            second.append(other + int(i))
        at += len(chinese)
        other += len(english)
    return np.array(first), np.array(second)


def _count(rows: Integers, columns: Integers, size: int) -> sparse.csr_matrix:
    kept = (rows >= 0) & (columns >= 0)
    ones = np.ones(int(kept.sum()))
    return sparse.coo_matrix((ones, (rows[kept], columns[kept])), shape=(size, size)).tocsr()


def _links(
    together: sparse.csr_matrix,
) -> tuple[Integers, NDArray[np.uint16], NDArray[np.uint8]]:
    """Weigh a pair by the geometric mean of both directions' probabilities, doubled, at most 1."""
    by_row = np.asarray(together.sum(axis=1)).ravel()
    by_column = np.asarray(together.sum(axis=0)).ravel()
    starts, targets, strengths = [0], [], []
    for row in range(together.shape[0]):
        span = slice(together.indptr[row], together.indptr[row + 1])
        columns, counts = together.indices[span], together.data[span]
        kept = counts >= 3
        columns, counts = columns[kept], counts[kept]
        mean = counts / np.sqrt(by_row[row] * by_column[columns])
        best = np.maximum(counts / by_row[row], counts / by_column[columns])
        strength = np.minimum(1.0, 2 * mean + 0.3 * best)
        order = [k for k in np.argsort(-strength)[:LINKS_A_WORD] if strength[k] >= 0.03]
        targets += columns[order].tolist()
        strengths += np.round(255 * strength[order]).astype(int).tolist()
        starts.append(len(targets))
    shifted = np.array(targets) + FIRST_WORD
    return np.array(starts, np.int32), shifted.astype(np.uint16), np.array(strengths, np.uint8)


def _embeddings(contexts: sparse.csr_matrix) -> NDArray[np.float32]:
    """Factor the positive pointwise mutual information of words and their English contexts."""
    columns = np.argsort(-np.asarray(contexts.sum(axis=0)).ravel())[:CONTEXTS]
    table = contexts[:, np.sort(columns)].tocoo()
    rows = np.asarray(table.sum(axis=1)).ravel()
    common = np.asarray(table.sum(axis=0)).ravel() ** 0.75
    share = common / common.sum()
    value = np.log(table.data / (rows[table.row] * share[table.col] + 1e-9))
    kept = value > 0
    mutual = sparse.csr_matrix(
        (value[kept], (table.row[kept], table.col[kept])), shape=table.shape, dtype=np.float32
    )
    left, scale, _ = svds(mutual, k=DIMENSIONS, random_state=1)
    vectors = left * np.sqrt(scale)
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: NDArray[np.float32] = (vectors / np.maximum(length, 1e-6)).astype(np.float32)
    return unit


if __name__ == "__main__":
    main()
