"""Opens the socket: one request, one answer, no redirect; imported only when something is fetched.

This is the only module of the core that connects to anything.
"""

import asyncio
import socket
import ssl
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import aiohttp
from yarl import URL

from drift.ingest.addresses import PORTS, Link, RefusedError, check_dial
from drift.ingest.bodies import STEP, BadBodyError, Body, TooLargeError

MAX_ADDRESSES = 4  # of one name; the rest are not tried
MAX_LOOKUPS = 256  # name lookups in flight; a stuck one ends when the system's resolver gives up
MAX_ERROR_BODY = 65_536  # of an answer that is an error

# What may go wrong between here and the other side; anything else is a bug of ours.
FAILURES = (aiohttp.ClientError, OSError, TimeoutError, ValueError, EOFError)

_lookups = threading.BoundedSemaphore(MAX_LOOKUPS)
_AddressInfo = tuple[Any, Any, int, str, tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the status, the headers in lower case, the body unpacked."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Call:
    """One request to one checked link."""

    link: Link
    headers: tuple[tuple[str, str], ...]
    payload: bytes | None
    limit: int
    types: frozenset[str]


class UnreadableTypeError(ValueError):
    """The answer is of a content type that is not read."""


class CheckedResolver:
    """Asks the system's resolver; one bad address among a name's answers refuses the name."""

    async def resolve(self, host: str, port: int = 0, family: int = 0) -> list[dict[str, Any]]:
        """Give up to four addresses of a name, all of them on the positive list."""
        answers = await _looked_up(host, port)
        found: dict[str, dict[str, Any]] = {}
        for family, _, proto, _, address in answers:
            check_dial(str(address[0]), port)
            found[str(address[0])] = {
                "hostname": host,
                "host": address[0],
                "port": port,
                "family": family,
                "proto": proto,
                "flags": socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            }
        return list(found.values())[:MAX_ADDRESSES]

    async def close(self) -> None:
        """Hold nothing, so close nothing."""


def open_session(tls: ssl.SSLContext | None) -> aiohttp.ClientSession:
    """Make a session that dials only checked addresses and remembers nothing."""
    connector = aiohttp.TCPConnector(
        resolver=CheckedResolver(),  # type: ignore[arg-type]  # the two methods that are used
        use_dns_cache=False,
        socket_factory=_socket,
        force_close=True,
        limit=0,
        ssl=tls or True,
    )
    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        trust_env=False,
        timeout=aiohttp.ClientTimeout(total=None),  # the caller holds the deadline
        read_bufsize=STEP,
        max_headers=100,
    )


async def exchange(session: aiohttp.ClientSession, call: Call) -> Answer:
    """Send one request and read its answer within the limit; redirects are not followed."""
    url = URL(call.link.href, encoded=True)
    if (url.scheme, url.port) != (call.link.scheme, call.link.port) or not _same_host(url, call):
        raise RefusedError("the client reads the link in another way")
    method = "GET" if call.payload is None else "POST"
    async with session.request(
        method, url, headers=call.headers, data=call.payload, allow_redirects=False
    ) as response:
        try:
            headers = _headers(response)
            body = b"" if response.status in (204, 304) else await _read(response, call, headers)
            return Answer(response.status, headers, body)
        finally:
            response.close()  # never drained: the other side may go on for ever


async def _read(response: aiohttp.ClientResponse, call: Call, headers: Mapping[str, str]) -> bytes:
    """Read a body; of an answer that is no success only as much as an explanation needs."""
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    success = 200 <= response.status < 300
    if not success and (kind not in call.types or 300 <= response.status < 400):
        return b""
    if kind and kind not in call.types:
        raise UnreadableTypeError(kind)
    limit = call.limit if success else MAX_ERROR_BODY
    if (response.content_length or 0) > limit:
        raise TooLargeError
    body = Body(headers.get("content-encoding", ""), limit)
    while chunk := await response.content.read(STEP):
        body.feed(chunk)
    return body.done()


def _headers(response: aiohttp.ClientResponse) -> dict[str, str]:
    """Give an answer's headers, several of one name joined; bytes that are no text replaced."""
    found: dict[str, str] = {}
    for name, value in response.headers.items():
        lowered = name.lower()
        text = value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        found[lowered] = f"{found[lowered]}, {text}" if lowered in found else text
    return found


def _same_host(url: URL, call: Call) -> bool:
    """Tell whether the client library means the host that was checked."""
    return (url.raw_host or "") == call.link.host.strip("[]")


def _socket(info: _AddressInfo) -> socket.socket:
    """Make the socket for an address that is about to be dialled, if it is on the list."""
    family, kind, proto, _, address = info
    check_dial(str(address[0]), int(address[1]))
    return socket.socket(family, kind, proto)


async def _looked_up(host: str, port: int) -> Sequence[_AddressInfo]:
    """Look a name up in a thread of its own, which nothing waits for once the time is over."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[Sequence[_AddressInfo]] = loop.create_future()
    if not _lookups.acquire(blocking=False):
        raise RefusedError("too many lookups")

    def deliver(result: Sequence[_AddressInfo] | OSError) -> None:
        if answer.done():
            return
        if isinstance(result, OSError):
            answer.set_exception(result)
        else:
            answer.set_result(result)

    def ask() -> None:
        result: Sequence[_AddressInfo] | OSError
        try:
            result = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            result = OSError(str(error))
        finally:
            _lookups.release()
        try:
            loop.call_soon_threadsafe(deliver, result)
        except RuntimeError:
            return  # the loop is gone, and with it whoever asked

    threading.Thread(target=ask, daemon=True, name="drift-lookup").start()
    return await answer


__all__ = [
    "FAILURES",
    "PORTS",
    "Answer",
    "BadBodyError",
    "Call",
    "TooLargeError",
    "UnreadableTypeError",
    "exchange",
    "open_session",
]
