"""Reads and writes the two mapped file forms of the lexical table: word lists and weighted links.

Both are little-endian and sorted, so that a look-up is a binary search in the mapped file: nothing
is parsed at start and only the pages that are touched come into memory.

* words: 8 bytes of magic, the count, count + 1 offsets, then the UTF-8 words end to end, sorted.
* links: 8 bytes of magic, the number of rows, the number of links, rows + 1 starts, then one
  integer a link: the index of the other word in its upper 20 bits, the probability in 4095ths
  below, rounded down, so that the probabilities of a row never add up to more than one.
"""

import mmap
import struct
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from drift.errors import BackendError

_WORDS = b"DRIFTW1\n"
_LINKS = b"DRIFTL1\n"
_STEPS = 4095
_CHANCES = tuple(step / _STEPS for step in range(_STEPS + 1))  # each held once
_BITS = 12


class Words:
    """A sorted list of words in a mapped file."""

    def __init__(self, path: Path) -> None:
        self._map = _mapped(path, _WORDS)
        self._count: int = struct.unpack_from("<I", self._map, 8)[0]
        self._text = 12 + 4 * (self._count + 1)
        if self._text + self._offset(self._count) != len(self._map):
            raise BackendError(f"{path} is cut short: fetch it again and run `drift models verify`")

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: int) -> str:
        return self._bytes(index).decode("utf-8")

    def find(self, word: str) -> int:
        """Give the index of a word, or -1."""
        try:
            wanted = word.encode("utf-8")
        except UnicodeEncodeError:  # a lone surrogate is in no list
            return -1
        low, high = 0, self._count
        while low < high:
            middle = (low + high) // 2
            if self._bytes(middle) < wanted:
                low = middle + 1
            else:
                high = middle
        return low if low < self._count and self._bytes(low) == wanted else -1

    def _offset(self, index: int) -> int:
        offset: int = struct.unpack_from("<I", self._map, 12 + 4 * index)[0]
        return offset

    def _bytes(self, index: int) -> bytes:
        start, end = struct.unpack_from("<II", self._map, 12 + 4 * index)
        word: bytes = self._map[self._text + start : self._text + end]
        return word


class Links:
    """Rows of (index, probability) in a mapped file, best first."""

    def __init__(self, path: Path) -> None:
        self._map = _mapped(path, _LINKS)
        counts: tuple[int, int] = struct.unpack_from("<II", self._map, 8)
        self._rows, links = counts
        self._start = 16 + 4 * (self._rows + 1)
        if self._start + 4 * links != len(self._map):
            raise BackendError(f"{path} is cut short: fetch it again and run `drift models verify`")

    def __len__(self) -> int:
        return self._rows

    def row(self, index: int) -> list[tuple[int, float]]:
        """Give the links of one word."""
        start, end = struct.unpack_from("<II", self._map, 16 + 4 * index)
        values = struct.unpack_from(f"<{end - start}I", self._map, self._start + 4 * start)
        return [(value >> _BITS, _CHANCES[value & _STEPS]) for value in values]


def write_words(path: Path, words: Sequence[str]) -> None:
    """Write words, which must be sorted and distinct."""
    encoded = [word.encode("utf-8") for word in words]
    if any(left >= right for left, right in pairwise(encoded)):
        raise ValueError("words must be sorted and distinct")
    offsets = [0]
    for word in encoded:
        offsets.append(offsets[-1] + len(word))
    head = struct.pack(f"<I{len(offsets)}I", len(encoded), *offsets)
    path.write_bytes(_WORDS + head + b"".join(encoded))


def write_links(path: Path, rows: Sequence[Sequence[tuple[int, float]]]) -> None:
    """Write one row of (index, probability) a word, best first within a row."""
    starts, values = [0], []
    for row in rows:
        for index, probability in row:
            if not (0 <= index < 1 << (32 - _BITS) and 0.0 <= probability <= 1.0):
                raise ValueError(f"a link does not fit: {index}, {probability}")
            values.append(index << _BITS | int(probability * _STEPS))
        starts.append(len(values))
    head = struct.pack(f"<II{len(starts)}I", len(rows), len(values), *starts)
    path.write_bytes(_LINKS + head + struct.pack(f"<{len(values)}I", *values))


def _mapped(path: Path, magic: bytes) -> mmap.mmap:
    try:
        with path.open("rb") as file:
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError) as error:
        raise BackendError(f"cannot read {path}: {error}; run `drift models verify`") from error
    if mapped[:8] != magic or len(mapped) < 16:
        raise BackendError(f"{path} is not what its name says; run `drift models verify`")
    return mapped
