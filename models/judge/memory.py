"""Keeps what the language model answered, so that the same question costs nothing twice."""

import hashlib
import os
import sqlite3
from contextlib import closing
from pathlib import Path

_TABLE = """
CREATE TABLE IF NOT EXISTS answers (
    judge TEXT NOT NULL, question TEXT NOT NULL, answer TEXT NOT NULL,
    PRIMARY KEY (judge, question)
) WITHOUT ROWID
"""
_PATIENCE = 30.0


def default_file() -> Path | None:
    """Give the file: in DRIFT_CACHE, else in the user's cache folder; none with DRIFT_CACHE=off."""
    named = os.environ.get("DRIFT_CACHE")
    if named == "off":
        return None
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return (Path(named) if named else Path(base) / "drift") / "judge.sqlite3"


class Memory:
    """Answers by judge and question; without a file it remembers nothing.

    It holds the hash of each question, not the texts. A file that cannot be used is passed over:
    remembering saves money and changes no answer.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path

    def recall(self, judge: str, retweet: str, post: str) -> str | None:
        """Give an earlier answer."""
        if self._path is None or not self._path.exists():
            return None
        try:
            with closing(sqlite3.connect(self._path, timeout=_PATIENCE)) as file:
                file.execute(_TABLE)
                row = file.execute(
                    "SELECT answer FROM answers WHERE judge = ? AND question = ?",
                    (judge, _question(retweet, post)),
                ).fetchone()
        except sqlite3.Error:
            return None
        return str(row[0]) if row else None

    def keep(self, judge: str, retweet: str, post: str, answer: str) -> None:
        """Keep an answer that was of use."""
        if self._path is None:
            return
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self._path, timeout=_PATIENCE)) as file, file:
                file.execute(_TABLE)
                file.execute(
                    "INSERT OR REPLACE INTO answers VALUES (?, ?, ?)",
                    (judge, _question(retweet, post), answer),
                )
        except (sqlite3.Error, OSError):
            return


def _question(retweet: str, post: str) -> str:
    return hashlib.sha256(f"{len(retweet)}\n{retweet}\n{post}".encode()).hexdigest()
