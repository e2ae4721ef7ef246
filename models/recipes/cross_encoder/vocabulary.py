"""Keeps the pieces of the base's vocabulary that English and Chinese posts use.

The base knows 250,000 pieces of a hundred languages; some 26,000 make up 99 % of ours, and the
rest falls apart into those.
"""

import gzip
import json
import lzma
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import sentencepiece
from sentencepiece import sentencepiece_model_pb2

from models.recipes.cross_encoder.base import Base
from models.recipes.cross_encoder.data import normal

SIZE = 26_000
RESERVED = 4
"""The base's first pieces: start, padding, end, unknown."""
_WORD, _UNKNOWN, _CONTROL = 1, 2, 3  # sentencepiece's kinds of pieces
_MARKS = {0: _CONTROL, 1: _CONTROL, 2: _CONTROL, 3: _UNKNOWN}
_RARE = 3  # a single character seen so often is kept
_SHARES = {"news-talk-microblog": 1.0, "tatoeba": 0.5, "web-essays": 0.25, "tech-articles": 0.12}
_CASES = 4  # times that the cases themselves count


def pieces_model(base: Base, kept: Sequence[int]) -> bytes:
    """Make a sentencepiece model of some of the base's pieces, numbered anew in that order."""
    made = sentencepiece_model_pb2.ModelProto()
    for number, old in enumerate(kept):
        kind = _MARKS.get(number, _WORD)
        made.pieces.add(piece=base.pieces[old], score=base.scores[old], type=kind)
    trained, shaped = made.trainer_spec, made.normalizer_spec
    trained.model_type = trained.UNIGRAM
    trained.vocab_size = len(kept)
    trained.bos_id, trained.pad_id, trained.eos_id, trained.unk_id = range(RESERVED)
    shaped.name = "identity"
    shaped.add_dummy_prefix = shaped.escape_whitespaces = True
    shaped.remove_extra_whitespaces = False
    found: bytes = made.SerializeToString()
    return found


def choose(base: Base, data: Path, size: int = SIZE) -> list[int]:
    """Choose the most frequent pieces, and every character that is not rare."""
    distinct = dict.fromkeys(range(RESERVED))
    first = {piece: number for number, piece in reversed(list(enumerate(base.pieces)))}
    distinct.update(dict.fromkeys(sorted(first.values())))
    everything = list(distinct)
    whole = sentencepiece.SentencePieceProcessor(model_proto=pieces_model(base, everything))
    counts: Counter[int] = Counter()
    waiting = texts(data)
    while part := list(islice(waiting, 20_000)):
        for ids in whole.encode([normal(text) for text in part]):
            counts.update(ids)
    characters: Counter[str] = Counter()
    for number, count in counts.items():
        for character in base.pieces[everything[number]]:
            characters[character] += count
    # What is not kept falls apart into its characters, so those must be there.
    single = [first[one] for one, count in characters.items() if count >= _RARE and one in first]
    ranked = [everything[number] for number, _ in counts.most_common()]
    kept = dict.fromkeys([*range(RESERVED), *single, *ranked])
    return [*range(RESERVED), *sorted(list(kept)[RESERVED:size])]


def texts(data: Path) -> Iterator[str]:
    """Give texts of every kind that the network will read or is trained on."""
    chance = random.Random(1)  # noqa: S311
    for name, share in _SHARES.items():
        with lzma.open(data / "parallel" / f"{name}.tsv.xz", "rt", encoding="utf-8") as file:
            for line in file:
                if chance.random() < share:
                    yield from line.split("\t")[:2]
    with lzma.open(data / "weibo-sample.txt.xz", "rt", encoding="utf-8") as file:
        yield from file
    for name in ("critical-errors-train", "esa-train", "nli-monolingual"):
        with gzip.open(data / f"{name}.jsonl.gz", "rt", encoding="utf-8") as file:
            for row in map(json.loads, file):
                yield from (row[key] for key in _FIELDS if key in row)
    with (data / "driftbench-train.jsonl").open(encoding="utf-8") as file:
        for row in map(json.loads, file):
            yield from [row["post"], row["retweet"]] * _CASES


_FIELDS = ("post", "retweet", "premise", "hypothesis")
