"""Bluesky: posts through the public view without a key, search with an app password.

Written after the public lexicons `com.atproto.identity.resolveHandle`, `app.bsky.feed.getPosts`,
`app.bsky.feed.searchPosts` and `com.atproto.server.createSession`.
"""

import json
import re
from typing import Any
from urllib.parse import urlencode

from drift.errors import InputError
from drift.ingest.addresses import Link
from drift.ingest.fetch import JSON, Page, Request
from drift.ingest.networks.entries import (
    Ask,
    Batch,
    Credentials,
    Entry,
    checked,
    field,
    gone,
    text_field,
)

NAME = "Bluesky"
HANDLE, PASSWORD = "BLUESKY_HANDLE", "BLUESKY_APP_PASSWORD"
NEEDS = (HANDLE, PASSWORD)
VIEW = "https://public.api.bsky.app/xrpc"
SERVICE = "https://bsky.social/xrpc"
PATH = re.compile(r"/profile/([A-Za-z0-9.:_-]{3,253})/post/([A-Za-z0-9._~:-]{1,512})/?$")
EXPIRED = ("ExpiredToken", "InvalidToken")


def matches(link: Link) -> str | None:
    """Give the at-uri of the post that a link leads to; its owner may still be a handle."""
    found = PATH.match("/" + link.href.split("/", 3)[-1].partition("?")[0])
    if link.host.removeprefix("www.") not in ("bsky.app", "staging.bsky.app") or not found:
        return None
    return f"at://{found.group(1)}/app.bsky.feed.post/{found.group(2)}"


def get(post_id: str, link: Link, ask: Ask, credentials: Credentials) -> Entry:
    """Read one post: its owner's handle is resolved first, since only the number is lasting."""
    owner, rest = post_id.removeprefix("at://").split("/", 1)
    if not owner.startswith("did:"):
        resolve = f"{VIEW}/com.atproto.identity.resolveHandle?{urlencode({'handle': owner})}"
        page = ask(Request(resolve, types=JSON))
        owner = "" if page.status == 400 else text_field(checked(page, NAME), "did") or ""
        if not owner:
            raise gone(NAME)
    query = urlencode({"uris": f"at://{owner}/{rest}"})
    answer = checked(ask(Request(f"{VIEW}/app.bsky.feed.getPosts?{query}", types=JSON)), NAME)
    post = field(answer, "posts", 0)
    if not isinstance(post, dict):
        raise gone(NAME)
    return _entry(post)


def search(about: Link, ask: Ask, credentials: Credentials, cursor: str | None) -> Batch:
    """Give a page of Chinese posts that link to an address.

    A session lasts minutes and costs one request, so each page makes its own: there is nothing
    to keep, and nothing to expire between two pages.
    """
    query = {"q": about.href, "url": about.href, "lang": "zh", "limit": "100", "sort": "latest"}
    query |= {"cursor": cursor} if cursor else {}
    href = f"{SERVICE}/app.bsky.feed.searchPosts?{urlencode(query)}"
    page = ask(
        Request(href, (("Authorization", f"Bearer {_session(ask, credentials)}"),), types=JSON)
    )
    if page.status == 400 and _error(page) in EXPIRED:
        token = _session(ask, credentials)
        page = ask(Request(href, (("Authorization", f"Bearer {token}"),), types=JSON))
    answer = checked(page, NAME, PASSWORD)
    posts = field(answer, "posts") or []
    found = tuple(_entry(post) for post in posts if text_field(post, "record", "text"))
    return Batch(found, text_field(answer, "cursor"))


def _session(ask: Ask, credentials: Credentials) -> str:
    """Log in with the app password and give the token of the session."""
    named = {"identifier": credentials[HANDLE], "password": credentials[PASSWORD]}
    request = Request(
        f"{SERVICE}/com.atproto.server.createSession",
        (("Content-Type", "application/json"),),
        json.dumps(named).encode(),
        JSON,
    )
    token = text_field(checked(ask(request), NAME, PASSWORD), "accessJwt")
    if token is None:
        raise InputError(f"Bluesky gives no session: check {HANDLE} and {PASSWORD}")
    return token


def _error(page: Page) -> str | None:
    """Give the name of the error in an answer."""
    try:
        return text_field(page.json(), "error")
    except InputError:
        return None


def _entry(post: dict[str, Any]) -> Entry:
    """Read one post view."""
    text = text_field(post, "record", "text")
    if text is None:
        raise gone(NAME, "has no text")
    uri = str(field(post, "uri") or "")
    author = text_field(post, "author", "handle")
    return Entry(
        network=NAME,
        id=uri,
        text=text,
        url=f"https://bsky.app/profile/{author}/post/{uri.rsplit('/', 1)[-1]}",
        author=author,
        created_at=text_field(post, "record", "createdAt"),
    )
