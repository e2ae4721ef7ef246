"""What the workers of a cluster have judged, for each other: a board that hangs at one of them.

It saves work, and nothing depends on it: a worker that cannot reach it judges for itself.
"""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from drift.batch.judging import Judge, Memory
from drift.ingest.rows import Row

_PATIENCE = 5  # seconds for the board to answer
_lost: set[str] = set()  # boards that did not answer this worker


class Board:
    """Keeps packed results under their names; a Dask actor, so one worker has it for all."""

    def __init__(self) -> None:
        self._memory = Memory()
        self._lock = threading.Lock()  # its own worker asks it from another thread than the others

    def look(self, names: Sequence[bytes]) -> dict[bytes, bytes]:
        """Give what is there of what is asked for."""
        with self._lock:
            kept = {name: self._memory.get(name) for name in names}
        return {name: result for name, result in kept.items() if result is not None}

    def add(self, results: dict[bytes, bytes]) -> None:
        """Keep results for the others."""
        with self._lock:
            for name, result in results.items():
                self._memory.put(name, result)


@contextmanager
def hung(client: Any) -> Iterator[Any]:  # noqa: ANN401 -- distributed ships no types
    """Hang a board at a worker of a cluster and give the actor; afterwards it is taken down."""
    future = client.submit(Board, actor=True, pure=False)  # the board lives as long as this does
    try:
        yield future.result()
    finally:
        future.release()


def judged(judge: Judge, rows: Sequence[Row], board: Any) -> bytes:  # noqa: ANN401 -- an actor
    """Judge a chunk, except what a worker put on the board, and put the rest there."""
    if judge.tools.alone:
        return judge.chunk(rows)
    unknown = judge.unknown(rows)
    told = _asked(board, "look", unknown) or {}
    judge.learn(told)
    content = judge.chunk(rows)
    _asked(board, "add", judge.remembered([name for name in unknown if name not in told]))
    return content


def _asked(board: Any, method: str, given: Any) -> Any:  # noqa: ANN401
    if given and board.key not in _lost:
        # Whatever is wrong with the board or the worker that has it, the work goes on without.
        with suppress(Exception):
            return getattr(board, method)(given).result(timeout=_PATIENCE)
        _lost.add(board.key)
    return None
