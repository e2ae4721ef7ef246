import json
from collections import Counter

import pytest

from api.schemas import CheckAnswer
from drift.pipeline import check
from drift.records import Post, Retweet
from drift.report.rows import to_document
from tests.api.world import (
    DENIED,
    POST,
    SHORT_POST,
    SHORT_RETWEET,
    security_folder,
    security_list,
    serving,
    settings,
    tools,
)

JSON = {"content-type": "application/json"}
ASKED = {"post": {"text": SHORT_POST}, "retweets": [{"text": SHORT_RETWEET}]}


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    with serving(settings(tmp_path_factory.mktemp("checks"), per_minute=10**6)) as served:
        yield served


def test_the_answer_keeps_its_schema_and_the_order_of_the_retweets(client):
    texts = ["他说了一半", SHORT_RETWEET, "坐等后续", "完全无关的话"]
    retweets = [{"id": f"t{n}", "text": text} for n, text in enumerate(texts)]
    answer = client.post("/v1/checks", json={"post": {"text": SHORT_POST}, "retweets": retweets})
    found = CheckAnswer.model_validate(answer.json())
    assert [one.id for one in found.results] == ["t0", "t1", "t2", "t3"]
    assert found.summary.retweets == 4
    assert "quantity" in {one.type for one in found.results[1].findings}


def test_spans_point_into_the_texts_as_given(client):
    answer = client.post("/v1/checks", json=ASKED).json()
    for finding in answer["results"][0]["findings"]:
        for side, text in (("retweet_span", SHORT_RETWEET), ("post_span", SHORT_POST)):
            span = finding[side]
            assert span is None or text[span["start"] : span["end"]] == span["text"]


def test_the_answer_is_what_the_command_line_says(client):
    retweets = tuple(Retweet(f"r{n}", text) for n, text in enumerate((DENIED, "坐等后续"), 1))
    report = check(Post("post", POST), retweets, tools())
    asked = {"post": {"text": POST}, "retweets": [{"text": one.text} for one in retweets]}
    answer = client.post("/v1/checks", json=asked).json()
    assert answer["summary"].pop("failed") == 0
    assert answer == to_document(report)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 422),
        (b"\xff\xfe\x00", 400),
        (b"[" * 100_000, 400),
        (b'{"post":{"text":"\\ud800"},"retweets":[{"text":"a"}]}', 422),
        (b'{"post":{"text":"a\\u0000"},"retweets":[{"text":"a"}]}', 422),
        (b'{"post":{"text":"  "},"retweets":[{"text":"a"}]}', 422),
        (b'{"post":{"text":"a"},"retweets":[]}', 422),
        (b'{"post":{"text":"a"},"retweets":[{"text":"a"}],"more":1}', 422),
        (b'{"post":' + b"9" * 5000 + b"}", 400),
        (b'{"post":{"text":"a"},"retweets":[' + b'{"text":"a"},' * 50 + b'{"text":"a"}]}', 422),
        (b" " * 2_000_001, 413),
    ],
)
def test_what_cannot_be_used_is_a_problem_of_the_caller(client, body, status):
    answer = client.post("/v1/checks", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == status


@pytest.mark.parametrize("blank", ["\x85", "\ufeff", "\u3000", "\u2028", "\xa0", "\x1c"])
def test_blanks_are_the_same_to_the_contract_and_to_us(client, blank):
    for asked in (
        {**ASKED, "post": {"text": blank}},
        {**ASKED, "post": {"text": "x", "url": f"https://x{blank}y"}},
    ):
        assert client.post("/v1/checks", content=json.dumps(asked), headers=JSON).status_code == 422
    asked = {**ASKED, "post": {"text": f"{blank}x{blank}"}}
    assert client.post("/v1/checks", content=json.dumps(asked), headers=JSON).status_code == 200


def test_a_body_without_a_stated_length_is_bounded_too(client):
    chunks = (b" " * 100_000 for _ in range(30))
    answer = client.post("/v1/checks", content=chunks)
    assert answer.status_code == 413


def test_a_fault_does_not_send_the_text_back(client):
    answer = client.post("/v1/checks", json={"post": {"text": "secret" * 40_000}, "retweets": []})
    assert answer.status_code == 422
    assert "secret" not in answer.text


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [("GET", "/nowhere", None), ("PUT", "/v1/checks", None), ("GET", "/healthz", None),
     ("POST", "/v1/checks", b"x"), ("GET", "/openapi.json", None)],
)  # fmt: skip
def test_every_answer_carries_the_security_headers(client, method, path, body):
    headers = client.request(method, path, content=body).headers
    policy = headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


def test_a_fault_of_ours_says_nothing_and_is_protected_too(client, monkeypatch):
    def broken(*_, **__):
        raise ZeroDivisionError("inner secret")

    monkeypatch.setattr(client.app.state.service.bench, "submit", broken)
    answer = client.post("/v1/checks", json=ASKED)
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert "content-security-policy" in answer.headers


def test_without_room_the_caller_is_told_when_to_come_back(client, monkeypatch):
    line = client.app.state.service.bench.line
    monkeypatch.setattr(line, "_held", Counter({"someone": line.bounds.room}))
    answer = client.post("/v1/checks", json=ASKED)
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0


FOREIGN = [
    ({"sec-fetch-site": "cross-site"}, 403),
    ({"sec-fetch-site": "same-site"}, 403),
    ({"sec-fetch-site": "same-origin"}, 200),
    ({"sec-fetch-site": "none"}, 200),
    ({"sec-fetch-site": "cross-site", "origin": "http://testserver"}, 403),
    ({"origin": "http://evil.example"}, 403),
    ({"origin": "null"}, 403),
    ({"origin": "http://["}, 403),
    ({"origin": "http://testserver"}, 200),
    ({}, 200),
]


@pytest.mark.parametrize(("headers", "status"), FOREIGN)
def test_another_site_cannot_make_a_browser_act(client, headers, status):
    assert client.post("/v1/checks", json=ASKED, headers=headers).status_code == status


def test_the_contract_names_every_problem_with_its_media_type(client):
    contract = client.get("/openapi.json").json()
    assert contract["openapi"].startswith("3.1")
    operation = contract["paths"]["/v1/checks"]["post"]
    for status, response in operation["responses"].items():
        if status >= "400":
            assert list(response["content"]) == ["application/problem+json"]
    assert "HTTPValidationError" not in contract["components"]["schemas"]
    retweets = contract["components"]["schemas"]["CheckRequest"]["properties"]["retweets"]
    assert retweets["maxItems"] == 50


def test_what_a_server_without_links_promises_names_no_links(client):
    contract = client.get("/openapi.json").json()
    assert "PostLink" not in str(contract)
    asked = {**ASKED, "post": {"url": "https://example.org/"}}
    assert client.post("/v1/checks", json=asked).status_code == 422


def test_an_address_names_all_its_methods(client):
    answer = client.options(f"/v1/jobs/{'a' * 32}")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "DELETE, GET"


def test_a_store_that_fails_is_told_of_and_nothing_of_it_is_said(tmp_path):
    with serving(settings(tmp_path)) as served:
        with served.app.state.service.store.write() as connection:
            connection.exec_driver_sql("DROP TABLE items")
        answer = served.post("/v1/jobs", json=ASKED)
        assert answer.status_code == 503
        assert "items" not in answer.text
        assert served.get("/healthz").status_code == 200


def test_no_naughty_string_in_any_field_is_our_fault(client):
    strings = [text for text in security_list("naughty_strings.json") if text.strip()]
    for at in range(0, len(strings), 50):
        some = strings[at : at + 50]
        retweets = [
            {
                "text": text[:10_000],
                "id": text[:200],
                "author": text[:200],
                "created_at": text[:200],
            }
            for text in some
        ]
        asked = {"post": {"text": some[0], "author": some[-1][:200]}, "retweets": retweets}
        answer = client.post("/v1/checks", content=json.dumps(asked), headers=JSON)
        assert answer.status_code in (200, 422), answer.text
        if answer.status_code == 200:
            assert [one["id"] for one in answer.json()["results"]] == [
                one["id"] for one in retweets
            ]


def test_what_is_no_json_is_refused_whatever_is_wrong_with_it(client):
    files = sorted((security_folder() / "json" / "test_parsing").glob("[ni]_*.json"))
    assert files
    for path in files:
        answer = client.post("/v1/checks", content=path.read_bytes(), headers=JSON)
        assert answer.status_code in (400, 422), path.name
        assert answer.headers["content-type"] == "application/problem+json"


def test_what_would_keep_everybody_waiting_is_a_job(client):
    long = {"post": {"text": "x" * 60_000}, "retweets": [{"text": SHORT_RETWEET}] * 40}
    answer = client.post("/v1/checks", json=long)
    assert answer.status_code == 422
    assert answer.json()["type"].endswith("too-long")
    short = {"post": {"text": SHORT_POST}, "retweets": [{"text": SHORT_RETWEET * 12}] * 40}
    assert client.post("/v1/checks", json=short).status_code == 200
