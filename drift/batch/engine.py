"""Runs chunks on one or several processes; each loads the models once and keeps them."""

import itertools
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

from drift.batch.judging import judged
from drift.errors import BackendError
from drift.ingest.rows import Row
from drift.pipeline import Tools
from drift.report.structured import encode

CHUNK = 256  # rows that are judged, written and lost together
_AHEAD = 2  # chunks a process that are read ahead of the work
Loader = Callable[[], Tools]
_here: dict[str, Tools] = {}  # of a worker process: its tools, loaded once


def chunked(rows: Iterable[Row], size: int = CHUNK) -> Iterator[tuple[int, tuple[Row, ...]]]:
    """Cut rows into numbered chunks."""
    stream = iter(rows)
    for number in itertools.count():
        chunk = tuple(itertools.islice(stream, size))
        if not chunk:
            return
        yield number, chunk


def run(
    chunks: Iterable[tuple[int, tuple[Row, ...]]], load: Loader, processes: int
) -> Iterator[tuple[int, int, bytes]]:
    """Yield number, rows and results (JSON Lines) of every chunk, in order.

    With one process all is done in this one. A worker that dies ends the run with `BackendError`;
    what is finished is kept by the caller.
    """
    if processes <= 1:
        _start(load)
        for number, rows in chunks:
            yield number, len(rows), _work(rows)
        return
    waiting: deque[tuple[int, int, Future[bytes]]] = deque()
    with ProcessPoolExecutor(processes, initializer=_start, initargs=(load,)) as pool:
        try:
            for number, rows in chunks:
                waiting.append((number, len(rows), pool.submit(_work, rows)))
                if len(waiting) >= processes * _AHEAD:
                    yield _next(waiting)
            while waiting:
                yield _next(waiting)
        except BrokenProcessPool as error:
            raise BackendError(
                "a worker process died; run the same command again, finished rows are kept"
            ) from error
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _next(waiting: deque[tuple[int, int, "Future[bytes]"]]) -> tuple[int, int, bytes]:
    number, count, future = waiting.popleft()
    return number, count, future.result()


def _start(load: Loader) -> None:
    _here["tools"] = load()


def _work(rows: tuple[Row, ...]) -> bytes:
    lines = (encode(row) + "\n" for row in judged(rows, _here["tools"]))
    return "".join(lines).encode()


def cores() -> int:
    """Give the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
