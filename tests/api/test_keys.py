import io
import json
import logging
import random
import threading
import time
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select, update
from standardwebhooks import Webhook, WebhookVerificationError

import api
from api import logs, webhooks
from api.serving import Keys
from api.settings import Settings
from api.store import jobs, keys, leases, outbox, rates
from api.store.engine import Store
from api.store.jobs import Order
from api.store.outbox import Delivery
from api.store.tables import deliveries, owners, receivers, rotations
from drift.cli import main
from drift.errors import InputError
from drift.ingest.fetch import Page
from drift.records import Post, Retweet
from tests.api.world import SHORT_POST, opened, serving, settings

ASKED = {"post": {"text": SHORT_POST}, "retweets": [{"text": "坐等后续"}]}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("keys")


@pytest.fixture(scope="module")
def client(folder):
    with serving(settings(folder, anonymous=False)) as served:
        yield served


@pytest.fixture(scope="module")
def ring(folder):
    return Keys(f"sqlite:///{folder / 'drift.db'}")


def bearer(key):
    return {"Authorization": f"Bearer {key}"}


OPERATIONS = [
    ("POST", "/v1/checks", ASKED),
    ("POST", "/v1/jobs", ASKED),
    ("GET", "/v1/jobs/{}", None),
    ("GET", "/v1/jobs/{}/results", None),
    ("GET", "/v1/jobs/{}/events", None),
    ("POST", "/v1/jobs/{}/cancel", None),
    ("DELETE", "/v1/jobs/{}", None),
]


@pytest.mark.parametrize(("method", "path", "body"), OPERATIONS)
def test_without_a_key_in_force_nothing_is_done(client, ring, method, path, body):
    one, _ = ring.create("one", ("checks", "jobs"))
    made = client.post("/v1/jobs", json=ASKED, headers=bearer(one)).json()["id"]
    wrong = [{}, bearer("drift_" + "0" * 72), bearer(one[:-1] + "x"), {"Authorization": "Basic x"}]
    for headers in wrong:
        answer = client.request(method, path.format(made), json=body, headers=headers)
        assert answer.status_code == 401
    ring.revoke(one.removeprefix("drift_")[:8])
    assert (
        client.request(method, path.format(made), json=body, headers=bearer(one)).status_code == 401
    )


@pytest.mark.parametrize(("method", "path", "body"), OPERATIONS[2:])
def test_a_job_of_another_key_is_as_if_it_did_not_exist(client, ring, method, path, body):
    one, two = (ring.create(name, ("checks", "jobs"))[0] for name in ("one", "two"))
    made = client.post("/v1/jobs", json=ASKED, headers=bearer(one)).json()["id"]
    answer = client.request(method, path.format(made), headers=bearer(two))
    assert answer.status_code == 404
    assert client.get(f"/v1/jobs/{made}", headers=bearer(one)).status_code == 200


def test_idempotency_keys_are_each_callers_own(client, ring):
    made = set()
    for name in ("one", "two"):
        key, _ = ring.create(name, ("jobs",))
        headers = {**bearer(key), "Idempotency-Key": "same"}
        made.add(client.post("/v1/jobs", json=ASKED, headers=headers).json()["id"])
    assert len(made) == 2


def test_a_key_does_only_what_it_was_made_for(client, ring):
    key, _ = ring.create("narrow", ("checks",))
    assert client.post("/v1/checks", json=ASKED, headers=bearer(key)).status_code == 200
    answer = client.post("/v1/jobs", json=ASKED, headers=bearer(key))
    assert answer.status_code == 403
    assert answer.headers["content-type"] == "application/problem+json"


def test_the_database_holds_nothing_to_log_in_or_sign_with(folder, ring):
    key, secret = ring.create("planted", ("checks",))
    held = b"".join(path.read_bytes() for path in folder.glob("drift.db*"))
    assert key.encode() not in held
    assert key[14:70].encode() not in held
    assert secret.removeprefix("whsec_").encode() not in held


def test_keys_are_handled_on_the_command_line(folder, capsys):
    where = ["--database", f"sqlite:///{folder / 'drift.db'}"]
    assert main(["keys", "create", "a bot", *where]) == 0
    key = capsys.readouterr().out.split()[1]
    assert main(["keys", "list", *where]) == 0
    listed = capsys.readouterr().out
    assert "a bot" in listed
    assert key not in listed
    assert main(["keys", "rotate", key.removeprefix("drift_")[:8], *where]) == 0
    assert "whsec_" in capsys.readouterr().out
    assert main(["keys", "resend", key.removeprefix("drift_")[:8], *where]) == 0
    assert main(["keys", "revoke", key.removeprefix("drift_")[:8], *where]) == 0
    assert main(["keys", "revoke", "nothing", *where]) == 2


def test_a_minute_has_its_limit_and_says_when_it_is_over(tmp_path):
    with serving(settings(tmp_path, per_minute=3)) as client:
        codes = [client.post("/v1/checks", json=ASKED) for _ in range(5)]
        assert [answer.status_code for answer in codes] == [200, 200, 200, 429, 429]
        assert 0 < int(codes[-1].headers["retry-after"]) <= 60


DELIVERY = Delivery("msg_1", "key:12345678", "https://example.org/hook", '{"type":"job.ended"}', 1)


def test_the_reference_library_accepts_our_signature_and_no_other():
    now = datetime.now(UTC)
    own = [webhooks.secret_of(b"s" * 32, DELIVERY.owner)]
    headers = dict(webhooks.signed(own, DELIVERY, now))
    judge = Webhook(webhooks.secret_of(b"s" * 32, DELIVERY.owner))
    assert judge.verify(DELIVERY.body, headers) == {"type": "job.ended"}
    for body, secret in ((DELIVERY.body + " ", b"s" * 32), (DELIVERY.body, b"t" * 32)):
        with pytest.raises(WebhookVerificationError):
            Webhook(webhooks.secret_of(secret, DELIVERY.owner)).verify(body, headers)


@pytest.mark.parametrize(
    "url", ["http://example.org/hook", "https://127.0.0.1/x", "https://169.254.169.254/", "ftp://x"]
)
def test_a_webhook_may_not_lead_inside(client, ring, url):
    key, _ = ring.create("hook", ("jobs",))
    answer = client.post("/v1/jobs", json={**ASKED, "webhook": url}, headers=bearer(key))
    assert answer.status_code == 422


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request, tmp_path):
    with opened(request.param, tmp_path) as made:
        yield made


def due(store):
    owner = keys.owner_of(keys.create(store, "k", ("jobs",)))
    order = Order(owner, Post("p", "P"), (Retweet("r", "t"),), "https://example.org/hook")
    jobs.create(store, order)
    leases.end(store, leases.take(store, 10))
    return outbox.take(store)


def test_the_end_of_a_job_and_the_message_about_it_are_kept_together(store):
    delivery = due(store)
    assert json.loads(delivery.body)["data"]["state"] == "done"
    assert outbox.take(store) is None
    outbox.settle(store, delivery, "200")
    with store.read() as connection:
        row = connection.execute(select(deliveries.c.due_at, deliveries.c.outcome)).one()
    assert tuple(row) == (None, "200")


@pytest.mark.parametrize("outcome", ["500", "302", "unreachable", "429"])
def test_a_message_that_was_not_heard_is_sent_again_later(store, outcome):
    delivery = due(store)
    outbox.settle(store, delivery, outcome)
    with store.read() as connection:
        due_at = connection.execute(select(deliveries.c.due_at)).scalar_one()
        wait = due_at - store.now(connection)
    assert 3 < wait < 7


def test_a_message_goes_out_until_it_is_heard_always_under_the_same_id(store, monkeypatch):
    key = keys.create(store, "k", ("jobs",))
    owner = keys.owner_of(key)
    order = Order(owner, Post("p", "P"), (Retweet("r", "t"),), "https://example.org/hook")
    names = {jobs.create(store, order) for _ in range(3)}
    while lease := leases.take(store, 60):
        leases.end(store, lease)
    heard, dice = [], random.Random(3)

    def receiver(request, _):
        status = dice.choice([200, 500, 302, 429])
        if status == 200 or dice.random() < 0.3:  # it may have heard and failed to say so
            judge = Webhook(webhooks.secret_of(b"s" * 32, owner))
            told = judge.verify(request.payload.decode(), dict(request.headers))
            heard.append((dict(request.headers)["webhook-id"], told["data"]["id"]))
        if status == 429:
            raise InputError("refused")
        return Page(request.url, request.url, status, b"")

    monkeypatch.setattr(webhooks, "fetch", receiver)
    monkeypatch.setattr(outbox, "SCHEDULE", (0.01,) * 60)
    monkeypatch.setattr(webhooks, "IDLE", 0.01)
    sender = webhooks.Sender(store, b"s" * 32)
    sender.start()
    for _ in range(500):
        with store.read() as connection:
            left = connection.execute(
                select(deliveries.c.id).where(deliveries.c.due_at.is_not(None))
            )
            if not left.all():
                break
        time.sleep(0.02)
    sender.stop()
    assert {job for _, job in heard} == names
    assert len(set(heard)) == 3


def test_a_receiver_that_is_gone_and_a_revoked_key_end_it(store):
    outbox.settle(store, due(store), "410")
    assert outbox.take(store) is None
    owner = keys.owner_of(keys.create(store, "k2", ("jobs",)))
    order = Order(owner, Post("p", "P"), (Retweet("r", "t"),), "https://example.org/hook")
    jobs.create(store, order)
    leases.end(store, leases.take(store, 10))
    keys.revoke(store, owner.removeprefix("key:"))
    assert outbox.take(store) is None


def waiting(store, owner, url="https://example.org/hook"):
    """Have one more job of an owner end, so that a message about it waits."""
    jobs.create(store, Order(owner, Post("p", "P"), (Retweet("r", "t"),), url))
    leases.end(store, leases.take(store, 10))


def hurry(store, table, column):
    with store.write() as connection:
        connection.execute(update(table).values({column: store.now(connection) - 1}))


def test_after_a_change_both_secrets_sign_for_a_day_and_then_the_new_one_alone(store):
    server, prefix = b"s" * 32, keys.create(store, "k", ("jobs",)).removeprefix("drift_")[:8]
    owner, now = keys.owner_of(prefix), datetime.now(UTC)
    first = webhooks.secrets_of(store, server, owner)
    assert keys.rotate(store, prefix) == 1
    second = webhooks.secrets_of(store, server, owner)
    assert second[1:] == first
    headers = dict(webhooks.signed(second, DELIVERY, now))
    for secret in second:
        assert Webhook(secret).verify(DELIVERY.body, headers)
    with store.write() as connection:
        past = store.now(connection) - webhooks.OVERLAP - 1
        connection.execute(update(rotations).values(rotated_at=past))
    alone = webhooks.secrets_of(store, server, owner)
    assert alone == second[:1]
    with pytest.raises(WebhookVerificationError):
        Webhook(first[0]).verify(DELIVERY.body, dict(webhooks.signed(alone, DELIVERY, now)))
    assert keys.rotate(store, prefix) == 2
    keys.revoke(store, prefix)
    with pytest.raises(InputError):
        keys.rotate(store, prefix)


def test_a_receiver_that_fails_is_left_alone_and_others_are_not_delayed(store):
    owner = keys.owner_of(keys.create(store, "k", ("jobs",)))
    for _ in range(outbox.TRIPS + 1):
        waiting(store, owner)
    for _ in range(outbox.TRIPS):
        outbox.settle(store, outbox.take(store), "503")
    hurry(store, deliveries, "due_at")
    assert outbox.take(store) is None
    waiting(store, owner, "https://example.org/other")
    other = outbox.take(store)
    assert other.url.endswith("other")
    outbox.settle(store, other, "204")
    hurry(store, receivers, "rest_until")
    trying = outbox.take(store)
    assert trying.tries <= 2  # resting spends no attempt
    assert outbox.take(store) is None  # one tries; the rest wait for what comes of it
    outbox.settle(store, trying, "503")
    with store.read() as connection:
        rest = connection.execute(select(receivers.c.rest_until)).scalar_one()
        assert rest - store.now(connection) > 1.5 * outbox.REST
    hurry(store, receivers, "rest_until")
    outbox.settle(store, outbox.take(store), "200")
    left = 0
    while outbox.take(store):
        left += 1
    assert left == outbox.TRIPS - 1  # all but the one heard and the one put off again


def test_who_is_gone_is_told_nothing_more_until_it_is_asked_for(store):
    key = keys.create(store, "k", ("jobs",))
    owner = keys.owner_of(key)
    for _ in range(3):
        waiting(store, owner)
    outbox.settle(store, outbox.take(store), "410")
    assert outbox.take(store) is None
    assert outbox.resend(store, keys.owner_of(keys.create(store, "other", ("jobs",)))) == 0
    assert outbox.resend(store, owner) == 3
    first = outbox.take(store)
    assert first.tries == 1
    outbox.settle(store, first, "200")
    assert outbox.resend(store, owner) == 0


def test_pauses_between_attempts_grow_and_end(store):
    waiting(store, keys.owner_of(keys.create(store, "k", ("jobs",))))
    pauses = []
    for _ in outbox.SCHEDULE:
        hurry(store, deliveries, "due_at")
        hurry(store, receivers, "rest_until")
        outbox.settle(store, outbox.take(store), "unreachable")
        with store.read() as connection:
            due_at = connection.execute(select(deliveries.c.due_at)).scalar_one()
            pauses.append(due_at - store.now(connection))
    assert all(
        0.85 * wanted < pause < 1.15 * wanted
        for pause, wanted in zip(pauses, outbox.SCHEDULE, strict=True)
    )
    assert pauses == sorted(pauses)
    hurry(store, deliveries, "due_at")
    hurry(store, receivers, "rest_until")
    outbox.settle(store, outbox.take(store), "unreachable")
    assert outbox.take(store) is None


def test_what_servers_count_together_is_exact_however_they_hurry(store):
    other, counted, began = Store(store.url), [], time.monotonic()

    def hurry_up(one):
        counted.extend(rates.spend(one, "key:a", 10, 200) == 0.0 for _ in range(15))

    threads = [threading.Thread(target=hurry_up, args=(one,)) for one in (store, other) * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    other.close()
    back = (time.monotonic() - began) * 200 / 60 / 10
    assert 20 <= sum(counted) <= 20 + back  # 200 a minute, 10 at a time
    assert rates.spend(store, "key:b", 10, 200) == 0.0
    assert rates.spend(store, "key:a", 200, 200) > 0


def test_what_a_server_counted_beforehand_is_given_away_and_no_more(store):
    one, two, given = rates.Rates(store), rates.Rates(Store(store.url)), 0
    began = time.monotonic()
    for number in range(200):
        given += (one, two)[number % 2].spend("key:a", 3, 300) == 0.0
    back = (time.monotonic() - began) * 300 / 60 / 3
    assert 90 <= given <= 101 + back  # 300 a minute, 3 at a time, and what flows back meanwhile
    crowd = []
    threads = [
        threading.Thread(target=lambda: crowd.append(one.spend("key:c", 10, 300)))
        for _ in range(40)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert crowd.count(0.0) >= 30  # nobody is refused while a portion lies there
    assert one.spend("key:b", 900, 300) == 0.0
    assert two.spend("key:b", 1, 300) > 60
    two._store.close()


def test_a_full_minute_flows_back_at_the_rate_allowed(store):
    assert rates.spend(store, "a", 60, 60) == 0.0
    assert 9 < rates.spend(store, "a", 10, 60) <= 10
    with store.write() as connection:
        connection.execute(update(owners).values(free_at=owners.c.free_at - 10))
    assert rates.spend(store, "a", 10, 60) == 0.0
    assert rates.spend(store, "a", 1, 60) >= 1
    assert rates.spend(store, "none", 1, 0) == 0.0


def test_who_asks_for_more_than_a_minute_gets_it_when_rested_and_waits_the_longer(store):
    assert rates.spend(store, "a", 600, 60) == 0.0
    assert 540 < rates.spend(store, "a", 1, 60) <= 541  # until one more fits into the last minute
    assert 599 < rates.spend(store, "a", 600, 60) <= 600  # until all is paid


def test_every_setting_is_told_of_on_the_page_about_running_a_server():
    told = (Path(api.__file__).parent / "deploy" / "README.md").read_text("utf-8")
    for field in fields(Settings):
        assert f"`DRIFT_{field.name.upper()}`" in told, field.name


def test_a_log_record_is_one_line_of_json_whatever_is_in_it():
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(logs.Lines())
    record = logging.makeLogRecord(
        {"msg": "a\nb\x1b[31m\u2028\x85", "levelno": 20, "levelname": "INFO", "route": "\r\nforged"}
    )
    handler.emit(record)
    written = out.getvalue()
    assert len(written.splitlines()) == 1
    assert "\x1b" not in written
    assert json.loads(written)["route"] == "\r\nforged"
