"""What a page says about its article: title, author, dates, canonical link, language.

Sources in order of trust: JSON-LD, then Open Graph and other <meta>, then the visible markup.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from drift.errors import FetchRefused
from drift.ingest.addresses import Link, check
from drift.ingest.dom import Element, labels, text_of

MAX_JSON = 400_000  # characters of one JSON-LD block
MAX_FIELD = 500
TYPES = re.compile(r"(?:article|posting|report|story|webpage)$", re.IGNORECASE)
DATE = re.compile(r"\d{4}-\d{1,2}-\d{1,2}(?:[T ][\d:.]+(?:Z|[+-]\d\d:?\d\d)?)?")

TITLE_METAS = ("og:title", "twitter:title", "dc.title", "citation_title", "headline")
AUTHOR_METAS = (
    "author",
    "article:author",
    "dc.creator",
    "parsely-author",
    "sailthru.author",
    "byl",
)
SITE_METAS = ("og:site_name", "application-name", "twitter:site")
PUBLISHED_METAS = (
    "article:published_time", "datepublished", "og:published_time", "pubdate", "publishdate",
    "dc.date", "dc.date.issued", "date", "parsely-pub-date", "sailthru.date",
    "weibo:article:create_at",
)  # fmt: skip
MODIFIED_METAS = (
    "article:modified_time", "og:updated_time", "datemodified", "lastmod", "dc.date.modified",
    "last-modified", "weibo:article:update_at",
)  # fmt: skip


@dataclass(slots=True)
class Facts:
    """What was found; the body from JSON-LD serves where the page itself shows none."""

    title: str | None = None
    author: str | None = None
    published: str | None = None
    modified: str | None = None
    canonical: str | None = None
    language: str | None = None
    site: str | None = None
    free: bool = True
    body: str | None = None
    metas: dict[str, str] = field(default_factory=dict)


def facts_of(tree: Element, link: Link) -> Facts:
    """Collect what a page says about its article."""
    facts = Facts(metas=_metas(tree))
    for item in _json_ld(tree):
        _read_item(facts, item)
    facts.title = _short(facts.title) or _title(tree, facts.metas)
    facts.author = _short(facts.author) or _author(tree, facts.metas)
    facts.published = facts.published or _dated(facts.metas, PUBLISHED_METAS) or _time(tree)
    facts.modified = facts.modified or _dated(facts.metas, MODIFIED_METAS)
    facts.site = _first(facts.metas, SITE_METAS)
    facts.canonical = _canonical(tree, facts.metas, link)
    facts.language = _language(tree, facts.metas)
    return facts


def _metas(tree: Element) -> dict[str, str]:
    """Give the page's <meta> fields by lower-case name, the first of each."""
    found: dict[str, str] = {}
    for meta in tree.iter("meta"):
        name = meta.get("property") or meta.get("name") or meta.get("itemprop") or ""
        content = (meta.get("content") or "").strip()
        if name and content and len(found) < 300:
            found.setdefault(name.strip().lower(), content[:2_000])
    return found


def _json_ld(tree: Element) -> Iterator[dict[str, Any]]:
    """Give the JSON-LD objects that describe an article."""
    for script in tree.iter("script"):
        if (script.get("type") or "").strip().lower() != "application/ld+json":
            continue
        text = (script.text or "").strip()[:MAX_JSON]
        try:
            value = json.loads(text, strict=False)
        except (ValueError, RecursionError):
            continue
        yield from _articles(value)


def _articles(value: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401 -- JSON
    """Walk through lists and graphs to the objects of an article's type."""
    stack, seen = [value], 0
    while stack and seen < 200:
        seen += 1
        item = stack.pop(0)
        if isinstance(item, list):
            stack.extend(item[:100])
        elif isinstance(item, dict):
            kinds = item.get("@type")
            kinds = kinds if isinstance(kinds, list) else [kinds]
            if any(isinstance(kind, str) and TYPES.search(kind) for kind in kinds):
                yield item
            stack.extend(item[name] for name in ("@graph", "mainEntity") if name in item)


def _read_item(facts: Facts, item: dict[str, Any]) -> None:
    """Take from one JSON-LD object what is not known yet; a WebPage gives no title."""
    page = str(item.get("@type")).lower().endswith("webpage")
    if not page:
        facts.title = facts.title or _text(item.get("headline")) or _text(item.get("name"))
        facts.author = facts.author or _people(item.get("author"))
        facts.body = facts.body or _text(item.get("articleBody"), 500_000)
    facts.published = facts.published or _date(_text(item.get("datePublished")))
    facts.modified = facts.modified or _date(_text(item.get("dateModified")))
    if str(item.get("isAccessibleForFree")).lower() == "false":
        facts.free = False


def _people(value: Any) -> str | None:  # noqa: ANN401 -- JSON
    """Give the names in an author field, which may be a name, an object or a list of them."""
    people = value if isinstance(value, list) else [value]
    found = [_text(one.get("name") if isinstance(one, dict) else one) for one in people[:10]]
    return ", ".join(name for name in found if name and "://" not in name) or None


def _text(value: Any, limit: int = MAX_FIELD) -> str | None:  # noqa: ANN401 -- JSON
    """Give a text field, its entities resolved."""
    if not isinstance(value, str) or not value.strip():
        return None
    from html import unescape

    return unescape(value.strip()[:limit])


def _short(text: str | None) -> str | None:
    """Bring a field into one line."""
    return " ".join(text[:MAX_FIELD].split()) if text and text.strip() else None


def _first(metas: dict[str, str], wanted: tuple[str, ...]) -> str | None:
    """Give the first of some fields that is there."""
    return next((_short(metas[name]) for name in wanted if name in metas), None)


def _date(text: str | None) -> str | None:
    """Give a date as it was written, if it begins like an ISO date."""
    found = DATE.match(text.strip()) if text else None
    return found.group() if found else None


def _dated(metas: dict[str, str], wanted: tuple[str, ...]) -> str | None:
    """Give the first of some fields that is a date."""
    return next((date for name in wanted if (date := _date(metas.get(name)))), None)


def _title(tree: Element, metas: dict[str, str]) -> str | None:
    """Find the title in the fields, the heading or the window's title, in this order."""
    found = _first(metas, TITLE_METAS)
    if found:
        return found
    headings = [text_of(one) for one in tree.iter("h1") if text_of(one)]
    if len(headings) == 1:
        return _short(headings[0])
    title = next(tree.iter("title"), None)
    return _short(text_of(title)) if title is not None else None


def _author(tree: Element, metas: dict[str, str]) -> str | None:
    """Find the author in the fields or in the visible byline."""
    named = next(
        (metas[name] for name in AUTHOR_METAS if "://" not in metas.get(name, "://")), None
    )
    if named:
        return _short(named)
    for element in tree.iter("a", "span", "p", "div", "address", "cite"):
        marks = {*labels(element), *(element.get("rel") or "").split()}
        if element.get("itemprop") == "author" or marks & {"author", "p-author", "byline", "vcard"}:
            text = text_of(element)
            if 0 < len(text) <= 80:
                return _short(re.sub(r"(?i)^(by|posted by|作者[:：]?)\s+", "", text))
    return None


def _time(tree: Element) -> str | None:
    """Find the publishing date in the first <time> with a machine-readable value."""
    for element in tree.iter("time", "abbr"):
        date = _date(element.get("datetime") or element.get("title"))
        if date and not {"updated", "modified", "dateModified"} & set(labels(element)):
            return date
    return None


def _canonical(tree: Element, metas: dict[str, str], link: Link) -> str | None:
    """Give the page's own idea of its link; a link to the home page or a private host is none."""
    named = [
        one.get("href")
        for one in tree.iter("link")
        if "canonical" in (one.get("rel") or "").lower()
    ]
    for text in (*named[:1], metas.get("og:url")):
        if not text:
            continue
        try:
            found = check(text, base=link)
        except FetchRefused:
            continue
        path = found.href.split("/", 3)[-1]
        if path or not link.href.split("/", 3)[-1]:
            return found.href
    return None


def _language(tree: Element, metas: dict[str, str]) -> str | None:
    """Give the language that the page declares."""
    root = tree.getroottree().getroot()
    declared = (
        root.get("lang") or root.get("xml:lang") or metas.get("og:locale") or metas.get("language")
    )
    found = re.match(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*", declared or "")
    return found.group().replace("_", "-") if found else None
