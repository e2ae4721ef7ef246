"""A server on the real pipeline, inside the test's own process."""

import json
import os
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from api.store.engine import Store
from drift import cli
from tests.api import postgres

POST = (files("drift") / "demo" / "post.txt").read_text("utf-8")
DENIED = "美国拒绝了王立军的避难申请，形象受损。"
SHORT_POST = "The mayor said that about 4,000 people may have left the town on Monday."
SHORT_RETWEET = "市长说，周一大约有4万人离开了该镇。"


def tools():
    return cli.tools("auto")


def settings(folder, **changed):
    return Settings(**{"database": f"sqlite:///{folder / 'drift.db'}", "links": False, **changed})


@contextmanager
def serving(chosen, **headers):
    app = create_app(chosen, tools, inside=True)
    with TestClient(app, raise_server_exceptions=False, headers=headers) as client:
        for _ in range(600):
            if client.get("/readyz").status_code == 200:
                break
            app.state.service.bench._threads[0].join(0.05)
        yield client


@contextmanager
def opened(kind, folder):
    """Open an empty database of one kind; PostgreSQL where there is one."""
    store = Store(postgres.empty() if kind == "postgresql" else f"sqlite:///{folder / 'store.db'}")
    yield store
    store.close()


def security_folder():
    """Find the lists of hostile input; they are not part of this repository."""
    data = os.environ.get("DRIFT_DATA", Path(__file__).parents[3] / "shared" / "data")
    folder = Path(data).parent / "security"
    if not folder.exists():
        pytest.skip(
            "no hostile lists: set DRIFT_DATA to a data folder that has security/ beside it"
        )
    return folder


def security_list(name):
    """Read a list of hostile strings."""
    return json.loads((security_folder() / name).read_text(encoding="utf-8"))
