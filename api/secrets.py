"""The server's own secret, from which webhook secrets and the names of visitors are derived."""

import os
import secrets
from pathlib import Path

from sqlalchemy import make_url

from api.settings import Settings, default_database
from drift.errors import InputError

LEAST = 32


def server_secret(settings: Settings) -> bytes:
    """Read the secret from the settings, or from a file beside the SQLite database."""
    if settings.secret:
        if len(settings.secret) < LEAST:
            raise InputError(f"DRIFT_SECRET needs at least {LEAST} characters")
        return settings.secret.encode()
    address = make_url(settings.database or default_database())
    if address.get_backend_name() != "sqlite" or not address.database:
        raise InputError("set DRIFT_SECRET to a long random text; all servers share it")
    path = Path(address.database).with_suffix(".secret")
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_bytes()
    with os.fdopen(handle, "wb") as file:
        file.write(secrets.token_hex(LEAST).encode())
        file.flush()
        os.fsync(file.fileno())
    return path.read_bytes()
