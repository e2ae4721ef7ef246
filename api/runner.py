"""Works the jobs off: takes one on a lease, judges a slice of it, hands it on.

A slice at a time, so that a job of thousands does not make one of ten wait. What breaks a worker
is tried again alone, and set aside with an error after the third time. No queue library: those that
are kept up want a broker or one certain database, and none hands a job on in the middle of it.
"""

import threading
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, replace
from logging import getLogger
from time import monotonic

from sqlalchemy.exc import SQLAlchemyError

from api.bench import Bench, LostError
from api.judging import Answer, Judged, Task, cost
from api.line import BusyError
from api.links import post_at, retweets_at
from api.store import jobs, leases
from api.store.engine import Store
from api.store.jobs import Item
from api.store.leases import LapsedError, Lease
from drift.errors import DriftError, InputError
from drift.records import Post
from drift.report.rows import error_row

log = getLogger("drift.runner")
PIECE = 8  # short retweets, or as much in long ones, that a worker gets at once
SLICE = 2.0  # seconds that a job is worked on while others wait
TRIES = 3
IDLE = 1.0  # seconds between looks for jobs that nobody told of: other servers', lapsed ones
PURGE = 3600.0
FETCH = 25.0  # seconds that following a batch of links may take
NO_LINKS = "links are not fetched here; paste the text instead"
Pieces = dict["Future[Answer]", list[Item]]


@dataclass(frozen=True, slots=True)
class Rules:
    """How long a lease is, and how long a job is kept."""

    lease: float
    keep_days: int
    links: bool


class Runner:
    """Threads that work the jobs off, as many as there are workers."""

    def __init__(self, store: Store, bench: Bench, rules: Rules) -> None:
        self._store, self._bench, self._rules = store, bench, rules
        self._news = threading.Condition()
        self._closing = False
        self._threads = [
            threading.Thread(target=self._run, args=(number == 0,), name=f"runner-{number}")
            for number in range(bench.size + 1)
        ]

    def start(self) -> None:
        """Begin to work."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Finish the pieces that have begun, hand the jobs on, and end."""
        self._closing = True
        self.wake()
        for thread in self._threads:
            thread.join()

    def wake(self) -> None:
        """Tell the threads that there is something to do."""
        with self._news:
            self._news.notify_all()

    def _run(self, cleaner: bool) -> None:
        cleaned = 0.0
        while not self._closing:
            try:
                if cleaner and monotonic() - cleaned > PURGE:
                    cleaned = monotonic()
                    jobs.purge(self._store, self._rules.keep_days)
                lease = leases.take(self._store, self._rules.lease)
                if lease is not None:
                    self._work(lease)
                    continue
            except Exception:  # the thread must live on; most likely it is the database
                log.exception("runner failed")
            with self._news:
                if not self._closing:
                    self._news.wait(IDLE)

    def _work(self, lease: Lease) -> None:
        """Work on a job until it is done, another's turn has come, or it is ours no longer."""
        try:
            post = self._post(lease)
            if self._slice(lease, post):
                leases.end(self._store, lease)
            else:
                leases.hand_on(self._store, lease)
        except LapsedError:
            log.info("job lapsed")
        except DriftError as error:
            self._fail(lease, str(error))
        except BusyError:  # we are closing
            leases.hand_on(self._store, lease)
        except SQLAlchemyError:
            raise  # no fault of the job: its lease lapses, and it is taken up again
        except Exception:
            log.exception("job broke")
            self._fail(lease, "something went wrong here; it has been noted")

    def _fail(self, lease: Lease, why: str) -> None:
        try:
            leases.end(self._store, lease, why)
        except LapsedError:
            log.info("job lapsed")

    def _post(self, lease: Lease) -> Post:
        """Give the post, fetched where it was given by link."""
        if lease.post.text:
            return lease.post
        if not self._rules.links:
            raise InputError(NO_LINKS)
        leases.prolong(self._store, lease, self._rules.lease + FETCH)
        post = post_at(lease.post.url or "")
        leases.found(self._store, lease, post)
        return post

    def _slice(self, lease: Lease, post: Post) -> bool:
        """Judge for a while; true where nothing is left."""
        until = monotonic() + SLICE
        piece = max(1, min(PIECE, lease.total // (self._bench.size * 4)))
        while not self._closing:
            batch = leases.pending(self._store, lease, piece * self._bench.size)
            if not batch:
                return True
            if monotonic() > until:
                return False
            self._judge(lease, post, batch, piece)
        return False

    def _judge(self, lease: Lease, post: Post, batch: Sequence[Item], piece: int) -> None:
        """Judge some retweets on all workers, keeping each piece's results when they come."""
        ready = self._read(lease, batch)
        waiting: Pieces = {}
        for some in _cut(post, [item for item in ready if item.judged is None], piece):
            task = Task(post, tuple(item.retweet for item in some))
            waiting[self._bench.submit(task)] = some
        self._keep(lease, {item.place: item.judged for item in ready if item.judged}, None)
        while waiting:
            done, _ = wait(waiting, self._rules.lease / 3, FIRST_COMPLETED)
            if not done:
                leases.prolong(self._store, lease, self._rules.lease)
            for future in done:
                self._settle(lease, waiting.pop(future), future)

    def _read(self, lease: Lease, batch: Sequence[Item]) -> list[Item]:
        """Give the retweets with their texts; one whose link leads nowhere has its error."""
        linked = [item for item in batch if not item.retweet.text]
        if not linked:
            return list(batch)
        found: Sequence[Post | InputError]
        if self._rules.links:
            leases.prolong(self._store, lease, self._rules.lease + FETCH)
            found = retweets_at([item.retweet.url or "" for item in linked])
        else:
            found = [InputError(NO_LINKS)] * len(linked)
        ready = {item.place: item for item in batch}
        for item, post in zip(linked, found, strict=True):
            if isinstance(post, InputError):
                judged = Judged(error_row(item.retweet.id, str(post)))
                ready[item.place] = replace(item, judged=judged)
            else:
                leases.fetched(self._store, lease, item.place, post.text)
                retweet = replace(item.retweet, text=post.text)
                ready[item.place] = replace(item, retweet=retweet)
        return list(ready.values())

    def _settle(self, lease: Lease, some: Sequence[Item], future: "Future[Answer]") -> None:
        """Keep what a piece came to, or note that it broke something."""
        if future.cancelled():
            raise BusyError
        error = future.exception()
        if error is None:
            answer = future.result()
            places = [item.place for item in some]
            results = dict(zip(places, answer.judged, strict=True))
            self._keep(lease, results, answer.signature)
            return
        if isinstance(error, DriftError) and not isinstance(error, LostError):
            raise error
        log.warning("piece failed", extra={"retweets": len(some), "error": type(error).__name__})
        leases.tried(self._store, lease, [item.place for item in some])
        spent = [item for item in some if item.tries + 1 >= TRIES]
        told = "this retweet could not be judged: it broke the program three times"
        results = {item.place: Judged(error_row(item.retweet.id, told)) for item in spent}
        self._keep(lease, results, None)

    def _keep(self, lease: Lease, results: dict[int, Judged], signature: str | None) -> None:
        if results:
            leases.keep(self._store, lease, results, signature, self._rules.lease)


def _cut(post: Post, items: Sequence[Item], piece: int) -> list[list[Item]]:
    """Cut into pieces for the workers; what broke something before goes alone."""
    pieces: list[list[Item]] = []
    left = 0
    for item in (one for one in items if not one.tries):
        needs = cost(post, [item.retweet])
        if left < needs:
            pieces.append([])
            left = piece
        pieces[-1].append(item)
        left -= needs
    return pieces + [[item] for item in items if item.tries]
