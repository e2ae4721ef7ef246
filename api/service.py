"""What the routes share: the settings, the workers, the store, the limits."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event
from typing import Annotated

from fastapi import Depends, Request

from api.bench import Bench
from api.meters import Meters
from api.settings import Settings
from api.store.engine import Store
from api.store.rates import Rates


@dataclass(frozen=True, slots=True)
class Service:
    """The parts of one running server."""

    settings: Settings
    bench: Bench
    store: Store
    rates: Rates
    meters: Meters
    secret: bytes
    wake: Callable[[], None]  # tells the runner that there is a new job
    turns: Counter[str] = field(default_factory=Counter)  # direct checks running, by caller
    closing: Event = field(default_factory=Event)


def of(request: Request) -> Service:
    """Find the service that a request belongs to."""
    service: Service = request.app.state.service
    return service


Served = Annotated[Service, Depends(of)]
