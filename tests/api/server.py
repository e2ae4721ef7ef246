"""A server in a process of its own, as operators run it, for tests that kill it or fuzz it."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx2

from tests.api.world import DENIED, SHORT_POST, SHORT_RETWEET

ROOT = Path(__file__).parents[2]
RETWEETS = [{"text": text} for text in (SHORT_RETWEET, DENIED, "坐等后续", "周一无人离开。") * 8]


class Server:
    """A server in a process of its own, started again after each kill."""

    def __init__(self, database, **changed):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        own = {"DRIFT_DATABASE": database, "DRIFT_PORT": str(self.port), "DRIFT_WORKERS": "2",
               "DRIFT_LEASE": "1", "DRIFT_SECRET": "s" * 40, "DRIFT_LINKS": "no",
               "DRIFT_PER_MINUTE": "1000000", "DRIFT_AT_ONCE": "1000"}  # fmt: skip
        self._environment = {**os.environ, **own, **changed}
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
