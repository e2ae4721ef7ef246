"""Puts the web door together: one app, made from settings and a way to load the models."""

import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool

from api import checks, contract, health, pages, problems, tasks
from api.bench import Bench
from api.guard import Guard
from api.line import Bounds
from api.meters import Meters
from api.runner import Rules, Runner
from api.secrets import server_secret
from api.service import Service
from api.settings import Settings, default_database
from api.store.engine import Store
from api.store.rates import Rates
from api.webhooks import Sender
from drift.pipeline import Tools


def create_app(settings: Settings, tools: Callable[[], Tools], *, inside: bool = False) -> FastAPI:
    """Make the app; `tools` must be importable by name unless all is judged `inside`."""
    workers = 0 if inside else settings.workers or os.cpu_count() or 1
    bench = Bench(tools, workers, Bounds(settings.room, settings.patience), settings.seconds)
    store = Store(settings.database or default_database())
    runner = Runner(store, bench, Rules(settings.lease, settings.keep_days, settings.links))
    secret = server_secret(settings)
    sender = Sender(store, secret)
    service = Service(settings, bench, store, Rates(store), Meters(), secret, runner.wake)

    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        for part in (bench, runner, sender):
            part.start()
        yield
        service.closing.set()
        for part in (bench, runner, sender):
            await run_in_threadpool(part.stop)
        store.close()

    app = FastAPI(lifespan=life, docs_url=None, redoc_url=None, openapi_url="/openapi.json")
    app.state.service = service
    problems.install(app, pages.fault_page)
    contract.install(app, anonymous=settings.anonymous, links=settings.links)
    doors = [part.router for part in (health, checks, tasks, pages)]
    for door in doors:
        app.include_router(door)
    app.state.routes = [route for door in doors for route in door.routes]
    app.add_middleware(Guard, count=service.meters.count, line=bench.line)
    return app
