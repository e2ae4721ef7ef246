"""Learns the two sentencepiece vocabularies and turns text into numbers."""

import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import sentencepiece

from models.recipes.translation.presets import Preset
from models.source_text import PLACEHOLDERS

END, UNKNOWN = 0, 1
END_PIECE, UNKNOWN_PIECE = "</s>", "<unk>"
SOURCE_MODEL, TARGET_MODEL = "source.spm", "target.spm"


@dataclass(frozen=True, slots=True)
class Encoded:
    """Sentences as piece numbers: one long row and where each sentence starts in it."""

    pieces: np.ndarray[Any, np.dtype[np.uint16]]
    starts: np.ndarray[Any, np.dtype[np.int64]]

    def __len__(self) -> int:
        """Count the sentences."""
        return len(self.starts) - 1

    def lengths(self) -> np.ndarray[Any, np.dtype[np.int64]]:
        """Give the number of pieces of each sentence."""
        return np.diff(self.starts)

    def row(self, index: int) -> np.ndarray[Any, np.dtype[np.uint16]]:
        """Give the pieces of one sentence."""
        return self.pieces[self.starts[index] : self.starts[index + 1]]


def learn(folder: Path, preset: Preset, sentences: int = 400_000) -> None:
    """Learn both vocabularies from a sample of `train.tsv`, and write them beside it."""
    lines = (folder / "train.tsv").read_text(encoding="utf-8").splitlines()
    random.Random(preset.seed).shuffle(lines)  # noqa: S311 -- sampling, not secrecy
    sides = [line.split("\t") for line in lines[:sentences]]
    for side, size, name in (
        (0, preset.source_pieces, SOURCE_MODEL),
        (1, preset.target_pieces, TARGET_MODEL),
    ):
        text = folder / f"{name}.txt"
        text.write_text("\n".join(pair[side] for pair in sides), encoding="utf-8")
        # The pad row must be the last of the embedding table and is added there by the network,
        # so that sentencepiece knows nothing of it and has one piece less.
        sentencepiece.SentencePieceTrainer.Train(
            input=str(text),
            model_prefix=str(folder / name.removesuffix(".spm")),
            vocab_size=size - 1,
            model_type="unigram",
            character_coverage=0.9998 if side == 0 else 0.9999,
            normalization_rule_name="nmt_nfkc",
            split_digits=True,
            eos_id=END,
            unk_id=UNKNOWN,
            bos_id=-1,
            pad_id=-1,
            user_defined_symbols=",".join(PLACEHOLDERS),
            max_sentence_length=2000,
            hard_vocab_limit=False,
            num_threads=2,
            minloglevel=1,
        )
        (folder / name.replace(".spm", ".model")).rename(folder / name)
        (folder / name.replace(".spm", ".vocab")).unlink()
        text.unlink()


def load(path: Path) -> sentencepiece.SentencePieceProcessor:
    """Load one vocabulary."""
    return sentencepiece.SentencePieceProcessor(model_file=str(path))


def pieces_of(processor: sentencepiece.SentencePieceProcessor) -> list[str]:
    """List a vocabulary's pieces in the order of their numbers, without the pad."""
    return [processor.id_to_piece(number) for number in range(processor.get_piece_size())]


def encode_corpus(folder: Path, preset: Preset, text: str = "train") -> tuple[Encoded, Encoded]:
    """Encode a text of the corpus once, keep the numbers, and leave out what is too long."""
    path = folder / f"{text}.npz"
    if not path.exists():
        pairs = [line.split("\t") for line in _lines(folder / f"{text}.tsv")]
        sides = [
            load(folder / name).encode([pair[side] for pair in pairs], add_eos=True)
            for side, name in ((0, SOURCE_MODEL), (1, TARGET_MODEL))
        ]
        kept = [
            pair
            for pair in zip(*sides, strict=True)
            if max(map(len, pair)) <= preset.longest and UNKNOWN not in pair[1]
        ]
        source, target = (_pack([pair[side] for pair in kept]) for side in (0, 1))
        fresh = path.with_suffix(".new.npz")  # a kill while writing must leave no half file
        np.savez(fresh, a=source.pieces, b=source.starts, c=target.pieces, d=target.starts)
        fresh.replace(path)
    with np.load(path) as saved:
        return Encoded(saved["a"], saved["b"]), Encoded(saved["c"], saved["d"])


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


def _pack(rows: list[list[int]]) -> Encoded:
    starts = np.zeros(len(rows) + 1, dtype=np.int64)
    np.cumsum([len(row) for row in rows], out=starts[1:])
    return Encoded(np.concatenate([np.asarray(row, dtype=np.uint16) for row in rows]), starts)
