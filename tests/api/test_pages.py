import io
import json
import re
import time
from collections import Counter
from html.parser import HTMLParser

import pytest

from api import words
from api.store import jobs
from drift.catalogue import LANGS
from drift.report import claimreview
from tests import samples
from tests.api.world import (
    DENIED,
    POST,
    SHORT_POST,
    SHORT_RETWEET,
    security_list,
    serving,
    settings,
)

FILLED = {"post": SHORT_POST, "retweets": f"{SHORT_RETWEET}\n\n坐等后续\n{DENIED}", "lang": "en"}


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    chosen = settings(tmp_path_factory.mktemp("pages"), per_minute=10**6, at_once=10**6)
    with serving(chosen, Accept="text/html") as served:
        yield served


def made(client, **changed):
    files = changed.pop("files", None)
    answer = client.post("/checks", data={**FILLED, **changed}, files=files, follow_redirects=False)
    assert answer.status_code == 303, answer.text
    place = answer.headers["location"]
    for _ in range(600):
        found = jobs.get(client.app.state.service.store, place[9:41])
        if found.over:
            return place
        time.sleep(0.02)
    raise AssertionError("the report was not finished")


class Shape(HTMLParser):
    """Counts tags and attributes, and keeps what would be dangerous."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.danger = Counter(), []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.tags[tag, *sorted(name for name, _ in attributes)] += 1
        for name, value in attributes:
            told = (value or "").strip().lower()
            if (
                name.startswith("on")
                or name == "style"
                or told.startswith(("javascript:", "data:"))
            ):
                self.danger.append((tag, name, value))
        if tag == "script" and not dict(attributes).get("src", "").startswith("/static/"):
            self.danger.append((tag, attributes, ""))


def test_a_form_leads_to_a_report_at_its_own_address(client):
    place = made(client)
    assert re.fullmatch(r"/reports/[A-Za-z0-9_-]{32}\?lang=en", place)
    page = client.get(place).text
    assert page.count("<article") == 3
    assert "meta http-equiv" not in page
    assert not Shape(page).danger


def test_without_scripts_an_unfinished_report_reloads_itself(client):
    store = client.app.state.service.store
    waiting = jobs.create(
        store, jobs.Order("anon:x", jobs.Post("p", "P"), (jobs.Retweet("r", "t"),))
    )
    with store.write() as connection:
        connection.exec_driver_sql("UPDATE jobs SET lease_until = 9e12 WHERE id = ?", (waiting,))
    page = client.get(f"/reports/{waiting}").text
    assert '<noscript><meta http-equiv="refresh" content="2"></noscript>' in page
    assert "<progress" in page
    assert client.post(f"/reports/{waiting}/cancel", follow_redirects=False).status_code == 303
    assert "refresh" not in client.get(f"/reports/{waiting}").text


@pytest.mark.parametrize(
    ("header", "query", "lang"),
    [("zh-CN,zh;q=0.9", "", "zh-Hans"), ("en-GB", "", "en"), ("fr", "", "en"),
     ("en", "?lang=zh", "zh-Hans"), ("zh", "?lang=en", "en"), ("", "?lang=xx", "en")],
)  # fmt: skip
def test_pages_speak_the_language_asked_for(client, header, query, lang):
    page = client.get(f"/{query}", headers={"accept-language": header}).text
    assert f'<html lang="{lang}">' in page


def test_every_word_exists_in_both_languages_with_the_same_places():
    every = words.all_words()
    for key in {name[:-3] for name in every}:
        texts = [every[f"{key}_{lang}"] for lang in LANGS]
        assert all(texts)
        assert len({tuple(sorted(re.findall(r"{\w+}", text))) for text in texts}) == 1, key


@pytest.mark.parametrize(
    ("changed", "told"),
    [({"post": "  "}, "Paste the text of the post"),
     ({"retweets": " \n "}, "at least one retweet"),
     ({"retweets": "一\n" * 201}, "more than 200"),
     ({"post": "a" * 100_001}, "100,001"),
     ({"retweets": "长" * 10_001}, "10,000"),
     ({"post": "https://example.org/a"}, "not fetched"),
     ({"retweets": "https://example.org/a"}, "not fetched")],
)  # fmt: skip
def test_what_is_wrong_with_the_form_is_said_and_nothing_typed_is_lost(client, changed, told):
    answer = client.post("/checks", data={**FILLED, **changed})
    assert answer.status_code == 422
    assert told in answer.text
    assert 'role="alert"' in answer.text
    if "retweets" not in changed:
        assert "坐等后续" in answer.text


def upload(name, data):
    return {"file": (name, io.BytesIO(data))}


def test_a_file_of_retweets_is_read_and_a_bad_row_keeps_its_place(client):
    rows = [{"id": "a", "retweet": SHORT_RETWEET}, {"id": "b"}, {"id": "c", "retweet": "坐等后续"}]
    data = "\n".join(json.dumps(row) for row in rows).encode()
    page = client.get(made(client, retweets="", files=upload("x.jsonl", data))).text
    assert page.count("<article") == 3
    assert "Could not be judged" in page
    assert "no retweet" in page


@pytest.mark.parametrize(
    ("name", "data"),
    [("x.parquet", b"PAR1" + b"\0" * 50), ("x.zip", b"PK\x03\x04" + b"\0" * 50),
     ("x.gz", b"\x1f\x8b" + b"\0" * 50), ("../../etc/passwd.csv", b"a,b\n1,2\n"),
     ("x.txt", b"x" * 2_000_001)],
)  # fmt: skip
def test_a_file_that_cannot_be_used_is_a_fault_of_the_form(client, name, data):
    answer = client.post("/checks", data={**FILLED, "retweets": ""}, files=upload(name, data))
    assert answer.status_code in (413, 422)
    assert "passwd" not in answer.text


def test_a_report_can_be_narrowed_and_ordered_without_scripts(client):
    place = made(client)
    page = client.get(f"{place}&sort=risk").text
    scores = [float(score) for score in re.findall(r'data-score="([\d.]+)"', page)]
    assert scores == sorted(scores, reverse=True)
    verdict = re.search(r'data-verdict="(\w+)"', page)[1]
    page = client.get(f"{place}&verdict={verdict}").text
    cards = re.findall(r'data-verdict="(\w+)"[^>]*?( hidden)?>', page)
    assert all((kind != verdict) == bool(hidden) for kind, hidden in cards)
    odd = client.get(f"{place}&verdict=%3Cb%3E&sort=%00&severity=x&from=9999999999999")
    assert odd.status_code == 200


def test_a_long_report_comes_in_pages(client):
    place = made(client, retweets="\n".join(f"第{n}条：坐等后续" for n in range(60)))
    page = client.get(place).text
    assert page.count("<article") == 50
    following = re.search(r'rel="next" href="([^"]+)"', page)[1].replace("&amp;", "&")
    rest = client.get(following).text
    assert rest.count("<article") == 10
    assert 'id="r60"' in rest


@pytest.mark.parametrize(
    ("form", "media"),
    [("html", "text/html"), ("csv", "text/csv"), ("json", "application/json"),
     ("md", "text/markdown"), ("jsonld", "application/ld+json")],
)  # fmt: skip
def test_a_report_can_be_taken_along(client, form, media):
    place = made(client).partition("?")[0]
    answer = client.get(f"{place}/download/{form}")
    assert answer.headers["content-type"].startswith(media)
    assert "attachment" in answer.headers["content-disposition"]
    assert form == "jsonld" or SHORT_RETWEET[:4] in answer.text
    assert client.get(f"{place}/download/exe").status_code == 404


def test_deleting_a_report_deletes_every_text_of_it(client):
    place = made(client, retweets="独一无二的一句话").partition("?")[0]
    answer = client.post(f"{place}/delete", data={"lang": "zh"})
    assert "已删除" in answer.text or "deleted=1" in str(answer.url)
    gone = client.get(place)
    assert gone.status_code == 404
    assert "<h1>" in gone.text
    with client.app.state.service.store.read() as connection:
        left = connection.exec_driver_sql(
            "SELECT count(*) FROM items WHERE text = '独一无二的一句话'"
        ).scalar_one()
    assert left == 0


def test_pages_of_another_site_cannot_submit_or_delete(client):
    place = made(client).partition("?")[0]
    foreign = {"sec-fetch-site": "cross-site"}
    assert client.post("/checks", data=FILLED, headers=foreign).status_code == 403
    assert client.post(f"{place}/delete", headers=foreign).status_code == 403
    assert client.get(place).status_code == 200


def test_files_are_kept_by_browsers_and_named_by_what_is_in_them(client):
    page = client.get("/").text
    for address in set(re.findall(r'(?:src|href)="(/static/[^"]+)"', page)):
        answer = client.get(address)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
    assert client.get("/static/site.js").status_code == 404
    assert client.get("/static/..%2fapp.py").status_code == 404


def test_nothing_on_a_page_comes_from_elsewhere(client):
    for page in (client.get("/?example=1").text, client.get(made(client, post=POST)).text):
        sources = re.findall(r'(?:src|action|<link[^>]+href)="([^"]+)"', page)
        assert sources
        assert all(source.startswith("/") and not source.startswith("//") for source in sources)


BAD = [
    '"><script>alert(1)</script>', "</textarea><img src=x onerror=alert(1)>", "javascript:alert(1)",
    "'-alert(1)-'", "</title><svg onload=alert(1)>", "{{ 7*7 }}", "\u2028</script>", "<!--",
]  # fmt: skip


@pytest.mark.parametrize("bad", BAD)
def test_hostile_text_changes_no_page(client, bad):
    place = made(client, post=f"Post {bad}", retweets=f"转发 {bad}")
    page = client.get(place).text
    form = client.post("/checks", data={"post": bad, "retweets": "", "lang": bad}).text
    for text in (page, form, client.get("/", params={"lang": bad, "example": bad}).text):
        assert not Shape(text).danger
    assert "49" not in form


def test_no_payload_of_the_list_changes_the_structure_of_a_page(client):
    payloads = [one for one in security_list("html_payloads.json") if one.strip()]
    plain = Shape(client.post("/checks", data={"post": "x", "retweets": ""}).text).tags
    for payload in payloads:
        answer = client.post("/checks", data={"post": payload[:90_000], "retweets": ""})
        shape = Shape(answer.text)
        assert answer.status_code == 422
        assert not shape.danger
        assert shape.tags == plain, payload


def test_a_review_rates_faithfulness_and_leaves_out_what_was_not_decided():
    report = samples.report()
    decided = [
        one for one in report.verdicts if one.label in ("faithful", "drifted", "misrepresents")
    ]
    for lang in LANGS:
        graph = json.loads(claimreview.document(report, lang))["@graph"]
        assert [one["claimReviewed"] for one in graph] == [one.retweet.text for one in decided]
        ratings = {
            one["reviewRating"]["ratingValue"]: one["reviewRating"]["alternateName"]
            for one in graph
        }
        assert set(ratings) == {1, 3, 5}
        assert len(set(ratings.values())) == 3
