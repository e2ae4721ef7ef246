"""Progress as server-sent events: the state of a job, sent when it has changed, until it ends."""

import asyncio
from collections.abc import AsyncIterator

from fastapi.responses import StreamingResponse
from fastapi.sse import format_sse_event
from starlette.concurrency import run_in_threadpool

from api.documents import job_document
from api.problems import busy
from api.service import Service
from api.store import jobs
from drift.report.structured import encode

LOOK, SLOW = 0.1, 2.0  # seconds between looks at the job: while it changes, and at most
LONGEST = 600.0  # seconds; a browser comes back by itself
QUIET = 15.0  # seconds after which a proxy might take the line for dead
_EVENT = {
    "type": "object",
    "properties": {
        "event": {"type": "string", "enum": ["progress", "done"]},
        "id": {"type": "string"},
        "data": {"type": "string", "contentMediaType": "application/json"},
    },
}
STREAM = {
    "description": "Events `progress` and, at the end, `done`; their data is the job as JSON.",
    "content": {"text/event-stream": {"schema": _EVENT}},
}
_open = 0  # streams now; one event loop, so no lock


def open_stream(service: Service, job: jobs.Job) -> StreamingResponse:
    """Answer with a stream of a job's progress."""
    if _open >= service.settings.streams:
        raise busy("too many are watching; ask for the state instead", 5)
    headers = {"X-Accel-Buffering": "no", "Cache-Control": "no-store"}
    return StreamingResponse(_events(service, job), 200, headers, "text/event-stream")


async def _events(service: Service, job: jobs.Job) -> AsyncIterator[bytes]:
    """Look at the job until it ends; a stream that was cut off starts from the present state."""
    global _open  # noqa: PLW0603 -- a count of what is open, nothing else
    _open += 1
    try:
        found: jobs.Job | None = job
        sent, quiet, spent, look = "", 0.0, 0.0, LOOK
        while found is not None and spent < LONGEST and not service.closing.is_set():
            data = encode(job_document(found))
            if data != sent:
                name = "done" if found.over else "progress"
                yield format_sse_event(data_str=data, event=name, id=str(found.done))
                sent, quiet, look = data, 0.0, LOOK
            elif quiet > QUIET:
                yield format_sse_event(comment="still here")
                quiet = 0.0
            if found.over:
                return
            await asyncio.sleep(look)
            quiet, spent, look = quiet + look, spent + look, min(look * 1.3, SLOW)
            found = await run_in_threadpool(jobs.get, service.store, job.id)
    finally:
        _open -= 1
