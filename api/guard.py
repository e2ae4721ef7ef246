"""Stands before every route: bounds the body, refuses foreign sites, adds the security headers.

Outermost on purpose: whatever happens inside, also a fault that nothing else caught, leaves with
the same headers and without a word of the program's own.
"""

import hashlib
from collections.abc import Callable
from http import HTTPStatus
from logging import getLogger
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.callers import network
from api.line import Line
from api.problems import answer, busy

log = getLogger("drift.http")

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",  # a report's address is a secret
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "x-robots-tag": "noindex",
}
SAFE = ("GET", "HEAD", "OPTIONS")
# What a body may weigh, by the path's beginning; the first that fits counts.
BODIES = (("/v1/checks", 2_000_000), ("/v1/jobs", 16_000_000), ("/checks", 4_000_000), ("", 64_000))


class TooLargeError(HTTPException):
    """A body grew past what its route allows; of a kind that the framework lets through."""


class Guard:
    """The outermost layer of the app."""

    def __init__(
        self, app: ASGIApp, count: Callable[[str, int], None], line: Line[Any]
    ) -> None:  # fmt: skip
        self._app, self._count, self._line = app, count, line

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request through, or answer in its place."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        exchange = Exchange(scope, receive, send)
        started = monotonic()
        try:
            refusal = exchange.refusal()
            if refusal is not None:
                await refusal(scope, receive, exchange.send)
            elif exchange.direct:
                await self._direct(exchange)
            else:
                await self._app(scope, exchange.receive, exchange.send)
        except Exception:
            log.exception("fault", extra={"route": exchange.route})
            await exchange.instead(500, "fault", "something went wrong here; it has been noted")
        finally:
            self._count(exchange.route, exchange.status)
            _note(exchange, monotonic() - started)

    async def _direct(self, exchange: "Exchange") -> None:
        """Let a request for work through where there is room, and keep its place meanwhile."""
        flow = exchange.scope.setdefault("state", {})["flow"] = exchange.flow()
        if self._line.full(flow):  # before the body is read: turning away must cost little
            await busy().response()(exchange.scope, exchange.receive, exchange.send)
            return
        self._line.expect(flow)
        try:
            await self._app(exchange.scope, exchange.receive, exchange.send)
        finally:
            self._line.leave(flow, 1)


class Exchange:
    """One request and its answer on their way through the guard."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scope, self._receive, self._send = scope, receive, send
        self._headers = Headers(scope=scope)
        self._limit = next(size for path, size in BODIES if scope["path"].startswith(path))
        self._seen = 0
        self.status = 0

    @property
    def route(self) -> str:
        """Give the route's pattern, never its address: the address of a report is a secret."""
        return getattr(self.scope.get("route"), "path", "-")

    @property
    def allowance(self) -> str:
        """Say how large a body may be."""
        return f"the body is larger than the {self._limit:,} bytes that this address takes"

    @property
    def direct(self) -> bool:
        """Tell whether this asks for work while the caller waits."""
        return (self.scope["method"], self.scope["path"]) == ("POST", "/v1/checks")

    def flow(self) -> str:
        """Tell callers apart by what they show, before it is known whether it is true."""
        shown = self._headers.get("authorization")
        client = self.scope.get("client")
        told = f"key {shown}" if shown else f"address {network(client[0] if client else '')}"
        return hashlib.sha256(told.encode()).hexdigest()

    def refusal(self) -> ASGIApp | None:
        """Decide by the headers alone whether the request is refused."""
        length = self._headers.get("content-length", "0")
        if not length.isdecimal() or int(length[:20]) > self._limit:
            return answer(413, "too-large", self.allowance)
        if self.scope["method"] not in SAFE and self._foreign():
            return answer(403, "foreign", "this request came from another site")
        return None

    def _foreign(self) -> bool:
        """Tell whether a page of another site made the browser send this."""
        site = self._headers.get("sec-fetch-site")
        if site is not None:
            return site not in ("same-origin", "none")
        origin = self._headers.get("origin")
        if origin is None:
            return False  # no browser: browsers send one of the two with every such request
        try:
            return urlsplit(origin).netloc != self._headers.get("host")
        except ValueError:
            return True

    async def receive(self) -> Message:
        """Pass the body on while it is small enough."""
        message = await self._receive()
        if message["type"] == "http.request":
            self._seen += len(message.get("body", b""))
            if self._seen > self._limit:
                raise TooLargeError(413, self.allowance)
        return message

    async def send(self, message: Message) -> None:
        """Pass the answer on with our headers on it."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
            headers.setdefault("cache-control", "no-store")
        await self._send(message)

    async def instead(self, status: int, kind: str, detail: str) -> None:
        """Answer in place of what failed, unless its answer has begun."""
        if self.status:
            self.status = 500
            raise ConnectionAbortedError(HTTPStatus(status).phrase)  # cut it off: it is not whole
        await answer(status, kind, detail)(self.scope, self._receive, self.send)


def _note(exchange: Exchange, seconds: float) -> None:
    if exchange.route in ("/healthz", "/readyz", "/metrics"):
        return
    facts = {
        "method": exchange.scope["method"],
        "route": exchange.route,
        "status": exchange.status,
        "ms": round(seconds * 1000),
    }
    log.info("request", extra=facts)
