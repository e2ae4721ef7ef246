"""Who is judged next, and for whom there is no room: fair between those who ask.

Whoever asks is a flow: a key, an address, or the jobs together. A flow's next piece stands where
its last one ended, counted by what its pieces cost (start-time fair queueing), so one that asks
for little goes before one that asks for much, and none waits for ever. The time that waiting would
take is estimated from the pace of late; work that would wait too long is turned away at once, while
there is still time to ask elsewhere, and no flow may fill more than half of the room.
"""

import heapq
import itertools
import threading
from collections import Counter
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")
JOBS = ""  # the flow of all jobs together; who of them is next, the store decides
SHARE = 2  # one flow may have the room divided by this
PATIENT = 4  # what a retweet of a job counts more than one for which somebody waits
NEWEST = 0.1  # weight of the newest piece in the pace
_FORGET = 1_000  # flows whose place is remembered; then those that have nothing coming to them go


class BusyError(Exception):
    """There is no room for more work now."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What may be held: so many short retweets, and none that would wait so many seconds."""

    room: int
    patience: float


@dataclass(order=True, slots=True)
class _Waiting(Generic[T]):
    rank: tuple[float, int]
    work: T = field(compare=False)


class Line(Generic[T]):
    """The work that waits for some pairs of hands."""

    def __init__(self, bounds: Bounds, hands: int) -> None:
        self.bounds, self._hands = bounds, hands
        self._news = threading.Condition()
        self._heap: list[_Waiting[T]] = []
        self._count = itertools.count()
        self._ends: dict[str, float] = {}  # where each flow's last piece ends
        self._here = 0.0  # where the piece stands that was taken last
        self._held: Counter[str] = Counter()  # retweets that wait or are judged, by flow
        self._pace = 0.0  # seconds a retweet; 0 until the first was judged
        self._open = True

    def put(self, work: T, flow: str, cost: int, kept: int = 0) -> None:
        """Take work in, or raise `BusyError`; that of jobs is bounded by the jobs themselves.

        Where a place was kept for this work (see `expect`), that place is not in its way.
        """
        with self._news:
            if not self._open or (flow != JOBS and not self._fits(flow, cost, kept)):
                raise BusyError
            start = max(self._here, self._ends.get(flow, 0.0))
            self._ends[flow] = start + cost * (PATIENT if flow == JOBS else 1)
            self._held[flow] += self._piece(cost)
            heapq.heappush(self._heap, _Waiting((start, next(self._count)), work))
            self._news.notify()

    def get(self) -> T | None:
        """Wait for the work that is next; none where the line is closed."""
        with self._news:
            while self._open and not self._heap:
                self._news.wait()
            if not self._open:
                return None
            first = heapq.heappop(self._heap)
            self._here = first.rank[0]
            self._forget()
            return first.work

    def leave(self, flow: str, cost: int) -> None:
        """Note that work is done or given up."""
        with self._news:
            self._held[flow] -= self._piece(cost)
            if not self._held[flow]:
                del self._held[flow]

    def expect(self, flow: str) -> None:
        """Keep a place for work that is on its way: its caller is known, its size is not yet."""
        with self._news:
            self._held[flow] += 1

    def took(self, cost: int, seconds: float) -> None:
        """Note how long a piece took to judge."""
        with self._news:
            now = seconds / cost
            self._pace = now if not self._pace else self._pace + NEWEST * (now - self._pace)

    def full(self, flow: str) -> bool:
        """Tell whether there is no room for this flow, however little it asks for."""
        with self._news:
            return not self._fits(flow, 1)

    def close(self) -> list[T]:
        """Let nobody in any more; give what will not be done."""
        with self._news:
            self._open = False
            self._news.notify_all()
            rest = [one.work for one in sorted(self._heap)]
            self._heap.clear()
        return rest

    @property
    def held(self) -> int:
        """Count the retweets that wait or are judged."""
        with self._news:
            return self._held.total()

    def _piece(self, cost: int) -> int:
        """Say how much room work takes: the largest has half of it, or there would be none ever."""
        return min(cost, max(self.bounds.room // SHARE, 1))

    def _fits(self, flow: str, cost: int, kept: int = 0) -> bool:
        """Tell whether there is room, and whether what is there will be done soon enough."""
        room, patience, piece = self.bounds.room, self.bounds.patience, self._piece(cost)
        mine = self._held[flow] - kept
        everyones = self._held.total() - self._held[JOBS] - kept
        wait = self._pace / self._hands
        return (
            everyones + piece <= room
            and mine + piece <= max(room // SHARE, 1)
            and everyones * wait <= patience
            and mine * wait <= patience / SHARE
        )

    def _forget(self) -> None:
        if not self._heap:  # all had their turn
            self._here = max(self._ends.values(), default=self._here)
            self._ends.clear()
        elif len(self._ends) > _FORGET:
            self._ends = {flow: end for flow, end in self._ends.items() if end > self._here}
