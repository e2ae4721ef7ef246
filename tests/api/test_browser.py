"""A real browser at the real pages; skipped where there is none."""

import os
import re
import shutil
import socket
import threading
import time
from pathlib import Path

import pytest
import uvicorn

from api.app import create_app
from api.judging import judged_as
from api.store import jobs, leases
from api.store.engine import Store
from tests import samples
from tests.api.world import DENIED, POST, SHORT_POST, SHORT_RETWEET, security_list, settings, tools

playwright = pytest.importorskip("playwright.sync_api", reason="no playwright: pip install '.[proof]'")
CHROMIUM = os.environ.get("DRIFT_CHROMIUM") or shutil.which("chromium")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM, reason="no chromium: apt-get install chromium"),
]
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
RETWEETS = [DENIED, SHORT_RETWEET, "坐等后续"]
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
def server(tmp_path_factory):
    chosen = settings(tmp_path_factory.mktemp("browser"), per_minute=10**6, at_once=1000)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    store = Store(chosen.database)  # filled before the server can take the job for its own
    name = keep(store, samples.report())
    store.close()
    app = create_app(chosen, tools, inside=True)
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error", lifespan="on"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    yield f"http://127.0.0.1:{port}", name
    server.should_exit = True
    thread.join()


@pytest.fixture(scope="module")
def sample(address, stored):
    """Lead to a report with every kind of finding, whatever the models find today."""
    return f"{address}/reports/{stored}?lang=en"


@pytest.fixture(scope="module")
def browser():
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


def fill(page, post=POST, retweets=RETWEETS):
    page.goto("/")
    page.fill("#post", post)
    page.fill("#retweets", "\n".join(retweets))


def finished(page):
    page.wait_for_selector(".downloads")
    return page


def submitted(page, **what):
    fill(page, **what)
    page.click("button.main")
    return finished(page)


def test_the_post_is_pasted_watched_read_copied_and_downloaded(visit):
    page = visit()
    fill(page)
    page.click("button.main")
    page.wait_for_selector(".status progress, .downloads")
    finished(page)
    assert page.locator("article.card").count() == 3
    page.select_option("select[name=verdict]", "unrelated")
    assert page.locator("article.card:visible").count() < 3
    page.select_option("select[name=verdict]", "")
    page.click("a.other")
    assert page.locator("html").get_attribute("lang") == "zh-Hans"
    assert page.locator("article.card").count() == 3
    with page.expect_download() as download:
        page.click("text=CSV")
    assert "retweet_id" in Path(download.value.path()).read_text("utf-8-sig")
    assert page.told == []
    assert page.evaluate("window.broken") == []


def test_the_keyboard_is_enough(visit):
    page = visit()
    page.goto("/")
    reached = []
    for _ in range(12):
        page.keyboard.press("Tab")
        reached.append(
            page.evaluate("document.activeElement.id || document.activeElement.className")
        )
        if reached[-1] == "post":
            page.keyboard.insert_text(SHORT_POST)
        elif reached[-1] == "retweets":
            page.keyboard.insert_text(SHORT_RETWEET)
        elif reached[-1] == "main":
            page.keyboard.press("Enter")
            break
    assert [one for one in reached if one in ("post", "retweets", "file", "main")] == [
        "post", "retweets", "file", "main",
    ]  # fmt: skip
    assert finished(page).locator("article.card").count() == 1


def test_without_scripts_the_report_comes_too(visit):
    page = visit(java_script_enabled=False)
    submitted(page)
    assert page.locator("article.card").count() == 3
    page.select_option("select[name=sort]", "risk")
    page.click(".choice button")
    assert "sort=risk" in page.url
    page.click("details.delete summary")
    page.click("details.delete button")
    assert page.locator('[role="status"]').count() == 1


def test_pointing_at_words_lights_up_both_sides_and_the_gloss(visit, sample):
    page = visit()
    page.goto(sample)
    card = page.locator("article.card:has(mark.f1):has(.ours mark.f1):has(.word.f1)").first
    plain = "rgba(0, 0, 0, 0)"
    for place in (".theirs mark.f1", ".ours mark.f1", ".word.f1"):
        page.mouse.move(0, 0)
        assert colours(card, ".word.f1") == {plain}
        card.locator(place).first.hover()
        assert len(colours(card, "mark.f1, .word.f1")) == 1
        assert colours(card, ".word.f1") != {plain}


def colours(card, places):
    told = "all => all.map(one => getComputedStyle(one).backgroundColor)"
    return set(card.locator(places).evaluate_all(told))


def test_the_correction_is_copied_in_both_languages(visit, sample):
    page = visit()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(sample)
    buttons = page.locator(".copier button").all()
    assert len(buttons) >= 2
    copied = set()
    for button in buttons:
        button.click()
        text = button.locator("xpath=ancestor::figure").locator("p.copy").inner_text()
        copied.add(page.evaluate("navigator.clipboard.readText()"))
        assert text.strip() in copied
        assert button.inner_text() == "Copied"
    assert len(copied) == len(buttons)


@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_accessibility_checker_finds_nothing(visit, sample, viewport, scheme):
    named = pytest.importorskip("axe_playwright_python", reason="no axe: pip install '.[proof]'")
    axe = Path(named.__file__).with_name("axe.min.js")
    page = visit(viewport=viewport, color_scheme=scheme, bypass_csp=True)
    page.goto("/?lang=zh")
    check(page, axe)
    page.goto("/")
    page.click("button.main", no_wait_after=True)
    check(page, axe)
    submitted(page)
    check(page, axe)
    page.goto(sample)
    check(page, axe)
    page.click("a.other")
    check(page, axe)
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= viewport["width"]


def check(page, axe):
    page.add_script_tag(path=str(axe))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    told = [
        (one["id"], one["impact"], [node["html"] for node in one["nodes"]][:3]) for one in found
    ]
    assert told == []


def test_no_payload_opens_a_dialog_or_breaks_the_policy(visit):
    page = visit()
    payloads = [
        re.sub(r"\s+", " ", one).strip()[:5000] for one in security_list("html_payloads.json")
    ]
    payloads = [one for one in payloads if one]
    for at in range(0, len(payloads), 150):
        some = payloads[at : at + 150]
        submitted(
            page,
            post=f"{some[0]} The mayor said no. {some[-1]}",
            retweets=[f"转 {one}" for one in some],
        )
        page.mouse.move(200, 400)
        page.keyboard.press("Tab")
        assert page.evaluate("window.broken") == []
    assert page.told == []
