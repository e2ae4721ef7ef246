"""Fetches what a stranger named, within hard bounds: 8 seconds, 2 MB, 3 redirects, all told.

With at most 1.5 seconds for reading after a slow fetch (see `reading`) a link ends within 10.

Redirects are followed here, not by the library, and checked like a first link. Nothing is taken
from proxy variables or .netrc, no cookie is kept, and headers of the caller's (a token) go to the
origin that they were given for and no further. Whatever fails on the way gives one public error;
its cause is for logs alone.
"""

import asyncio
import json
import ssl
from collections.abc import Coroutine, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from importlib import import_module
from time import monotonic
from types import ModuleType
from typing import Any

from drift.errors import FetchRefused, InputError
from drift.ingest.addresses import REFUSAL, Link, check
from drift.ingest.encodings import decode
from drift.ingest.rows import clean

HTML = frozenset({"text/html", "application/xhtml+xml", "text/plain"})
JSON = frozenset(
    {"application/json", "application/activity+json", "application/ld+json", "text/json"}
)
FEEDS = frozenset({"application/rss+xml", "application/atom+xml", "application/xml", "text/xml"})
READ = HTML | JSON | FEEDS

AGENT = "Mozilla/5.0 (compatible; Drift/0.1; reads one page at its author's request)"
ACCEPT = "text/html, application/xhtml+xml, application/xml;q=0.9, */*;q=0.5"
REDIRECTS = frozenset({301, 302, 303, 307, 308})
AT_ONCE = 16  # fetches in flight: 16 of 2 MB are 32 MB
PER_HOST = 4


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds of one fetch; `floor` is how long a failure takes at least, whatever its cause."""

    seconds: float = 8.0
    size: int = 2_000_000
    redirects: int = 3
    floor: float = 0.3
    tls: ssl.SSLContext | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """What to ask for; a payload makes it a POST, which follows no redirect."""

    url: str
    headers: tuple[tuple[str, str], ...] = ()
    payload: bytes | None = None
    types: frozenset[str] = READ


@dataclass(frozen=True, slots=True)
class Page:
    """An answer as it came, with the link where it was found in the end."""

    asked: str
    url: str
    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    fetched_at: str = ""
    took: float = 0.0  # seconds

    @property
    def kind(self) -> str:
        """Give the media type, lower case, without its parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def charset(self) -> str | None:
        """Give the charset that the header names, if it does."""
        for part in self.headers.get("content-type", "").split(";")[1:]:
            name, _, value = part.partition("=")
            if name.strip().lower() == "charset":
                return value.strip(" \"'") or None
        return None

    def text(self) -> str:
        """Give the body as text."""
        return clean(decode(self.body, self.charset).text)

    def json(self) -> Any:  # noqa: ANN401 -- JSON is what it is
        """Give the body as JSON, or say that it is none."""
        try:
            return json.loads(self.text())
        except (ValueError, RecursionError) as error:
            raise InputError("the answer is not what this service promises (no JSON)") from error


Outcome = Page | InputError

STANDARD = Limits()


def fetch(request: Request | str, limits: Limits = STANDARD) -> Page:
    """Fetch one page, or raise: FetchRefused, or InputError where the page itself is unusable."""
    outcome = fetch_all([request], limits)[0]
    if isinstance(outcome, InputError):
        raise outcome
    return outcome


def fetch_all(requests: Iterable[Request | str], limits: Limits = STANDARD) -> list[Outcome]:
    """Fetch many pages at once, each with bounds of its own; a failure costs only its own place.

    May be called from any thread, also from one with a running event loop (which then waits).
    """
    asked = [Request(one) if isinstance(one, str) else one for one in requests]
    if not asked:
        return []
    return _run(_gather(asked, limits))


def _run(work: Coroutine[Any, Any, list[Outcome]]) -> list[Outcome]:
    """Run to the end, in a thread of its own where this one already has a loop."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work)
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


async def fetch_async(request: Request | str, limits: Limits = STANDARD) -> Page:
    """Fetch one page from within an event loop; raises as `fetch` does."""
    outcome = (await _gather([Request(request) if isinstance(request, str) else request], limits))[
        0
    ]
    if isinstance(outcome, InputError):
        raise outcome
    return outcome


async def _gather(requests: list[Request], limits: Limits) -> list[Outcome]:
    """Fetch in one session, a few at a time, and fewer from one host."""
    wire = _wire()
    everywhere = asyncio.Semaphore(AT_ONCE)
    hosts: dict[str, asyncio.Semaphore] = {}

    async def one(session: Any, request: Request) -> Outcome:  # noqa: ANN401 -- aiohttp's
        started = monotonic()
        try:
            link = check(request.url)
        except FetchRefused as error:
            outcome: Outcome = error
        else:
            async with hosts.setdefault(link.host, asyncio.Semaphore(PER_HOST)), everywhere:
                started = monotonic()
                outcome = await _one(session, request, link, limits)
        if isinstance(outcome, FetchRefused):
            await asyncio.sleep(max(0.0, limits.floor - (monotonic() - started)))
        return outcome

    async with wire.open_session(limits.tls) as session:
        return list(await asyncio.gather(*(one(session, request) for request in requests)))


async def _one(session: Any, request: Request, link: Link, limits: Limits) -> Outcome:  # noqa: ANN401
    """Fetch one page within its deadline; give its outcome, never raise."""
    wire = _wire()
    started = monotonic()
    try:
        async with asyncio.timeout(limits.seconds):
            page = await _follow(session, request, link, limits)
            return replace(page, took=monotonic() - started)
    except InputError as error:
        return error
    except wire.TooLargeError:
        return InputError(f"the page is larger than {limits.size:,} bytes; paste the text instead")
    except wire.UnreadableTypeError as error:
        kind = clean(str(error))[:60]
        return InputError(f"the link leads to a file ({kind}), not to a page with text; paste it")
    except wire.FAILURES as error:
        refused = FetchRefused(REFUSAL)
        refused.__cause__ = error
        return refused


async def _follow(session: Any, request: Request, link: Link, limits: Limits) -> Page:  # noqa: ANN401
    """Follow redirects, each checked like a first link, to the page."""
    wire = _wire()
    own = request.headers
    for _ in range(limits.redirects + 1):
        headers = (("User-Agent", AGENT), ("Accept", ACCEPT), ("Accept-Encoding", "gzip"), *own)
        call = wire.Call(link, headers, request.payload, limits.size, request.types)
        answer = await wire.exchange(session, call)
        target = answer.headers.get("location")
        if answer.status not in REDIRECTS or target is None or request.payload is not None:
            now = datetime.now(UTC).isoformat(timespec="seconds")
            return Page(request.url, link.href, answer.status, answer.body, answer.headers, now)
        following = check(target, base=link)
        own = own if following.origin == link.origin else ()
        link = following
    raise FetchRefused(REFUSAL)


def _wire() -> ModuleType:
    """Import the module that opens sockets, only when something is fetched (0.3 s)."""
    return import_module("drift.ingest.dial")
