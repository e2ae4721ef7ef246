"""Has the workers of a cluster read the input themselves: a piece of a partition each.

The driver plans, and keeps the names of chunks in order. A worker reads its piece out of the store,
judges it chunk by chunk and puts every chunk into the store, so no row passes through the driver.
Rows whose links must be followed are the exception: only the driver goes out to the network, so a
piece with such rows is read and handed out by the driver, as every input is that workers cannot
reach.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from drift.batch.board import hung
from drift.batch.cluster import judged_here, library, room, told_apart
from drift.batch.engine import Chunk, Loader
from drift.batch.given import Given
from drift.batch.running import Counts
from drift.batch.shelf import Shelf
from drift.ingest.pieces import Piece, cut_groups, cut_lines, stretches, survey
from drift.ingest.sources import links_of
from drift.ingest.stores import is_address

MANY = 256  # partitions that are pieces enough as they are
_EACH = 2  # pieces a worker below which cutting chunk by chunk shares the work better
Driver = Callable[[Iterator[Chunk]], list[str]]


@dataclass(frozen=True, slots=True)
class Task:
    """All that a worker needs to know beside its piece."""

    wish: Given
    load: Loader
    signature: str
    shelf: Shelf

    def sent(self) -> "Task":
        """Give it as small as it can travel with every piece."""
        # The second name only tells that there are several.
        wish = replace(self.wish, names=self.wish.names[:2])
        return replace(self, wish=wish, shelf=self.shelf.sent())


@dataclass(frozen=True, slots=True)
class _Read:
    """What became of a piece."""

    keys: tuple[str, ...]  # of its chunks, in order
    found: int  # rows that had been judged before
    judged: int  # and now
    linked: bool = False  # it holds links, and was left to the driver


def plan(task: Task, client: Any, *, whole: bool) -> list[Piece]:  # noqa: ANN401 -- a client
    """Cut the input into pieces for workers; give none where the driver had better read.

    `whole` keeps partitions uncut: what large models say may depend on where a chunk begins.
    """
    wish = task.wish
    shared = (_shared(name, task.shelf.output) for name in wish.names)
    if wish.limit is not None or not all(shared):
        return []
    pieces = [Piece(number, name) for number, name in enumerate(wish.names)]
    if not whole and len(pieces) < MANY:
        pieces = [part for piece in pieces for part in _cut(piece, client)]
    return pieces if len(pieces) >= _EACH * room(client, 1) else []


def judge_pieces(
    task: Task,
    pieces: Sequence[Piece],
    client: Any,  # noqa: ANN401
    counts: Counts,
    by_driver: Driver,
) -> list[str]:
    """Judge every piece on the cluster; give the keys of all chunks, in order."""
    keys: list[list[str]] = [[] for _ in pieces]
    with told_apart(), hung(client) as board:
        work = partial(_work, task=task.sent(), board=board)
        for number, read in _unordered(client, work, pieces):
            if read.linked:
                keys[number] = by_driver(task.wish.chunks_of(pieces[number]))
                continue
            keys[number] = list(read.keys)
            counts.found(read.found)
            counts.judged(read.judged)
    return [key for some in keys for key in some]


def _cut(piece: Piece, client: Any) -> list[Piece]:  # noqa: ANN401
    """Cut one partition, by what the workers find in it."""
    found = stretches(piece.name)
    if not found:
        return cut_groups(piece.number, piece.name)
    looked = partial(survey, piece.name)
    with told_apart():
        surveys = client.gather(client.map(looked, *zip(*found, strict=True), pure=False))
    return cut_lines(piece.number, piece.name, surveys)


def _unordered(
    client: Any,  # noqa: ANN401
    work: Callable[[Piece], _Read],
    pieces: Sequence[Piece],
) -> Iterator[tuple[int, _Read]]:
    """Have pieces judged, a few a worker at a time, and give each when it is done."""
    stream = iter(enumerate(pieces))
    numbers: dict[Any, int] = {}
    done = library().as_completed(loop=client.loop)

    def more() -> None:
        while len(numbers) < room(client) and (one := next(stream, None)):
            future = client.submit(work, one[1], pure=False, retries=2)
            numbers[future] = one[0]
            done.add(future)

    more()
    for future in done:
        read = future.result()
        number = numbers.pop(future)
        more()
        yield number, read


def _work(piece: Piece, *, task: Task, board: Any) -> _Read:  # noqa: ANN401 -- an actor
    """Judge a piece, as a worker."""
    keys: list[str] = []
    found = judged = 0
    for chunk in task.wish.chunks_of(piece):
        if _abandoned() or any(map(links_of, chunk.rows)):
            return _Read((), 0, 0, linked=True)
        keys.append(chunk.key)
        if task.shelf.finished(chunk.key):
            found += len(chunk.rows)
            continue
        content = judged_here(chunk.rows, task.load, task.signature, board)
        task.shelf.put(chunk.key, content)
        judged += len(chunk.rows)
    return _Read(tuple(keys), found, judged)


def _abandoned() -> bool:
    """Tell whether nobody waits for this task any more: its driver has ended, or was killed."""
    worker = library().get_worker()
    task = worker.state.tasks.get(worker.get_current_task())
    return task is None or task.state == "cancelled"


def _shared(name: str, output: str) -> bool:
    """Tell whether workers can reach a partition; on their disks, only if the output is there too.

    >>> _shared("s3://in/rows.jsonl", "file:///out.jsonl"), _shared("rows.jsonl", "s3://out.jsonl")
    (True, False)
    """
    own = name.startswith(("file:", "local:"))
    return (
        is_address(name) and not name.startswith("memory:") and (output[:5] == "file:" or not own)
    )
