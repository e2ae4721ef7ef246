"""Mastodon and what speaks its API: any host, public posts without a key.

Written after the public documentation of `GET /api/v1/statuses/:id` and `GET /api/v2/search`.
"""

import re
from typing import Any
from urllib.parse import urlencode

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

NAME = "Mastodon"
HOST, TOKEN = "MASTODON_HOST", "MASTODON_TOKEN"
NEEDS = (HOST, TOKEN)
SCHEME = "https"
PAGE = 40  # results a page, the most that the API gives
STATUS = re.compile(r"/(?:web/)?(?:@[\w.-]+(?:@[\w.-]+)?|users/[\w.-]+/statuses)/(\d{6,25})/?$")


def matches(link: Link) -> str | None:
    """Give the id of the post that a link leads to."""
    path = "/" + link.href.split("/", 3)[-1].partition("?")[0]
    found = STATUS.match(path)
    return found.group(1) if found else None


def get(post_id: str, link: Link, ask: Ask, credentials: Credentials) -> Entry:
    """Read one public post from its own host; a token goes only to the host it is for."""
    own = credentials.get(TOKEN) if credentials.get(HOST) == link.host else None
    headers = (("Authorization", f"Bearer {own}"),) if own else ()
    page = ask(Request(f"{SCHEME}://{link.host}/api/v1/statuses/{post_id}", headers, types=JSON))
    answer = checked(page, NAME, TOKEN if own else None)
    if not isinstance(answer, dict) or not isinstance(field(answer, "content"), str):
        raise InputError("this host does not speak Mastodon's language; paste the post's text")
    return _entry(answer)


def search(about: Link, ask: Ask, credentials: Credentials, cursor: str | None) -> Batch:
    """Give a page of posts that hold a link, as the configured host knows them."""
    start = int(cursor or 0)
    query = {"q": about.href, "type": "statuses", "limit": str(PAGE), "offset": str(start)}
    href = f"{SCHEME}://{credentials[HOST]}/api/v2/search?{urlencode(query)}"
    token = (("Authorization", f"Bearer {credentials[TOKEN]}"),)
    answer = checked(ask(Request(href, token, types=JSON)), NAME, TOKEN)
    statuses = field(answer, "statuses") or []
    found = tuple(_entry(one) for one in statuses if text_field(one, "content"))
    return Batch(found, str(start + PAGE) if len(statuses) == PAGE else None)


def _entry(status: dict[str, Any]) -> Entry:
    """Read one status; a boost is read as what it boosts."""
    status = field(status, "reblog") or status
    text = plain(text_field(status, "content") or "")
    warning = text_field(status, "spoiler_text")
    if not text:
        raise gone(NAME, "has no text")
    edited = text_field(status, "edited_at")
    return Entry(
        network=NAME,
        id=text_field(status, "uri") or str(field(status, "id")),
        text=f"{warning}\n{text}" if warning else text,
        url=text_field(status, "url"),
        author=text_field(status, "account", "acct"),
        created_at=text_field(status, "created_at"),
        notes=(f"edited after publication, last at {edited}",) if edited else (),
    )
