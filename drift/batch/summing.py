"""Adds up what the chunks say of their rows, in a temporary database rather than in memory.

A million rows may have a million authors. SQLite's unnamed database lives in a file that is gone
with its last user, however that user ends.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from drift.batch.wordings import clusters
from drift.errors import BackendError
from drift.report.summary import VERDICTS, Distortion, Fault, Summary, Tally, TypeTally

SHOWN = 100  # posts and authors in the head of a list
SPREAD = 24  # distortions that are told
FAULTS = 50  # reasons for which rows could not be judged
_WORDINGS = 400  # of a distortion, the commonest, that are clustered
_SCHEMA = """
CREATE TABLE row (id INTEGER PRIMARY KEY, post TEXT, author TEXT, day TEXT, verdict TEXT,
                  score REAL);
CREATE TABLE post (key TEXT PRIMARY KEY, opening TEXT, url TEXT) WITHOUT ROWID;
CREATE TABLE found (row INTEGER, type TEXT, severity TEXT, place INTEGER, words TEXT,
                    wording TEXT);
CREATE TABLE fault (row INTEGER, id TEXT, reason TEXT);
CREATE TABLE wrong (post TEXT, type TEXT, place INTEGER, row INTEGER, words TEXT, wording TEXT,
                    author TEXT, day TEXT);
"""
_WRONG = """
INSERT INTO wrong
SELECT DISTINCT row.post, type, place, row.id, words, wording, author, day
FROM found JOIN row ON row.id = found.row
WHERE verdict = 'misrepresents' AND severity <> 'minor'
"""
_COUNTS = ", ".join(f"SUM(verdict = '{name}')" for name in VERDICTS)
_GROUPS = {
    "post": f"""SELECT row.post, COUNT(*), ROUND(AVG(score), 4), {_COUNTS}, opening, url
                FROM row JOIN post ON post.key = row.post
                GROUP BY row.post ORDER BY 2 DESC, 1""",  # noqa: S608 -- our own words only
    "author": f"""SELECT author, COUNT(*), ROUND(AVG(score), 4), {_COUNTS}, '', ''
                  FROM row WHERE author <> '' GROUP BY author ORDER BY 2 DESC, 1""",  # noqa: S608
    "day": f"""SELECT day, COUNT(*), ROUND(AVG(score), 4), {_COUNTS}, '', ''
               FROM row WHERE day <> '' GROUP BY day ORDER BY 1""",  # noqa: S608
}
_WHOLE = f"SELECT '', COUNT(*), ROUND(AVG(score), 4), {_COUNTS}, '', '' FROM row"  # noqa: S608
_HEADS = {
    "post": "ORDER BY 6 DESC, 2 DESC, 1",  # the sixth column counts `misrepresents`
    "author": "ORDER BY 6 DESC, 2 DESC, 1",
}


class Book:
    """The briefs of a run, ready to be counted."""

    def __init__(self, file: sqlite3.Connection) -> None:
        """Start with nothing in it."""
        self._file = file
        file.executescript(_SCHEMA)

    def add(self, head: bytes) -> None:
        """Take in the briefs of one chunk, which stand in its first line."""
        told = json.loads(head)
        first = self._file.execute("SELECT COALESCE(MAX(id), 0) + 1 FROM row").fetchone()[0]
        rows: list[tuple[Any, ...]] = []
        found: list[tuple[Any, ...]] = []
        for number, brief in enumerate(told["briefs"], first):
            rows.append(
                (number, brief.get("post"), brief["author"], brief["day"],
                 brief.get("verdict", "error"), brief.get("score"))
            )  # fmt: skip
            found += [(number, *finding) for finding in brief.get("found", ())]
        faults = [
            (number, brief["id"], brief["error"])
            for number, brief in enumerate(told["briefs"], first)
            if "error" in brief
        ]
        posts = [(key, one["opening"], one["url"]) for key, one in told["posts"].items()]
        self._file.executemany("INSERT OR IGNORE INTO post VALUES (?, ?, ?)", posts)
        self._file.executemany("INSERT INTO row VALUES (?, ?, ?, ?, ?, ?)", rows)
        self._file.executemany("INSERT INTO fault VALUES (?, ?, ?)", faults)
        self._file.executemany("INSERT INTO found VALUES (?, ?, ?, ?, ?, ?)", found)

    def groups(self) -> Iterator[tuple[str, Iterator[Tally]]]:
        """Give every post, author and day with its tally."""
        for name, query in _GROUPS.items():
            yield name, map(_tally, self._file.execute(query))

    def summary(self, signature: str) -> Summary:
        """Add everything up."""
        whole = _tally(self._file.execute(_WHOLE).fetchone())
        days = tuple(map(_tally, self._file.execute(_GROUPS["day"])))
        return Summary(
            whole=whole,
            types=self._types(),
            days=days,
            undated=whole.rows - sum(day.rows for day in days),
            posts=self._head("post"),
            authors=self._head("author"),
            distinct={name: self._distinct(name) for name in _GROUPS},
            distortions=self._distortions(),
            faults=self._faults(),
            signature=signature,
        )

    def _faults(self) -> tuple[Fault, ...]:
        # Beside MIN, SQLite gives the id of the very row that is the first.
        query = """SELECT reason, COUNT(*), id, MIN(row) FROM fault
                   GROUP BY reason ORDER BY 2 DESC, 4 LIMIT ?"""
        rows = self._file.execute(query, (FAULTS,))
        return tuple(Fault(reason, count, name) for reason, count, name, _ in rows)

    def _head(self, name: str) -> tuple[Tally, ...]:
        query = _GROUPS[name].rpartition("ORDER BY")[0] + _HEADS[name] + f" LIMIT {SHOWN}"
        return tuple(map(_tally, self._file.execute(query)))

    def _distinct(self, name: str) -> int:
        query = f"SELECT COUNT(DISTINCT {name}) FROM row WHERE {name} <> ''"  # noqa: S608 -- ours
        count: int = self._file.execute(query).fetchone()[0]
        return count

    def _types(self) -> tuple[TypeTally, ...]:
        query = """SELECT type, COUNT(DISTINCT row), SUM(severity = 'minor'),
                   SUM(severity = 'major'), SUM(severity = 'critical')
                   FROM found GROUP BY type ORDER BY 2 DESC, 1"""
        return tuple(TypeTally(*row) for row in self._file.execute(query))

    def _distortions(self) -> tuple[Distortion, ...]:
        self._file.execute(_WRONG)
        self._file.execute("CREATE INDEX place ON wrong (post, type, place)")
        query = """SELECT post, type, place, COUNT(DISTINCT row),
                   COUNT(DISTINCT NULLIF(author, '')), MAX(words), opening, url
                   FROM wrong JOIN post ON post.key = wrong.post
                   GROUP BY post, type, place ORDER BY 4 DESC, 1, 2, 3 LIMIT ?"""
        heads = self._file.execute(query, (SPREAD,)).fetchall()
        return tuple(self._distortion(head) for head in heads)

    def _distortion(self, head: tuple[Any, ...]) -> Distortion:
        post, kind, place, rows, authors, words, opening, url = head
        here = (post, kind, place)
        days = self._file.execute(
            """SELECT day, COUNT(DISTINCT row) FROM wrong
               WHERE post = ? AND type = ? AND place = ? AND day <> '' GROUP BY day""",
            here,
        ).fetchall()
        wordings = self._file.execute(
            """SELECT wording, COUNT(DISTINCT row) FROM wrong
               WHERE post = ? AND type = ? AND place = ? AND wording <> ''
               GROUP BY wording ORDER BY 2 DESC, 1 LIMIT ?""",
            (*here, _WORDINGS),
        ).fetchall()
        return Distortion(
            kind, post, opening, url, words, rows, authors, tuple(days), clusters(wordings)
        )


@contextmanager
def book(heads: Iterable[bytes]) -> Iterator[Book]:
    """Read the briefs of all chunks into a book, which lasts as long as the context."""
    try:
        file = sqlite3.connect("", isolation_level=None)
        try:
            file.execute("PRAGMA journal_mode = OFF")
            made = Book(file)
            file.execute("BEGIN")
            for head in heads:
                made.add(head)
            yield made
        finally:
            file.close()
    except sqlite3.Error as error:
        raise BackendError(f"the summary could not be added up: {error}") from error


def _tally(row: tuple[Any, ...]) -> Tally:
    key, rows, score, *counts, name, url = row
    verdicts = {kind: count or 0 for kind, count in zip(VERDICTS, counts, strict=True)}
    return Tally(key, rows, verdicts, score, name, url)
