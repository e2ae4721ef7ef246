"""`/healthz`, `/readyz`, `/metrics`: for those who run the server; off the path of the work."""

from fastapi import APIRouter
from fastapi.responses import JSONResponse, PlainTextResponse, Response

from api.schemas import Health
from api.service import Served

router = APIRouter(tags=["operation"])


@router.get(
    "/healthz", response_model=Health, operation_id="healthz", summary="Is the server alive?"
)
async def healthz() -> Response:
    """Answer as long as the event loop turns."""
    return JSONResponse({"status": "ok"})


@router.get(
    "/readyz",
    response_model=Health,
    responses={503: {"model": Health, "description": "Not ready, or shutting down."}},
    operation_id="readyz",
    summary="May requests be sent here?",
)
async def readyz(service: Served) -> Response:
    """Answer 200 when at least one worker has its models loaded."""
    if service.bench.ready and not service.closing.is_set():
        return JSONResponse({"status": "ok"})
    return JSONResponse({"status": "not ready"}, 503, {"Retry-After": "2"})


@router.get(
    "/metrics",
    response_class=PlainTextResponse,
    operation_id="metrics",
    summary="Counters, for Prometheus",
)
async def metrics(service: Served) -> str:
    """Count answers by route and status, workers and waiting retweets."""
    workers, waiting = service.bench.load
    return service.meters.text({"workers": workers, "retweets_waiting": waiting})
