"""Runs chunks on the workers of a Dask cluster; each loads the models once and keeps them.

Whoever reaches a scheduler can run any program on its workers. So a connection leaves this machine
only through TLS, unless that is asked for in so many words.
"""

import os
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from drift.backends import THREADS
from drift.batch.board import hung, judged
from drift.batch.engine import Chunk, Done, Loader, cores
from drift.batch.judging import Judge
from drift.batch.shelf import Shelf
from drift.errors import BackendError, DriftError, InputError
from drift.ingest.rows import Row

PATIENCE = "20s"  # for a scheduler to answer
# Dask opens an HTTP server with its logs and tasks even where the dashboard is off.
_NO_PAGES: dict[str, list[str]] = {
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
}
JOINING = "60s"  # for a first worker to be there
_AHEAD = 3  # chunks a worker that are under way
_judges: dict[str, Judge] = {}  # of a worker process: its judge by the signature of its tools
_one_at_a_time = threading.Lock()


@dataclass(frozen=True, slots=True)
class Security:
    """How the cluster is reached: with which certificates, or plainly where that is asked for."""

    ca: str | None = None
    cert: str | None = None
    key: str | None = None
    plain: bool = False

    @property
    def encrypts(self) -> bool:
        """Tell whether certificates are given."""
        return bool(self.ca and self.cert and self.key)

    def of_dask(self) -> Any:  # noqa: ANN401 -- distributed ships no types
        """Give what Dask calls its security."""
        if not self.encrypts:
            return None
        return library().security.Security(
            tls_ca_file=self.ca,
            require_encryption=True,
            **{
                f"tls_{role}_{kind}": path
                for role in ("client", "scheduler", "worker")
                for kind, path in (("cert", self.cert), ("key", self.key))
            },
        )

    def check(self, address: str) -> None:
        """Refuse an address that would carry programs in the clear to another machine."""
        parts = urlsplit(address if "://" in address else f"tcp://{address}")
        if parts.scheme == "tls" and not self.encrypts:
            raise InputError("an address with tls:// needs --tls-ca, --tls-cert and --tls-key")
        if parts.scheme != "tls" and not self.plain and not _is_here(parts.hostname or ""):
            raise InputError(
                f"{address} would be reached without TLS, and whoever can read it can run programs "
                "there: use tls:// with certificates, or --plain on a network of your own"
            )


def library() -> Any:  # noqa: ANN401 -- a module
    """Import Dask's cluster, and have what is started here serve no pages."""
    try:
        import_module("dask").config.set(_NO_PAGES)
        return import_module("distributed")
    except ImportError as error:
        raise InputError("the cluster needs `pip install 'tweet-drift[cluster]'`") from error


@contextmanager
def connected(address: str | None, security: Security, processes: int) -> Iterator[Any]:
    """Give a client of the cluster at an address, or of one on this machine that ends with it."""
    dask = library()
    local = None
    try:
        if address is None:
            share = os.environ.get(THREADS, str(max(1, cores() // processes)))
            local = dask.LocalCluster(
                n_workers=processes, threads_per_worker=1, dashboard_address=None, host="127.0.0.1",
                env={THREADS: share},
            )  # fmt: skip
        else:
            security.check(address)
        client = dask.Client(
            local or address, timeout=PATIENCE, security=security.of_dask(), set_as_default=False
        )
    except (OSError, TimeoutError, ValueError, RuntimeError) as error:
        if local:
            local.close()
        raise BackendError(f"no scheduler answers at {address}: {error}") from error
    try:
        try:
            client.wait_for_workers(1, timeout=JOINING)
        except (OSError, TimeoutError) as error:
            raise BackendError(
                f"no worker has joined the scheduler in {JOINING}: start one with "
                "`drift cluster worker ADDRESS`"
            ) from error
        yield client
    finally:
        with suppress(Exception):  # a scheduler that is gone cannot be taken leave of
            client.close(timeout=2)
        if local:
            local.close()


def run(chunks: Iterable[Chunk], load: Loader, client: Any, shelf: Shelf | None) -> Iterator[Done]:  # noqa: ANN401
    """Judge every chunk on the cluster and yield it, in order.

    With a shelf the workers keep the chunks themselves, and only their sizes come back. A worker
    that dies is made up for by the others; a scheduler that dies ends the run with `BackendError`.
    """
    sent = shelf.sent() if shelf else None
    signature = load().signature
    waiting: deque[tuple[Chunk, Any]] = deque()
    stream = iter(chunks)
    with told_apart(), hung(client) as board:
        work = partial(_work, means=_Means(load, signature, sent, board))
        while True:
            while len(waiting) < room(client) and (chunk := next(stream, None)):
                future = client.submit(work, chunk.key, chunk.rows, pure=False, retries=2)
                waiting.append((chunk, future))
            if not waiting:
                return
            chunk, future = waiting[0]
            content = future.result()
            waiting.popleft()
            yield Done(chunk.key, len(chunk.rows), content)


def finish(client: Any, shelf: Shelf, keys: Sequence[str]) -> None:  # noqa: ANN401 -- a client
    """Have the workers write the parts of a folder."""
    shelf.clear_parts()
    parts, sent = shelf.parts(keys), shelf.sent()
    with told_apart():
        client.gather(client.map(sent.write_part, range(len(parts)), parts, pure=False))
    shelf.complete(len(parts))


@contextmanager
def told_apart() -> Iterator[None]:
    """Sort Dask's errors by what the user can do about them."""
    dask = library()
    lost = (OSError, TimeoutError, dask.CancelledError, dask.client.FutureCancelledError)
    try:
        yield
    except DriftError:
        raise
    except dask.scheduler.KilledWorker as error:
        raise BackendError(
            "a chunk killed every worker that took it; give the workers more memory, or --chunk a "
            "smaller number: what is finished is kept"
        ) from error
    except lost as error:
        raise BackendError(
            "the cluster's scheduler is lost; start it and run the same command again: what is "
            f"finished is kept ({type(error).__name__})"
        ) from error


def room(client: Any, each: int = _AHEAD) -> int:  # noqa: ANN401
    """Say how many tasks are to be under way, at so many a worker."""
    return each * max(1, len(client.scheduler_info(n_workers=-1)["workers"]))


@dataclass(frozen=True, slots=True)
class _Means:
    """What a worker needs beside the rows of a chunk."""

    load: Loader
    signature: str
    shelf: Shelf | None
    board: Any  # an actor


def _work(key: str, rows: tuple[Row, ...], *, means: _Means) -> bytes | None:
    """Judge a chunk, as a worker."""
    content = judged_here(rows, means.load, means.signature, means.board)
    if means.shelf is None:
        return content
    means.shelf.put(key, content)
    return None


def judged_here(rows: Sequence[Row], load: Loader, signature: str, board: Any) -> bytes:  # noqa: ANN401
    """Judge a chunk in this worker process, which loads its models at the first one."""
    with _one_at_a_time:
        judge = _judges.get(signature)
        if judge is None:
            judge = Judge(load())
            if judge.tools.signature != signature:
                raise BackendError(
                    f"a worker would judge with {judge.tools.signature}, not with {signature}: "
                    "install the same version and models everywhere"
                )
            _judges[signature] = judge
        return judged(judge, rows, board)


def _is_here(host: str) -> bool:
    """Tell whether a host is this machine."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
