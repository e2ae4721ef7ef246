import json
import threading
import time
from dataclasses import replace

import pytest

from api.judging import Judged, verdict_of
from api.schemas import CheckAnswer, Job, JobMade, Page
from api.store import jobs, leases
from api.store.jobs import Order
from drift.records import Post, Retweet
from tests.api.world import DENIED, SHORT_POST, SHORT_RETWEET, opened, serving, settings

TEXTS = [SHORT_RETWEET, DENIED, "坐等后续", "周一可能有四千人离开该镇。"]
ASKED = {"post": {"text": SHORT_POST}, "retweets": [{"text": text} for text in TEXTS]}


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    with serving(settings(tmp_path_factory.mktemp("jobs"), per_minute=100_000)) as served:
        yield served


def ended(client, job, **headers):
    for _ in range(600):
        found = Job.model_validate(client.get(f"/v1/jobs/{job}", headers=headers).json())
        if found.state not in ("queued", "running"):
            return found
        time.sleep(0.05)
    raise AssertionError("the job did not end")


def test_a_job_is_kept_judged_and_paged(client):
    answer = client.post("/v1/jobs", json=ASKED)
    made = JobMade.model_validate(answer.json())
    assert answer.status_code == 202
    assert answer.headers["location"] == made.url
    job = ended(client, made.id)
    assert (job.state, job.done, job.total) == ("done", 4, 4)
    page = Page.model_validate(client.get(f"{made.url}/results?count=3").json())
    rest = Page.model_validate(client.get(page.next).json())
    assert [one.id for one in page.results + rest.results] == ["r1", "r2", "r3", "r4"]
    assert rest.next is None
    direct = CheckAnswer.model_validate(client.post("/v1/checks", json=ASKED).json())
    assert page.results + rest.results == direct.results


def test_the_event_stream_ends_with_the_finished_job(client):
    made = client.post("/v1/jobs", json=ASKED).json()
    with client.stream("GET", f"{made['url']}/events") as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        lines = list(stream.iter_lines())
    events = [line.removeprefix("event: ") for line in lines if line.startswith("event:")]
    last = [line.removeprefix("data: ") for line in lines if line.startswith("data:")][-1]
    assert events[-1] == "done"
    assert set(events[:-1]) <= {"progress"}
    assert json.loads(last)["done"] == 4


def test_one_key_makes_one_job_however_often_it_comes(client):
    answers, retweets = [], [{"text": "坐等后续"}]
    body = {"post": {"text": SHORT_POST}, "retweets": retweets}

    def post():
        answers.append(client.post("/v1/jobs", json=body, headers={"Idempotency-Key": "k-1"}))

    threads = [threading.Thread(target=post) for _ in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.content for answer in answers}) == 1
    changed = {**body, "retweets": [{"text": "另一条"}]}
    other = client.post("/v1/jobs", json=changed, headers={"Idempotency-Key": "k-1"})
    assert other.status_code == 422
    assert other.json()["type"].endswith("key-reused")
    client.delete(answers[0].headers["location"])
    again = client.post("/v1/jobs", json=body, headers={"Idempotency-Key": "k-1"})
    assert client.get(again.headers["location"]).status_code == 200


def test_a_job_can_be_cancelled_once_and_deleted(client):
    many = {"post": {"text": SHORT_POST}, "retweets": [{"text": SHORT_RETWEET}] * 3000}
    made = client.post("/v1/jobs", json=many).json()
    assert client.post(f"{made['url']}/cancel").json()["state"] == "cancelled"
    assert client.post(f"{made['url']}/cancel").status_code == 409
    time.sleep(0.5)
    before = client.get(made["url"]).json()["done"]
    time.sleep(0.5)
    assert client.get(made["url"]).json()["done"] == before < 3000
    assert client.delete(made["url"]).status_code == 204
    assert client.delete(made["url"]).status_code == 404
    assert client.get(f"{made['url']}/results").status_code == 404


def test_a_small_job_does_not_wait_for_a_large_one(client):
    large = {"post": {"text": SHORT_POST}, "retweets": [{"text": SHORT_RETWEET}] * 3000}
    slow = client.post("/v1/jobs", json=large).json()
    quick = client.post("/v1/jobs", json=ASKED).json()
    assert ended(client, quick["id"]).state == "done"
    assert client.get(slow["url"]).json()["state"] == "running"
    client.delete(slow["url"])


def test_links_that_may_not_be_fetched_fail_the_job_with_a_reason(client):
    made = client.post(
        "/v1/jobs", json={**ASKED, "post": {"url": "https://example.org/post"}}
    ).json()
    job = ended(client, made["id"])
    assert job.state == "failed"
    assert "links" in job.error


@pytest.mark.parametrize("job", ["a" * 32, "x", "..%2f..", "'" * 32])
def test_what_is_no_job_is_not_found(client, job):
    assert client.get(f"/v1/jobs/{job}").status_code in (404, 422)


ORDER = Order("anon:x", Post("post", "P"), tuple(Retweet(f"r{n}", f"t{n}") for n in range(4)))


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request, tmp_path):
    with opened(request.param, tmp_path) as made:
        yield made


def test_a_lease_keeps_others_out_until_it_lapses(store):
    name = jobs.create(store, ORDER)
    first = leases.take(store, 0.2)
    assert first.id == name
    assert leases.take(store, 0.2) is None
    time.sleep(0.3)
    second = leases.take(store, 10)
    assert second.fence == first.fence + 1
    row = Judged({"verdict": "faithful", "id": "r0"})
    with pytest.raises(leases.LapsedError):
        leases.keep(store, first, {0: row}, None, 1)
    leases.keep(store, second, {0: row}, "sig", 10)
    leases.keep(store, second, {0: row, 1: row}, "sig", 10)
    assert jobs.get(store, name).done == 2
    assert [item.place for item in leases.pending(store, second, 10)] == [2, 3]


def test_a_hundred_requests_with_one_key_make_one_job(store):
    repeat, made = jobs.Repeat("k", "f"), []
    threads = [
        threading.Thread(target=lambda: made.append(jobs.create(store, ORDER, repeat)))
        for _ in range(100)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 100
    assert len(set(made)) == 1
    assert jobs.crowd(store, ORDER.owner) == (1, 1)
    with pytest.raises(jobs.MismatchError):
        jobs.earlier(store, ORDER.owner, jobs.Repeat("k", "other"))


def test_no_job_is_taken_by_two_at_once(store):
    names = {jobs.create(store, ORDER) for _ in range(20)}
    taken = []

    def take():
        while (lease := leases.take(store, 60)) is not None:
            taken.append(lease.id)

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == 20
    assert set(taken) == names


def test_a_cancelled_job_takes_no_more_results(store):
    name = jobs.create(store, ORDER)
    lease = leases.take(store, 10)
    assert jobs.cancel(store, name)
    with pytest.raises(leases.LapsedError):
        leases.keep(store, lease, {0: Judged({"verdict": "faithful"})}, None, 1)
    assert jobs.get(store, name).state == "cancelled"


def test_the_job_that_waited_longest_comes_first(store):
    names = [jobs.create(store, ORDER) for _ in range(3)]
    lease = leases.take(store, 10)
    leases.hand_on(store, lease)
    assert [leases.take(store, 10).id for _ in range(3)] == [names[1], names[2], names[0]]


def test_owners_take_turns_however_many_jobs_each_has(store):
    for _ in range(6):
        jobs.create(store, ORDER)
    alone = jobs.create(store, replace(ORDER, owner="key:b"))
    assert leases.take(store, 10).id != alone
    mine = leases.take(store, 10)
    assert mine.id == alone
    leases.hand_on(store, mine)
    assert leases.take(store, 10).id != alone  # the others' turn was before this one
    assert leases.take(store, 10).id == alone


def test_purging_deletes_what_is_over_and_old_with_its_retweets(store):
    name = jobs.create(store, ORDER)
    leases.end(store, leases.take(store, 10))
    assert jobs.purge(store, 1) == 0
    assert jobs.purge(store, 0) == 1
    assert jobs.get(store, name) is None
    assert jobs.page(store, name, 0, 10) == []


def test_an_error_row_is_shown_as_uncertain():
    judged = Judged({"schema": "drift/1", "id": "r", "error": "e"})
    assert verdict_of(judged, Retweet("r", "t")).label == "uncertain"
