"""Keeps what was fetched, with its date and a content hash, so that it can be shown later.

One SQLite file. A page is kept once for every content that it had: when it changes, the old
version stays. No header is kept but the content type, and nothing of what was sent but the link:
no token, no password.
"""

import hashlib
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from drift.ingest.fetch import Page

DAY = timedelta(hours=24)
FILE = "pages.sqlite3"
SCHEMA = """
CREATE TABLE IF NOT EXISTS pages (
    asked TEXT NOT NULL, url TEXT NOT NULL, status INTEGER NOT NULL, kind TEXT NOT NULL,
    sha256 TEXT NOT NULL, body BLOB NOT NULL, first_seen TEXT NOT NULL, last_seen TEXT NOT NULL,
    PRIMARY KEY (asked, sha256)
)
"""


@dataclass(frozen=True, slots=True)
class Version:
    """One content that a link had, from when to when it was seen."""

    sha256: str
    first_seen: str
    last_seen: str
    url: str


def default_folder() -> Path:
    """Give the folder for what is kept: `DRIFT_CACHE`, or the user's cache folder."""
    named = os.environ.get("DRIFT_CACHE")
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(named) if named else Path(base) / "drift"


def digest(body: bytes) -> str:
    """Give the content hash of a page.

    >>> digest(b"")[:8]
    'e3b0c442'
    """
    return hashlib.sha256(body).hexdigest()


class PageCache:
    """The pages that were fetched; a cache that cannot be used is as good as an empty one."""

    def __init__(self, folder: Path | None = None, max_age: timedelta = DAY) -> None:
        """Use a folder; a page older than `max_age` is fetched again."""
        self._path = (folder or default_folder()) / FILE
        self._max_age = max_age

    def get(self, asked: str) -> Page | None:
        """Give the latest version of a page, if it is fresh."""
        oldest = (datetime.now(UTC) - self._max_age).isoformat(timespec="seconds")
        query = (
            "SELECT asked, url, status, body, kind, last_seen FROM pages "
            "WHERE asked = ? AND last_seen >= ? ORDER BY last_seen DESC LIMIT 1"
        )
        with self._opened() as database:
            row = database.execute(query, (asked, oldest)).fetchone() if database else None
        if row is None:
            return None
        return Page(row[0], row[1], row[2], row[3], {"content-type": row[4]}, row[5])

    def put(self, page: Page) -> str:
        """Keep a page; give its content hash."""
        sha256 = digest(page.body)
        kind = page.headers.get("content-type", "")
        command = (
            "INSERT INTO pages VALUES (?, ?, ?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (asked, sha256) DO UPDATE SET last_seen = excluded.last_seen"
        )
        seen = page.fetched_at
        values = (page.asked, page.url, page.status, kind, sha256, page.body, seen, seen)
        with self._opened() as database:
            if database:
                database.execute(command, values)
        return sha256

    def versions(self, asked: str) -> list[Version]:
        """List the contents that a link had, the latest first."""
        query = (
            "SELECT sha256, first_seen, last_seen, url FROM pages WHERE asked = ? "
            "ORDER BY last_seen DESC"
        )
        with self._opened() as database:
            rows = database.execute(query, (asked,)).fetchall() if database else []
        return [Version(*row) for row in rows]

    def body(self, sha256: str) -> bytes | None:
        """Give a content by its hash: what was judged."""
        with self._opened() as database:
            query = "SELECT body FROM pages WHERE sha256 = ? LIMIT 1"
            row = database.execute(query, (sha256,)).fetchone() if database else None
        return row[0] if row else None

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection | None]:
        """Open the file for one transaction; nothing where it cannot be used."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            database = sqlite3.connect(self._path, timeout=5)
        except (OSError, sqlite3.Error):
            yield None
            return
        with closing(database):
            try:
                database.execute(SCHEMA)
            except sqlite3.Error:
                yield None
                return
            with database:
                yield database
