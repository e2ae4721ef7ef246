"""Runs chunks on one or several processes of this machine.

The models are loaded before the processes part, so that they share them. Each remembers the posts
that it has read; what a retweet was judged to be is remembered here, for all of them.
"""

import hashlib
import itertools
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import Any

from drift.backends import THREADS
from drift.batch.judging import Judge, Key, Memory, fault_of, joined, key_of, name_of
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
    line = _Line(iter(chunks), _here["judge"].tools.alone)
    for _ in range(_LIVES):
        try:
            yield from _pooled(line, load, processes)
        except BrokenProcessPool:
            continue
        return
    raise BackendError(
        "worker processes keep dying; free some memory or give fewer --processes, and run the "
        "same command again: finished rows are kept"
    )


class _Line:
    """The chunks on their way, in order; a retweet is judged once, whatever process has it.

    The chunk that brings a retweet first has it judged; one that brings it again while it is being
    judged waits for that, and one that brings it later finds it remembered.
    """

    def __init__(self, chunks: Iterator[Chunk], alone: bool) -> None:
        self._chunks = chunks
        self._alone = alone  # its models answer by what they see beside: a chunk stays whole
        self._memory = Memory()
        self._open: deque[Chunk] = deque()  # read, and not given yet
        self._sent: deque[_Sent] = deque()
        self._flying: dict[Key, tuple[Future[Any], int]] = {}

    def send_again(self, pool: ProcessPoolExecutor) -> None:
        """Have everything judged that was under way when a pool broke."""
        self._sent.clear()
        self._flying.clear()
        for chunk in self._open:
            self._send(chunk, pool)

    def fill(self, pool: ProcessPoolExecutor, most: int) -> bool:
        """Send chunks until so many are under way; tell whether any is."""
        while len(self._sent) < most and (chunk := next(self._chunks, None)):
            self._open.append(chunk)
            self._send(chunk, pool)
        return bool(self._sent)

    def _send(self, chunk: Chunk, pool: ProcessPoolExecutor) -> None:
        if self._alone:
            self._sent.append(_Sent(pool.submit(_work, chunk.rows), {}, {}))
            return
        known: dict[Key, bytes] = {}
        awaited: dict[Key, tuple[Future[Any], int]] = {}
        fresh: dict[Key, Row] = {}
        for row in chunk.rows:
            key = key_of(row)
            if fault_of(row) or key in known or key in awaited or key in fresh:
                continue
            if key in self._flying:
                awaited[key] = self._flying[key]
            elif (kept := self._memory.get(name_of(key))) is not None:
                known[key] = kept
            else:
                fresh[key] = row
        future = pool.submit(_judge, tuple(fresh.values())) if fresh else None
        if future is not None:
            own = {key: (future, place) for place, key in enumerate(fresh)}
            awaited |= own
            self._flying |= own
        self._sent.append(_Sent(future, known, awaited))

    def next(self) -> Done:
        """Wait for the first chunk and give it."""
        sent, chunk = self._sent[0], self._open[0]
        if self._alone and sent.future is not None:
            content = sent.future.result()
        else:
            found: dict[Key, bytes | str] = dict(sent.known)
            for key, (future, place) in sent.awaited.items():
                found[key] = result = future.result()[place]
                if future is sent.future:
                    del self._flying[key]
                    if not isinstance(result, str):
                        self._memory.put(name_of(key), result)
            content = joined(chunk.rows, found)
        self._sent.popleft()
        self._open.popleft()
        return Done(chunk.key, len(chunk.rows), content)


@dataclass(frozen=True, slots=True)
class _Sent:
    """A chunk under way: what was known of it, and who tells the rest, at which place."""

    future: Future[Any] | None
    known: Mapping[Key, bytes]
    awaited: Mapping[Key, tuple[Future[Any], int]]


def _pooled(line: _Line, load: Loader, processes: int) -> Iterator[Done]:
    """Judge first what is unfinished, then the rest."""
    share = max(1, cores() // processes)
    pool = ProcessPoolExecutor(processes, initializer=_start, initargs=(load, os.getpid(), share))
    try:
        line.send_again(pool)
        while line.fill(pool, processes * _AHEAD):
            yield line.next()
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


def _judge(rows: tuple[Row, ...]) -> list[bytes | str]:
    return _here["judge"].fresh(rows)


def cores() -> int:
    """Give the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
