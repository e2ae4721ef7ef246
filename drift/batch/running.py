"""One run from rows to finished chunks: skips what is finished, follows links, keeps what comes."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Protocol

from drift.batch.engine import Chunk, Done, chunked
from drift.ingest.rows import Row
from drift.ingest.sources import fill_rows

Engine = Callable[[Iterable[Chunk]], Iterator[Done]]


class Kept(Protocol):
    """Where finished chunks are kept: a `Journal` or a `Shelf`."""

    def holds(self, number: int) -> bool:
        """Tell whether a chunk is finished."""
        ...

    def put(self, number: int, content: bytes) -> None:
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


@dataclass(frozen=True, slots=True)
class Ended:
    """How much a run has seen."""

    chunks: int
    rows: int


def judge_all(rows: Iterable[Row], size: int, engine: Engine, kept: Kept, counts: Counts) -> Ended:
    """Judge every chunk that is not finished yet, and keep it."""
    seen = [0, 0]

    def missing() -> Iterator[Chunk]:
        for chunk in chunked(rows, size):
            seen[0] += 1
            seen[1] += len(chunk.rows)
            if kept.holds(chunk.number):
                counts.found(len(chunk.rows))
            else:
                yield chunk

    for done in engine(_filled(missing())):
        if done.content is not None:
            kept.put(done.number, done.content)
        counts.judged(done.size)
    return Ended(*seen)


def _filled(chunks: Iterable[Chunk]) -> Iterator[Chunk]:
    """Follow the links of the rows, each once, whatever chunks it stands in."""
    open_chunks: deque[tuple[int, int]] = deque()

    def flat() -> Iterator[Row]:
        for chunk in chunks:
            open_chunks.append((chunk.number, len(chunk.rows)))
            yield from chunk.rows

    held: list[Row] = []
    for row in fill_rows(flat()):
        held.append(row)
        number, size = open_chunks[0]
        if len(held) == size:
            open_chunks.popleft()
            yield Chunk(number, _posts_once(held))
            held = []


def _posts_once(rows: list[Row]) -> tuple[Row, ...]:
    """Hold a post that many rows cite once."""
    posts: dict[str, str] = {}
    return tuple(
        replace(row, post=posts.setdefault(row.post, row.post)) if row.post else row for row in rows
    )
