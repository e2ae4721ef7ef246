"""Starts a server and makes load for it: raw HTTP over kept connections, so that it costs little.

A client that is heavy itself would take from the server the processor that it means to measure.
"""

import asyncio
import json
import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from importlib.resources import files
from pathlib import Path

ROOT = Path(__file__).parents[2]
WORKERS = os.cpu_count() or 1
FOLDER = files("drift") / "demo"
POST = (FOLDER / "post.txt").read_text("utf-8")
TEXTS = [json.loads(line)["retweet"] for line in (FOLDER / "retweets.jsonl").open("rb")]
TIMEOUT = 30.0


@contextmanager
def served(folder):
    """Start a server and wait until every worker has its models; give its process and port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    own = {"DRIFT_PORT": port, "DRIFT_DATABASE": f"sqlite:///{folder}/drift.db",
           "DRIFT_AT_ONCE": 10**6, "DRIFT_PER_MINUTE": 10**9,
           "DRIFT_KEY_PER_MINUTE": 10**9}  # fmt: skip
    environment = {**os.environ, **{name: str(value) for name, value in own.items()}}
    with (Path(folder) / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "drift.cli", "serve"], cwd=ROOT, env=environment,
            stdout=subprocess.DEVNULL, stderr=log,
        )  # fmt: skip
    client = Client(port)
    try:
        while f"drift_workers {WORKERS}" not in asyncio.run(client.get("/metrics"))[1]:
            time.sleep(0.1)
        yield process, port
    finally:
        process.terminate()
        process.wait(60)


def check(count, key=""):
    """Write a check of so many retweets as it goes over the wire."""
    retweets = [{"text": TEXTS[number % len(TEXTS)]} for number in range(count)]
    body = json.dumps({"post": {"text": POST}, "retweets": retweets}).encode()
    said = f"Authorization: Bearer {key}\r\n" if key else ""
    head = (
        f"POST /v1/checks HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"{said}Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


class Client:
    """Asks over connections that it keeps, one request at a time on each."""

    def __init__(self, port):
        self.port, self.free = port, []

    async def get(self, path):
        """Fetch a page over a connection of its own; no status where nobody listens yet."""
        with suppress(OSError):
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            found = await _answer(reader)
            writer.close()
            return found
        return 0, ""

    async def ask(self, request):
        """Send a request; give the status, or what went wrong, and the seconds it took."""
        started = time.perf_counter()
        try:
            async with asyncio.timeout(TIMEOUT):
                status, _ = await self._once(request)
        except TimeoutError:
            status = "timeout"
        except (OSError, asyncio.IncompleteReadError) as error:
            status = type(error).__name__
        return status, time.perf_counter() - started

    async def _once(self, request):
        self.free = [one for one in self.free if not one[0].at_eof()]  # the server closes idle ones
        if self.free:
            reader, writer = self.free.pop()
        else:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(request)
        status, body = await _answer(reader)
        self.free.append((reader, writer))
        return status, body


async def _answer(reader):
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    length = next(
        int(line.split(":")[1])
        for line in head.splitlines()
        if line.lower().startswith("content-length")
    )
    return int(head.split()[1]), (await reader.readexactly(length)).decode()


async def offered(client, requests, rate, seconds):
    """Offer requests at a rate, whether or not they are answered; give each one's outcome."""
    found, tasks, began = [], [], time.perf_counter()

    async def one(request):
        found.append(await client.ask(request))

    for number in range(int(rate * seconds)):
        await asyncio.sleep(max(0.0, began + number / rate - time.perf_counter()))
        tasks.append(asyncio.create_task(one(requests[number % len(requests)])))
    await asyncio.gather(*tasks)
    return found, time.perf_counter() - began


async def closed(client, requests, callers, seconds):
    """Give the checks a second that so many callers get, each asking anew when it is answered."""
    done, began = 0, time.perf_counter()

    async def caller(request):
        nonlocal done
        while time.perf_counter() < began + seconds:
            status, _ = await client.ask(request)
            done += status == 200
            if status != 200:
                await asyncio.sleep(0.05)

    await asyncio.gather(*(caller(requests[at % len(requests)]) for at in range(callers)))
    return done / (time.perf_counter() - began)


def memory(pid):
    """Add up the resident memory of a process and its workers, in MB."""
    threads = Path(f"/proc/{pid}/task").glob("*/children")
    total = 0
    for one in (str(pid), *(child for thread in threads for child in thread.read_text().split())):
        with suppress(OSError, IndexError):
            status = Path(f"/proc/{one}/status").read_text()
            total += int(status.partition("VmRSS:")[2].split()[0])
    return total / 1024


def percentile(values, share):
    """Give the value below which that share lies."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)] if ordered else float("nan")
