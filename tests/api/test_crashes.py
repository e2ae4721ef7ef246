"""The server and its workers are killed at random; no job that was acknowledged may suffer."""

import contextlib
import os
import random
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx2
import pytest
from sqlalchemy import func, select

from api.store.engine import Store
from api.store.tables import items, jobs
from drift.cli import main
from tests.api import postgres
from tests.api.world import DENIED, SHORT_POST, SHORT_RETWEET

ROOT = Path(__file__).parents[2]
KILLS = int(os.environ.get("DRIFT_KILLS", "4"))
RETWEETS = [{"text": text} for text in (SHORT_RETWEET, DENIED, "坐等后续", "周一无人离开。") * 8]
pytestmark = pytest.mark.slow


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request, tmp_path):
    return f"sqlite:///{tmp_path / 'drift.db'}" if request.param == "sqlite" else postgres.empty()


class Server:
    """A server in a process of its own, started again after each kill."""

    def __init__(self, database):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        own = {"DRIFT_DATABASE": database, "DRIFT_PORT": str(self.port), "DRIFT_WORKERS": "2",
               "DRIFT_LEASE": "1", "DRIFT_SECRET": "s" * 40, "DRIFT_LINKS": "no",
               "DRIFT_PER_MINUTE": "1000000", "DRIFT_AT_ONCE": "1000"}  # fmt: skip
        self._environment = {**os.environ, **own}
        self.client = httpx2.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=20)
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "drift.cli", "serve"], cwd=ROOT, env=self._environment,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip

    def wait(self):
        """Wait until the workers have their models."""
        for _ in range(600):
            with contextlib.suppress(httpx2.HTTPError):
                if self.client.get("/readyz").status_code == 200:
                    return
            time.sleep(0.1)

    def workers(self):
        threads = Path(f"/proc/{self.process.pid}/task").glob("*/children")
        found = [int(one) for thread in threads for one in thread.read_text().split()]
        # The resource tracker is a child too, and outlives nobody: only workers are killed.
        return [one for one in found if b"spawn_main" in Path(f"/proc/{one}/cmdline").read_bytes()]

    def kill(self, dice):
        """Kill one worker, or the server alone: its workers must end by themselves."""
        workers = self.workers()
        if workers and dice.random() < 0.4:
            with contextlib.suppress(ProcessLookupError):
                os.kill(dice.choice(workers), signal.SIGKILL)
            return
        self.process.kill()
        self.process.wait()
        for worker in workers:
            assert gone(worker)
        self.start()

    def end(self):
        self.client.close()
        self.process.terminate()
        self.process.wait(60)

    def post(self, key):
        """Ask until it is acknowledged; the same key each time."""
        for _ in range(600):
            with contextlib.suppress(httpx2.HTTPError):
                answer = self.client.post(
                    "/v1/jobs",
                    json={"post": {"text": SHORT_POST}, "retweets": RETWEETS},
                    headers={"Idempotency-Key": key},
                )
                if answer.status_code == 202:
                    return answer.json()["id"]
            time.sleep(0.1)
        raise AssertionError("the server did not come back")

    def state(self, job):
        for _ in range(3000):
            with contextlib.suppress(httpx2.HTTPError):
                found = self.client.get(f"/v1/jobs/{job}").json()
                if found.get("state") not in ("queued", "running"):
                    return found
            time.sleep(0.1)
        raise AssertionError("the job did not end")


def gone(pid):
    for _ in range(200):
        stat = Path(f"/proc/{pid}/stat")
        try:
            if stat.read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except OSError:
            return True
        time.sleep(0.1)
    return False


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
