"""Posts and retweets given by link, followed by the guarded fetcher to a web of the test's own."""

import json
import re
import time

import pytest

from tests.api.world import DENIED, SHORT_POST, SHORT_RETWEET, serving, settings
from tests.ingest.web import local_web

POST = f"""{SHORT_POST} The council has not confirmed the figure, and two of its members doubt it.

The consulate received one of them for a few hours. Whether he asked for asylum is not known, and
those who were there have said nothing since, neither to the press nor to the council itself."""
PARAGRAPHS = "".join(f"<p>{one}</p>" for one in POST.split("\n\n"))
ARTICLE = f"<html lang=en><title>A post</title><body><article>{PARAGRAPHS}</article></body></html>"
AT = "https://m.example/@someone"
LINKS = {f"{AT}/1000001": DENIED, f"{AT}/1000002": SHORT_RETWEET}
DEAD, FEED, INSIDE = f"{AT}/1000009", "http://blog.example/feed", "http://127.0.0.1/x"
TEXT = "坐等后续"


def answered(asked):
    name = asked.path.rpartition("/")[2]
    if f"{AT}/{name}" in LINKS:
        told = {
            "id": name, "url": f"{AT}/{name}", "content": f"<p>{LINKS[f'{AT}/{name}']}</p>",
            "created_at": "2023-03-04T10:00:00.000Z", "account": {"acct": "someone"},
        }  # fmt: skip
        return 200, {}, json.dumps(told).encode()
    if name == "feed":
        items = "".join(f"<item><title>{n}</title><description>{POST}</description></item>"
                        for n in range(3))  # fmt: skip
        feed = f'<rss version="2.0"><channel><title>F</title>{items}</channel></rss>'
        return 200, {"Content-Type": "application/rss+xml"}, feed.encode()
    if name == "post":
        return 200, {"Content-Type": "text/html"}, ARTICLE.encode()
    return 404, {}, b"{}"


@pytest.fixture
def web(monkeypatch):
    with local_web(monkeypatch, answered) as made:
        yield made


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    chosen = settings(tmp_path_factory.mktemp("links"), links=True, per_minute=10**6)
    with serving(chosen) as served:
        yield served


def ended(client, job):
    for _ in range(1200):
        found = client.get(f"/v1/jobs/{job}").json()
        if found["state"] not in ("queued", "running"):
            return found
        time.sleep(0.05)
    raise AssertionError("the job did not end")


def check(client, post, *retweets):
    asked = {"post": {"url": post}, "retweets": [{"url": one} for one in retweets]}
    return client.post("/v1/checks", json=asked)


def test_a_check_by_links_is_a_check_of_what_they_lead_to(client, web):
    found = check(client, "http://blog.example/post", *LINKS).json()
    texts = {"post": {"text": POST}, "retweets": [{"text": one} for one in LINKS.values()]}
    plain = client.post("/v1/checks", json=texts).json()
    assert found["post"]["text"].split() == POST.split()
    assert found["post"]["url"] == "http://blog.example/post"
    told = [[one["verdict"] for one in answer["results"]] for answer in (found, plain)]
    assert told[0] == told[1]
    assert {asked.host for asked in web.asked} == {"blog.example", "m.example"}


@pytest.mark.parametrize(
    ("post", "retweet", "told"),
    [("http://blog.example/none", f"{AT}/1000001", "404"), (FEED, f"{AT}/1000001", "feed"),
     (INSIDE, f"{AT}/1000001", ""), ("http://blog.example/post", DEAD, "retweet r1")],
)  # fmt: skip
def test_a_link_that_leads_nowhere_is_the_callers_to_mend(client, web, post, retweet, told):
    answer = check(client, post, retweet)
    assert answer.status_code == 422
    assert told in answer.json()["detail"]
    assert "127.0.0.1" not in answer.text
    assert all(asked.host != "127.0.0.1" for asked in web.asked)


def test_a_dead_link_costs_a_job_only_its_own_place(client, web):
    retweets = [{"url": DEAD}, *({"url": one} for one in LINKS), {"text": TEXT}, {"url": INSIDE}]
    asked = {"post": {"url": "http://blog.example/post"}, "retweets": retweets}
    job = ended(client, client.post("/v1/jobs", json=asked).json()["id"])
    assert (job["state"], job["done"], job["summary"]["failed"]) == ("done", 5, 2)
    rows = client.get(job["results"]).json()["results"]
    assert ["error" in one for one in rows] == [True, False, False, False, True]
    assert all("paste the text" in rows[place]["error"] for place in (0, 4))


def test_a_post_that_cannot_be_fetched_fails_the_job_with_a_reason(client, web):
    asked = {"post": {"url": "http://blog.example/none"}, "retweets": [{"text": TEXT}]}
    job = ended(client, client.post("/v1/jobs", json=asked).json()["id"])
    assert job["state"] == "failed"
    assert "404" in job["error"]


def test_the_form_takes_links_and_the_report_shows_what_they_led_to(client, web):
    given = {
        "post": " http://blog.example/post ", "retweets": "\n".join([*LINKS, TEXT, DEAD]),
        "lang": "en",
    }  # fmt: skip
    answer = client.post("/checks", data=given, follow_redirects=False)
    assert answer.status_code == 303
    place = answer.headers["location"]
    ended(client, place[9:41])
    page = client.get(place, headers={"accept": "text/html"}).text
    assert page.count("<article") == 4
    assert "http://blog.example/post" in page
    assert all(f'href="{one}"' in page for one in LINKS)
    shown = re.sub(r"<[^>]+>", "", page)
    assert "cannot be judged" in shown or "Could not be judged" in shown
    assert POST.split("\n\n", maxsplit=1)[0][:60] in " ".join(shown.split())


def test_every_text_behind_a_link_goes_when_the_report_is_deleted(client, web):
    asked = {"post": {"url": "http://blog.example/post"}, "retweets": [{"url": f"{AT}/1000001"}]}
    job = client.post("/v1/jobs", json=asked).json()["id"]
    ended(client, job)
    client.delete(f"/v1/jobs/{job}")
    with client.app.state.service.store.read() as connection:
        for table in ("jobs", "items"):
            column = "id" if table == "jobs" else "job"
            query = f"SELECT count(*) FROM {table} WHERE {column} = ?"  # noqa: S608 -- ours
            assert connection.exec_driver_sql(query, (job,)).scalar_one() == 0
