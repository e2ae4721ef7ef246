"""The server and its workers are killed at random; no job that was acknowledged may suffer."""

import os
import random
import socket
import time

import pytest
from sqlalchemy import func, select

from api.store.engine import Store
from api.store.tables import items, jobs
from drift.cli import main
from tests.api import postgres
from tests.api.server import RETWEETS, Server

KILLS = int(os.environ.get("DRIFT_KILLS", "4"))
pytestmark = pytest.mark.slow


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request, tmp_path):
    return f"sqlite:///{tmp_path / 'drift.db'}" if request.param == "sqlite" else postgres.empty()


def test_every_acknowledged_job_is_finished_once_whatever_is_killed(database):
    dice = random.Random(7)
    server, made = Server(database), {}
    try:
        for number in range(KILLS):
            made[f"k{number}"] = server.post(f"k{number}")
            if dice.random() < 0.7:  # most kills hit while retweets are judged
                server.wait()
            time.sleep(dice.uniform(0.0, 1.0))
            server.kill(dice)
            key = dice.choice(list(made))
            assert server.post(key) == made[key]
        ended = {job: server.state(job) for job in made.values()}
    finally:
        server.end()
    assert {one["state"] for one in ended.values()} == {"done"}
    assert all(one["done"] == one["total"] == len(RETWEETS) for one in ended.values())
    assert all(one["summary"]["failed"] == 0 for one in ended.values())
    store = Store(database)
    with store.read() as connection:
        assert connection.execute(select(func.count()).select_from(jobs)).scalar_one() == KILLS
        rows = connection.execute(select(func.count()).where(items.c.row.is_not(None))).scalar_one()
    store.close()
    assert rows == KILLS * len(RETWEETS)


def test_a_server_told_to_stop_finishes_its_piece_and_hands_the_job_on(tmp_path):
    database = f"sqlite:///{tmp_path / 'drift.db'}"
    server = Server(database)
    try:
        job = server.post("k")
        server.process.terminate()
        assert server.process.wait(60) == 0
        server.start()
        assert server.state(job)["state"] == "done"
    finally:
        server.end()


def test_a_port_that_is_taken_is_told_before_anything_is_loaded(tmp_path, capsys):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        where = ["--database", f"sqlite:///{tmp_path / 'drift.db'}"]
        assert main(["serve", "--port", port, *where]) == 2
    assert "cannot listen" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("option", "value"),
    [("--database", "mysql://x/y"), ("--database", "sqlite://"), ("--port", "many"),
     ("--port", "99999"), ("--workers", "-1")],
)  # fmt: skip
def test_a_setting_that_makes_no_sense_is_refused(option, value, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv("DRIFT_PORT", "0")
    assert main(["serve", f"{option}={value}"]) == 2
