"""One run from rows to finished chunks: skips what is finished, follows links, keeps what comes."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Protocol

from drift.batch.engine import Chunk, Done
from drift.ingest.rows import Row
from drift.ingest.sources import fill_rows

Engine = Callable[[Iterable[Chunk]], Iterator[Done]]


class Kept(Protocol):
    """Where finished chunks are kept: a `Journal` or a `Shelf`."""

    def holds(self, key: str) -> bool:
        """Tell whether a chunk is finished."""
        ...

    def put(self, key: str, content: bytes) -> None:
        """Keep a finished chunk."""
        ...


class Counts(Protocol):
    """Who is told of progress."""

    def found(self, rows: int) -> None:
        """Count rows that were judged before."""
        ...

    def judged(self, rows: int) -> None:
        """Count rows that were judged now."""
        ...


def judge_all(chunks: Iterable[Chunk], engine: Engine, kept: Kept, counts: Counts) -> list[str]:
    """Judge and keep every chunk that is not finished yet; give the keys of all, in order."""
    keys: list[str] = []

    def missing() -> Iterator[Chunk]:
        for chunk in chunks:
            keys.append(chunk.key)
            if kept.holds(chunk.key):
                counts.found(len(chunk.rows))
            else:
                yield chunk

    for done in engine(_filled(missing())):
        if done.content is not None:
            kept.put(done.key, done.content)
        counts.judged(done.size)
    return keys


def _filled(chunks: Iterable[Chunk]) -> Iterator[Chunk]:
    """Follow the links of the rows, each once, whatever chunks it stands in."""
    unfilled: deque[Chunk] = deque()

    def flat() -> Iterator[Row]:
        for chunk in chunks:
            unfilled.append(chunk)
            yield from chunk.rows

    held: list[Row] = []
    for row in fill_rows(flat()):
        held.append(row)
        if len(held) == len(unfilled[0].rows):
            yield Chunk(unfilled.popleft().key, _posts_once(held))
            held = []


def _posts_once(rows: list[Row]) -> tuple[Row, ...]:
    """Hold a post that many rows cite once."""
    posts: dict[str, str] = {}
    return tuple(
        replace(row, post=posts.setdefault(row.post, row.post)) if row.post else row for row in rows
    )
