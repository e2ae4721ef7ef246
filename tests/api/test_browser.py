"""A real browser at the real pages; skipped where there is none."""

import json
from importlib.resources import files
from pathlib import Path

import pytest

from tests.api.conftest import DESK
from tests.api.world import DENIED, POST, SHORT_POST, SHORT_RETWEET

PHONE = {"width": 390, "height": 844}
RETWEETS = [DENIED, SHORT_RETWEET, "坐等后续"]
pytestmark = pytest.mark.slow


SEED = json.dumps([
    json.loads(line)["retweet"].replace("\n", " ")
    for line in (files("drift") / "demo" / "retweets.jsonl").read_text("utf-8").splitlines()
])  # fmt: skip
# Notes how far the bar of a report comes while it is watched.
WATCH_PROGRESS = """
window.seen = [];
new MutationObserver(() => {
  const bar = document.querySelector("progress");
  if (bar && bar.value !== window.seen.at(-1)) window.seen.push(bar.value);
}).observe(document, { subtree: true, childList: true, attributes: true });
"""


def fill(page, post=POST, retweets=RETWEETS):
    page.goto("/")
    page.fill("#post", post)
    page.fill("#retweets", "\n".join(retweets))


def finished(page):
    page.wait_for_selector("details.save")
    return page


def submitted(page, **what):
    fill(page, **what)
    page.click("button.main")
    return finished(page)


def test_the_seed_is_pasted_watched_read_copied_and_downloaded(visit):
    page = visit()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    retweets = json.loads(SEED)
    fill(page, retweets=retweets)
    assert page.locator(".count").inner_text() == f"{len(retweets)} retweets"
    page.add_init_script(WATCH_PROGRESS)
    page.click("button.main")
    page.wait_for_selector(".status progress, details.save")
    finished(page)
    seen = page.evaluate("window.seen")
    assert seen == sorted(seen)
    assert page.evaluate("location.pathname").startswith("/reports/")
    assert page.locator("article.card").count() == len(retweets)
    assert "misrepresent" in page.locator("h1").inner_text()
    page.select_option("select[name=verdict]", "misrepresents")
    accused = page.locator("article.card:visible")
    assert 0 < accused.count() < len(retweets)
    page.select_option("select[name=verdict]", "")
    page.click("a.other")
    assert page.locator("html").get_attribute("lang") == "zh-Hans"
    assert page.locator("article.card").count() == len(retweets)
    page.locator(".copier button").first.click()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == page.locator("p.copy").first.inner_text().strip()
    assert len(copied) > 20
    page.click("details.save summary")
    page.click(".address button")
    assert page.evaluate("navigator.clipboard.readText()") == page.url.partition("?")[0]
    for place in page.locator(".downloads a").all():
        with page.expect_download() as download:
            place.click()
        suits(download.value.suggested_filename, Path(download.value.path()), len(retweets))
    assert page.told == []
    assert page.evaluate("window.broken") == []


def suits(name, path, count):
    """Assert that a download is what its name says."""
    text, form = path.read_text("utf-8-sig"), name.rpartition(".")[2]
    if form == "json":
        assert len(json.loads(text)["results"]) == count
    elif form == "jsonld":
        assert {one["@type"] for one in json.loads(text)["@graph"]} == {"ClaimReview"}
    elif form == "csv":
        assert text.startswith('"retweet_id"')
    elif form == "html":
        assert text.count("<article") == count
    else:
        assert form == "md"
        assert text.startswith("# ")


def test_what_was_typed_is_kept_when_the_language_is_switched(visit):
    page = visit()
    fill(page)
    page.click("a.other")
    page.wait_for_selector("html[lang=zh-Hans]")
    assert page.input_value("#post").split() == POST.split()
    assert page.input_value("#retweets").split("\n") == RETWEETS
    assert page.locator(".count").inner_text() == "3条转发"
    page.goto("/?lang=zh")
    assert page.input_value("#post") == ""


def test_the_form_is_sent_once_however_often_the_button_is_pressed(visit):
    page, sent = visit(), []
    page.on("request", lambda asked: asked.method == "POST" and sent.append(asked.url))
    fill(page)
    page.evaluate("for (let n = 0; n < 5; n++) document.querySelector('button.main').click()")
    finished(page)
    assert len(sent) == 1
    page.go_back()
    page.wait_for_selector("form.ask")
    page.click("button.main")
    finished(page)
    assert len(sent) == 2


def test_a_report_is_watched_as_it_grows(visit):
    page = visit()
    page.add_init_script(WATCH_PROGRESS)
    submitted(page, retweets=[f"{DENIED}第{number}次转发。" for number in range(120)])
    seen = page.evaluate("window.seen")
    assert len(set(seen)) > 2
    assert seen == sorted(seen)


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
    assert "/download/csv" in page.locator(".downloads a").nth(1).get_attribute("href")
    page.click("details.delete summary")
    page.click("details.delete button")
    assert page.locator(".notice").count() == 1


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
