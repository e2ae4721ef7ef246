"""Tells receivers that a job has ended, signed as Standard Webhooks asks, until they hear it.

The secret of a key is derived from the server's own: nothing in the database would let anybody
sign. Every sending goes through the guarded fetcher, so that an address that was public when it
was given and is not so now is not reached.
"""

import base64
import hashlib
import hmac
import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from logging import getLogger

from standardwebhooks import Webhook

from api.store import keys, outbox
from api.store.engine import Store
from api.store.outbox import Delivery
from drift.errors import InputError
from drift.ingest.addresses import check
from drift.ingest.fetch import READ, Limits, Request, fetch

log = getLogger("drift.webhooks")
IDLE = 2.0
SENDERS = 3
OVERLAP = 24 * 3600.0  # seconds that a changed secret's predecessor still signs, too
ANSWERS = READ | {"application/octet-stream"}  # what a receiver may answer with; it is not read
_BOUNDS = Limits(seconds=15.0, size=65_536, redirects=0)


def check_receiver(url: str) -> None:
    """Refuse an address that may not be called; it is checked again at each sending."""
    if not check(url).href.startswith("https://"):
        raise InputError("a webhook needs an https address")


def secret_of(server: bytes, owner: str, number: int = 0) -> str:
    """Give the secret that a key's messages are signed with; `number` counts its changes."""
    told = f"webhook:{owner}" + (f":{number}" if number else "")
    digest = hmac.new(server, told.encode(), hashlib.sha256).digest()
    return "whsec_" + base64.b64encode(digest).decode()


def secrets_of(store: Store, server: bytes, owner: str) -> list[str]:
    """Give the secrets in force: the present one, and for a day after a change the one before."""
    number, before = keys.rotation(store, owner, OVERLAP)
    numbers = [number, number - 1] if before else [number]
    return [secret_of(server, owner, one) for one in numbers]


def signed(
    secrets: Sequence[str], delivery: Delivery, now: datetime
) -> tuple[tuple[str, str], ...]:  # fmt: skip
    """Give the headers that prove where a message comes from, with a signature a secret."""
    made = [Webhook(secret).sign(delivery.id, now, delivery.body) for secret in secrets]
    return (
        ("Content-Type", "application/json"),
        ("webhook-id", delivery.id),
        ("webhook-timestamp", str(int(now.timestamp()))),
        ("webhook-signature", " ".join(made)),
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
                while not self._closing.is_set() and (delivery := outbox.take(self._store)):
                    outbox.settle(self._store, delivery, self._send(delivery))
            except Exception:  # the thread must live on; most likely it is the database
                log.exception("sender failed")

    def _send(self, delivery: Delivery) -> str:
        """Send a message once and say what came of it."""
        secrets = secrets_of(self._store, self._secret, delivery.owner)
        headers = signed(secrets, delivery, datetime.now(UTC))
        try:
            page = fetch(Request(delivery.url, headers, delivery.body.encode(), ANSWERS), _BOUNDS)
        except InputError:
            return "unreachable"
        return str(page.status)
