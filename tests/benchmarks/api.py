"""Prints what one server does under load: `python tests/benchmarks/api.py [SECONDS]`.

Warm latency of a check of 10 retweets and of the web form's first verdict; capacity with as many
callers as workers; then four times that, offered without waiting for answers, as a crowd does.
Figures are for the machine that runs it, and the load is made on the same machine.
"""

import asyncio
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from importlib.resources import files
from pathlib import Path

import httpx2

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))
SECONDS = float(sys.argv[1]) if len(sys.argv) > 1 else 20.0
WORKERS = os.cpu_count() or 1
FOLDER = files("drift") / "demo"
POST = (FOLDER / "post.txt").read_text("utf-8")
TEXTS = [json.loads(line)["retweet"] for line in (FOLDER / "retweets.jsonl").open("rb")]


def body(count):
    """Make a check of so many retweets."""
    return {"post": {"text": POST}, "retweets": [{"text": TEXTS[n % 7]} for n in range(count)]}


def percentile(values, share):
    """Give the value below which that share lies."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)] if ordered else float("nan")


def memory(pid):
    """Add up the resident memory of a process and its workers, in MB."""
    threads = Path(f"/proc/{pid}/task").glob("*/children")
    children = [child for thread in threads for child in thread.read_text().split()]
    total = 0
    for one in (str(pid), *children):
        status = Path(f"/proc/{one}/status").read_text()
        total += int(status.partition("VmRSS:")[2].split()[0])
    return total / 1024


def served(folder):
    """Start a server and wait for its models."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    own = {"DRIFT_PORT": port, "DRIFT_DATABASE": f"sqlite:///{folder}/drift.db",
           "DRIFT_WORKERS": WORKERS, "DRIFT_AT_ONCE": 10**6, "DRIFT_PER_MINUTE": 10**9}  # fmt: skip
    environment = {**os.environ, **{name: str(value) for name, value in own.items()}}
    process = subprocess.Popen(
        [sys.executable, "-m", "drift.cli", "serve"], cwd=ROOT, env=environment,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    while True:
        try:
            if f"drift_workers {WORKERS}" in httpx2.get(f"{address}/metrics").text:
                return process, address
        except httpx2.HTTPError:
            pass
        time.sleep(0.1)


def latency(address):
    """Measure a warm check, and the form until its first verdict can be read."""
    with httpx2.Client(base_url=address, timeout=60) as client:
        for _ in range(2 * WORKERS):
            client.post("/v1/checks", json=body(10))
        times = []
        for _ in range(10):
            started = time.perf_counter()
            client.post("/v1/checks", json=body(10)).raise_for_status()
            times.append(time.perf_counter() - started)
        first = []
        for _ in range(5):
            started = time.perf_counter()
            filled = {"post": POST, "retweets": "\n".join((TEXTS * 2)[:10])}
            place = client.post("/checks", data=filled).headers["location"]
            while "<article" not in client.get(place).text:
                time.sleep(0.02)
            first.append(time.perf_counter() - started)
    print(
        f"check of 10 retweets, warm: median {percentile(times, 0.5):.2f} s, worst {max(times):.2f}"
    )
    print(
        f"form to first verdict:      median {percentile(first, 0.5):.2f} s, worst {max(first):.2f}"
    )


async def closed(address, seconds):
    """Give the checks a second that as many callers as workers get done."""
    done = 0
    until = time.perf_counter() + seconds

    async def caller(client):
        nonlocal done
        while time.perf_counter() < until:
            answer = await client.post("/v1/checks", json=body(5))
            done += answer.status_code == 200

    async with httpx2.AsyncClient(base_url=address, timeout=60) as client:
        started = time.perf_counter()
        await asyncio.gather(*(caller(client) for _ in range(WORKERS)))
        return done / (time.perf_counter() - started)


async def offered(address, rate, seconds):
    """Offer checks at a rate, whether or not they are answered."""
    found = []

    async def one(client):
        started = time.perf_counter()
        try:
            status = (await client.post("/v1/checks", json=body(5))).status_code
        except httpx2.HTTPError as error:
            status = type(error).__name__
        found.append((status, time.perf_counter() - started))

    limits = httpx2.Limits(max_connections=400, max_keepalive_connections=400)
    async with httpx2.AsyncClient(base_url=address, timeout=30, limits=limits) as client:
        tasks, began = [], time.perf_counter()
        for number in range(int(rate * seconds)):
            await asyncio.sleep(max(0.0, began + number / rate - time.perf_counter()))
            tasks.append(asyncio.create_task(one(client)))
        await asyncio.gather(*tasks)
        return found, time.perf_counter() - began


def main():
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        process, address = served(folder)
        try:
            latency(address)
            capacity = asyncio.run(closed(address, SECONDS / 2))
            print(f"capacity: {capacity:.1f} checks of 5 retweets a second, {WORKERS} workers")
            before = memory(process.pid)
            found, spent = asyncio.run(offered(address, 4 * capacity, SECONDS))
            good = [took for status, took in found if status == 200]
            shed = [took for status, took in found if status == 503]
            print(
                f"offered 4 times as many for {SECONDS:.0f} s: {dict(Counter(s for s, _ in found))}"
            )
            print(
                f"goodput {len(good) / spent / capacity:.0%} of capacity; accepted p99 "
                f"{percentile(good, 0.99):.2f} s; shed p99 {percentile(shed, 0.99) * 1000:.0f} ms"
            )
            print(f"memory {before:.0f} MB before, {memory(process.pid):.0f} MB after")
            started = time.perf_counter()
            httpx2.post(f"{address}/v1/checks", json=body(5), timeout=60).raise_for_status()
            print(f"the next check took {time.perf_counter() - started:.2f} s")
        finally:
            process.terminate()
            process.wait(60)


if __name__ == "__main__":
    main()
