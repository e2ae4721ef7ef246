"""WordPress: its REST interface gives a post without its page, where the page cannot be read.

Written after the public documentation of `GET /wp-json/wp/v2/posts/:id`. A blog says where in a
Link header and in its markup.
"""

import re
from html import escape

from drift.errors import InputError
from drift.ingest.addresses import check
from drift.ingest.fetch import JSON, Page, Request
from drift.ingest.networks.entries import Ask, checked, field, text_field

NAME = "WordPress"
ROUTE = re.compile(r"https?://[^\s\"'<>\\]{4,300}/wp-json/wp/v2/(?:posts|pages)/\d{1,12}\b")


def api_link(page: Page) -> str | None:
    """Find where a blog offers this post as data; only on the page's own host."""
    head = page.body[:100_000].decode("utf-8", "replace")
    for text in (page.headers.get("link", "")[:4_000], head):
        found = ROUTE.search(text)
        if found and check(found.group()).host == check(page.url).host:
            return found.group()
    return None


def as_page(page: Page, ask: Ask) -> Page:
    """Fetch the post as data and dress it as a page that holds nothing else."""
    link = api_link(page)
    if link is None:
        raise InputError("this page offers no data of its own")
    answer = checked(ask(Request(link, types=JSON)), NAME)
    content = text_field(answer, "content", "rendered")
    if content is None or field(answer, "content", "protected"):
        raise InputError("this post is protected by a password; paste the text instead")
    title = text_field(answer, "title", "rendered") or ""
    dates = (("published", "date_gmt"), ("modified", "modified_gmt"))
    metas = "".join(
        f'<meta property="article:{name}_time" content="{escape(date)}Z">'
        for name, key in dates
        if (date := text_field(answer, key))
    )
    html = (
        f"<html><head><title>{title}</title>{metas}</head><body>"
        f'<div class="entry-content">{content}</div></body></html>'
    )
    headers = {"content-type": "text/html; charset=utf-8"}
    return Page(page.asked, page.url, 200, html.encode(), headers, page.fetched_at, page.took)
