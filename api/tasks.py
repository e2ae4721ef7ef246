"""`/v1/jobs`: up to 5,000 retweets judged in the background."""

import hashlib
from typing import Annotated

from fastapi import APIRouter, Header, Path, Query
from fastapi.responses import JSONResponse, Response

from api.callers import Called, Caller, admit, spend
from api.contract import problems
from api.documents import job_document, posted, retweeted
from api.events import STREAM, open_stream
from api.problems import Problem
from api.schemas import Job, JobMade, JobRequest, Page
from api.service import Served, Service
from api.store import jobs
from api.store.jobs import MismatchError, Order, Repeat
from api.webhooks import check_receiver
from drift.report.structured import encode

router = APIRouter(tags=["jobs"])
PAGE = 100
ID = r"^[A-Za-z0-9_-]{32}$"
JobId = Annotated[str, Path(pattern=ID, description="The job's id.")]
RepeatKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key", min_length=1, max_length=255, pattern=r"^[\x21-\x7e]+$",
        description="Any text of your own; the same text within a day gives the same job.",
    ),
]  # fmt: skip
_PLACE = {
    "Location": {"description": "Path of the job's state.", "schema": {"type": "string"}}
}  # fmt: skip
_LINKS = {
    name: {"operationId": name, "parameters": {"job": "$response.body#/id"}}
    for name in ("getJob", "getResults", "watchJob", "cancelJob", "deleteJob")
}


@router.post(
    "/v1/jobs",
    status_code=202,
    response_model=JobMade,
    responses={
        202: {"headers": _PLACE, "links": _LINKS},
        **problems(400, 401, 403, 413, 422, 429, 503),
    },
    operation_id="createJob",
    summary="Have up to 5,000 retweets of one post judged",
)
def create(
    asked: JobRequest, service: Served, caller: Called, key: RepeatKey = None
) -> Response:  # fmt: skip
    """Keep a job and answer before it is begun; what is answered here survives a crash."""
    caller.may("jobs")
    if asked.webhook is not None:
        if caller.anonymous:
            raise Problem(401, "key", "webhooks need a key", {"WWW-Authenticate": "Bearer"})
        check_receiver(asked.webhook)
    order = Order(caller.owner, posted(asked.post), retweeted(asked.retweets), asked.webhook)
    try:
        name = _made(service, caller, order, _repeat(key, asked))
    except MismatchError:
        told = "this Idempotency-Key came with another request before; use a new one"
        raise Problem(422, "key-reused", told) from None
    place = f"/v1/jobs/{name}"
    made = {"id": name, "state": "queued", "url": place, "report": f"/reports/{name}"}
    return JSONResponse(made, 202, {"Location": place})


def _repeat(key: str | None, asked: JobRequest) -> Repeat | None:
    if key is None:
        return None
    return Repeat(key, hashlib.sha256(asked.model_dump_json().encode()).hexdigest())


def _made(service: Service, caller: Caller, order: Order, repeat: Repeat | None) -> str:
    """Find the job that this key made before, or make one where there is room."""
    if repeat is not None:
        found = jobs.earlier(service.store, order.owner, repeat)
        if found is not None:
            return found
    admit(service, caller)
    spend(service, caller, order.post, order.retweets)
    name = jobs.create(service.store, order, repeat)
    service.wake()
    return name


@router.get(
    "/v1/jobs/{job}",
    response_model=Job,
    responses=problems(401, 403, 404, 422),
    operation_id="getJob",
    summary="Where a job stands",
)
def state(job: JobId, service: Served, caller: Called) -> Response:
    """Give a job's state and progress."""
    return Response(encode(job_document(mine(service, caller, job))), media_type="application/json")


@router.get(
    "/v1/jobs/{job}/results",
    response_model=Page,
    responses=problems(401, 403, 404, 422),
    operation_id="getResults",
    summary="The results of a job, some at a time",
)
def results(
    job: JobId,
    service: Served,
    caller: Called,
    start: Annotated[int, Query(ge=0, le=5_000)] = 0,
    count: Annotated[int, Query(ge=1, le=500)] = PAGE,
) -> Response:
    """Give results in the order of the retweets, as far as they are judged without a gap."""
    found = mine(service, caller, job)
    items = jobs.page(service.store, job, start, count)
    rows = []
    for item in items:
        if item.judged is None:
            break
        rows.append(item.judged.row)
    after = start + len(rows)
    more = after < found.total and (bool(rows) or not found.over)
    following = f"/v1/jobs/{job}/results?start={after}&count={count}" if more else None
    answer = {"results": rows, "next": following, "finished": found.over}
    return Response(encode(answer), media_type="application/json")


@router.get(
    "/v1/jobs/{job}/events",
    responses={200: STREAM, **problems(401, 403, 404, 422, 503)},
    response_class=Response,
    operation_id="watchJob",
    summary="Progress as server-sent events",
)
def events(job: JobId, service: Served, caller: Called) -> Response:
    """Send `progress` events until the job ends, and a `done` event then."""
    return open_stream(service, mine(service, caller, job))


@router.post(
    "/v1/jobs/{job}/cancel",
    response_model=Job,
    responses=problems(401, 403, 404, 409, 422),
    operation_id="cancelJob",
    summary="Stop a job; what is judged stays",
)
def cancel(job: JobId, service: Served, caller: Called) -> Response:
    """Stop a job that has not ended."""
    caller.may("jobs")
    mine(service, caller, job)
    if not jobs.cancel(service.store, job):
        raise Problem(409, "ended", "this job has ended already")
    return Response(encode(job_document(mine(service, caller, job))), media_type="application/json")


@router.delete(
    "/v1/jobs/{job}",
    status_code=204,
    responses=problems(401, 403, 404, 422),
    operation_id="deleteJob",
    summary="Delete a job with all its texts",
)
def remove(job: JobId, service: Served, caller: Called) -> Response:
    """Delete a job, whatever state it is in."""
    caller.may("jobs")
    mine(service, caller, job)
    jobs.remove(service.store, job)
    return Response(status_code=204)


def mine(service: Service, caller: Caller, name: str) -> jobs.Job:
    """Find a job of this caller's; another's is as if it did not exist."""
    found = jobs.get(service.store, name)
    if found is None or not caller.sees(found):
        raise Problem(404, "no-job", "there is no such job, or it is not yours")
    return found
