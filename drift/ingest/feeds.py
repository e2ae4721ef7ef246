"""Reads RSS and Atom feeds: each entry is a post."""

from typing import Any

from drift.errors import InputError
from drift.ingest.dom import tidy
from drift.ingest.networks.entries import MAX_HTML, Entry, plain
from drift.ingest.rows import clean

MAX_ENTRIES = 500
PASTE = "paste the text instead"


def is_feed(kind: str, body: bytes) -> bool:
    """Tell whether an answer is a feed, by its type and its first bytes.

    >>> is_feed("application/rss+xml", b""), is_feed("text/html", b"<!DOCTYPE html>")
    (True, False)
    """
    if kind in ("application/rss+xml", "application/atom+xml"):
        return True
    head = body[:1_000].lower()
    return any(mark in head for mark in (b"<rss", b"<feed", b"<rdf:rdf"))


def entries_of(body: bytes, url: str) -> list[Entry]:
    """Read the entries of a feed; those without any text are left out."""
    import feedparser

    # Bytes, never an address: feedparser would fetch it itself, past the guard.
    feed = feedparser.parse(body, response_headers={"content-location": url})
    found = [_entry(item, feed.feed) for item in feed.entries[:MAX_ENTRIES]]
    entries = [entry for entry in found if entry is not None]
    if not entries:
        raise InputError(f"the feed has no entries with text; {PASTE}")
    return entries


def _entry(item: Any, feed: Any) -> Entry | None:  # noqa: ANN401 -- feedparser ships no types
    """Read one entry: its full text where the feed has it, else its summary, else its title."""
    contents = [one.get("value") or "" for one in item.get("content", [])]
    markup = max([*contents, item.get("summary") or ""], key=len)
    title = tidy(clean(plain(item.get("title", "")[:1_000])))
    text = plain(markup[:MAX_HTML]) if markup else ""
    if not text and not title:
        return None
    link = item.get("link") or None
    return Entry(
        network="feed",
        id=str(item.get("id") or link or title)[:1_000],
        # Microblogs repeat the text's beginning as the title; others have a title of their own.
        text=text if not title or _same_start(title, text) else f"{title}\n\n{text}".strip(),
        url=link if str(link).startswith(("http://", "https://")) else None,
        author=item.get("author") or feed.get("author") or feed.get("title") or None,
        created_at=_date(item.get("published_parsed") or item.get("updated_parsed")),
    )


def _same_start(title: str, text: str) -> bool:
    """Tell whether a title is only the beginning of the text."""
    bare = title.rstrip("….").strip()
    return bool(bare) and tidy(text).startswith(bare[:40])


def _date(moment: Any) -> str | None:  # noqa: ANN401 -- a time tuple in UTC
    """Write a feed's date in ISO form."""
    from calendar import timegm
    from datetime import UTC, datetime

    try:
        return datetime.fromtimestamp(timegm(moment), UTC).isoformat() if moment else None
    except (ValueError, TypeError, OverflowError):
        return None
