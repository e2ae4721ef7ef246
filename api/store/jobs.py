"""Jobs as their owners see them: made once, looked at, cancelled, deleted."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from api.judging import Judged
from api.store.engine import Store
from api.store.tables import deliveries, items, jobs, owners, receivers, repeats
from drift.records import Post, Retweet
from drift.report.rows import error_row
from drift.report.structured import encode

OPEN = ("queued", "running")
REPEATS_KEPT = 24 * 3600.0


@dataclass(frozen=True, slots=True)
class Job:
    """A job as it stands."""

    id: str
    owner: str
    state: str
    total: int
    done: int
    post: Post
    signature: str | None
    error: str | None
    created_at: float
    finished_at: float | None
    counts: Mapping[str, int]

    @property
    def over(self) -> bool:
        """Tell whether nothing more will happen to it."""
        return self.state not in OPEN


@dataclass(frozen=True, slots=True)
class Item:
    """One retweet of a job, with its result once it has one."""

    place: int
    retweet: Retweet
    judged: Judged | None
    tries: int = 0


@dataclass(frozen=True, slots=True)
class Order:
    """What a caller wants done."""

    owner: str
    post: Post
    retweets: tuple[Retweet, ...]
    webhook: str | None = None
    faults: Mapping[int, str] = field(default_factory=dict)  # places that cannot be judged, and why


@dataclass(frozen=True, slots=True)
class Repeat:
    """An idempotency key with the fingerprint of the request that it came with."""

    key: str
    fingerprint: str


class MismatchError(Exception):
    """An idempotency key came back with another request."""


def new_id() -> str:
    """Make an address that cannot be guessed."""
    return secrets.token_urlsafe(24)


def create(store: Store, order: Order, repeat: Repeat | None = None) -> str:
    """Keep a new job and give its id; where this key has made a job before, give that one's."""
    name = new_id()
    try:
        with store.write() as connection:
            now = store.now(connection)
            if repeat is not None:
                # First of all: two requests with one key meet here, and only one goes on.
                connection.execute(
                    insert(repeats).values(
                        owner=order.owner, key=repeat.key, fingerprint=repeat.fingerprint,
                        job=name, created_at=now,
                    )
                )  # fmt: skip
            _insert(connection, now, name, order)
    except IntegrityError:
        found = earlier(store, order.owner, repeat) if repeat else None
        if found is None:
            raise
        return found
    return name


def earlier(store: Store, owner: str, repeat: Repeat) -> str | None:
    """Find the job that this key made; raises `MismatchError` where the request was another."""
    with store.read() as connection:
        row = connection.execute(
            select(repeats.c.fingerprint, repeats.c.job).where(
                repeats.c.owner == owner, repeats.c.key == repeat.key
            )
        ).first()
    if row is None:
        return None
    if row.fingerprint != repeat.fingerprint:
        raise MismatchError
    return str(row.job)


def _insert(connection: Connection, now: float, name: str, order: Order) -> None:
    post = order.post
    connection.execute(
        insert(jobs).values(
            id=name, owner=order.owner, state="queued", total=len(order.retweets),
            done=len(order.faults),
            post_text=post.text, post_url=post.url, post_author=post.author,
            post_created_at=post.created_at, created_at=now, turn_at=now, webhook=order.webhook,
        )
    )  # fmt: skip
    connection.execute(
        insert(items),
        [
            {
                "job": name, "place": place, "id": one.id, "text": one.text, "url": one.url,
                "author": one.author, "created_at": one.created_at,
                "verdict": "failed" if place in order.faults else None,
                "row": _fault(one, order.faults.get(place)),
            }
            for place, one in enumerate(order.retweets)
        ],
    )  # fmt: skip


def _fault(retweet: Retweet, why: str | None) -> str | None:
    return encode(error_row(retweet.id, why)) if why is not None else None


def get(store: Store, name: str) -> Job | None:
    """Find a job with the count of its verdicts."""
    with store.read() as connection:
        row = connection.execute(select(jobs).where(jobs.c.id == name)).first()
        if row is None:
            return None
        counts = connection.execute(
            select(items.c.verdict, func.count())
            .where(items.c.job == name, items.c.verdict.is_not(None))
            .group_by(items.c.verdict)
        ).all()
    return Job(
        row.id, row.owner, row.state, row.total, row.done,
        Post("post", row.post_text, row.post_url, row.post_author, row.post_created_at),
        row.signature, row.error, row.created_at, row.finished_at,
        {str(verdict): int(number) for verdict, number in counts},
    )  # fmt: skip


def page(store: Store, name: str, start: int, count: int) -> list[Item]:
    """Give some retweets of a job in the order given, judged or not."""
    query = (
        select(items)
        .where(items.c.job == name, items.c.place >= start)
        .order_by(items.c.place)
        .limit(count)
    )
    with store.read() as connection:
        return [item_of(row) for row in connection.execute(query)]


def item_of(row: object) -> Item:
    """Read a row of `items`."""
    data = row._mapping  # type: ignore[attr-defined]
    judged = None
    if data["row"] is not None:
        judged = Judged(
            json.loads(data["row"]), json.loads(data["aside"]) if data["aside"] else None
        )
    retweet = Retweet(data["id"], data["text"], data["url"], data["author"], data["created_at"])
    return Item(data["place"], retweet, judged, data["tries"])


def crowd(store: Store, owner: str) -> tuple[int, int]:
    """Count the unfinished jobs of one owner, and of all."""
    query = select(
        func.count().filter(jobs.c.owner == owner), func.count()
    ).where(jobs.c.state.in_(OPEN))  # fmt: skip
    with store.read() as connection:
        mine, everyones = connection.execute(query).one()
    return mine, everyones


def cancel(store: Store, name: str) -> bool:
    """Stop an unfinished job; what is judged stays. False where there was nothing to stop."""
    with store.write() as connection:
        changed = connection.execute(
            update(jobs)
            .where(jobs.c.id == name, jobs.c.state.in_(OPEN))
            .values(state="cancelled", finished_at=store.now(connection), fence=jobs.c.fence + 1)
        )
    return changed.rowcount == 1


def remove(store: Store, name: str) -> bool:
    """Delete a job with all its texts; the key that it was made with may make another."""
    with store.write() as connection:
        connection.execute(delete(repeats).where(repeats.c.job == name))
        return connection.execute(delete(jobs).where(jobs.c.id == name)).rowcount == 1


def purge(store: Store, keep_days: int) -> int:
    """Delete what is older than it may be; give the number of jobs."""
    with store.write() as connection:
        now = store.now(connection)
        limit = now - keep_days * 86_400.0
        connection.execute(delete(repeats).where(repeats.c.created_at < now - REPEATS_KEPT))
        connection.execute(
            delete(deliveries).where(deliveries.c.due_at.is_(None), deliveries.c.created_at < limit)
        )
        connection.execute(delete(owners).where(owners.c.free_at < now, owners.c.turn_at < limit))
        connection.execute(delete(receivers).where(receivers.c.rest_until < limit))
        return connection.execute(
            delete(jobs).where(jobs.c.created_at < limit, jobs.c.state.not_in(OPEN))
        ).rowcount
