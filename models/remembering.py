"""A translator that keeps what it said in a file, so that a batch run again costs nothing."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from drift.backends import Translator
from drift.errors import BackendError

_TABLE = """
CREATE TABLE IF NOT EXISTS said (
    signature TEXT NOT NULL, chinese TEXT NOT NULL, english TEXT NOT NULL,
    PRIMARY KEY (signature, chinese)
) WITHOUT ROWID
"""
# SQLite takes 32766 parameters a statement at most; fewer keep the statement short.
_AT_ONCE = 500
_PATIENCE = 30.0


class RememberingTranslator:
    """Asks another translator only for what the file does not hold yet.

    The file may be shared by several processes and by several translators: an answer is found again
    only under the signature of the one that gave it.
    """

    def __init__(self, inner: Translator, path: Path) -> None:
        """Name the translator and the file; the file is made when it is first needed."""
        self._inner = inner
        self._path = path

    @property
    def signature(self) -> str:
        """Name the translator behind; remembering changes no answer."""
        return self._inner.signature

    def translate(self, texts: Sequence[str]) -> list[str]:
        """Translate every Chinese text into English, those known before from the file."""
        wanted = list(dict.fromkeys(texts))
        said = self._known(wanted)
        fresh = [text for text in wanted if text not in said]
        if fresh:
            new = dict(zip(fresh, self._inner.translate(fresh), strict=True))
            self._keep(new)
            said |= new
        return [said[text] for text in texts]

    def _known(self, texts: Sequence[str]) -> dict[str, str]:
        said: dict[str, str] = {}
        with self._open() as file:
            for start in range(0, len(texts), _AT_ONCE):
                part = texts[start : start + _AT_ONCE]
                marks = ", ".join("?" * len(part))
                rows = file.execute(
                    "SELECT chinese, english FROM said "  # noqa: S608 -- question marks only
                    f"WHERE signature = ? AND chinese IN ({marks})",
                    (self.signature, *part),
                )
                said |= dict(rows.fetchall())
        return said

    def _keep(self, new: dict[str, str]) -> None:
        with self._open() as file, file:
            file.executemany(
                "INSERT OR REPLACE INTO said VALUES (?, ?, ?)",
                [(self.signature, chinese, english) for chinese, english in new.items()],
            )

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self._path, timeout=_PATIENCE)) as file:
                file.execute(_TABLE)
                yield file
        except (sqlite3.Error, OSError) as error:
            raise BackendError(
                f"the translations in {self._path} cannot be used ({error}); delete the file"
            ) from error
