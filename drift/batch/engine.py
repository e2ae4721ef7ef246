"""Runs chunks on one or several processes of this machine.

The models are loaded before the processes part, so that they share them; each process remembers
what it has read and judged.
"""

import hashlib
import itertools
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass

from drift.backends import THREADS
from drift.batch.judging import Judge
from drift.errors import BackendError
from drift.ingest.rows import Row
from drift.pipeline import Tools

CHUNK = 256  # rows that are judged, written and lost together
_AHEAD = 2  # chunks a process that are read ahead of the work
_LIVES = 3  # times that a run starts its processes
Loader = Callable[[], Tools]
_here: dict[str, Judge] = {}  # of a worker process: its judge, made once


@dataclass(frozen=True, slots=True)
class Chunk:
    """Rows that are judged together; `key` names what stands in them."""

    key: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Done:
    """A judged chunk; without content where it is kept already."""

    key: str
    size: int
    content: bytes | None


def chunked(rows: Iterable[Row], size: int = CHUNK) -> Iterator[Chunk]:
    """Cut rows into chunks."""
    stream = iter(rows)
    while chunk := tuple(itertools.islice(stream, size)):
        digest = hashlib.blake2b(repr(chunk).encode("utf-8", "surrogatepass"), digest_size=16)
        yield Chunk(digest.hexdigest(), chunk)


def run(chunks: Iterable[Chunk], load: Loader, processes: int) -> Iterator[Done]:
    """Judge every chunk and yield it, in order.

    With one process all is done in this one. Workers that die are replaced and their chunks judged
    again; when they keep dying, the run ends with `BackendError`, and the caller has what was
    finished.
    """
    _start(load, 0)
    if processes <= 1:
        for chunk in chunks:
            yield Done(chunk.key, len(chunk.rows), _work(chunk.rows))
        return
    stream, open_chunks = iter(chunks), deque[Chunk]()
    for _ in range(_LIVES):
        try:
            yield from _pooled(stream, open_chunks, load, processes)
        except BrokenProcessPool:
            continue
        return
    raise BackendError(
        "worker processes keep dying; free some memory or give fewer --processes, and run the "
        "same command again: finished rows are kept"
    )


def _pooled(
    stream: Iterator[Chunk], unfinished: deque[Chunk], load: Loader, processes: int
) -> Iterator[Done]:
    """Judge first what is unfinished, then the stream; what was not yielded stays unfinished."""
    waiting: deque[Future[bytes]] = deque()
    share = max(1, cores() // processes)
    pool = ProcessPoolExecutor(processes, initializer=_start, initargs=(load, os.getpid(), share))
    try:
        waiting.extend(pool.submit(_work, chunk.rows) for chunk in unfinished)
        while True:
            while len(waiting) < processes * _AHEAD and (chunk := next(stream, None)):
                unfinished.append(chunk)
                waiting.append(pool.submit(_work, chunk.rows))
            if not waiting:
                return
            content = waiting[0].result()
            waiting.popleft()
            chunk = unfinished.popleft()
            yield Done(chunk.key, len(chunk.rows), content)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _start(load: Loader, parent: int, threads: int = 0) -> None:
    """Load the models, or share the parent's; a child also watches that the parent lives.

    Children share the machine: more threads than cores would cost each of them its caches.
    """
    if threads:
        os.environ.setdefault(THREADS, str(threads))
    shared = _here.get("judge") if parent else None
    _here["judge"] = Judge(shared.tools if shared else load())
    if parent:
        # Ctrl-C reaches the whole group: the parent says so in one line, a child just ends.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        threading.Thread(target=_watch, args=(parent,), daemon=True).start()


def _watch(parent: int) -> None:
    # A child of a killed parent would wait for work for ever: its own end keeps the pipe open.
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)


def _work(rows: tuple[Row, ...]) -> bytes:
    return _here["judge"].chunk(rows)


def cores() -> int:
    """Give the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
