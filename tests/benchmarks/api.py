"""Prints what one server does, also under load: `python tests/benchmarks/api.py [SECONDS]`.

Warm latency of a check of 10 retweets and of the web form's first verdict, also in a real browser.
Capacity: what callers get who ask anew when they are answered, twice and four times as many as
there are workers. Then 80 % of capacity, and four times capacity, offered for SECONDS (120) by a
crowd that does not wait for answers. Then one key that floods beside one that asks once a second.
Figures are for the machine that runs it; the load is made there too, and the share of one core
that it takes is printed.
"""

import asyncio
import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import httpx2

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from tests.benchmarks.load import (  # noqa: E402 -- found by the line above
    POST,
    TEXTS,
    WORKERS,
    Client,
    check,
    closed,
    memory,
    offered,
    percentile,
    served,
)

SECONDS = float(sys.argv[1]) if len(sys.argv) > 1 else 120.0
EACH = 5  # retweets of one check under load
BACK = 1.5  # times its usual latency that a check may take to count as normal again


def keys(folder, count):
    """Make keys, so that the load comes from several callers."""
    from api.serving import Keys

    ring = Keys(f"sqlite:///{folder}/drift.db")
    return [ring.create(f"caller {number}", ("checks",))[0] for number in range(count)]


def latency(port):
    """Measure a warm check, and the form until its first verdict can be read."""
    with httpx2.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
        asked = {"post": {"text": POST}, "retweets": [{"text": (TEXTS * 2)[n]} for n in range(10)]}
        times = []
        for _ in range(20 + 2 * WORKERS):
            started = time.perf_counter()
            client.post("/v1/checks", json=asked).raise_for_status()
            times.append(time.perf_counter() - started)
        first = []
        for _ in range(20):
            started = time.perf_counter()
            filled = {"post": POST, "retweets": "\n".join((TEXTS * 2)[:10])}
            place = client.post("/checks", data=filled).headers["location"]
            while "<article" not in client.get(place).text:
                time.sleep(0.01)
            first.append(time.perf_counter() - started)
    told("check of 10 retweets, warm", times[2 * WORKERS :])
    told("form to the first verdict, 10 retweets", first)


def looked_at(port):
    """Measure in a real browser, from the press of the button to a card that can be read."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        print("in a browser: not measured, no playwright")
        return
    chromium, times = shutil.which("chromium"), []
    if not chromium:
        print("in a browser: not measured, no chromium")
        return
    with sync_playwright() as running:
        browser = running.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(base_url=f"http://127.0.0.1:{port}")
        for _ in range(12):
            page.goto("/")
            page.fill("#post", POST)
            page.fill("#retweets", "\n".join((TEXTS * 2)[:10]))
            started = time.perf_counter()
            page.click("button.main", no_wait_after=True)
            page.wait_for_selector("article.card")
            times.append(time.perf_counter() - started)
        browser.close()
    told("in a browser, from the button to the first verdict", times[2:])


def told(what, times):
    """Print a row of times."""
    print(
        f"{what}: median {percentile(times, 0.5):.2f} s, p99 {percentile(times, 0.99):.2f} s,"
        f" worst {max(times, default=0):.2f} s"
    )


async def capacity(client, requests):
    """Find what the server gets done at most."""
    found = [
        await closed(client, requests, times * WORKERS, max(SECONDS / 6, 5)) for times in (2, 4, 4)
    ]
    print("capacity by closed loop:", ", ".join(f"{one:.1f}" for one in found), "checks a second")
    return max(found)


async def usual(client, request):
    """Give the median latency of a check when nothing else is asked."""
    return percentile([(await client.ask(request))[1] for _ in range(15)], 0.5)


async def overload(client, pid, requests):
    """Offer four times what can be done, and see what comes of it and how it ends."""
    most = await capacity(client, requests)
    alone = await usual(client, requests[0])
    calm, _ = await offered(client, requests, 0.8 * most, max(SECONDS / 4, 10))
    told("80 % of capacity", [took for status, took in calm if status == 200])
    print(f"  answers: {dict(Counter(status for status, _ in calm))}")
    sizes, cpu = [], time.process_time()

    async def watch():
        while True:
            sizes.append(memory(pid))
            await asyncio.sleep(1)

    watching = asyncio.create_task(watch())
    found, spent = await offered(client, requests, 4 * most, SECONDS)
    watching.cancel()
    good = [took for status, took in found if status == 200]
    shed = [took for status, took in found if status in (429, 503)]
    print(f"4 times capacity ({4 * most:.0f} a second) for {SECONDS:.0f} s:")
    print(f"  answers: {dict(Counter(status for status, _ in found))}")
    print(
        f"  goodput: {len(good) / spent:.1f} a second, {len(good) / spent / most:.0%} of capacity"
    )
    told("  accepted", good)
    told("  turned away", shed)
    third = max(len(sizes) // 3, 1)
    print(
        f"  memory: {sum(sizes[:third]) / third:.0f} MB in the first third,"
        f" {sum(sizes[-third:]) / third:.0f} MB in the last, {max(sizes):.0f} MB at most"
    )
    print(f"  the load itself took {(time.process_time() - cpu) / spent:.0%} of one core")
    await recovery(client, requests[0], alone)


async def recovery(client, request, alone):
    """Measure how long it takes until a check is answered as fast as usual."""
    began = time.perf_counter()
    while True:
        status, took = await client.ask(request)
        if status == 200 and took <= BACK * alone:
            break
    print(f"  back to normal ({alone:.2f} s a check) after {time.perf_counter() - began:.1f} s")


async def fairness(client, requests):
    """Compare a modest caller's latency alone and beside one that floods."""
    modest, flood = requests[0], requests[1]
    alone, _ = await offered(client, [modest], 1.0, max(SECONDS / 6, 10))
    flooding = asyncio.create_task(offered(client, [flood], 50.0, max(SECONDS / 6, 10) + 2))
    await asyncio.sleep(1)
    beside, _ = await offered(client, [modest], 1.0, max(SECONDS / 6, 10))
    found, _ = await flooding
    print("one check a second, alone and beside a key that sends 50 a second:")
    for name, some in (("  alone", alone), ("  beside", beside)):
        told(name, [took for status, took in some if status == 200])
        print(f"    answers: {dict(Counter(status for status, _ in some))}")
    print(f"  the other key: {dict(Counter(status for status, _ in found))}")


def main():
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder, served(folder) as (process, port):
        requests = [check(EACH, key) for key in keys(folder, 8)]
        latency(port)
        looked_at(port)

        async def all_of_it():
            client = Client(port)
            await overload(client, process.pid, requests)
            await fairness(client, requests)

        asyncio.run(all_of_it())


if __name__ == "__main__":
    main()
