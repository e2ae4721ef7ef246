"""Opens the database: durable commits, one writer at a time on SQLite, a clock they share."""

import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from logging import getLogger
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Connection,
    Engine,
    Row,
    Select,
    Table,
    create_engine,
    event,
    make_url,
    text,
    update,
)
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from api.store.tables import metadata
from drift.errors import BackendError, InputError

log = getLogger("drift.store")
# Versions before this one could lose pages when a write-ahead log was reset (3.7.0 to 3.51.2).
_SAFE_LOG = (3, 51, 3)
_CLOCKS = {
    "sqlite": text("SELECT (julianday('now') - 2440587.5) * 86400.0"),
    "postgresql": text("SELECT extract(epoch FROM clock_timestamp())"),
}


class Store:
    """A database that is open."""

    def __init__(self, url: str) -> None:
        self._engine, self.url = _engine(url), url
        self.dialect = self._engine.dialect.name
        self._autocommit = self._engine.execution_options(isolation_level="AUTOCOMMIT")
        # SQLite lets one write at a time; waiting here is fairer than its polling.
        self._writer = threading.Lock() if self.dialect == "sqlite" else None
        try:
            with self.write() as connection:
                if self.dialect == "postgresql":  # two servers that start at once
                    connection.execute(text("SELECT pg_advisory_xact_lock(1147300198)"))
                metadata.create_all(connection)
        except SQLAlchemyError as error:
            raise BackendError(
                f"the database cannot be used: {error.__cause__ or error}"
            ) from error

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Read; every statement sees what is committed."""
        with self._autocommit.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Write in one transaction: all of it or nothing."""
        if self._writer is None:
            with self._engine.begin() as connection:
                yield connection
            return
        with self._writer, self._engine.begin() as connection:
            yield connection

    def now(self, connection: Connection) -> float:
        """Give the database's time, which all its servers share."""
        return float(connection.execute(_CLOCKS[self.dialect]).scalar_one())

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()


def _engine(url: str) -> Engine:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise InputError(
            "the database's address cannot be read; see `drift serve --help`"
        ) from error
    if parsed.get_backend_name() == "postgresql":
        return create_engine(parsed, pool_size=16, max_overflow=32, pool_pre_ping=True)
    if parsed.get_backend_name() != "sqlite":
        raise InputError("the database must be sqlite:///FILE or postgresql+psycopg://...")
    if not parsed.database or parsed.database == ":memory:":
        raise InputError("an SQLite database in memory would forget its jobs; name a file")
    Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(parsed, connect_args={"timeout": 30}, pool_size=16, max_overflow=64)
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def journal() -> str:
    """Choose SQLite's journal: the write-ahead log only where resetting it is safe."""
    return "WAL" if sqlite3.sqlite_version_info >= _SAFE_LOG else "TRUNCATE"


def _prepare(raw: Any, _: object) -> None:  # noqa: ANN401 -- a DB-API connection
    raw.isolation_level = None  # transactions are begun below, not by the driver
    cursor = raw.cursor()
    for pragma in (f"journal_mode={journal()}", "synchronous=FULL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    # Taking the write lock at once, not at the first write, cannot end in a deadlock.
    if connection.get_execution_options().get("isolation_level") != "AUTOCOMMIT":
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def take_first(
    connection: Connection, table: Table, wanted: Select[Any], taken: Mapping[str, object]
) -> Row[Any] | None:
    """Take the first row that nobody is taking at this moment, and write on it that it is taken.

    The row is given as it was before.
    """
    row = connection.execute(wanted.limit(1).with_for_update(skip_locked=True, of=table)).first()
    if row is not None:
        connection.execute(update(table).where(table.c.id == row.id).values(dict(taken)))
    return row
