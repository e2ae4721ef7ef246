"""Between the shapes of the API and the records of the core."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from api.schemas import PostIn, PostLink, RetweetIn, RetweetLink
from api.store.jobs import Job
from drift.ingest.rows import clean
from drift.records import Label, Post, Retweet
from drift.report.rows import SCHEMA, Row


def posted(given: PostIn | PostLink) -> Post:
    """Read the post; one given by link has no text yet."""
    if isinstance(given, PostLink):
        return Post("post", "", given.url)
    return Post("post", clean(given.text), given.url, given.author, given.created_at)


def retweeted(given: Sequence[RetweetIn | RetweetLink]) -> tuple[Retweet, ...]:
    """Read the retweets; r1, r2 ... where they have no ids, and no text where they are links."""
    return tuple(
        Retweet(one.id or f"r{number}", clean(one.text), one.url, one.author, one.created_at)
        if isinstance(one, RetweetIn)
        else Retweet(one.id or f"r{number}", "", one.url)
        for number, one in enumerate(given, 1)
    )


def summary(counts: Mapping[str, int]) -> dict[str, int]:
    """Count the verdicts; `failed` are the retweets that could not be judged."""
    found = {label.value: counts.get(label.value, 0) for label in Label}
    return {"retweets": sum(counts.values()), **found, "failed": counts.get("failed", 0)}


def document(post: Post, rows: Sequence[Row], signature: str) -> dict[str, Any]:
    """Write the whole answer: the post, the counts, a row a retweet."""
    counts: dict[str, int] = {}
    for row in rows:
        kind = row.get("verdict", "failed")
        counts[kind] = counts.get(kind, 0) + 1
    return {
        "schema": SCHEMA,
        "post": {
            "id": post.id,
            "url": post.url,
            "author": post.author,
            "created_at": post.created_at,
            "text": post.text,
        },
        "summary": summary(counts),
        "results": list(rows),
        "signature": signature,
    }


def job_document(job: Job) -> dict[str, Any]:
    """Write down where a job stands."""
    counts = dict(job.counts)
    return {
        "id": job.id,
        "state": job.state,
        "total": job.total,
        "done": job.done,
        "summary": summary(counts),
        "error": job.error,
        "created_at": moment(job.created_at),
        "finished_at": moment(job.finished_at) if job.finished_at else None,
        "report": f"/reports/{job.id}",
        "results": f"/v1/jobs/{job.id}/results",
    }


def moment(seconds: float) -> str:
    """Write a time as ISO 8601, in UTC."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
