"""What a run is given: its partitions, which of their rows it takes, and how many that will be."""

import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, islice
from operator import itemgetter

from drift.batch.engine import Chunk, chunked
from drift.errors import InputError
from drift.ingest.files import rows
from drift.ingest.packed import unpacked, without_ending
from drift.ingest.pieces import Piece
from drift.ingest.rows import Row
from drift.ingest.stores import is_address, partitions, readable

_BLOCK = 1 << 20
_LOOKED_AT = 16  # blocks of a file by which its rows are estimated


@dataclass(frozen=True, slots=True)
class Given:
    """An input, and which part of it is wanted."""

    source: str
    names: tuple[str, ...]
    sample: float | None
    limit: int | None
    chunk: int

    def chunks(self) -> Iterator[Chunk]:
        """Give the wanted rows in order, sampled first, then cut to the limit.

        No chunk reaches over the border of a partition: mend one, and the others' stay finished.
        """
        chosen = islice(_sampled(_all(self.names), self.sample), self.limit)
        for _, held in groupby(chosen, key=itemgetter(0)):
            yield from chunked((row for _, row in held), self.chunk)

    def chunks_of(self, piece: Piece) -> Iterator[Chunk]:
        """Give the wanted rows of one piece of the input, which has no limit."""
        found = _own(piece.number, piece.name, piece.rows(), len(self.names) > 1)
        yield from chunked((row for _, row in _sampled(found, self.sample)), self.chunk)

    def expected(self) -> int | None:
        """Estimate the number of rows; nothing where that would mean to fetch or to wait."""
        if any(name == "-" or is_address(name) for name in self.names):
            return self.limit
        count = sum(map(_row_count, self.names))
        if self.sample is not None:
            count = round(count * self.sample)
        return count if self.limit is None else min(count, self.limit)


def given(source: str, sample: float | None, limit: int | None, chunk: int) -> Given:
    """Look an input up, and refuse numbers that mean nothing."""
    if sample is not None and not 0 < sample <= 1:
        raise InputError(f"--sample {sample:g} must be a share, such as 0.01 for one row in 100")
    if limit is not None and limit < 1:
        raise InputError(f"--limit {limit} must be 1 or more")
    if chunk < 1:
        raise InputError(f"--chunk {chunk} must be 1 or more")
    return Given(source, tuple(partitions(source)), sample, limit, chunk)


def _all(names: Sequence[str]) -> Iterator[tuple[int, Row]]:
    """Read the partitions one after another; where there are several, a bare line says in which."""
    for number, name in enumerate(names):
        yield from _own(number, name, rows(name), len(names) > 1)


def _own(number: int, name: str, found: Iterable[Row], several: bool) -> Iterator[tuple[int, Row]]:
    for row in found:
        bare = several and row.id == f"line-{row.line}"
        yield number, replace(row, id=f"{name.rpartition('/')[2]}:{row.id}") if bare else row


def _sampled(stream: Iterable[tuple[int, Row]], share: float | None) -> Iterator[tuple[int, Row]]:
    """Take each row with the same chance; which ones depends on their places alone."""
    limit = (1 << 64) if share is None else int(share * (1 << 64))
    for number, row in stream:
        digest = hashlib.blake2b(f"{number}:{row.line}".encode(), digest_size=8).digest()
        if int.from_bytes(digest, "big") < limit:
            yield number, row


def _row_count(name: str) -> int:
    """Estimate the rows of a file by the lines of its first part; a Parquet file is asked."""
    try:
        if without_ending(name).lower().endswith((".parquet", ".pq")):
            from pyarrow import parquet

            return int(parquet.ParquetFile(name).metadata.num_rows)
        with readable(name) as handle, unpacked(handle) as content:
            blocks = islice(iter(lambda: content.read(_BLOCK), b""), _LOOKED_AT)
            lines = sum(block.count(b"\n") for block in blocks)
            share = handle.tell() / max(1, handle.seek(0, os.SEEK_END))
            return round(lines / min(1.0, share)) if share else 0
    except (ImportError, InputError, OSError, ValueError):
        return 0  # whoever reads the rows says what is wrong
