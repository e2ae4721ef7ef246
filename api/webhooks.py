"""Tells receivers that a job has ended, signed as Standard Webhooks asks, until they hear it.

The secret of a key is derived from the server's own: nothing in the database would let anybody
sign. Every sending goes through the guarded fetcher, so that an address that was public when it
was given and is not so now is not reached.
"""

import base64
import hashlib
import hmac
import random
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from logging import getLogger

from sqlalchemy import select, update
from standardwebhooks import Webhook

from api.store.engine import Store
from api.store.tables import deliveries, keys
from drift.errors import InputError
from drift.ingest.addresses import check
from drift.ingest.fetch import READ, Limits, Request, fetch

log = getLogger("drift.webhooks")
# Seconds until the next attempt: the schedule that the specification gives; 75 hours in all.
SCHEDULE = (5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400)
HELD = 60.0  # seconds that a sender keeps a delivery to itself
IDLE = 2.0
SENDERS = 3
GONE = 410
ANSWERS = READ | {"application/octet-stream"}  # what a receiver may answer with; it is not read
_BOUNDS = Limits(seconds=15.0, size=65_536, redirects=0)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message on its way."""

    id: str
    owner: str
    url: str
    body: str
    tries: int


def check_receiver(url: str) -> None:
    """Refuse an address that may not be called; it is checked again at each sending."""
    if not check(url).href.startswith("https://"):
        raise InputError("a webhook needs an https address")


def secret_of(server: bytes, owner: str) -> str:
    """Give the secret that a key's messages are signed with."""
    digest = hmac.new(server, f"webhook:{owner}".encode(), hashlib.sha256).digest()
    return "whsec_" + base64.b64encode(digest).decode()


def signed(server: bytes, delivery: Delivery, now: datetime) -> tuple[tuple[str, str], ...]:
    """Give the headers that prove where a message comes from."""
    signature = Webhook(secret_of(server, delivery.owner)).sign(delivery.id, now, delivery.body)
    return (
        ("Content-Type", "application/json"),
        ("webhook-id", delivery.id),
        ("webhook-timestamp", str(int(now.timestamp()))),
        ("webhook-signature", signature),
    )


class Sender:
    """Threads that send what is due; several, so that a slow receiver delays only its own."""

    def __init__(self, store: Store, secret: bytes) -> None:
        self._store, self._secret = store, secret
        self._closing = threading.Event()
        self._threads = [
            threading.Thread(target=self._run, name=f"webhooks-{number}")
            for number in range(SENDERS)
        ]

    def start(self) -> None:
        """Begin to send."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Finish the messages on their way and end."""
        self._closing.set()
        for thread in self._threads:
            thread.join()

    def _run(self) -> None:
        while not self._closing.wait(IDLE):
            try:
                while not self._closing.is_set() and (delivery := take(self._store)):
                    settle(self._store, delivery, self._send(delivery))
            except Exception:  # the thread must live on; most likely it is the database
                log.exception("sender failed")

    def _send(self, delivery: Delivery) -> str:
        """Send a message once and say what came of it."""
        headers = signed(self._secret, delivery, datetime.now(UTC))
        try:
            page = fetch(Request(delivery.url, headers, delivery.body.encode(), ANSWERS), _BOUNDS)
        except InputError:
            return "unreachable"
        return str(page.status)


def take(store: Store) -> Delivery | None:
    """Take a message that is due, of a key that is still in force; others' are dropped."""
    with store.write() as connection:
        now = store.now(connection)
        row = connection.execute(
            select(deliveries)
            .where(deliveries.c.due_at <= now)
            .order_by(deliveries.c.due_at)
            .limit(1)
            .with_for_update(skip_locked=True)
        ).first()
        if row is None:
            return None
        connection.execute(
            update(deliveries)
            .where(deliveries.c.id == row.id)
            .values(tries=row.tries + 1, due_at=now + HELD)
        )
        held = connection.execute(
            select(keys.c.prefix).where(
                keys.c.prefix == row.owner.removeprefix("key:"), keys.c.revoked_at.is_(None)
            )
        ).first()
        if held is None:
            over = {"due_at": None, "outcome": "revoked"}
            connection.execute(update(deliveries).where(deliveries.c.id == row.id).values(over))
            return None
    return Delivery(row.id, row.owner, row.url, row.body, row.tries + 1)


def settle(store: Store, delivery: Delivery, outcome: str) -> None:
    """Note what came of a sending, and when the next one is due, if one is."""
    over = outcome.startswith("2") or outcome == str(GONE) or delivery.tries > len(SCHEDULE)
    with store.write() as connection:
        due = None
        if not over:
            pause = SCHEDULE[delivery.tries - 1] * random.uniform(0.9, 1.1)  # noqa: S311 -- jitter
            due = store.now(connection) + pause
        connection.execute(
            update(deliveries)
            .where(deliveries.c.id == delivery.id, deliveries.c.tries == delivery.tries)
            .values(due_at=due, outcome=outcome)
        )
