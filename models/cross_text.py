"""Turns a retweet and what its post says into the pieces that the cross-encoder reads.

Training uses it too. Both texts are expected normalised: NFKC, Simplified characters.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np  # noqa: TID253 - imported only with this backend
from numpy.typing import NDArray  # noqa: TID253

if TYPE_CHECKING:
    from sentencepiece import SentencePieceProcessor

MOST_CHINESE = 110
"""Pieces of a retweet that are read."""
MOST_ENGLISH = 240
"""Pieces of a post that are read."""
START, PAD, END = 0, 1, 2

Integers = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Encoded:
    """A retweet and its post as one row of pieces: start, retweet, end, post, end.

    `side` is 1 for the retweet, 2 for the post, 0 for the marks between them; `spans` are the
    code points that a piece stands for, in the text of its side.
    """

    ids: Integers
    side: Integers
    spans: Integers


def encode(pieces: "SentencePieceProcessor", pairs: Sequence[tuple[str, str]]) -> Iterator[Encoded]:
    """Encode (retweet, post) pairs; what is longer than can be read is cut off at its end."""
    for retweet, post in pairs:
        own = _cut(pieces, retweet)[:MOST_CHINESE]
        other = _cut(pieces, post)[:MOST_ENGLISH]
        rows = [(START, 0, 0, 0), *((*piece, 1) for piece in own), (END, 0, 0, 0)]
        rows += [*((*piece, 2) for piece in other), (END, 0, 0, 0)]
        table = np.array(rows, np.int32)
        yield Encoded(table[:, 0], table[:, 3], table[:, 1:3])


def narrow(text: str) -> str:
    """Put a plain character for every wide one, as the base's vocabulary has it; none moves.

    >>> narrow("真的？！…")
    '真的?!.'
    """
    return text if text.isascii() else "".join(map(_plain, text))


@lru_cache(maxsize=8192)
def _plain(character: str) -> str:
    return unicodedata.normalize("NFKC", character)[:1] or character


def _cut(pieces: "SentencePieceProcessor", text: str) -> list[tuple[int, int, int]]:
    """Cut a text; what is only space is left out, and the space before a word from its place."""
    cut = pieces.encode(narrow(text), return_type="offset_mapping")
    found = []
    for identity, (start, end) in zip(cut["ids"], cut["offsets"], strict=True):
        shown = text[start:end]
        bare = shown.strip()
        if bare:
            begin = start + len(shown) - len(shown.lstrip())
            found.append((identity, begin, begin + len(bare)))
    return found
