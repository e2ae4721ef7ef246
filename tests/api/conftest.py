"""What the tests in a real browser share; they are skipped where there is none."""

import os
import shutil
import socket
import threading
import time

import pytest
import uvicorn

from api.app import create_app
from api.judging import judged_as
from api.store import jobs, leases
from api.store.engine import Store
from tests import samples
from tests.api.world import settings, tools

CHROMIUM = os.environ.get("DRIFT_CHROMIUM") or shutil.which("chromium")
DESK = {"width": 1280, "height": 900}
# Everything that a page could do and must not: tell of a policy broken, open a dialog.
WATCH = """
window.broken = [];
document.addEventListener('securitypolicyviolation', (event) => {
  window.broken.push(`${event.violatedDirective} ${event.blockedURI}`);
});
"""


@pytest.fixture(scope="module")
def address(server):
    return server[0]


@pytest.fixture(scope="module")
def stored(server):
    return server[1]


@pytest.fixture(scope="module")
def reports():
    """Give the reports that the server is filled with; a module may have its own."""
    return [samples.report()]


def keep(store, report):
    """Put a report into the store as a finished job."""
    retweets = tuple(verdict.retweet for verdict in report.verdicts)
    name = jobs.create(store, jobs.Order("anon:x", report.post, retweets))
    lease = leases.take(store, 60)
    assert lease.id == name
    kept = {
        at: judged_as(one, report.post, report.signature) for at, one in enumerate(report.verdicts)
    }
    leases.keep(store, lease, kept, report.signature, 60)
    leases.end(store, lease)
    return name


@pytest.fixture(scope="module")
def server(tmp_path_factory, reports):
    chosen = settings(tmp_path_factory.mktemp("browser"), per_minute=10**6, at_once=1000)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    store = Store(chosen.database)  # filled before the server can take the job for its own
    names = [keep(store, report) for report in reports]
    store.close()
    app = create_app(chosen, tools, inside=True)
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error", lifespan="on"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    yield f"http://127.0.0.1:{port}", names
    server.should_exit = True
    thread.join()


@pytest.fixture(scope="module")
def sample(address, stored):
    """Lead to a report with every kind of finding, whatever the models find today."""
    return f"{address}/reports/{stored[0]}?lang=en"


@pytest.fixture(scope="module")
def browser():
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="no playwright: pip install '.[proof]'"
    )
    if not CHROMIUM:
        pytest.skip("no chromium: apt-get install chromium, or name it in DRIFT_CHROMIUM")
    with playwright.sync_playwright() as running:
        opened = running.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def visit(browser, address):
    opened = []

    def new(**options):
        context = browser.new_context(
            base_url=address, **{"viewport": DESK, "locale": "en-US", **options}
        )
        context.set_default_timeout(60_000)
        page = context.new_page()
        page.told = []
        if options.get("java_script_enabled", True):
            page.add_init_script(WATCH)
        page.on("console", lambda message: page.told.append(message.text))
        page.on("pageerror", lambda error: page.told.append(str(error)))
        page.on("dialog", lambda dialog: (page.told.append(dialog.message), dialog.dismiss()))
        page.on(
            "request",
            lambda asked: asked.url.startswith(address) or page.told.append(asked.url),
        )
        opened.append(context)
        return page

    yield new
    for context in opened:
        context.close()
