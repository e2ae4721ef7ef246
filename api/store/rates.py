"""What callers have asked for of late, counted in the database, so by all its servers together.

An owner's minute is a bucket: what was asked for fills it, and it empties at the rate that is
allowed. Who asks for more than a minute's worth gets it while the bucket is empty, and then waits
the longer. One time an owner says it all: when the bucket will be empty.

A server counts a portion at once and lets its callers have it bit by bit, so that not every check
writes to the disk; what it holds is counted already, so the limit holds however many servers there
are, and at most a portion a server lies idle.
"""

import threading
from collections import OrderedDict

from sqlalchemy import Connection, select, text

from api.store.engine import Store
from api.store.tables import owners

MINUTE = 60.0
PORTIONS = 10  # of a minute's worth
REMEMBERED = 10_000  # owners whose portions a server holds
# One statement, so that of two servers that count at once neither forgets the other.
_SPEND = text("""
    INSERT INTO owners (owner, free_at, turn_at) VALUES (:owner, :now + :cost, 0)
    ON CONFLICT (owner) DO UPDATE SET free_at =
        CASE WHEN owners.free_at > :now THEN owners.free_at ELSE :now END + :cost
    WHERE owners.free_at + :cost <= :now + :minute OR owners.free_at <= :now
""")


class Rates:
    """What one server has counted and not yet given away."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock, self._counting = threading.Lock(), threading.Lock()
        self._left: OrderedDict[str, int] = OrderedDict()

    def spend(self, owner: str, amount: int, per_minute: int) -> float:
        """Count an amount; 0 where there was enough left, else the seconds to wait."""
        if self._have(owner, amount):
            return 0.0
        with self._counting:  # one at a time, or each of a crowd would take a portion of its own
            if self._have(owner, amount):
                return 0.0
            portion = per_minute // PORTIONS
            if portion > amount and not spend(self._store, owner, portion, per_minute):
                self._keep(owner, portion - amount)
                return 0.0
            return spend(self._store, owner, amount, per_minute)

    def _have(self, owner: str, amount: int) -> bool:
        with self._lock:
            left = self._left.get(owner, 0)
            if left < amount:
                return False
            self._left[owner] = left - amount
            self._left.move_to_end(owner)
            return True

    def _keep(self, owner: str, amount: int) -> None:
        with self._lock:
            self._left[owner] = self._left.get(owner, 0) + amount
            self._left.move_to_end(owner)
            if len(self._left) > REMEMBERED:
                self._left.popitem(last=False)


def spend(store: Store, owner: str, amount: int, per_minute: int) -> float:
    """Count an amount in the database; 0 where there was enough left, else the seconds to wait."""
    cost = MINUTE * amount / max(per_minute, 1)
    with store.read() as connection:
        wait = _wait(store.now(connection), _free_at(connection, owner), cost)
    if wait:
        return wait  # a flood of refusals only reads
    with store.write() as connection:
        now = store.now(connection)
        given = {"owner": owner, "now": now, "cost": cost, "minute": MINUTE}
        if connection.execute(_SPEND, given).rowcount == 1:
            return 0.0
        return max(_wait(now, _free_at(connection, owner), cost), 1.0)


def _free_at(connection: Connection, owner: str) -> float:
    query = select(owners.c.free_at).where(owners.c.owner == owner)
    return connection.execute(query).scalar() or 0.0


def _wait(now: float, free_at: float, cost: float) -> float:
    """Say how long it takes until there is room for the cost, or until the bucket is empty."""
    wait = min(free_at + cost - now - MINUTE, free_at - now)
    return max(wait, 1.0) if wait > 0 else 0.0
