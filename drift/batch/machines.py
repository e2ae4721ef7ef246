"""Starts a scheduler and workers of a Dask cluster with the settings that suit this work.

One thread a worker process, because judging is bound by the processor; no dashboard, and no page of
any other kind, because whoever reads them reads the retweets; TLS wherever another machine listens.
"""

import asyncio
import logging
import os
import signal
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from socket import SOCK_DGRAM, getaddrinfo, socket
from typing import Any
from urllib.parse import urlsplit

from drift.backends import THREADS
from drift.batch.cluster import Security, library
from drift.batch.engine import cores
from drift.errors import BackendError, InputError

_LOOPBACK_PAGE = "127.0.0.1:0"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a scheduler listens."""

    host: str
    port: int

    def address(self, security: Security) -> str:
        """Write it as Dask does."""
        return f"{'tls' if security.encrypts else 'tcp'}://{self.host}:{self.port}"


def serve_scheduler(place: Place, security: Security, say: Callable[[str], None]) -> None:
    """Run a scheduler until it is stopped."""
    security.check(place.address(security))
    dask = _prepared()

    async def run() -> None:
        scheduler = dask.Scheduler(
            host=place.host,
            port=place.port,
            protocol="tls" if security.encrypts else "tcp",
            security=security.of_dask(),
            dashboard=False,
            dashboard_address=_LOOPBACK_PAGE,
        )
        async with scheduler:
            say(f"scheduler at {scheduler.address}")
            await _until_stopped(scheduler.finished)

    _run(run, f"the scheduler at {place.address(security)}")


def serve_workers(
    scheduler: str, count: int, security: Security, memory: str, say: Callable[[str], None]
) -> None:
    """Run worker processes until they are stopped; one that dies is started again."""
    security.check(scheduler)
    dask = _prepared()

    async def run() -> None:
        share = max(1, cores() // count)
        workers = [_worker(dask, scheduler, security, memory, share) for _ in range(count)]
        for worker in workers:
            await worker
        say(f"{count} workers for {scheduler}")
        try:
            await _until_stopped(lambda: asyncio.gather(*(one.finished() for one in workers)))
        finally:
            await asyncio.gather(*(one.close(timeout=2) for one in workers))

    _run(run, f"a worker for {scheduler}")


def _worker(dask: Any, scheduler: str, security: Security, memory: str, threads: int) -> Any:  # noqa: ANN401
    return dask.Nanny(
        scheduler,
        host=_towards(scheduler),  # else it would listen to every network that there is
        nthreads=1,
        memory_limit=memory,
        security=security.of_dask(),
        dashboard=False,
        dashboard_address=_LOOPBACK_PAGE,
        death_timeout="60s",
        env={"OPENBLAS_NUM_THREADS": "1", THREADS: os.environ.get(THREADS, str(threads))},
    )


def _towards(scheduler: str) -> str:
    """Give our own address on the network of the scheduler."""
    parts = urlsplit(scheduler if "://" in scheduler else f"tcp://{scheduler}")
    try:
        target = getaddrinfo(parts.hostname, parts.port, type=SOCK_DGRAM)[0]
        with socket(target[0], SOCK_DGRAM) as probe:
            probe.connect(target[4])  # nothing is sent; the system chooses the way
            return str(probe.getsockname()[0])
    except (OSError, ValueError) as error:
        raise InputError(f"cannot find a way to {scheduler}: {error}") from error


def _prepared() -> Any:  # noqa: ANN401 -- a module
    dask = library()
    logging.getLogger("distributed").setLevel(logging.WARNING)
    return dask


async def _until_stopped(finished: Callable[[], Awaitable[Any]]) -> None:
    """Wait for the end, or for the signal that asks for it."""
    loop, stopped = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    ends = [asyncio.ensure_future(finished()), asyncio.ensure_future(stopped.wait())]
    await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
    for end in ends:
        end.cancel()


def _run(work: Callable[[], Any], what: str) -> None:
    try:
        with suppress(asyncio.CancelledError):
            asyncio.run(work())
    except ValueError as error:
        raise InputError(f"{what} cannot be started: {error}") from error
    except (OSError, TimeoutError, RuntimeError) as error:
        raise BackendError(f"{what} cannot run: {error}") from error
