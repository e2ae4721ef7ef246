"""What a run is given: its partitions, which of their rows it takes, and how many that will be."""

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from drift.errors import InputError
from drift.ingest.files import rows
from drift.ingest.packed import unpacked, without_ending
from drift.ingest.rows import Row
from drift.ingest.stores import is_address, partitions, readable, stamp
from drift.visible import visible

_BLOCK = 1 << 20
_LAYOUT = "briefs-1"  # of a chunk; chunks of another layout are not taken over


@dataclass(frozen=True, slots=True)
class Given:
    """An input, and which part of it is wanted."""

    source: str
    names: tuple[str, ...]
    sample: float | None
    limit: int | None
    chunk: int

    def rows(self) -> Iterator[Row]:
        """Give the wanted rows in order: sampled first, then cut."""
        return islice(_sampled(_all(self.names), self.sample), self.limit)

    def identity(self, signature: str) -> Mapping[str, str]:
        """Give all that the chunks of a run depend on."""
        return {
            "layout": _LAYOUT,
            "input": _fingerprint(self.names),
            "sample": str(self.sample),
            "limit": str(self.limit),
            "chunk": str(self.chunk),
            "signature": signature,
        }

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


def _all(names: Iterable[str]) -> Iterator[Row]:
    """Read the partitions one after another; where there are several, a bare line says in which."""
    several = len(list(names)) > 1
    for name in names:
        for row in rows(name):
            bare = several and row.id == f"line-{row.line}"
            yield replace(row, id=f"{name.rpartition('/')[2]}:{row.id}") if bare else row


def _sampled(stream: Iterable[Row], share: float | None) -> Iterator[Row]:
    """Take each row with the same chance; which ones depends on their places alone."""
    if share is None:
        yield from stream
        return
    limit = int(share * (1 << 64))
    for place, row in enumerate(stream):
        digest = hashlib.blake2b(str(place).encode(), digest_size=8).digest()
        if int.from_bytes(digest, "big") < limit:
            yield row


def _fingerprint(names: Iterable[str]) -> str:
    """Name the content of all partitions, so that a changed input is never taken for the old."""
    whole = hashlib.sha256()
    for name in names:
        if name == "-":
            # What came through a pipe cannot be read again; such a run starts anew each time.
            part = f"pipe {os.getpid()}"
        else:
            part = stamp(name) if is_address(name) else _sha256(Path(name))
        whole.update(json.dumps([name.rpartition("/")[2], part]).encode())
    return whole.hexdigest()


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                digest.update(block)
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError(f"cannot read {visible(str(path))}: {reason}") from error
    return digest.hexdigest()


def _row_count(name: str) -> int:
    """Count the lines of a text, or ask a Parquet file; an estimate for who waits."""
    if without_ending(name).lower().endswith((".parquet", ".pq")):
        try:
            from pyarrow import parquet

            return int(parquet.ParquetFile(name).metadata.num_rows)
        except (ImportError, OSError, ValueError):
            return 0
    with readable(name) as handle, unpacked(handle) as content:
        return sum(block.count(b"\n") for block in iter(lambda: content.read(_BLOCK), b""))
