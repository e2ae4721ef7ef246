"""Links, texts and files in; posts and retweets out; one dead link costs only itself."""
# ruff: noqa: E501 -- markup and answers stay as they are sent

import sys
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from web import local_web

from drift.errors import FetchRefused, InputError
from drift.ingest.cache import PageCache
from drift.ingest.fetch import Limits, Page
from drift.ingest.files import rows_of
from drift.ingest.lines import from_bytes
from drift.ingest.sources import Settings, fill_rows, load_post, load_retweets, load_source

FAST = Limits(seconds=10, floor=0)
TEXT = "Weibo and Twitter are buzzing today about an incident at the consulate. " * 5


def html(asked):
    if asked.path == "/dead":
        return 404, {"Content-Type": "text/html"}, b"gone"
    body = f"<html lang=en><article><p>{TEXT}</p><p>Page {asked.path}</p></article></html>"
    return 200, {"Content-Type": "text/html"}, body.encode()


def settings(**more):
    return Settings(credentials={}, limits=FAST, **more)


def test_texts_and_files(tmp_path):
    assert load_post("Just a text.\nTwo lines.").text == "Just a text.\nTwo lines."
    path = tmp_path / "post.txt"
    path.write_text("From a file.", encoding="utf-8")
    assert load_post(str(path), files=True).text == "From a file."
    # A stranger's text is never taken for a path.
    assert load_post(str(path)).text == str(path)
    listed = tmp_path / "retweets.txt"
    listed.write_text("王立军一\n\n王立军二\n", encoding="gb18030")
    loaded = load_retweets(["王立军零", str(listed)], files=True)
    assert [one.text for one in loaded.retweets] == ["王立军零", "王立军一", "王立军二"]
    assert len({one.id for one in loaded.retweets}) == 3
    for empty in ("", " \n"):
        with pytest.raises(InputError, match="empty"):
            load_post(empty)


def test_bad_rows_of_a_file_are_problems(tmp_path):
    path = tmp_path / "retweets.jsonl"
    path.write_text('{"retweet": "王"}\n{broken\n"立"\n', encoding="utf-8")
    loaded = load_retweets([str(path)], files=True)
    assert [one.text for one in loaded.retweets] == ["王", "立"]
    assert loaded.problems[0].line == 2
    assert "line 2: bad JSON" in loaded.problems[0].error


def test_a_dead_link_among_fifty_costs_only_itself(monkeypatch):
    links = [f"http://a{i}.example/p{i}" for i in range(50)]
    links[17] = "http://a17.example/dead"
    links[33] = "http://127.0.0.1/"
    with local_web(monkeypatch, html):
        loaded = load_retweets([*links, "粘贴的文字"], settings())
    assert len(loaded.retweets) == 49
    assert [problem.given for problem in loaded.problems] == [links[17], links[33]]
    assert "404" in loaded.problems[0].error
    assert all("paste the text" in problem.error for problem in loaded.problems)
    assert loaded.retweets[-1].text == "粘贴的文字"
    assert [one.text.rsplit("/", 1)[1] for one in loaded.retweets[:3]] == ["p0", "p1", "p2"]


def test_a_post_of_fifty_rows_is_fetched_once(monkeypatch):
    data = "".join(
        f'{{"id": "{i}", "post_url": "http://a.example/{"dead" if i == 3 else "post"}", "retweet": "王{i}"}}\n'
        for i in range(50)
    )
    with local_web(monkeypatch, html) as web:
        filled = list(fill_rows(rows_of(from_bytes(data.encode()), ".jsonl"), settings()))
    assert [row.id for row in filled] == [str(i) for i in range(50)]
    assert [row.id for row in filled if row.error] == ["3"]
    assert all(row.post.startswith(TEXT.strip()) for row in filled if not row.error)
    assert len(web.asked) == 2


def test_cache_keeps_every_version(monkeypatch, tmp_path):
    cache = PageCache(tmp_path)
    link = "http://a.example/post"
    with local_web(monkeypatch, html) as web:
        first = load_source(link, settings(cache=cache))
        again = load_source(link, settings(cache=cache))
        assert len(web.asked) == 1
        assert (first.sha256, first.fetched_at) == (again.sha256, again.fetched_at)
        web.answer = lambda asked: (
            200,
            {"Content-Type": "text/html"},
            html(asked)[2] + b"<p>changed",
        )
        stale = PageCache(tmp_path, max_age=type(cache._max_age)(seconds=-1))
        changed = load_source(link, settings(cache=stale))
    assert changed.sha256 != first.sha256
    assert {version.sha256 for version in cache.versions(link)} == {first.sha256, changed.sha256}
    assert b"Page /post" in cache.body(first.sha256)


def test_a_cache_that_cannot_be_used_is_no_failure(monkeypatch, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "pages.sqlite3").write_bytes(b"not a database" * 100)
    with local_web(monkeypatch, html):
        for folder in (blocked, broken):
            assert load_post("http://a.example/p", settings(cache=PageCache(folder))).text


def test_a_full_cache_forgets_the_oldest(monkeypatch, tmp_path):
    monkeypatch.setattr("drift.ingest.cache.LARGEST", 200_000)
    cache = PageCache(tmp_path)
    for number in range(60):
        seen = f"2024-01-01T00:00:{number:02}+00:00"
        cache.put(Page(f"http://a.example/{number}", "", 200, b"%d" % number * 10_000, {}, seen))
    kept = [number for number in range(60) if cache.versions(f"http://a.example/{number}")]
    assert kept and kept == list(range(kept[0], 60))
    assert (tmp_path / "pages.sqlite3").stat().st_size < 400_000


def test_the_cache_is_on_unless_it_is_off(monkeypatch, tmp_path):
    monkeypatch.setenv("DRIFT_CACHE", str(tmp_path / "kept"))
    with local_web(monkeypatch, html) as web:
        assert load_post("http://a.example/p") == load_post("http://a.example/p")
        assert len(web.asked) == 1
        monkeypatch.setenv("DRIFT_CACHE", "off")
        load_post("http://a.example/p")
        assert len(web.asked) == 2


@pytest.mark.parametrize(
    "link",
    [
        "http://10.0.0.5/",
        "https://localhost/x",
        "file:///etc/passwd",
        "gopher://x.example/",
        "http://[::1]",
    ],
)
def test_refusals_are_all_the_same(link):
    started = time.monotonic()
    with pytest.raises(FetchRefused) as caught:
        load_post(link, Settings(credentials={}))
    assert (
        str(caught.value) == "this link could not be fetched; check it, or paste the text instead"
    )
    assert time.monotonic() - started >= 0.28
