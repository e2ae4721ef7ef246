"""What an operator may choose, read once from the environment and then frozen."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from drift.errors import InputError

PREFIX = "DRIFT_"
_TRUE, _FALSE = ("1", "yes", "true", "on"), ("0", "no", "false", "off")


def _state_folder() -> Path:
    home = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(home) / "drift"


def default_database() -> str:
    """Name the SQLite file that is used where no database is named."""
    return f"sqlite:///{_state_folder() / 'drift.db'}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Every setting is an environment variable: `DRIFT_` and the name in capitals."""

    host: str = "127.0.0.1"
    port: int = 8000
    models: str = "auto"  # who back-translates; see `drift check --help`
    database: str = ""  # an SQLAlchemy URL; empty: SQLite in the user's state folder
    workers: int = 0  # judging processes; 0: one a processor
    proxies: str = ""  # addresses of proxies whose X-Forwarded-For is believed
    secret: str = ""  # makes webhook secrets; empty: a file beside the SQLite database
    anonymous: bool = True  # may people without a key use the form and the API?
    links: bool = True  # may posts be fetched by link?
    keep_days: int = 30  # reports and jobs are deleted after this
    seconds: float = 60.0  # a piece of work that takes longer is given up, its process ended
    lease: float = 15.0  # seconds after which the job of a server that died is taken up by another
    room: int = 100  # retweets of direct checks that may wait; more are turned away
    patience: float = 1.0  # seconds that they may wait; who would wait longer is turned away
    waiting: int = 200  # unfinished jobs in all; more are turned away
    per_minute: int = 300  # retweets a minute, anonymous caller or address
    key_per_minute: int = 3000  # retweets a minute, key
    at_once: int = 20  # unfinished jobs or direct checks of one caller
    streams: int = 200  # open event streams


def read(given: Mapping[str, str]) -> Settings:
    """Read the settings out of an environment; a value that cannot be read is refused by name.

    >>> read({"DRIFT_PORT": "8080", "DRIFT_ANONYMOUS": "no"}).port
    8080
    """
    values: dict[str, object] = {}
    for field in fields(Settings):
        text = given.get(PREFIX + field.name.upper())
        if text is not None:
            values[field.name] = _value(field.name, field.type, text)
    return Settings(**values)  # type: ignore[arg-type]  # each value was read by its field's type


def _value(name: str, kind: object, text: str) -> object:
    if kind is bool:
        lowered = text.strip().lower()
        if lowered in _TRUE or lowered in _FALSE:
            return lowered in _TRUE
        raise InputError(f"{PREFIX}{name.upper()} is {text!r}; write yes or no")
    if kind is str:
        return text
    try:
        number = int(text) if kind is int else float(text)
    except ValueError:
        raise InputError(f"{PREFIX}{name.upper()} is {text!r}; write a number") from None
    if number < 0:
        raise InputError(f"{PREFIX}{name.upper()} is {text!r}; write a number that is not negative")
    return number
