"""Keeps what was fetched, with its date and a content hash, so that it can be shown later.

One SQLite file. A page is kept once for every content that it had: when it changes, the old
version stays. No header is kept but the content type, and nothing of what was sent but the link:
no token, no password.
"""

import hashlib
import os
import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from drift.ingest.fetch import Page

FRESH = timedelta(hours=1)  # an author corrects a post within minutes, a batch asks within them
LARGEST = 1 << 30  # bytes of the file; beyond it the tenth that was seen longest ago is forgotten
OFF = "off"  # the value of DRIFT_CACHE that keeps nothing
FILE = "pages.sqlite3"
SCHEMA = """
CREATE TABLE IF NOT EXISTS pages (
    asked TEXT NOT NULL, url TEXT NOT NULL, status INTEGER NOT NULL, kind TEXT NOT NULL,
    sha256 TEXT NOT NULL, body BLOB NOT NULL, first_seen TEXT NOT NULL, last_seen TEXT NOT NULL,
    PRIMARY KEY (asked, sha256)
)
"""

FORGET = """
DELETE FROM pages WHERE rowid IN
    (SELECT rowid FROM pages ORDER BY last_seen LIMIT (SELECT 1 + COUNT(*) / 10 FROM pages))
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


def default_cache() -> "PageCache | None":
    """Give the cache that is used where none is named: none with `DRIFT_CACHE=off`."""
    return None if os.environ.get("DRIFT_CACHE") == OFF else PageCache()


def digest(body: bytes) -> str:
    """Give the content hash of a page.

    >>> digest(b"")[:8]
    'e3b0c442'
    """
    return hashlib.sha256(body).hexdigest()


class PageCache:
    """The pages that were fetched; a cache that cannot be used is as good as an empty one."""

    def __init__(self, folder: Path | None = None, max_age: timedelta = FRESH) -> None:
        """Use a folder; a page older than `max_age` is fetched again."""
        self._path = (folder or default_folder()) / FILE
        self._max_age = max_age

    def get(self, asked: str) -> Page | None:
        """Give the latest version of a page, if it is fresh."""
        oldest = (datetime.now(UTC) - self._max_age).isoformat(timespec="seconds")
        found = self._run(
            "SELECT asked, url, status, body, kind, last_seen FROM pages "
            "WHERE asked = ? AND last_seen >= ? ORDER BY last_seen DESC LIMIT 1",
            (asked, oldest),
        )
        if not found:
            return None
        asked, url, status, body, kind, seen = found[0]
        return Page(asked, url, status, body, {"content-type": kind}, seen)

    def put(self, page: Page) -> str:
        """Keep a page; give its content hash."""
        sha256 = digest(page.body)
        kind, seen = page.headers.get("content-type", ""), page.fetched_at
        self._run(
            "INSERT INTO pages VALUES (?, ?, ?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (asked, sha256) DO UPDATE SET last_seen = excluded.last_seen",
            (page.asked, page.url, page.status, kind, sha256, page.body, seen, seen),
        )
        with suppress(OSError):
            if self._path.stat().st_size > LARGEST:
                self._run(FORGET, ())
        return sha256

    def versions(self, asked: str) -> list[Version]:
        """List the contents that a link had, the latest first."""
        query = (
            "SELECT sha256, first_seen, last_seen, url FROM pages WHERE asked = ? "
            "ORDER BY last_seen DESC"
        )
        return [Version(*row) for row in self._run(query, (asked,))]

    def body(self, sha256: str) -> bytes | None:
        """Give a content by its hash: what was judged."""
        found = self._run("SELECT body FROM pages WHERE sha256 = ? LIMIT 1", (sha256,))
        return found[0][0] if found else None

    def _run(self, command: str, values: tuple[Any, ...]) -> list[Any]:
        """Run one command in a transaction of its own; nothing where the file cannot be used."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with closing(sqlite3.connect(self._path, timeout=5)) as database, database:
                database.execute(SCHEMA)
                return database.execute(command, values).fetchall()
        except (OSError, sqlite3.Error):
            return []
