"""Keys of the HTTP API: 256 random bits with a checksum, kept as a hash."""

import hashlib
import secrets
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import insert, select, text, update

from api.store.engine import Store
from api.store.tables import keys, rotations
from drift.errors import InputError

MARK = "drift_"  # lets a scanner of public code find a key that got there
OWNER = "key:"  # stands before the prefix where a key is an owner
_SHOWN = 8
_ROTATE = text("""
    INSERT INTO rotations (prefix, number, rotated_at) VALUES (:prefix, 1, :now)
    ON CONFLICT (prefix) DO UPDATE SET number = rotations.number + 1, rotated_at = :now
    RETURNING number
""")


@dataclass(frozen=True, slots=True)
class Key:
    """A key as it is kept: everything but what would let somebody use it."""

    prefix: str
    name: str
    scopes: tuple[str, ...]
    created: str
    revoked: bool


def create(store: Store, name: str, scopes: Sequence[str]) -> str:
    """Make a key and give it; it cannot be given again."""
    secret = secrets.token_hex(32)
    key = f"{MARK}{secret}{_checksum(secret)}"
    with store.write() as connection:
        connection.execute(
            insert(keys).values(
                prefix=secret[:_SHOWN], digest=_digest(key), name=name,
                scopes=" ".join(scopes), created_at=store.now(connection),
            )
        )  # fmt: skip
    return key


def find(store: Store, key: str) -> Key | None:
    """Find a key that is in force; looked up each time, so that a revoked one ends at once."""
    body = key.removeprefix(MARK)
    if body == key or len(body) != 72 or _checksum(body[:64]) != body[64:]:
        return None
    with store.read() as connection:
        # The look-up is by hash: how long it takes tells nothing about the key.
        row = connection.execute(
            select(keys).where(keys.c.digest == _digest(key), keys.c.revoked_at.is_(None))
        ).first()
    return _key(row) if row else None


def listing(store: Store) -> list[Key]:
    """List the keys, the oldest first."""
    with store.read() as connection:
        return [_key(row) for row in connection.execute(select(keys).order_by(keys.c.created_at))]


def revoke(store: Store, prefix: str) -> Key:
    """End a key at once."""
    with store.write() as connection:
        row = connection.execute(select(keys).where(keys.c.prefix == prefix)).first()
        if row is None:
            raise InputError("there is no key with this prefix; see `drift keys list`")
        connection.execute(
            update(keys)
            .where(keys.c.prefix == prefix, keys.c.revoked_at.is_(None))
            .values(revoked_at=store.now(connection))
        )
    return _key(row)


def rotate(store: Store, prefix: str) -> int:
    """Change the webhook secret of a key that is in force; give how often it has been changed."""
    with store.write() as connection:
        held = select(keys.c.prefix).where(keys.c.prefix == prefix, keys.c.revoked_at.is_(None))
        if connection.execute(held).first() is None:
            raise InputError("there is no such key in force; see `drift keys list`")
        given = {"prefix": prefix, "now": store.now(connection)}
        return int(connection.execute(_ROTATE, given).scalar_one())


def rotation(store: Store, owner: str, overlap: float) -> tuple[int, bool]:
    """Tell how often an owner's webhook secret was changed, and whether the last time is recent."""
    query = select(rotations).where(rotations.c.prefix == owner.removeprefix(OWNER))
    with store.read() as connection:
        row = connection.execute(query).first()
        return (row.number, row.rotated_at + overlap > store.now(connection)) if row else (0, False)


def _key(row: object) -> Key:
    data = row._mapping  # type: ignore[attr-defined]
    created = datetime.fromtimestamp(data["created_at"], UTC).isoformat(timespec="seconds")
    scopes = tuple(data["scopes"].split())
    return Key(data["prefix"], data["name"], scopes, created, data["revoked_at"] is not None)


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def _checksum(secret: str) -> str:
    return f"{zlib.crc32(secret.encode()):08x}"


def owner_of(key: str) -> str:
    """Give the name under which a key, or the key of a prefix, owns its jobs."""
    return f"{OWNER}{key.removeprefix(MARK)[:_SHOWN]}"
