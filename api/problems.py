"""Answers that say what is wrong, as problem details (RFC 9457), and how the caller can help it."""

from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from logging import getLogger
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from api.line import BusyError
from drift.errors import DriftError, FetchRefused, InputError
from drift.visible import visible

log = getLogger("drift.problems")
MEDIA = "application/problem+json"
BUSY = "all workers are busy; try again in a few seconds"
_LONGEST = 300  # characters of a detail; more would be somebody's text sent back
_SHOWN = 20  # faults of one request that are told


class Problem(Exception):  # noqa: N818 -- the name that RFC 9457 uses
    """A fault with the answer that it gets."""

    def __init__(
        self, status: int, kind: str, detail: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.status, self.kind, self.detail, self.headers = status, kind, detail, headers

    def response(self) -> Response:
        """Write the problem down."""
        return answer(self.status, self.kind, self.detail, headers=self.headers)


def answer(
    status: int,
    kind: str,
    detail: str,
    *,
    errors: Sequence[Mapping[str, str]] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Write problem details; `kind` is a word that programs may rely on."""
    body: dict[str, Any] = {
        "type": f"urn:drift:problem:{kind}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": visible(detail)[:_LONGEST],
    }
    if errors:
        body["errors"] = list(errors)
    return JSONResponse(body, status, dict(headers or {}), MEDIA)


def busy(detail: str = BUSY, seconds: int = 2) -> Problem:
    """Turn work away until there is room."""
    return Problem(503, "busy", detail, {"Retry-After": str(seconds)})


PageOf = Callable[[Request, int, str], Response | None]


def install(app: FastAPI, page: PageOf) -> None:
    """Give every fault that the routes may raise its answer; `page` makes one for people."""

    async def own(request: Request, error: Exception) -> Response:
        assert isinstance(error, Problem)  # noqa: S101 -- registered for nothing else
        return page(request, error.status, error.detail) or error.response()

    async def http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101 -- registered for nothing else
        if error.status_code == 405:
            allowed = ", ".join(sorted(_methods(request)))
            error = HTTPException(405, error.detail, {"Allow": allowed})
        return page(request, error.status_code, str(error.detail)) or _http(error)

    async def invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)  # noqa: S101 -- likewise
        return page(request, 422, "") or _invalid(error)

    async def full(_: Request, error: Exception) -> Response:
        return busy().response()

    app.add_exception_handler(Problem, own)
    app.add_exception_handler(BusyError, full)
    app.add_exception_handler(DriftError, _drift)
    app.add_exception_handler(SQLAlchemyError, _database)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(RequestValidationError, invalid)


async def _drift(_: Request, error: Exception) -> Response:
    if isinstance(error, FetchRefused):
        return answer(422, "url_refused", str(error))
    if isinstance(error, InputError):
        return answer(422, "unusable", str(error))
    log.error("backend failed", exc_info=error)
    return answer(503, "backend", "a model failed; try again", headers={"Retry-After": "5"})


async def _database(_: Request, error: Exception) -> Response:
    """Answer where the database is full, locked or gone; nothing half done was kept."""
    log.error("database failed", exc_info=error)
    return answer(503, "database", "the store does not answer", headers={"Retry-After": "10"})


def _methods(request: Request) -> set[str]:
    """Give the methods of an address, whichever of its routes they belong to."""
    return {
        method
        for route in request.app.state.routes
        if route.path_regex.match(request.url.path)
        for method in route.methods
    }


def _http(error: HTTPException) -> Response:
    kind = HTTPStatus(error.status_code).phrase.lower().replace(" ", "-")
    return answer(error.status_code, kind, str(error.detail), headers=error.headers)


def _invalid(error: RequestValidationError) -> Response:
    """Name the places of a request that are wrong, without sending its texts back."""
    faults = [
        {"place": _pointer(fault["loc"]), "message": visible(str(fault["msg"]))[:_LONGEST]}
        for fault in error.errors()[:_SHOWN]
    ]
    broken = any(fault["type"] == "json_invalid" for fault in error.errors())
    if broken:
        return answer(422, "not-json", "the body is not JSON", errors=faults)
    return answer(422, "invalid", "the request does not fit its schema", errors=faults)


def _pointer(place: Sequence[Any]) -> str:
    return visible("/".join(str(part) for part in place))[:_LONGEST]
