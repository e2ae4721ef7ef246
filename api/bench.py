"""A fixed number of judging processes, each with the models loaded once.

A thread attends each process: it hands over one task, waits for the answer within a time limit,
and puts a new process in the place of one that died or hung. So a crash in a model costs the task
that caused it and nothing else. What may wait is bounded; more is turned away at once.
"""

import multiprocessing
import signal
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from logging import getLogger
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from time import monotonic
from typing import Any

from api.judging import Answer, Task, cost, judge_with, sample
from api.line import JOBS, Bounds, Line
from drift.errors import BackendError, DriftError
from drift.pipeline import Tools

log = getLogger("drift.bench")
MakeTools = Callable[[], Tools]
_SPAWN = multiprocessing.get_context("spawn")  # forking a process that has threads is a gamble
_START = 120.0  # seconds that loading the models may take


class LostError(BackendError):
    """The process that worked on a task died or took too long."""


@dataclass(frozen=True, slots=True)
class _Entry:
    task: Task
    future: "Future[Answer]"


class Bench:
    """The workers and what waits for them; `size=0` judges in a thread of this process."""

    def __init__(self, make: MakeTools, size: int, bounds: Bounds, seconds: float) -> None:
        self._make, self._seconds = make, seconds
        self.size = max(size, 1)
        self._inside = size == 0
        self.line: Line[_Entry] = Line(bounds, self.size)
        self._up: set[int] = set()
        self._open = False
        self._threads: list[threading.Thread] = []
        self._workers: dict[int, _Inside | _Outside] = {}

    def start(self) -> None:
        """Start the workers; they load their models on their own time."""
        self._open = True
        for number in range(self.size):
            thread = threading.Thread(target=self._attend, args=(number,), name=f"bench-{number}")
            thread.start()
            self._threads.append(thread)

    def stop(self, grace: float = 20.0) -> None:
        """Finish what has begun, turn away what waits, end the workers."""
        self._open = False
        for entry in self.line.close():
            entry.future.cancel()
            entry.future.set_running_or_notify_cancel()  # only this wakes who waits for several
        until = monotonic() + grace
        for number, thread in enumerate(self._threads):
            thread.join(max(until - monotonic(), 0.0))
            if thread.is_alive() and number in self._workers:
                self._workers[number].kill()
        for thread in self._threads:
            thread.join()

    @property
    def ready(self) -> bool:
        """Tell whether at least one worker has its models loaded."""
        return self._open and bool(self._up)

    @property
    def load(self) -> tuple[int, int]:
        """Give the number of workers that are up and of retweets that wait or are judged."""
        return len(self._up), self.line.held

    def submit(self, task: Task, flow: str = JOBS) -> "Future[Answer]":
        """Take a task, or raise `BusyError`; for whom somebody waits, a place was kept before."""
        work = cost(task.post, task.retweets)
        future: Future[Answer] = Future()
        self.line.put(_Entry(task, future), flow, work, kept=int(flow != JOBS))
        future.add_done_callback(lambda _: self.line.leave(flow, work))
        return future

    def _attend(self, number: int) -> None:
        """Serve one worker until the bench closes."""
        worker: _Inside | _Outside | None = None
        try:
            worker = self._hire(number)
            while (entry := self.line.get()) is not None:
                if not entry.future.set_running_or_notify_cancel():
                    continue
                try:
                    if worker is None or not worker.alive:
                        worker = self._replace(number, worker)
                    if worker is None:
                        raise LostError("the models cannot be loaded; the server's log says why")
                    began = monotonic()
                    answer = worker.ask(entry.task, self._seconds)
                    work = cost(entry.task.post, entry.task.retweets)
                    self.line.took(work, monotonic() - began)
                    entry.future.set_result(answer)
                except LostError as error:
                    log.warning("worker lost", extra={"worker": number})
                    self._dismiss(number, worker)
                    worker = None
                    entry.future.set_exception(error)
                except Exception as error:
                    entry.future.set_exception(error)
        finally:
            self._dismiss(number, worker)

    def _dismiss(self, number: int, worker: "_Inside | _Outside | None") -> None:
        """Let a worker go, whether or not it lives."""
        self._up.discard(number)
        self._workers.pop(number, None)
        if worker:
            worker.end()

    def _replace(
        self, number: int, worker: "_Inside | _Outside | None"
    ) -> "_Inside | _Outside | None":
        """Put a new worker in the place of one that died while it had nothing to do."""
        self._dismiss(number, worker)
        return self._hire(number)

    def _hire(self, number: int) -> "_Inside | _Outside | None":
        """Start a worker; none where its models cannot be loaded, which `/readyz` tells."""
        try:
            worker = _Inside(self._make) if self._inside else _Outside(self._make)
        except Exception:
            log.exception("worker did not start", extra={"worker": number})
            return None
        self._up.add(number)
        self._workers[number] = worker
        return worker


class _Inside:
    """Judges in this process: for tests, and where memory is scarce."""

    alive = True

    def __init__(self, make: MakeTools) -> None:
        self._judge = judge_with(make())

    def ask(self, task: Task, seconds: float) -> Answer:
        """Judge a task."""
        return self._judge(task)

    def kill(self) -> None:
        """Hold nothing, so end nothing."""

    end = kill


class _Outside:
    """A process of its own at the other end of a pipe."""

    def __init__(self, make: MakeTools) -> None:
        self._pipe, theirs = _SPAWN.Pipe()
        self._process: BaseProcess = _SPAWN.Process(
            target=work, args=(theirs, make), daemon=True, name="drift-worker"
        )
        self._process.start()
        theirs.close()
        try:
            self._receive(_START)
        except Exception:
            self.end()
            raise

    @property
    def alive(self) -> bool:
        """Tell whether the process still runs."""
        return self._process.is_alive()

    def ask(self, task: Task, seconds: float) -> Answer:
        """Hand a task over and wait for its answer."""
        try:
            self._pipe.send(task)
        except OSError as error:
            raise LostError("the worker is gone; try again") from error
        answer: Answer = self._receive(seconds)
        return answer

    def kill(self) -> None:
        """End the process, whatever it is doing; whoever waits for it is told."""
        self._process.kill()

    def end(self) -> None:
        """End the process and let go of it."""
        self._pipe.close()
        self._process.kill()
        self._process.join()
        self._process.close()

    def _receive(self, seconds: float) -> Any:  # noqa: ANN401 -- an answer, or nothing
        if self._pipe not in wait([self._pipe, self._process.sentinel], seconds):
            raise LostError("the check took too long or its process died; try a shorter text")
        try:
            good, what = self._pipe.recv()
        except (EOFError, OSError) as error:
            raise LostError("the process died; try again") from error
        if not good:
            raise what
        return what


def work(pipe: Connection, make: MakeTools) -> None:
    """Load the models, then judge what comes through the pipe until it closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the server decides when its workers end
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    try:
        judge = judge_with(make())
        judge(sample())  # what is loaded at the first use is loaded before anybody waits
    except Exception as error:
        pipe.send((False, error if isinstance(error, DriftError) else BackendError(repr(error))))
        return
    pipe.send((True, None))
    while True:
        try:
            task = pipe.recv()
        except (EOFError, OSError):
            return  # the server is gone
        found: tuple[bool, Answer | Exception]
        try:
            found = (True, judge(task))
        except DriftError as error:
            found = (False, error)
        except Exception as error:
            log.exception("a check failed")
            found = (False, RuntimeError(type(error).__name__))
        try:
            pipe.send(found)
        except OSError:
            return
