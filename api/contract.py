"""Keeps the OpenAPI document true: which problems a route may answer with, who may call."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api.problems import MEDIA
from api.schemas import ProblemOut
from drift import __version__

TITLE = "Drift"
ABOUT = (
    "Checks whether Chinese retweets still say what the English post said. Offsets count Unicode "
    "code points. A field that the schema does not name is refused."
)
_WHY = {
    400: "The body could not be read at all.",
    401: "The key is missing, wrong or revoked.",
    403: "The key may not do this, or the request came from another site.",
    404: "There is no such thing, or it is not yours.",
    405: "The address exists, but not for this method.",
    409: "It cannot be done in the state that the job is in.",
    413: "The body is too large.",
    422: "The request does not fit its schema, or a text or link in it cannot be used.",
    429: "Too much in too short a time; `Retry-After` says when to come back.",
    503: "No room for more work now; `Retry-After` says when to come back.",
}
_LATER = {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}}}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Name the problems that a route may answer with."""
    found: dict[int | str, dict[str, Any]] = {}
    for status in statuses:
        found[status] = {"model": ProblemOut, "description": _WHY[status]}
        if status in (429, 503):
            found[status]["headers"] = _LATER
    return found


def install(app: FastAPI, *, anonymous: bool, links: bool) -> None:
    """Let the app publish its contract as it is kept."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            made = get_openapi(
                title=TITLE,
                version=__version__,
                description=ABOUT,
                routes=app.routes,
                openapi_version="3.1.0",
                license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
            )
            for path in made["paths"].values():
                for operation in path.values():
                    _correct(operation, anonymous)
            if not links:
                _without_links(made["components"]["schemas"])
            app.openapi_schema = made
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # how FastAPI says to do it


def _correct(operation: dict[str, Any], anonymous: bool) -> None:
    """Give problems their media type, and say where a key is not needed."""
    for status, response in operation["responses"].items():
        content = response.get("content", {})
        if status >= "400" and "application/json" in content:
            content[MEDIA] = content.pop("application/json")
    if anonymous and operation.get("security"):
        operation["security"].append({})


def _without_links(schemas: dict[str, Any]) -> None:
    """Take back the promise to fetch links, where the operator has switched it off."""
    for name in ("CheckRequest", "JobRequest"):
        fields = schemas[name]["properties"]
        fields["post"] = {"$ref": "#/components/schemas/PostIn"}
        fields["retweets"]["items"] = {"$ref": "#/components/schemas/RetweetIn"}
    del schemas["PostLink"], schemas["RetweetLink"]
