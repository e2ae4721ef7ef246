"""What callers have asked for of late, counted in the database, so by all its servers together.

An owner's minute is a bucket: what was asked for fills it, and it empties at the rate that is
allowed. Who asks for more than a minute's worth gets it while the bucket is empty, and then waits
the longer. One time an owner says it all: when the bucket will be empty.
"""

from sqlalchemy import Connection, select, text

from api.store.engine import Store
from api.store.tables import owners

MINUTE = 60.0
# One statement, so that of two servers that count at once neither forgets the other.
_SPEND = text("""
    INSERT INTO owners (owner, free_at, turn_at) VALUES (:owner, :now + :cost, 0)
    ON CONFLICT (owner) DO UPDATE SET free_at =
        CASE WHEN owners.free_at > :now THEN owners.free_at ELSE :now END + :cost
    WHERE owners.free_at + :cost <= :now + :minute OR owners.free_at <= :now
""")


def spend(store: Store, owner: str, amount: int, per_minute: int) -> float:
    """Count an amount; 0 where there was enough left, else the seconds to wait."""
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
