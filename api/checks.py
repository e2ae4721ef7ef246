"""`POST /v1/checks`: up to 50 retweets judged while the caller waits."""

import asyncio
from concurrent.futures import Future
from dataclasses import replace

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from api.callers import Called, spend, turn
from api.contract import problems
from api.documents import document, posted, retweeted
from api.judging import Answer, Task, cost
from api.links import post_at, retweets_at
from api.problems import Problem
from api.schemas import CheckAnswer, CheckRequest
from api.service import Served
from api.settings import Settings
from drift.errors import InputError
from drift.records import Post, Retweet
from drift.report.structured import encode

router = APIRouter(tags=["checks"])
DIRECT = 250  # short retweets, or as much in long ones, of one check: about ten seconds
GONE_CHECK = 0.25  # seconds between looks whether the caller is still there
CLOSED = 499


@router.post(
    "/v1/checks",
    response_model=CheckAnswer,
    responses=problems(400, 401, 403, 413, 422, 429, 503),
    operation_id="check",
    summary="Judge up to 50 retweets of one post",
)
async def check(
    request: Request, asked: CheckRequest, service: Served, caller: Called
) -> Response:  # fmt: skip
    """Judge the retweets of one post and answer when all are judged."""
    caller.may("checks")
    with turn(service, caller):
        given = bounded(Task(posted(asked.post), retweeted(asked.retweets)))
        await run_in_threadpool(spend, service, caller, given.post, given.retweets)
        task = bounded(await run_in_threadpool(with_texts, service.settings, given))
        answer = await answered(request, service.bench.submit(task, request.state.flow))
    if answer is None:
        return Response(status_code=CLOSED)
    found = document(task.post, [one.row for one in answer.judged], answer.signature)
    return Response(encode(found), media_type="application/json")


def bounded(task: Task) -> Task:
    """Refuse what would keep a worker, and the caller's line, for too long."""
    if cost(task.post, task.retweets) > DIRECT:
        told = "these texts are too long to be judged while you wait; ask for a job instead"
        raise Problem(422, "too-long", told)
    return task


def with_texts(settings: Settings, task: Task) -> Task:
    """Give the post and the retweets with their texts, fetched where they were given by link."""
    post, retweets = task.post, task.retweets
    linked = [one for one in retweets if not one.text]
    if post.text and not linked:
        return task
    if not settings.links:
        raise InputError("links are not fetched here; give the text instead")
    if not post.text:
        post = post_at(post.url or "")
    texts = dict(zip(linked, retweets_at([one.url or "" for one in linked]), strict=True))
    return Task(post, tuple(_filled(one, texts.get(one)) for one in retweets))


def _filled(retweet: Retweet, found: Post | InputError | None) -> Retweet:
    """Put the text in that a link led to; one that led nowhere fails the check by name."""
    if isinstance(found, InputError):
        raise InputError(f"retweet {retweet.id}: {found}")
    return replace(retweet, text=found.text) if found else retweet


async def answered(request: Request, work: "Future[Answer]") -> Answer | None:
    """Wait for the answer; give the work up when the caller has gone away."""
    waiting = asyncio.wrap_future(work)
    while True:
        done, _ = await asyncio.wait([waiting], timeout=GONE_CHECK)
        if done:
            return waiting.result()
        if await request.is_disconnected():
            waiting.cancel()
            return None
