"""A throwaway PostgreSQL for tests: the one that DRIFT_POSTGRES names, or one of our own."""

import atexit
import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

import pytest

from api.store.engine import Store
from api.store.tables import metadata


def empty():
    """Give the URL of an empty database, or skip where there is no PostgreSQL."""
    own = None if os.environ.get("DRIFT_POSTGRES") else _started()
    url = own.url if own else os.environ.get("DRIFT_POSTGRES")
    if not url:
        pytest.skip("no PostgreSQL: apt-get install postgresql, or name a URL in DRIFT_POSTGRES")
    store = Store(url)
    with store.write() as connection:
        metadata.drop_all(connection)
    store.close()
    return url


def crash():
    """Let our own cluster die as in a power cut, and bring it up again."""
    own = None if os.environ.get("DRIFT_POSTGRES") else _started()
    if own is None:
        pytest.skip("no PostgreSQL of our own to crash: apt-get install postgresql")
    own.control("-m", "immediate", "stop")
    own.control("-w", "start")


@dataclass(frozen=True)
class Cluster:
    """A running cluster: its URL, and its control program."""

    url: str
    control: Callable[..., None]


@cache
def _started():
    """Start a cluster of our own, which ends with the tests."""
    pytest.importorskip("psycopg", reason="psycopg is not installed: pip install '.[postgres]'")
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    initdb = Path(shutil.which("initdb") or (found[-1] if found else "/nowhere"))
    user = _user()
    if not initdb.exists() or user is None:
        return None
    folder = Path(tempfile.mkdtemp(prefix="drift-postgres-"))
    os.chown(folder, user.pw_uid, user.pw_gid)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    who = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if not os.getuid() else {}

    def run(*command):
        subprocess.run(
            command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            cwd=folder, timeout=60, **who,
        )  # fmt: skip

    data, log = str(folder / "data"), str(folder / "log")
    told = f"-p {port} -c listen_addresses=127.0.0.1 -c max_connections=200 -k {folder}"
    run(initdb, "-D", data, "-U", "drift", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")
    control = partial(run, initdb.with_name("pg_ctl"), "-D", data, "-l", log, "-o", told)
    control("-w", "start")

    def stop():
        with contextlib.suppress(subprocess.SubprocessError):
            control("-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)

    atexit.register(stop)
    return Cluster(f"postgresql+psycopg://drift@127.0.0.1:{port}/postgres", control)


def _user():
    """Give whom the cluster belongs to: PostgreSQL refuses to run as root."""
    if os.getuid():
        return pwd.getpwuid(os.getuid())
    with contextlib.suppress(KeyError):
        return pwd.getpwnam("postgres")
    return None
