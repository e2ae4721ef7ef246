"""What an adapter gives back: one post of a network, as published."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import unescape
from typing import Any

from drift.errors import BackendError, InputError
from drift.ingest.dom import blocks_of
from drift.ingest.fetch import Page, Request
from drift.ingest.rows import clean
from drift.records import Post, Retweet

MAX_HTML = 30_000  # characters of one post's markup; the longest network allows 10,000 of text
PASTE = "paste its text instead"

Ask = Callable[[Request], Page]
Credentials = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Entry:
    """A post of a network; `notes` say what its reader should know (edited, perhaps cut)."""

    network: str
    id: str
    text: str
    url: str | None = None
    author: str | None = None
    created_at: str | None = None
    notes: tuple[str, ...] = ()

    def post(self) -> Post:
        """Give it as the English original."""
        return Post(self.url or self.id, self.text, self.url, self.author, self.created_at)

    def retweet(self) -> Retweet:
        """Give it as a rendering."""
        return Retweet(self.id, self.text, self.url, self.author, self.created_at)


@dataclass(frozen=True, slots=True)
class Batch:
    """One page of search results, and where the next one begins."""

    entries: tuple[Entry, ...]
    cursor: str | None = None


def plain(html: str) -> str:
    """Turn the markup of a post into its text; a link's text stays, paragraphs become lines."""
    from lxml import html as parser
    from lxml.etree import LxmlError

    if len(html) > MAX_HTML:
        raise InputError(f"this post is longer than any network allows; {PASTE}")
    if "<" not in html:
        return clean(unescape(html)).strip()
    try:
        tree = parser.fragment_fromstring(html, create_parent="div")
    except (LxmlError, ValueError) as error:
        raise InputError(f"this post's markup cannot be read; {PASTE}") from error
    return clean("\n".join(block.text for block in blocks_of(tree, _invisible)))


def field(value: Any, *path: str | int) -> Any:  # noqa: ANN401 -- JSON is what it is
    """Follow a path into JSON; nothing where it leads nowhere.

    >>> field({"a": [{"b": 1}]}, "a", 0, "b"), field({"a": []}, "a", 0)
    (1, None)
    """
    for step in path:
        if isinstance(step, int):
            value = value[step] if isinstance(value, list) and step < len(value) else None
        else:
            value = value.get(step) if isinstance(value, dict) else None
    return value


def text_field(value: Any, *path: str | int) -> str | None:  # noqa: ANN401 -- JSON
    """Follow a path into JSON to a text that is not empty."""
    found = field(value, *path)
    return clean(found) if isinstance(found, str) and found.strip() else None


def gone(name: str, what: str = "was deleted, or is not public") -> InputError:
    """Say that a post cannot be had."""
    return InputError(f"this {name} post {what}; {PASTE}")


def checked(page: Page, name: str, secret: str | None = None) -> Any:  # noqa: ANN401 -- JSON
    """Give a network's answer as JSON, or say what its status means."""
    if page.status in (404, 410):
        raise gone(name)
    if page.status in (401, 403):
        hint = f"renew {secret}" if secret else PASTE
        raise InputError(f"{name} refuses this request ({page.status}): {hint}")
    if page.status == 429:
        raise RateLimitedError(name, page)
    if page.status >= 500:
        raise BackendError(f"{name} does not answer at the moment ({page.status}); try again later")
    if page.status >= 400:
        raise InputError(f"{name} refuses this request ({page.status}); {PASTE}")
    return page.json()


class RateLimitedError(BackendError):
    """A network asks to wait; `seconds` says how long, as its own headers do."""

    def __init__(self, name: str, page: Page) -> None:
        """Read the waiting time from the answer."""
        self.seconds = wait_of(page.headers)
        super().__init__(
            f"{name} allows no more requests for {self.seconds:.0f} seconds; try again then"
        )


def wait_of(headers: Mapping[str, str], now: float | None = None) -> float:
    """Read how long to wait: Retry-After, or a time of reset as X, Mastodon and Bluesky give it.

    >>> wait_of({"retry-after": "7"}), wait_of({"x-rate-limit-reset": "130"}, now=100.0)
    (7.0, 30.0)
    """
    from time import time

    now = time() if now is None else now
    found = _moment(headers.get("retry-after"), now, relative=True)
    for name in ("x-rate-limit-reset", "x-ratelimit-reset", "ratelimit-reset"):
        found = found if found is not None else _moment(headers.get(name), now, relative=False)
    return min(max(found if found is not None else 60.0, 1.0), 86_400.0)


def _moment(text: str | None, now: float, relative: bool) -> float | None:
    """Read seconds, an epoch, an ISO time or an HTTP date as seconds from now."""
    from datetime import datetime
    from email.utils import parsedate_to_datetime

    if not text:
        return None
    if text.strip().isascii() and text.strip().isdigit() and len(text) < 12:
        number = float(text)
        return number if relative or (number < 1_000_000 and now > 2_000_000) else number - now
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            return read(text.strip()).timestamp() - now
        except (ValueError, TypeError, OverflowError):
            continue
    return None


def _invisible(element: Any) -> bool:  # noqa: ANN401 -- an lxml element
    """Tell whether a part of a post's markup is not shown (Mastodon hides a link's ends so)."""
    return element.tag in ("script", "style") or "invisible" in (element.get("class") or "").split()
