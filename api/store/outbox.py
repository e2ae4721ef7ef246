"""Messages on their way to receivers: kept with what they tell of, sent until they are heard.

A receiver that fails several times in a row is left alone for a while, longer each time; what is
meant for it waits and spends no attempt. Then one message tries, and the others go with it if it
is heard.
"""

import hashlib
import random
import secrets
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, delete, exists, insert, select, text, update

from api.store.engine import Store, take_first
from api.store.tables import deliveries, keys, receivers

# Seconds until the next attempt: the schedule that the specification gives; 75 hours in all.
SCHEDULE = (5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400)
HELD = 60.0  # seconds that a sender keeps a delivery to itself
TRIPS = 5  # failures in a row after which a receiver is left alone
REST, LONGEST_REST = 60.0, 3600.0  # seconds: at first, doubled each time, up to
GONE = "410"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message on its way."""

    id: str
    owner: str
    url: str
    body: str
    tries: int


def deliver(connection: Connection, now: float, owner: str, url: str, body: str) -> None:
    """Note that a receiver is to be told."""
    connection.execute(
        insert(deliveries).values(
            id=f"msg_{secrets.token_urlsafe(24)}", owner=owner, url=url, body=body,
            due_at=now, created_at=now,
        )
    )  # fmt: skip


def take(store: Store) -> Delivery | None:
    """Take a message that is due, of a key that is still in force; others' are dropped."""
    with store.write() as connection:
        now = store.now(connection)
        resting = exists().where(
            receivers.c.owner == deliveries.c.owner,
            receivers.c.url == deliveries.c.url,
            receivers.c.rest_until > now,
        )
        due = (
            select(deliveries)
            .where(deliveries.c.due_at <= now, ~resting)
            .order_by(deliveries.c.due_at)
        )
        taken = {"tries": deliveries.c.tries + 1, "due_at": now + HELD}
        row = take_first(connection, deliveries, due, taken)
        if row is None:
            return None
        if not _in_force(connection, row.owner):
            _end(connection, row, "revoked")
            return None
        # While this one tries a receiver that rested, the others wait for what comes of it.
        connection.execute(
            update(receivers)
            .where(receivers.c.digest == _digest(row.owner, row.url), receivers.c.failures >= TRIPS)
            .values(rest_until=now + HELD)
        )
    return Delivery(row.id, row.owner, row.url, row.body, row.tries + 1)


def settle(store: Store, delivery: Delivery, outcome: str) -> None:
    """Note what came of a sending, and when the next one is due, if one is."""
    heard = outcome.startswith("2")
    over = heard or outcome == GONE or delivery.tries > len(SCHEDULE)
    with store.write() as connection:
        now, due = store.now(connection), None
        if not over:
            due = now + SCHEDULE[delivery.tries - 1] * _jitter()
        connection.execute(
            update(deliveries)
            .where(deliveries.c.id == delivery.id, deliveries.c.tries == delivery.tries)
            .values(due_at=due, outcome=outcome)
        )
        if heard:
            digest = _digest(delivery.owner, delivery.url)
            connection.execute(delete(receivers).where(receivers.c.digest == digest))
        elif outcome == GONE:  # it asks not to be told of anything any more
            connection.execute(
                update(deliveries)
                .where(
                    deliveries.c.owner == delivery.owner, deliveries.c.url == delivery.url,
                    deliveries.c.due_at.is_not(None),
                )
                .values(due_at=None, outcome=outcome)
            )  # fmt: skip
        else:
            _failed(connection, now, delivery)


def resend(store: Store, owner: str) -> int:
    """Send again what an owner's receivers never heard; give the number of messages."""
    with store.write() as connection:
        return connection.execute(
            update(deliveries)
            .where(
                deliveries.c.owner == owner,
                deliveries.c.due_at.is_(None),
                ~deliveries.c.outcome.like("2%"),
            )
            .values(due_at=store.now(connection), tries=0)
        ).rowcount


_FAILED = text("""
    INSERT INTO receivers (digest, owner, url, failures, rest_until)
    VALUES (:digest, :owner, :url, 1, 0)
    ON CONFLICT (digest) DO UPDATE SET failures = receivers.failures + 1
""")


def _failed(connection: Connection, now: float, delivery: Delivery) -> None:
    """Count a failure, and let the receiver rest where there were too many in a row."""
    digest = _digest(delivery.owner, delivery.url)
    connection.execute(_FAILED, {"digest": digest, "owner": delivery.owner, "url": delivery.url})
    mine = receivers.c.digest == digest
    failures = connection.execute(select(receivers.c.failures).where(mine)).scalar_one()
    if failures >= TRIPS:
        rest = min(REST * 2 ** min(failures - TRIPS, 10), LONGEST_REST) * _jitter()
        connection.execute(update(receivers).where(mine).values(rest_until=now + rest))


def _in_force(connection: Connection, owner: str) -> bool:
    prefix = owner.removeprefix("key:")
    query = select(keys.c.prefix).where(keys.c.prefix == prefix, keys.c.revoked_at.is_(None))
    return connection.execute(query).first() is not None


def _end(connection: Connection, row: Row[Any], outcome: str) -> None:
    over = {"due_at": None, "outcome": outcome}
    connection.execute(update(deliveries).where(deliveries.c.id == row.id).values(over))


def _digest(owner: str, url: str) -> str:
    return hashlib.sha256(f"{owner} {url}".encode()).hexdigest()


def _jitter() -> float:
    return random.uniform(0.9, 1.1)  # noqa: S311 -- spreads attempts, keeps no secret
