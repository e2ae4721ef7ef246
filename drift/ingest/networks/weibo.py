"""Weibo, off unless `DRIFT_WEIBO=1`: its JSON is undocumented and often behind a visitor's cookie.

Nothing here is promised to work; a pasted text always does.
"""

import re

from drift.errors import InputError
from drift.ingest.addresses import Link
from drift.ingest.fetch import JSON, Request
from drift.ingest.networks.entries import (
    PASTE,
    Ask,
    Credentials,
    Entry,
    checked,
    field,
    gone,
    plain,
    text_field,
)

NAME = "Weibo"
SWITCH = "DRIFT_WEIBO"
MOBILE = "https://m.weibo.cn"
PATH = re.compile(r"/(?:(?:status|detail)/|\d{5,12}/)([A-Za-z0-9]{6,20})/?$")
HOSTS = frozenset({"weibo.com", "www.weibo.com", "m.weibo.cn", "weibo.cn"})


def matches(link: Link) -> str | None:
    """Give the id of the post that a link leads to."""
    found = PATH.match("/" + link.href.split("/", 3)[-1].partition("?")[0])
    return found.group(1) if found and link.host in HOSTS else None


def get(post_id: str, link: Link, ask: Ask, credentials: Credentials) -> Entry:
    """Read one post, if the adapter is switched on and Weibo is willing."""
    if credentials.get(SWITCH) != "1":
        raise InputError(
            f"Weibo posts are not read by their link (its interface is undocumented); {PASTE}"
        )
    answer = checked(ask(Request(f"{MOBILE}/statuses/show?id={post_id}", types=JSON)), NAME)
    data = field(answer, "data")
    markup = text_field(data, "longText", "longTextContent") or text_field(data, "text")
    if field(answer, "ok") != 1 or markup is None:
        raise gone(NAME, "is not shown without a login")
    return Entry(
        network=NAME,
        id=str(field(data, "id")),
        text=plain(markup),
        url=link.href,
        author=text_field(data, "user", "screen_name"),
        created_at=text_field(data, "created_at"),
        notes=("read through an undocumented interface",),
    )
