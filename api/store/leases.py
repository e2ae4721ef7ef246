"""Jobs as the runner sees them: taken on a lease, worked on, handed on.

A runner holds a job until its lease runs out; it prolongs the lease while it works. Every taking
raises the job's fence, and whoever comes back too late finds another fence and can write nothing.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, select, text, update

from api.judging import Judged
from api.store.engine import Store, take_first
from api.store.jobs import OPEN, Item, item_of
from api.store.outbox import deliver
from api.store.tables import items, jobs, owners
from drift.records import Post
from drift.report.structured import encode

_TURN = text("""
    INSERT INTO owners (owner, free_at, turn_at) VALUES (:owner, 0, :now)
    ON CONFLICT (owner) DO UPDATE SET turn_at = :now
""")


@dataclass(frozen=True, slots=True)
class Lease:
    """A job taken, with the fence that it was taken under."""

    id: str
    fence: int
    total: int
    done: int
    post: Post


class LapsedError(Exception):
    """The job was cancelled, deleted or taken by another; let go of it."""


def take(store: Store, seconds: float) -> Lease | None:
    """Take a job that nobody holds: of the owner, and then the job, whose turn is longest ago."""
    with store.write() as connection:
        now = store.now(connection)
        waiting = (
            select(jobs)
            .outerjoin(owners, owners.c.owner == jobs.c.owner)
            .where(jobs.c.state.in_(OPEN), jobs.c.lease_until < now)
            .order_by(func.coalesce(owners.c.turn_at, 0.0), jobs.c.turn_at)
        )
        taken = {
            "state": "running", "fence": jobs.c.fence + 1, "lease_until": now + seconds,
            "turn_at": now,
        }  # fmt: skip
        row = take_first(connection, jobs, waiting, taken)
        if row is None:
            return None
        connection.execute(_TURN, {"owner": row.owner, "now": now})
    post = Post("post", row.post_text, row.post_url, row.post_author, row.post_created_at)
    return Lease(row.id, row.fence + 1, row.total, row.done, post)


def pending(store: Store, lease: Lease, count: int) -> list[Item]:
    """Give the next retweets that have no result."""
    query = (
        select(items)
        .where(items.c.job == lease.id, items.c.verdict.is_(None))
        .order_by(items.c.place)
        .limit(count)
    )
    with store.read() as connection:
        return [item_of(row) for row in connection.execute(query)]


def prolong(store: Store, lease: Lease, seconds: float) -> None:
    """Keep a job; raises `LapsedError` where it is ours no longer."""
    with store.write() as connection:
        _hold(connection, lease, {"lease_until": store.now(connection) + seconds})


def found(store: Store, lease: Lease, post: Post) -> None:
    """Keep the text that a link led to."""
    values = {
        "post_text": post.text, "post_url": post.url, "post_author": post.author,
        "post_created_at": post.created_at,
    }  # fmt: skip
    with store.write() as connection:
        _hold(connection, lease, values)


def fetched(store: Store, lease: Lease, place: int, text: str) -> None:
    """Keep the text of a retweet that was given by link."""
    with store.write() as connection:
        _hold(connection, lease, {})
        connection.execute(
            update(items)
            .where(items.c.job == lease.id, items.c.place == place)
            .values(text=text)
        )  # fmt: skip


def keep(
    store: Store, lease: Lease, results: Mapping[int, Judged], signature: str | None, seconds: float
) -> None:
    """Keep results and progress in one transaction; a result that is there already stays."""
    with store.write() as connection:
        _hold(connection, lease, {"lease_until": store.now(connection) + seconds})
        fresh = 0
        for place, judged in results.items():
            changed = connection.execute(
                update(items)
                .where(items.c.job == lease.id, items.c.place == place, items.c.verdict.is_(None))
                .values(
                    verdict=judged.row.get("verdict", "failed"),
                    row=encode(judged.row),
                    aside=json.dumps(judged.aside) if judged.aside else None,
                )
            )
            fresh += changed.rowcount
        progress: dict[str, object] = {"done": jobs.c.done + fresh}
        if signature:
            progress["signature"] = signature
        connection.execute(update(jobs).where(jobs.c.id == lease.id).values(progress))


def tried(store: Store, lease: Lease, places: Sequence[int]) -> None:
    """Note that these retweets were tried and something broke."""
    with store.write() as connection:
        _hold(connection, lease, {})
        connection.execute(
            update(items)
            .where(items.c.job == lease.id, items.c.place.in_(places))
            .values(tries=items.c.tries + 1)
        )


def hand_on(store: Store, lease: Lease) -> None:
    """Put a job back in the line, behind those that wait."""
    with store.write() as connection:
        _hold(connection, lease, {"lease_until": 0.0, "turn_at": store.now(connection)})


def end(store: Store, lease: Lease, error: str | None = None) -> None:
    """End a job, and in the same transaction note whom to tell."""
    with store.write() as connection:
        now = store.now(connection)
        state = "failed" if error else "done"
        values = {"state": state, "error": error, "finished_at": now, "lease_until": 0.0}
        _hold(connection, lease, values)
        row = connection.execute(
            select(jobs.c.owner, jobs.c.webhook, jobs.c.total).where(jobs.c.id == lease.id)
        ).one()
        if row.webhook:
            data = {"id": lease.id, "state": state, "retweets": row.total, "error": error}
            counts = connection.execute(
                select(items.c.verdict, func.count())
                .where(items.c.job == lease.id)
                .group_by(items.c.verdict)
            )
            data["verdicts"] = {str(verdict): number for verdict, number in counts if verdict}
            event = {"type": "job.ended", "timestamp": now, "data": data}
            deliver(connection, now, row.owner, row.webhook, json.dumps(event))


def _hold(connection: Connection, lease: Lease, values: Mapping[str, object]) -> None:
    """Write to a job only if it is still ours."""
    changed = connection.execute(
        update(jobs)
        .where(jobs.c.id == lease.id, jobs.c.fence == lease.fence, jobs.c.state == "running")
        .values({"fence": lease.fence, **values})
    )
    if changed.rowcount != 1:
        raise LapsedError
