"""Collecting: pages, waiting, identical retweets, languages, resuming, credentials."""

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from web import local_web

from drift.errors import BackendError, InputError
from drift.ingest.collect import DONE, Collection, Plan, collect, gather, same_words
from drift.ingest.fetch import Limits

POST = "https://a.example/2012/02/defection/"
BASE = "王立军事件第{}种说法：拒绝庇护将损害形象。"


def js(value, status=200, **headers):
    return status, headers, json.dumps(value, ensure_ascii=False).encode()


def plan(slept=None, **more):
    fields = {"credentials": {"X_BEARER_TOKEN": "good"}, "limits": Limits(floor=0), **more}
    return Plan(sleep=(slept if slept is not None else []).append, **fields)


class X:
    """A search of five pages of ten posts: some identical, some not Chinese."""

    def __init__(self):
        self.failures = []
        self.tokens = []

    def __call__(self, asked):
        assert asked.headers["authorization"] == "Bearer good"
        if self.failures:
            return self.failures.pop(0)
        assert asked.query["query"] == f'url:"{POST}" lang:zh -is:retweet'
        number = int(asked.query.get("next_token", "p0")[1:])
        self.tokens.append(number)
        texts = [
            f"RT @u{i}: {BASE.format(number * 10 + i % 8)} https://t.co/{number}{i}"
            for i in range(9)
        ]
        texts.append("これは日本語の投稿です、中国語ではありません。")
        data = [
            {"id": str(number * 10 + i), "text": text, "author_id": "1"}
            for i, text in enumerate(texts)
        ]
        meta = {"result_count": 10} | ({"next_token": f"p{number + 1}"} if number < 4 else {})
        return js(
            {"data": data, "meta": meta, "includes": {"users": [{"id": "1", "username": "u"}]}}
        )


def test_paging_identical_retweets_and_languages(monkeypatch):
    collection = Collection()
    server = X()
    with local_web(monkeypatch, server):
        pages = sum(1 for _ in gather(POST, collection, plan()))
    assert (pages, server.tokens) == (5, [0, 1, 2, 3, 4])
    assert len(collection.found) == 40  # eight wordings a page
    assert sum(item.count for item in collection.found.values()) == 45
    assert collection.other_languages == 5
    assert collection.cursors == {"X": DONE}


def test_waiting_and_stumbling(monkeypatch):
    server = X()
    server.failures = [js({}, 429, **{"Retry-After": "7"}), js({}, 503), js({}, 500)]
    slept = []
    with local_web(monkeypatch, server):
        found = list(collect(POST, plan(slept)))
    assert len(found) == 40
    assert 7 <= slept[0] < 8
    assert 2 <= slept[1] < 3 and 4 <= slept[2] < 5


def test_a_wait_beyond_patience_is_said(monkeypatch):
    server = X()
    server.failures = [js({}, 429, **{"Retry-After": "5000"})]
    with local_web(monkeypatch, server), pytest.raises(BackendError, match="5000 seconds"):
        list(collect(POST, plan(patience=60)))


def test_resuming(monkeypatch):
    server, collection = X(), Collection()
    with local_web(monkeypatch, server):
        steps = gather(POST, collection, plan())
        next(steps), next(steps)
        steps.close()  # as if the process had been stopped
        server.failures = [js({}, 401)]
        list(gather(POST, collection, plan()))
        assert "renew X_BEARER_TOKEN" in collection.problems["X"]
        list(gather(POST, collection, plan()))
    assert server.tokens == [0, 1, 2, 3, 4]
    assert len(collection.found) == 40
    assert collection.problems == {}


def test_an_expired_session_is_renewed(monkeypatch):
    state = {"sessions": 0}

    def bluesky(asked):
        if asked.path.endswith("createSession"):
            assert json.loads(asked.body) == {"identifier": "me.example", "password": "pw"}
            state["sessions"] += 1
            return js({"accessJwt": f"t{state['sessions']}"})
        if asked.headers["authorization"] == "Bearer t1":
            return js({"error": "ExpiredToken"}, 400)
        assert asked.query["url"] == POST
        record = {"text": BASE.format(1), "createdAt": "2024-01-01T00:00:00Z"}
        post = {
            "uri": "at://did:plc:a/app.bsky.feed.post/1",
            "author": {"handle": "a.example"},
            "record": record,
        }
        return js({"posts": [post]})

    credentials = {"BLUESKY_HANDLE": "me.example", "BLUESKY_APP_PASSWORD": "pw"}
    with local_web(monkeypatch, bluesky):
        found = list(collect(POST, plan(credentials=credentials)))
    assert [one.url for one in found] == ["https://bsky.app/profile/a.example/post/1"]
    assert state["sessions"] == 2


def test_mastodon_pages_by_offset(monkeypatch):
    def answer(asked):
        assert (asked.host, asked.headers["authorization"]) == ("m.example", "Bearer tok")
        start = int(asked.query["offset"])
        many = [
            {
                "id": str(i),
                "uri": f"https://m.example/{i}",
                "content": f"<p>{BASE.format(i)}</p>",
                "account": {"acct": "a"},
            }
            for i in range(start, min(start + 40, 55))
        ]
        return js({"statuses": many})

    credentials = {"MASTODON_HOST": "m.example", "MASTODON_TOKEN": "tok"}
    with local_web(monkeypatch, answer) as web:
        assert len(list(collect(POST, plan(credentials=credentials)))) == 55
    assert [asked.query["offset"] for asked in web.asked] == ["0", "40"]


def test_quotes_of_a_post_of_x(monkeypatch):
    def answer(asked):
        assert asked.path == "/2/tweets/77/quote_tweets"
        return js({"data": [{"id": "1", "text": BASE.format(1), "author_id": "1"}], "meta": {}})

    with local_web(monkeypatch, answer):
        assert len(list(collect("https://x.com/a/status/77", plan()))) == 1


def test_one_network_that_fails_costs_only_its_own(monkeypatch):
    server = X()

    def answer(asked):
        if asked.host == "m.example":
            return js({}, 403)
        return server(asked)

    credentials = {"X_BEARER_TOKEN": "good", "MASTODON_HOST": "m.example", "MASTODON_TOKEN": "x"}
    collection = Collection()
    with local_web(monkeypatch, answer):
        list(gather(POST, collection, plan(credentials=credentials)))
    assert len(collection.found) == 40
    assert "MASTODON_TOKEN" in collection.problems["Mastodon"]


def test_missing_credentials_are_named():
    with pytest.raises(InputError) as caught:
        list(collect(POST, plan(credentials={"BLUESKY_HANDLE": "a"})))
    message = str(caught.value)
    assert "X: export X_BEARER_TOKEN=..." in message
    assert "Bluesky: export BLUESKY_APP_PASSWORD=... (the others are set)" in message


@pytest.mark.parametrize("link", ["http://127.0.0.1/", "not a link"])
def test_the_post_must_be_a_public_link(link):
    with pytest.raises(InputError):
        list(collect(link, plan()))


def test_the_limit_holds(monkeypatch):
    with local_web(monkeypatch, X()):
        collection = Collection()
        list(gather(POST, collection, plan(limit=10)))
    assert len(collection.found) == 16  # two pages: the one that passed it is kept whole


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("RT @a: 王立军 https://t.co/1", "王立军", True),
        ("转发 @a：RT @b: 王立军", "王 立 军", True),
        ("王立军！", "王立军!", True),
        ("王立军", "王立军被拒", False),
    ],
)
def test_same_words(one, other, same):
    assert (same_words(one) == same_words(other)) is same


def test_the_command_goes_on_where_it_was_stopped(monkeypatch, tmp_path, capsys):
    from argparse import Namespace

    from drift.commands.collect import COMMAND

    monkeypatch.setattr("drift.ingest.collect.STANDARD", Limits(floor=0))
    monkeypatch.setattr("drift.ingest.collect.time.sleep", lambda seconds: None)
    monkeypatch.setenv("X_BEARER_TOKEN", "good")
    output = tmp_path / "retweets.jsonl"
    args = Namespace(link=POST, output=str(output), limit=1_000, patience=900)
    server = X()
    broken = {"at": 3}

    def answer(asked):
        if asked.query.get("next_token") == f"p{broken['at']}":
            return js({}, 401)
        return server(asked)

    with local_web(monkeypatch, answer):
        with pytest.raises(BackendError, match="run it again"):
            COMMAND.run(args, None)
        assert len(output.read_text(encoding="utf-8").splitlines()) == 24
        with pytest.raises(InputError, match="belongs to another post"):
            COMMAND.run(Namespace(**{**vars(args), "link": "https://b.example/"}), None)
        broken["at"] = 99
        assert COMMAND.run(args, None) == 0
    assert "continuing: 30 posts" in capsys.readouterr().err
    found = [json.loads(line) for line in output.read_text(encoding="utf-8").splitlines()]
    assert len(found) == 40
    assert sum(row["count"] for row in found) == 45
    assert found[0]["post_url"] == POST
    assert list(tmp_path.iterdir()) == [output]
    with pytest.raises(InputError, match="name another file"):
        COMMAND.run(args, None)
