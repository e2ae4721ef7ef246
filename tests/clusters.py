"""A cluster of processes on this machine, which a test may kill one by one."""

import os
import re
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).parents[1]
BATCH = ("batch", "--models", "gloss")  # the translator is tested on its own
STARTING = 120  # seconds; the models are loaded, on a machine that may be busy


class Cluster:
    """A scheduler and workers started as their user starts them; everything ends with it."""

    def __init__(self, folder, workers=2, security=()):
        """Start them and wait until they are there."""
        self.folder, self.security = folder, security
        # Separate commands know nothing of each other: on one machine each must be told its share.
        share = max(1, len(os.sched_getaffinity(0)) // max(1, workers))
        self.environment = {"DRIFT_THREADS": str(share), **os.environ}
        self.started = []
        self.scheduler, self.address = self.start_scheduler()
        self.workers = [self.start_worker() for _ in range(workers)]

    def __enter__(self):
        """Give itself."""
        return self

    def __exit__(self, *_):
        """End whatever still runs."""
        for process in self.started:
            kill(process)

    def start_scheduler(self, port=0):
        """Start a scheduler; give it and its address."""
        process, told = self._start("scheduler", "--port", port)
        return process, re.search(r"(?:tcp|tls)://\S+", told)[0]

    def start_worker(self):
        """Start a worker process."""
        return self._start("worker", self.address, "-j", 1)[0]

    def _start(self, *args):
        log = self.folder / f"cluster-{len(self.started)}.log"
        command = [sys.executable, "-m", "drift.cli", "cluster", *args, *self.security]
        with log.open("wb") as out:
            process = subprocess.Popen(
                [str(arg) for arg in command], cwd=ROOT, stderr=out, stdout=out,
                start_new_session=True, env=self.environment,
            )  # fmt: skip
        self.started.append(process)
        until = time.monotonic() + STARTING
        while time.monotonic() < until:
            told = log.read_text()
            if re.search(r"scheduler at|workers for", told):
                return process, told
            if process.poll() is not None:
                break
            time.sleep(0.05)
        raise RuntimeError(f"did not start: {log.read_text()}")


def kill(process):
    """Kill a process and its children, as the kernel does when memory is short."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def start(rows, target, address, *more):
    """Start a run on a cluster, with small chunks."""
    args = [*BATCH, rows, "-o", target, "--chunk", 8, "--engine", "dask", "--address", address]
    return subprocess.Popen(
        [sys.executable, "-m", "drift.cli", *map(str, [*args, *more])],
        cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    )  # fmt: skip


def wait_for_chunks(folder, count, run):
    """Wait until so many chunks are finished, while a run goes on."""
    until = time.monotonic() + 120
    while len(list(folder.glob("*.chunk"))) < count:
        assert run.poll() is None, run.stderr.read().decode()
        assert time.monotonic() < until
        time.sleep(0.01)
