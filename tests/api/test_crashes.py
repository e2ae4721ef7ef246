"""The server and its workers are killed at random; no job that was acknowledged may suffer."""

import contextlib
import os
import random
import socket
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import httpx2
import pytest
from sqlalchemy import func, select

from api.store.engine import Store
from api.store.tables import items, jobs
from drift.cli import main
from tests.api import postgres
from tests.api.server import RETWEETS, Server
from tests.api.world import SHORT_POST

KILLS = int(os.environ.get("DRIFT_KILLS", "4"))
pytestmark = pytest.mark.slow


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request, tmp_path):
    return f"sqlite:///{tmp_path / 'drift.db'}" if request.param == "sqlite" else postgres.empty()


class Load:
    """Callers who ask for checks all the time, and note what they are answered, if they are."""

    def __init__(self, server):
        self.seen, self._server, self._over = Counter(), server, threading.Event()
        self._threads = [threading.Thread(target=self._ask) for _ in range(3)]
        for thread in self._threads:
            thread.start()

    def _ask(self):
        asked = {"post": {"text": SHORT_POST}, "retweets": RETWEETS[:4]}
        while not self._over.wait(0.1):
            with contextlib.suppress(httpx2.HTTPError):  # it was killed as it answered
                answer = self._server.client.post("/v1/checks", json=asked)
                self.seen[answer.status_code] += 1

    def stop(self):
        """Let them go home."""
        self._over.set()
        for thread in self._threads:
            thread.join()


def test_every_acknowledged_job_is_finished_once_whatever_is_killed(database):
    dice = random.Random(7)
    server, made = Server(database), {}
    load = Load(server)
    try:
        for number in range(KILLS):
            made[f"k{number}"] = server.post(f"k{number}")
            if dice.random() < 0.7:  # most kills hit while retweets are judged
                server.wait()
            time.sleep(dice.uniform(0.0, 1.0))
            server.kill(dice)
            key = dice.choice(list(made))
            assert server.post(key) == made[key]
        load.stop()
        ended = {job: server.state(job) for job in made.values()}
    finally:
        load.stop()
        server.end()
    assert set(load.seen) <= {200, 429, 503}
    assert load.seen[200] > 0
    assert {one["state"] for one in ended.values()} == {"done"}
    assert all(one["done"] == one["total"] == len(RETWEETS) for one in ended.values())
    assert all(one["summary"]["failed"] == 0 for one in ended.values())
    store = Store(database)
    with store.read() as connection:
        assert connection.execute(select(func.count()).select_from(jobs)).scalar_one() == KILLS
        rows = connection.execute(select(func.count()).where(items.c.row.is_not(None))).scalar_one()
    store.close()
    assert rows == KILLS * len(RETWEETS)


def test_a_database_that_dies_costs_no_job_and_no_answer_but_503():
    server, made, codes = Server(postgres.empty()), [], Counter()
    try:
        server.wait()
        made = [server.post(f"k{number}") for number in range(4)]
        for _ in range(3):
            time.sleep(0.7)
            crashing = threading.Thread(target=postgres.crash)
            crashing.start()
            while crashing.is_alive():
                codes[server.client.get(f"/v1/jobs/{made[0]}").status_code] += 1
                codes[server.client.get("/healthz").status_code] += 1
            crashing.join()
        ended = [server.state(job) for job in made]
    finally:
        server.end()
    assert {one["state"] for one in ended} == {"done"}
    assert all(one["done"] == one["total"] and not one["summary"]["failed"] for one in ended)
    assert set(codes) == {200, 503}


@pytest.fixture
def pair(database):
    """Two servers on one database."""
    made = [Server(database, DRIFT_PER_MINUTE="160", DRIFT_WORKERS="1") for _ in range(2)]
    for server in made:
        server.wait()
    yield made
    for server in made:
        server.end()


def together(servers, count, **asked):
    """Post jobs through several servers at once."""
    with ThreadPoolExecutor(count) as pool:
        posts = [
            pool.submit(servers[n % len(servers)].client.post, "/v1/jobs", **asked)
            for n in range(count)
        ]
    return [one.result() for one in posts]


def test_one_key_makes_one_job_also_through_two_servers(pair):
    body = {"post": {"text": SHORT_POST}, "retweets": RETWEETS[:1]}
    answers = together(pair, 100, json=body, headers={"Idempotency-Key": "one"})
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.content for answer in answers}) == 1


def test_two_servers_count_one_minute_together(pair):
    body = {"post": {"text": SHORT_POST}, "retweets": RETWEETS[:8]}
    began = time.monotonic()
    answers = together(pair, 40, json=body)
    back = (time.monotonic() - began) * 160 / 60 / 8  # what flows back meanwhile
    codes = Counter(answer.status_code for answer in answers)
    assert set(codes) == {202, 429}
    assert 18 <= codes[202] <= 21 + back  # 160 a minute, 8 at a time; a portion may lie idle
    assert all(int(a.headers["retry-after"]) >= 1 for a in answers if a.status_code == 429)


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
