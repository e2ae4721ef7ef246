"""X, formerly Twitter: oEmbed without a key, the API v2 with a bearer token.

Written after the public documentation of publish.x.com/oembed and of `GET /2/tweets/:id`,
`GET /2/tweets/search/recent` and `GET /2/tweets/:id/quote_tweets`. Long posts are cut unless
`note_tweet` is asked for. The plain guarded client is used on purpose: an SDK would open sockets
that the guard does not see.
"""

import re
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

from drift.errors import InputError
from drift.ingest.addresses import Link
from drift.ingest.fetch import JSON, Request
from drift.ingest.networks.entries import (
    Ask,
    Batch,
    Credentials,
    Entry,
    checked,
    field,
    gone,
    plain,
    text_field,
)

NAME = "X"
TOKEN = "X_BEARER_TOKEN"  # noqa: S105 -- the name of a variable
NEEDS = (TOKEN,)
OEMBED = "https://publish.x.com/oembed"
API = "https://api.x.com/2"
FIELDS = {
    "tweet.fields": "author_id,created_at,edit_history_tweet_ids,lang,note_tweet",
    "expansions": "author_id",
    "user.fields": "username",
}
HOSTS = frozenset({"x.com", "twitter.com"})
STATUS = re.compile(r"/(?:#!/)?(?:i/(?:web/)?|[A-Za-z0-9_]{1,30}/)status(?:es)?/(\d{1,25})")
BYLINE = re.compile(r"—\s*(?P<name>.*?)\s*\(@(?P<user>\w{1,30})\)")
CUT = re.compile(r"(?:…|\.\.\.)(?:\s*https?://t\.co/\w+)?\s*$")


def matches(link: Link) -> str | None:
    """Give the id of the post that a link leads to."""
    host = link.host.removesuffix(".").removeprefix("www.").removeprefix("mobile.")
    found = STATUS.match("/" + link.href.split("/", 3)[-1]) if host in HOSTS else None
    return found.group(1) if found else None


def get(post_id: str, link: Link, ask: Ask, credentials: Credentials) -> Entry:
    """Read one post: by the API where a token is set, else by oEmbed."""
    token = credentials.get(TOKEN)
    if token:
        page = ask(_call(f"{API}/tweets/{post_id}", FIELDS, token))
        answer = checked(page, NAME, TOKEN)
        data = field(answer, "data")
        if not isinstance(data, dict):
            raise gone(NAME)
        return _entry(data, answer)
    address = f"https://x.com/i/status/{post_id}"
    query = urlencode({"url": address, "omit_script": "1", "dnt": "1", "hide_thread": "1"})
    return _embedded(post_id, checked(ask(Request(f"{OEMBED}?{query}", types=JSON)), NAME))


def search(about: Link, ask: Ask, credentials: Credentials, cursor: str | None) -> Batch:
    """Give a page of posts that cite a link (the last seven days), or quote a post of X."""
    quoted = matches(about)
    more = {"max_results": "100", **FIELDS}
    if quoted:
        address = f"{API}/tweets/{quoted}/quote_tweets"
        more |= {"pagination_token": cursor} if cursor else {}
    else:
        address = f"{API}/tweets/search/recent"
        more["query"] = f'url:"{about.href}" lang:zh -is:retweet'
        more |= {"next_token": cursor} if cursor else {}
    answer = checked(ask(_call(address, more, credentials[TOKEN])), NAME, TOKEN)
    data = field(answer, "data")
    found = [_entry(one, answer) for one in data if isinstance(one, dict)] if data else []
    return Batch(tuple(found), text_field(answer, "meta", "next_token"))


def _call(address: str, query: dict[str, str], token: str) -> Request:
    """Make a request with the token, which goes to this host alone."""
    href = f"{address}?{urlencode(query, quote_via=quote)}"
    return Request(href, (("Authorization", f"Bearer {token}"),), types=JSON)


def _entry(data: dict[str, Any], answer: Any) -> Entry:  # noqa: ANN401 -- JSON
    """Read a post of the API v2."""
    users = field(answer, "includes", "users") or []
    names = {field(user, "id"): text_field(user, "username") for user in users}
    text = text_field(data, "note_tweet", "text") or text_field(data, "text")
    if text is None:
        raise gone(NAME, "has no text")
    author = names.get(field(data, "author_id"))
    post_id = str(field(data, "id"))
    edits = field(data, "edit_history_tweet_ids")
    edited = isinstance(edits, list) and len(edits) > 1
    return Entry(
        network=NAME,
        id=post_id,
        text=_unescaped(text),
        url=f"https://x.com/{author or 'i'}/status/{post_id}",
        author=author,
        created_at=text_field(data, "created_at"),
        notes=("edited after publication; this is the latest version",) if edited else (),
    )


def _embedded(post_id: str, answer: Any) -> Entry:  # noqa: ANN401 -- JSON
    """Read a post out of the markup that oEmbed gives."""
    from lxml import html

    markup = text_field(answer, "html")
    if markup is None or "<p" not in markup or len(markup) > 30_000:
        raise gone(NAME)
    tree = html.fragment_fromstring(markup, create_parent="div")
    paragraph = next(tree.iter("p"))
    text = plain(html.tostring(paragraph, encoding="unicode", with_tail=False))
    if not text:
        raise InputError("this X post has no text (a picture or a film); paste what it says")
    byline = BYLINE.search(" ".join(tree.text_content().split()))
    links = [one.text_content() for one in tree.iter("a")]
    cut = bool(CUT.search(text))
    return Entry(
        network=NAME,
        id=post_id,
        text=text,
        url=text_field(answer, "url") or f"https://x.com/i/status/{post_id}",
        author=byline.group("user") if byline else text_field(answer, "author_name"),
        created_at=_date(links[-1]) if links else None,
        notes=("may be cut short by X; compare it with the post",) if cut else (),
    )


def _date(text: str) -> str | None:
    """Read the date of oEmbed's markup, such as `February 8, 2012`."""
    try:
        return datetime.strptime(text.strip(), "%B %d, %Y").date().isoformat()  # noqa: DTZ007
    except ValueError:
        return None


def _unescaped(text: str) -> str:
    """Undo the three entities that the API leaves in a post's text."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
