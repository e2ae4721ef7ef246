"""The guard: which links may be fetched, and which network addresses may be dialled.

One parser (WHATWG, as browsers have it) reads a link, and only what it wrote back is used from
then on. An address is dialled if it is on a positive list; every IPv6 form with an IPv4 address
inside falls outside it. The list is asked three times: for the literal in a link, for every answer
of the name server, and once more by the socket factory, for the address that is really dialled.
"""

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from drift.errors import FetchRefused

PORTS = {"http": 80, "https": 443}
MAX_LINK = 4_096
SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{1,20}:(?://|\\\\)")

# What may not be fetched is answered in one way, whatever the reason: not to be a port scanner.
REFUSAL = "this link could not be fetched; check it, or paste the text instead"

IpAddress = IPv4Address | IPv6Address

# `is_global` calls these public: protocol assignments with a metadata service, the old 6to4
# relay, multicast, reserved, and a cloud's host service.
NEVER_4 = tuple(
    IPv4Network(text)
    for text in (
        "192.0.0.0/24",
        "192.88.99.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "168.63.129.16/32",
    )
)
UNICAST_6 = IPv6Network("2000::/3")
# Teredo, benchmarking, ORCHID and the rest of 2001::/23; documentation twice; 6to4.
NEVER_6 = tuple(
    IPv6Network(text) for text in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
)
ISATAP = (b"\x00\x00\x5e\xfe", b"\x02\x00\x5e\xfe")

# Names that never mean a public site (RFC 6761, 6762, 7686, 8375, 9476, and common practice).
PRIVATE_ENDINGS = frozenset(
    {"alt", "arpa", "cluster", "consul", "corp", "home", "i2p", "internal", "intranet", "invalid"}
    | {"lan", "local", "localdomain", "localhost", "mail", "onion", "private", "svc", "test"}
)
PRIVATE_NAMES = frozenset({"metadata.goog", "instance-data"})


class RefusedError(OSError):
    """An address that may not be dialled; an OSError, as a socket that cannot be opened is."""


@dataclass(frozen=True, slots=True)
class Link:
    """A checked link: `href` is its canonical form, and the only one that is ever fetched."""

    href: str
    scheme: str
    host: str
    port: int

    @property
    def origin(self) -> tuple[str, str, int]:
        """Give what credentials are tied to."""
        return self.scheme, self.host, self.port


def check(text: str, base: Link | None = None) -> Link:
    """Read a link, relative to another if given, and refuse what may not be fetched.

    >>> check("HTTPS://Example.com/a b").href
    'https://example.com/a%20b'
    >>> check("http://0x7f.1/")
    Traceback (most recent call last):
        ...
    drift.errors.FetchRefused: this link could not be fetched; check it, or paste the text instead
    """
    try:
        return _examine(text, base)
    except RefusedError as error:
        raise FetchRefused(REFUSAL) from error


def dialable(address: IpAddress) -> bool:
    """Tell whether an address is on the positive list.

    >>> dialable(ip_address("93.184.215.14")), dialable(ip_address("::ffff:93.184.215.14"))
    (True, False)
    """
    if isinstance(address, IPv4Address):
        return address.is_global and not any(address in net for net in NEVER_4)
    if address not in UNICAST_6 or any(address in net for net in NEVER_6):
        return False
    return address.packed[8:12] not in ISATAP


def check_dial(host: str, port: int) -> None:
    """Refuse an address just before it is dialled."""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError as error:
        raise RefusedError("not an address") from error
    if port not in PORTS.values() or not dialable(address):
        raise RefusedError("address not on the list")


def looks_like_link(text: str) -> bool:
    """Tell whether what a person gave is meant as a link rather than as text.

    >>> looks_like_link("https://t.co/x"), looks_like_link("see https://t.co/x")
    (True, False)
    """
    words = text.split()
    return len(words) == 1 and bool(SCHEME.match(words[0]))


def _examine(text: str, base: Link | None) -> Link:
    """Read a link, or refuse it with the reason that is for logs alone."""
    import ada_url

    if len(text) > MAX_LINK:
        raise RefusedError("too long")
    try:
        url = ada_url.URL(text, base=base.href) if base else ada_url.URL(text)
    except ValueError as error:
        raise RefusedError("not a link") from error
    scheme = url.protocol.removesuffix(":")
    if scheme not in PORTS:
        raise RefusedError("scheme")
    port = int(url.port) if url.port else PORTS[scheme]
    reason = "userinfo" if url.username or url.password else _host_fault(url.hostname)
    if reason or port not in PORTS.values():
        raise RefusedError(reason or "port")
    url.hash = ""
    return Link(url.href, scheme, url.hostname, port)


def _host_fault(host: str) -> str:
    """Say why a host may not be asked for, or nothing."""
    literal = host.strip("[]") if host.startswith("[") else host
    try:
        return "" if dialable(ip_address(literal)) else "address"
    except ValueError:
        pass
    name = host.removesuffix(".").lower()
    labels = name.split(".")
    if len(labels) < 2 or not all(labels):
        return "name without a dot"
    if labels[-1] in PRIVATE_ENDINGS or name in PRIVATE_NAMES or labels[-1].isdigit():
        return "private name"
    return ""
