"""What the summary needs to know of a row: a few words, kept with the chunk that it was judged in.

A result row carries neither author nor day, and a summary must not read gigabytes of results again;
so each chunk begins with one line of JSON that briefly tells its rows and their posts.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from textwrap import shorten
from typing import Any

from drift.batch.days import day_of
from drift.ingest.rows import Row
from drift.report.structured import encode

LAYOUT = "briefs-2"  # of a chunk; chunks of another layout are not taken over
_OPENING = 160  # characters of a post that name it in a summary
_WORDS = 200  # characters of a quotation that are kept
_NAME = 100  # characters of an author's name
Brief = dict[str, Any]
Result = Mapping[str, Any]


def row_brief(row: Row) -> Brief:
    """Tell where a row comes from: its post, author and day."""
    told: Brief = {"author": (row.author or "").strip()[:_NAME], "day": day_of(row.created_at)}
    if row.post is not None:
        told["post"] = post_key(row.post, row.post_url)
    return told


def fault_brief(row: Row, error: str) -> Brief:
    """Tell a row that could not be judged, and why."""
    return row_brief(row) | {"id": row.id[:_NAME], "error": error[:_WORDS]}


def result_brief(result: Result) -> Brief:
    """Tell what a row was judged to be, and what was found."""
    return {
        "verdict": result["verdict"],
        "score": result["score"],
        "found": [_found(finding, result["claims"]) for finding in result["findings"]],
    }


def posts_of(rows: Iterable[Row]) -> dict[str, dict[str, str]]:
    """Name the posts of some rows: how they begin, and where they stand."""
    return {
        post_key(row.post, row.post_url): {
            "opening": shorten(row.post[: 2 * _OPENING], _OPENING, placeholder=" …"),
            "url": row.post_url or "",
        }
        for row in rows
        if row.post is not None
    }


def post_key(post: str, url: str | None) -> str:
    """Name a post by its text and link, in twelve signs."""
    digest = hashlib.sha256(post.encode("utf-8", "replace"))
    digest.update(b"\0" + (url or "").encode("utf-8", "replace"))
    return digest.hexdigest()[:12]


def with_briefs(rows: Sequence[Row], briefs: Sequence[Brief], lines: Iterable[bytes]) -> bytes:
    """Put a chunk together: the briefs in its first line, then a line a result."""
    head = {"posts": posts_of(rows), "briefs": briefs}
    return b"".join([encode(head).encode(), b"\n", *lines])


def lines_of(chunk: bytes) -> bytes:
    """Give the result lines of a chunk as they stand, without the briefs in front."""
    return chunk.partition(b"\n")[2]


def _found(finding: Result, claims: Sequence[Result]) -> list[Any]:
    """Tell one finding: type, severity, place in the post, the words there, and the wording."""
    ours, theirs = finding["post_span"], finding["retweet_span"]
    claim = _claim_at(theirs, claims)
    place = _place(ours, claim)
    return [
        finding["type"],
        finding["severity"],
        place["start"] if place else -1,
        place["text"][:_WORDS] if place else "",
        (claim["span"]["text"] if claim else theirs["text"] if theirs else "")[:_WORDS],
    ]


def _claim_at(span: Result | None, claims: Sequence[Result]) -> Result | None:
    """Find the claim that a stretch of the retweet stands in."""
    if span is None:
        return None
    for claim in claims:
        if claim["span"]["start"] < span["end"] and span["start"] < claim["span"]["end"]:
            return claim
    return None


def _place(span: Result | None, claim: Result | None) -> Result | None:
    """Give the sentence of the post: the one around the finding's words, else the claim's best.

    Retweets that distort the same sentence then meet, whichever of its words they change.
    """
    aligned = claim["aligned"] if claim else ()
    for piece in aligned:
        place: Result = piece["span"]
        if span is None or (place["start"] <= span["start"] and span["end"] <= place["end"]):
            return place
    return span
