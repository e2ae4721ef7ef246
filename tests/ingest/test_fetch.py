"""The fetcher against a local server: redirects, sizes, types, charsets, what it sends."""

import asyncio
import gzip
import sys
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))
from web import local_web

from drift.errors import FetchRefused, InputError
from drift.ingest.bodies import BadBodyError, Body, TooLargeError
from drift.ingest.fetch import Limits, Page, Request, fetch, fetch_all, fetch_async

FAST = Limits(floor=0)
HTML = {"Content-Type": "text/html; charset=utf-8"}


def site(asked):
    hops = int(asked.query.get("hops", "0"))
    if hops:
        return 302, {"Location": f"/page?hops={hops - 1}", "Set-Cookie": "a=b"}, b""
    if asked.path == "/big":
        return 200, HTML, b"x" * 2_000_001
    if asked.path == "/gz":
        return (
            200,
            {**HTML, "Content-Encoding": "gzip"},
            gzip.compress("王立军".encode()) + gzip.compress(b"!"),
        )
    if asked.path == "/type":
        return 200, {"Content-Type": asked.query["t"]}, b"%PDF"
    if asked.path in ("/loop", "/away"):
        return 301, {"Location": asked.query.get("to", "/loop")}, b""
    return 200, HTML, b"<p>hello"


def test_what_is_sent(monkeypatch):
    with local_web(monkeypatch, site) as web:
        page = fetch("http://a.example/page?hops=3#fragment", FAST)
    assert (page.status, page.body) == (200, b"<p>hello")
    assert page.url == "http://a.example/page?hops=0"
    assert page.asked == "http://a.example/page?hops=3#fragment"
    assert page.fetched_at
    assert len(web.asked) == 4
    sent = {name for asked in web.asked for name in asked.headers}
    assert sent == {"host", "user-agent", "accept", "accept-encoding", "connection"}
    assert web.asked[0].headers["accept-encoding"] == "gzip"


@pytest.mark.parametrize(
    "path",
    [
        "/page?hops=4",
        "/loop",
        "/away?to=http://10.0.0.5/",
        "/away?to=ftp://b.example/",
        "/away?to=http://b.example:22/",
    ],
)
def test_redirects_that_are_not_followed(monkeypatch, path):
    with local_web(monkeypatch, site) as web, pytest.raises(FetchRefused):
        fetch(f"http://a.example{path}", FAST)
    assert len(web.asked) <= 4


def test_sizes_and_codings(monkeypatch):
    with local_web(monkeypatch, site):
        with pytest.raises(InputError, match="larger than 2,000,000 bytes"):
            fetch("http://a.example/big", FAST)
        assert fetch("http://a.example/gz", FAST).text() == "王立军!"


@pytest.mark.parametrize(
    "kind", ["application/pdf", "image/png", "application/octet-stream", "text/css"]
)
def test_types_that_are_not_read(monkeypatch, kind):
    with local_web(monkeypatch, site), pytest.raises(InputError, match="leads to a file"):
        fetch(f"http://a.example/type?t={kind}", FAST)


def test_many_at_once_and_from_a_running_loop(monkeypatch):
    with local_web(monkeypatch, site):
        found = fetch_all(
            [f"http://a{i % 7}.example/" for i in range(40)] + ["http://10.0.0.1/"], FAST
        )
        assert [isinstance(one, Page) for one in found] == [True] * 40 + [False]

        async def within():
            page = await fetch_async(Request("http://a.example/"), FAST)
            return page, fetch("http://b.example/", FAST)

        assert [page.status for page in asyncio.run(within())] == [200, 200]
    assert fetch_all([]) == []


@settings(deadline=None)
@given(st.binary(max_size=4_000), st.integers(1, 500))
def test_gzip_in_pieces_is_what_it_was(data, step):
    packed = gzip.compress(data)
    body = Body("gzip", 100_000)
    for start in range(0, len(packed), step):
        body.feed(packed[start : start + step])
    assert body.done() == data


@settings(deadline=None)
@given(st.binary(max_size=2_000))
def test_any_bytes_as_gzip(data):
    body = Body("gzip", 10_000)
    try:
        body.feed(data)
        body.done()
    except (BadBodyError, TooLargeError):
        return


def test_bombs_stop_at_the_limit():
    body = Body("gzip", 2_000_000)
    bomb = gzip.compress(b"\0" * 50_000_000)
    with pytest.raises(TooLargeError):
        body.feed(bomb)
    assert len(body._unpacked) <= 2_000_000 + (1 << 16)
    for coding in ("br", "zstd", "deflate", "gzip, gzip", "compress"):
        with pytest.raises(BadBodyError):
            Body(coding, 100)
    with pytest.raises(BadBodyError):
        Body("gzip", 100).feed(zlib.compress(b"x"))


@pytest.mark.parametrize(
    ("header", "kind", "charset"),
    [
        ("text/html; charset=GBK", "text/html", "GBK"),
        ('Text/HTML;a=b; Charset="utf-8"', "text/html", "utf-8"),
        ("text/html; charset=", "text/html", None),
        ("", "", None),
    ],
)
def test_content_types(header, kind, charset):
    page = Page("", "http://a.example/", 200, b"", {"content-type": header})
    assert (page.kind, page.charset) == (kind, charset)


def test_json_that_is_none():
    for body in (b"<html>", b"[" * 100_000, b"\xff"):
        with pytest.raises(InputError, match="no JSON"):
            Page("", "http://a.example/", 200, body, {}).json()
