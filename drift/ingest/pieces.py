"""Cuts a partition into pieces that can be read apart from each other, with every row's true line.

JSON Lines that are not packed are cut at line ends, Parquet between row groups. How many lines lie
before a piece, and in which encoding it is written, is known when each stretch of its file has been
surveyed, which those who will read the pieces may do. What is of another kind is one piece.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from drift.ingest.encodings import detect
from drift.ingest.files import blamed, rows
from drift.ingest.json_rows import json_line_rows
from drift.ingest.lines import CHUNK, numbered, sample
from drift.ingest.parquet_rows import group_sizes, parquet_rows
from drift.ingest.rows import Row
from drift.ingest.stores import readable

STRETCH = 4 << 20  # bytes of JSON Lines, a few thousand rows
MOST = 1_000  # stretches of a file
GROUPED = 4_096  # rows of a piece of Parquet, at least
_LINES, _GROUPS, _WHOLE = (".jsonl", ".ndjson"), (".parquet", ".pq"), "whole"
_UTF8 = ("utf-8", "utf-8-sig")  # in these a byte of a line end is nothing else


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a partition: all of it, the bytes of some lines, or some row groups."""

    number: int  # of the partition
    name: str
    form: str = _WHOLE
    start: int = 0
    end: int = 0
    before: int = 0  # lines that lie before it
    encoding: str = ""

    def rows(self) -> Iterator[Row]:
        """Give its rows as whoever reads the whole partition gives them."""
        if self.form == _WHOLE:
            yield from rows(self.name)
            return
        with readable(self.name) as handle, blamed(self.name):
            if self.form == "groups":
                yield from parquet_rows(handle, True, range(self.start, self.end))
            else:
                blocks = _blocks(handle, self.start, self.end)
                found = numbered(blocks, self.encoding, before=self.before)
                yield from json_line_rows(found, True)


@dataclass(frozen=True, slots=True)
class Survey:
    """What is to be known of a stretch of a file before it can be cut."""

    ends: int  # of lines
    first: int | None  # where the first line begins that begins behind a line end in it
    foreign: int | None  # the first byte that is no ASCII


def stretches(name: str) -> list[tuple[int, int]]:
    """List the stretches of a long file of plain JSON Lines; a file of another kind has none."""
    if Path(name).suffix.lower() not in _LINES:
        return []
    with readable(name) as handle, blamed(name):
        head = handle.read(CHUNK)
        size = handle.seek(0, os.SEEK_END)
    if not head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{") or b"\n" not in head:
        return []
    step = max(STRETCH, -(-size // MOST))
    found = [(start, min(start + step, size)) for start in range(0, size, step)]
    return found if len(found) > 1 else []


def survey(name: str, start: int, end: int) -> Survey:
    """Look through one stretch of a file."""
    ends, first, foreign, place = 0, None, None, start
    with readable(name) as handle, blamed(name):
        for block in _blocks(handle, start, end):
            ends += block.count(b"\n")
            if first is None and b"\n" in block:
                first = place + block.index(b"\n") + 1
            if foreign is None and not block.isascii():
                foreign = place + next(at for at, byte in enumerate(block) if byte > 0x7F)
            place += len(block)
    return Survey(ends, first, foreign)


def cut_lines(number: int, name: str, surveys: Sequence[Survey]) -> list[Piece]:
    """Cut a file of JSON Lines, which has been surveyed from end to end."""
    found = [one.foreign for one in surveys if one.foreign is not None]
    with readable(name) as handle, blamed(name):
        size = handle.seek(0, os.SEEK_END)
        encoding = detect(sample(handle, found[0] if found else size))
    if encoding not in _UTF8:
        return [Piece(number, name)]
    starts, ends = [(0, 0)], surveys[0].ends
    for one in surveys[1:]:
        if one.first is not None and one.first < size:
            starts.append((one.first, ends + 1))
        ends += one.ends
    borders = [*(start for start, _ in starts[1:]), size]
    return [
        Piece(number, name, "lines", start, end, before, encoding)
        for (start, before), end in zip(starts, borders, strict=True)
    ]


def cut_groups(number: int, name: str) -> list[Piece]:
    """Cut a file between row groups if it is Parquet."""
    if Path(name).suffix.lower() not in _GROUPS:
        return [Piece(number, name)]
    with readable(name) as handle, blamed(name):
        sizes = group_sizes(handle)
    pieces, start, held = [], 0, 0
    for group, rows_in in enumerate(sizes, 1):
        held += rows_in
        if held >= GROUPED or group == len(sizes):
            pieces.append(Piece(number, name, "groups", start, group))
            start, held = group, 0
    return pieces or [Piece(number, name)]


def _blocks(handle: BinaryIO, start: int, end: int) -> Iterator[bytes]:
    handle.seek(start)
    while start < end and (block := handle.read(min(CHUNK, end - start))):
        yield block
        start += len(block)
