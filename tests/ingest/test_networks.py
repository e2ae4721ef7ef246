"""Each network's adapter against a local server that speaks its protocol.

The answers were written for these tests after the public documentation of each interface; none of
them is a recording of a real one.
"""
# ruff: noqa: E501, S106 -- markup and answers stay as they are sent

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from web import local_web

from drift.errors import BackendError, InputError
from drift.ingest.fetch import Limits
from drift.ingest.networks.entries import wait_of
from drift.ingest.sources import Settings, load_post, load_retweets, load_source

TWEET = "如果最终证实,美国外交官拒绝王立军避难,将重创美国的国际形象。"
FAST = Limits(seconds=10, floor=0)


def how(**credentials):
    return Settings(credentials=credentials, limits=FAST)


def js(value, status=200, **headers):
    return status, headers, json.dumps(value, ensure_ascii=False).encode()


def oembed(text, more=""):
    return {
        "url": "https://x.com/uponsnow/status/167135202836094977",
        "author_name": "upon snow",
        "author_url": "https://x.com/uponsnow",
        "html": f'<blockquote class="twitter-tweet"><p lang="zh" dir="ltr">{text}{more}</p>&mdash; upon snow '
        '(@uponsnow) <a href="https://twitter.com/uponsnow/status/167135202836094977?ref_src=x">February 8, 2012'
        "</a></blockquote>\n",
        "type": "rich",
        "version": "1.0",
    }


@pytest.mark.parametrize(
    "link",
    [
        "https://x.com/uponsnow/status/167135202836094977",
        "https://twitter.com/uponsnow/status/167135202836094977?s=20",
        "https://mobile.twitter.com/i/web/status/167135202836094977",
        "https://twitter.com/#!/uponsnow/status/167135202836094977",
        "https://www.x.com/uponsnow/statuses/167135202836094977",
    ],
)
def test_x_without_a_key(monkeypatch, link):
    with local_web(monkeypatch, lambda asked: js(oembed(f"{TWEET}<br>&amp; 第二行"))) as web:
        source = load_source(link, how())
    assert source.entry.text == f"{TWEET}\n& 第二行"
    assert (source.entry.author, source.entry.created_at) == ("uponsnow", "2012-02-08")
    assert web.asked[0].host == "publish.x.com"
    assert web.asked[0].query["url"].endswith("/status/167135202836094977")
    assert source.sha256
    assert source.fetched_at


def test_x_says_when_a_post_may_be_cut(monkeypatch):
    more = '… <a href="https://t.co/abc">https://t.co/abc</a>'
    with local_web(monkeypatch, lambda asked: js(oembed(TWEET, more))):
        assert "may be cut" in load_source("https://x.com/a/status/1", how()).notes[0]


@pytest.mark.parametrize(
    ("status", "words"), [(404, "was deleted"), (403, "refuses"), (500, "later")]
)
def test_x_failures_without_a_key(monkeypatch, status, words):
    web = local_web(monkeypatch, lambda asked: js({}, status))
    with web, pytest.raises((InputError, BackendError), match=words):
        load_post("https://x.com/a/status/1", how())


def v2(asked):
    if asked.headers.get("authorization") != "Bearer good":
        return js({"title": "Unauthorized", "status": 401}, 401)
    if asked.path.endswith("/404"):
        return js({"errors": [{"title": "Not Found Error", "resource_id": "404"}]})
    if asked.path.endswith("/429"):
        return js({"title": "Too Many Requests"}, 429, **{"x-rate-limit-reset": "9999999999"})
    return js(
        {
            "data": {
                "id": "7",
                "author_id": "1",
                "created_at": "2012-02-08T10:00:00.000Z",
                "text": "长文…",
                "note_tweet": {"text": f"{TWEET} a &lt; b"},
                "edit_history_tweet_ids": ["6", "7"],
            },
            "includes": {"users": [{"id": "1", "username": "uponsnow"}]},
        }
    )


def test_x_with_a_token(monkeypatch):
    with local_web(monkeypatch, v2) as web:
        source = load_source("https://x.com/a/status/7", how(X_BEARER_TOKEN="good"))
        assert source.entry.text == f"{TWEET} a < b"
        assert source.entry.url == "https://x.com/uponsnow/status/7"
        assert "edited" in source.notes[0]
        assert web.asked[0].query["tweet.fields"].count("note_tweet") == 1
        with pytest.raises(InputError, match="renew X_BEARER_TOKEN"):
            load_post("https://x.com/a/status/7", how(X_BEARER_TOKEN="expired"))
        with pytest.raises(InputError, match="was deleted, or is not public; paste"):
            load_post("https://x.com/a/status/404", how(X_BEARER_TOKEN="good"))
        with pytest.raises(BackendError, match="allows no more requests"):
            load_post("https://x.com/a/status/429", how(X_BEARER_TOKEN="good"))


def status(**more):
    return {
        "id": "109",
        "uri": "https://m.example/users/a/statuses/109",
        "url": "https://m.example/@a/109",
        "created_at": "2023-03-04T10:00:00.000Z",
        "edited_at": None,
        "language": "zh",
        "spoiler_text": "",
        "content": f'<p>{TWEET}<br>第二行</p><p><a href="https://a.example/long"><span class="invisible">https://'
        '</span><span class="ellipsis">a.example/lo</span><span class="invisible">ng</span></a></p>',
        "account": {"acct": "a", "display_name": "A"},
        **more,
    }


def test_mastodon(monkeypatch):
    def answer(asked):
        if asked.path.endswith("/110000"):
            return js({"error": "Record not found"}, 404)
        if asked.path.endswith("/111000"):
            return js(status(edited_at="2023-03-05T10:00:00.000Z", spoiler_text="政治"))
        return js(status())

    with local_web(monkeypatch, answer) as web:
        source = load_source(
            "https://m.example/@a/109000",
            how(MASTODON_HOST="other.example", MASTODON_TOKEN="secret"),
        )
        assert source.entry.text == f"{TWEET}\n第二行\na.example/lo"
        assert source.entry.author == "a"
        assert "authorization" not in web.asked[0].headers  # the token belongs to another host
        edited = load_source("https://m.example/users/a/statuses/111000", how())
        assert edited.entry.text.startswith("政治\n")
        assert "edited after publication" in edited.notes[0]
        with pytest.raises(InputError):
            load_post("https://m.example/@a/110000", how())


def test_a_page_whose_path_looks_like_mastodon(monkeypatch):
    paragraph = "This page is none of Mastodon's, although its path has the same form as one. " * 4

    def answer(asked):
        if asked.path.startswith("/api/"):
            return 404, {"Content-Type": "text/html"}, b"<p>nothing here"
        return 200, {"Content-Type": "text/html"}, f"<article><p>{paragraph}</p></article>".encode()

    with local_web(monkeypatch, answer):
        assert load_post("http://blog.example/@lena/1234567", how()).text == paragraph.strip()


def bluesky(asked):
    if asked.path.endswith("resolveHandle"):
        if asked.query["handle"] == "nobody.example":
            return js({"error": "InvalidRequest", "message": "Unable to resolve handle"}, 400)
        return js({"did": "did:plc:abc"})
    if asked.query["uris"].endswith("/gone"):
        return js({"posts": []})
    assert asked.query["uris"] == "at://did:plc:abc/app.bsky.feed.post/3k"
    record = {
        "$type": "app.bsky.feed.post",
        "text": TWEET,
        "createdAt": "2024-01-01T00:00:00Z",
        "langs": ["zh"],
    }
    return js(
        {
            "posts": [
                {
                    "uri": asked.query["uris"],
                    "author": {"did": "did:plc:abc", "handle": "a.example"},
                    "record": record,
                }
            ]
        }
    )


def test_bluesky(monkeypatch):
    with local_web(monkeypatch, bluesky):
        source = load_source("https://bsky.app/profile/a.example/post/3k", how())
        assert (source.entry.text, source.entry.author) == (TWEET, "a.example")
        for link in ("profile/nobody.example/post/3k", "profile/did:plc:abc/post/gone"):
            with pytest.raises(InputError, match="was deleted"):
                load_post(f"https://bsky.app/{link}", how())


def test_weibo_is_off_by_default(monkeypatch):
    data = {
        "id": 5,
        "text": f'{TWEET}<a href="/n/x">@x</a>',
        "user": {"screen_name": "甲"},
        "created_at": "Wed",
    }
    answers = {"4": js({"ok": 0}), "5abcdef": js({"ok": 1, "data": data})}
    with local_web(monkeypatch, lambda asked: answers.get(asked.query["id"], answers["4"])) as web:
        with pytest.raises(InputError, match="paste its text"):
            load_post("https://m.weibo.cn/status/5abcdef", how())
        assert web.asked == []
        assert (
            load_post("https://m.weibo.cn/status/5abcdef", how(DRIFT_WEIBO="1")).text
            == f"{TWEET}@x"
        )
        with pytest.raises(InputError, match="login"):
            load_post("https://weibo.com/1234567/N4abcdefg", how(DRIFT_WEIBO="1"))


def test_wordpress_gives_as_data_what_its_page_hides(monkeypatch):
    text = "The post itself is here, and it is long enough to be one. " * 6
    post = {
        "id": 7,
        "date_gmt": "2012-02-08T09:00:00",
        "title": {"rendered": "Hidden &amp; found"},
        "content": {
            "rendered": f"<p>{text}</p><p><strong>UPDATE:</strong> later.</p>",
            "protected": False,
        },
    }

    def answer(asked):
        if asked.path.startswith("/wp-json/"):
            return js(post)
        link = (
            '<http://blog.example/wp-json/wp/v2/posts/7>; rel="alternate"; type="application/json"'
        )
        return (
            200,
            {"Content-Type": "text/html", "Link": link},
            b"<div id=root></div><noscript>enable JavaScript</noscript>",
        )

    with local_web(monkeypatch, answer):
        source = load_source("http://blog.example/hidden/", how())
    assert source.entry.text == text.strip()
    assert source.article.title == "Hidden & found"
    assert len(source.article.updates) == 1


RSS = f"""<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"
xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>微博</title><link>http://f.example/</link>
<item><title>{TWEET[:20]}...</title><link>http://f.example/1</link><guid isPermaLink="false">g1</guid><pubDate>Wed, 08 Feb 2012 10:00:00 +0800</pubDate>
<dc:creator>甲</dc:creator><description><![CDATA[{TWEET}<br>第二行]]></description></item>
<item><title>Another</title><link>javascript:alert(1)</link><content:encoded><![CDATA[<p>第三条</p>]]></content:encoded></item>
<item><title></title></item></channel></rss>"""
ATOM = f"""<feed xmlns="http://www.w3.org/2005/Atom"><title>x</title><entry><id>a1</id><title>t</title><updated>2012-02-08T02:00:00Z</updated>
<author><name>乙</name></author><link rel="alternate" href="http://f.example/a1"/><content type="html">&lt;p&gt;{TWEET}&lt;/p&gt;</content></entry></feed>"""


def test_feeds(monkeypatch):
    def answer(asked):
        body = ATOM if asked.path == "/atom" else RSS
        return 200, {"Content-Type": "application/xml"}, body.encode()

    with local_web(monkeypatch, answer):
        loaded = load_retweets(["http://f.example/rss", "http://f.example/atom"], how())
        with pytest.raises(InputError, match="a feed of 2 posts"):
            load_post("http://f.example/rss", how())
    assert [one.text for one in loaded.retweets] == [
        f"{TWEET}\n第二行",
        "Another\n\n第三条",
        f"t\n\n{TWEET}",
    ]
    first = loaded.retweets[0]
    assert (first.id, first.author, first.created_at) == ("g1", "甲", "2012-02-08T02:00:00+00:00")
    assert loaded.retweets[1].url is None
    assert loaded.problems == ()


def test_a_feed_in_an_old_encoding(monkeypatch):
    body = RSS.replace("UTF-8", "GB2312").encode("gbk")
    with local_web(monkeypatch, lambda asked: (200, {"Content-Type": "text/xml"}, body)):
        assert load_retweets(["http://f.example/"], how()).retweets[0].text.startswith(TWEET)


def test_redirects_drop_the_token(monkeypatch):
    def answer(asked):
        if asked.host == "api.x.com":
            return 302, {"Location": "http://evil.example/collect"}, b""
        return js({"data": {"id": "7", "text": TWEET}})

    with local_web(monkeypatch, answer) as web:
        load_post("https://x.com/a/status/7", how(X_BEARER_TOKEN="good"))
    assert [("authorization" in asked.headers, asked.host) for asked in web.asked] == [
        (True, "api.x.com"),
        (False, "evil.example"),
    ]


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "3"}, 3),
        ({"x-ratelimit-reset": "2001-09-09T01:47:40Z"}, 60),
        ({"ratelimit-reset": "1000000030"}, 30),
        ({"retry-after": "Sun, 09 Sep 2001 01:47:00 GMT"}, 20),
        ({"retry-after": "soon"}, 60),
        ({"retry-after": "-5"}, 60),
        ({"retry-after": "9" * 11}, 86_400),
        ({}, 60),
    ],
)
def test_how_long_to_wait(headers, seconds):
    assert wait_of(headers, now=1_000_000_000.0) == seconds
