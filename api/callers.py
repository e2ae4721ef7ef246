"""Who calls, what they may do, and how much of it."""

import hashlib
import hmac
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from math import ceil
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from api.judging import cost
from api.problems import Problem, busy
from api.service import Served, Service
from api.store import jobs, keys
from drift.records import Post, Retweet

ANONYMOUS = "anon:"
_bearer = HTTPBearer(
    auto_error=False, scheme_name="key", description="A key from `drift keys create`."
)


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody with a key, or an address without one."""

    owner: str
    scopes: tuple[str, ...]
    per_minute: int

    @property
    def anonymous(self) -> bool:
        """Tell whether there is no key."""
        return self.owner.startswith(ANONYMOUS)

    def may(self, scope: str) -> None:
        """Refuse what the key was not made for."""
        if scope not in self.scopes:
            raise Problem(403, "scope", f"this key may not do this; it needs the scope {scope!r}")

    def sees(self, job: jobs.Job) -> bool:
        """Tell whether a job is this caller's; an anonymous one is whoever's who knows its id."""
        return job.owner == self.owner or job.owner.startswith(ANONYMOUS)


def identify(
    request: Request,
    service: Served,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> Caller:
    """Find out who calls; a key that is not in force is refused, never taken for none."""
    settings = service.settings
    if credentials is not None or "authorization" in request.headers:
        key = keys.find(service.store, credentials.credentials) if credentials else None
        if key is None:
            raise Problem(401, "key", "this key is not in force", {"WWW-Authenticate": "Bearer"})
        return Caller(keys.owner_of(key.prefix), key.scopes, settings.key_per_minute)
    if not settings.anonymous:
        raise Problem(401, "key", "a key is needed here", {"WWW-Authenticate": "Bearer"})
    return visitor(request, service)


def visitor(request: Request, service: Service) -> Caller:
    """Make a caller of an address; what is kept of it does not tell the address."""
    host = request.client.host if request.client else ""
    digest = hmac.new(service.secret, network(host).encode(), hashlib.sha256).hexdigest()
    return Caller(ANONYMOUS + digest[:24], ("checks", "jobs"), service.settings.per_minute)


def network(host: str) -> str:
    """Give the part of an address that one household has: all of IPv4, half of IPv6."""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return host
    return str(int(address) >> 64) if isinstance(address, IPv6Address) else str(address)


def spend(service: Service, caller: Caller, post: Post, retweets: Sequence[Retweet]) -> None:
    """Count retweets against the caller's minute, long ones as several."""
    amount = cost(post, retweets)
    wait = service.rates.spend(caller.owner, amount, caller.per_minute)
    if wait:
        raise Problem(
            429, "rate", f"more than {caller.per_minute} retweets in a minute; wait a little",
            {"Retry-After": str(ceil(wait))},
        )  # fmt: skip


def admit(service: Service, caller: Caller) -> None:
    """Refuse a job where the caller, or everybody together, has too many unfinished ones."""
    mine, everyones = jobs.crowd(service.store, caller.owner)
    if mine >= service.settings.at_once:
        raise Problem(
            429, "at-once", f"you have {mine} unfinished jobs; wait for one to end",
            {"Retry-After": "10"},
        )  # fmt: skip
    if everyones >= service.settings.waiting:
        raise busy("too many jobs are waiting; try again later", 30)


@contextmanager
def turn(service: Service, caller: Caller) -> Iterator[None]:
    """Hold one of the places that a caller's direct checks have at once."""
    if service.turns[caller.owner] >= service.settings.at_once:
        raise Problem(
            429, "at-once", "too many of your checks are running; wait for one to end",
            {"Retry-After": "2"},
        )  # fmt: skip
    service.turns[caller.owner] += 1
    try:
        yield
    finally:
        service.turns[caller.owner] -= 1
        if not service.turns[caller.owner]:
            del service.turns[caller.owner]


Called = Annotated[Caller, Depends(identify)]
