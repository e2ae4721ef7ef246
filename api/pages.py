"""The pages for people: the form, the report while it grows and when it is whole, downloads."""

from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Path, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import ChoiceLoader, Environment, PackageLoader
from starlette.concurrency import run_in_threadpool

from api import assets, shows
from api.callers import admit, spend, visitor
from api.events import open_stream
from api.forms import MOST, Filled, FormError, filled, wanted
from api.problems import Problem
from api.schemas import POST
from api.service import Served, Service
from api.store import jobs
from api.store.jobs import Job, Order
from api.words import language, say
from drift.catalogue import line
from drift.records import Label, Lang
from drift.report import claimreview, render
from drift.report.html import environment
from drift.visible import visible

router = APIRouter(include_in_schema=False)
ID = r"^[A-Za-z0-9_-]{32}$"
JobId = Annotated[str, Path(pattern=ID)]
DOWNLOADS = {
    "html": "text/html; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
    "md": "text/markdown; charset=utf-8",
    "json": "application/json",
    "jsonld": "application/ld+json",
}
# A page that was loaded while a job ran must never be shown again from a cache.
_FRESH = {"Vary": "Accept-Language"}


def _environment() -> Environment:
    made = environment(
        ChoiceLoader([PackageLoader("api", "templates"), PackageLoader("drift", "report")])
    )
    made.globals["static"] = assets.address
    return made


_TEMPLATES = _environment()


def tongue(request: Request, asked: str | None = None) -> Lang:
    """Choose the language of a page."""
    header = request.headers.get("accept-language", "")
    return language(asked or request.query_params.get("lang"), header)


def shown_page(request: Request, name: str, lang: Lang, facts: Mapping[str, Any]) -> str:
    """Render a page of ours in one language."""
    other = "en" if lang == "zh" else "zh"
    query = {**request.query_params, "lang": other} if request.method == "GET" else {"lang": other}
    place = request.url.path if request.method == "GET" else "/"
    return _TEMPLATES.get_template(name).render(
        {
            "lang": lang,
            "say": partial(say, lang=lang),
            "other_place": f"{place}?{urlencode(query)}",
            **facts,
        }
    )


def _form(
    request: Request, service: Service, lang: Lang, given: Filled, fault: str = ""
) -> HTMLResponse:  # fmt: skip
    facts = {
        "post": given.post,
        "retweets": given.retweets,
        "fault": visible(fault),
        "notice": say("deleted", lang) if "deleted" in request.query_params else "",
        "most": MOST,
        "longest": POST,
        "days": service.settings.keep_days,
        "links": service.settings.links,
        "meanings": [(one.value, line(one.value, lang)) for one in Label],
    }
    page = shown_page(request, "form.html", lang, facts)
    return HTMLResponse(page, 422 if fault else 200, _FRESH)


@router.get("/")
def start(request: Request, service: Served) -> Response:
    """Show the form, on wish with the case that Drift exists for."""
    given = Filled("", "", "", b"")
    if "example" in request.query_params:
        given = assets.example()
    return _form(request, service, tongue(request), given)


@router.post("/checks")
async def ask(request: Request, service: Served) -> Response:
    """Take the form, and lead to the report's own address."""
    async with request.form(max_files=1, max_fields=8, max_part_size=1_000_000) as form:
        asked = form.get("lang")
        lang = tongue(request, asked if isinstance(asked, str) else None)
        given = await filled(form)
    return await run_in_threadpool(_asked, request, service, lang, given)


def _asked(request: Request, service: Service, lang: Lang, given: Filled) -> Response:
    try:
        if not service.settings.anonymous:
            raise FormError(say("fault_closed", lang))
        caller = visitor(request, service)
        want = wanted(given, lang, links=service.settings.links)
        admit(service, caller)
        spend(service, caller, want.post, want.retweets)
    except FormError as error:
        return _form(request, service, lang, given, str(error))
    except Problem as problem:
        told = say("fault_rate" if problem.status == 429 else "fault_busy", lang)
        answer = _form(request, service, lang, given, told)
        answer.status_code = problem.status
        answer.headers.update(problem.headers or {})
        return answer
    order = Order(caller.owner, want.post, want.retweets, None, want.faults)
    name = jobs.create(service.store, order)
    service.wake()
    return RedirectResponse(f"/reports/{name}?lang={lang}", 303)


def _job(service: Service, name: str) -> Job:
    found = jobs.get(service.store, name)
    if found is None:
        raise Problem(404, "no-report", "there is no such report")
    return found


@router.get("/reports/{job}")
def report(request: Request, service: Served, job: JobId) -> Response:
    """Show a report, whole or as far as it has come."""
    lang = tongue(request)
    found = _job(service, job)
    if found.state == "failed":
        return _message(request, lang, say("failed", lang), found.error or "", 200)
    facts = shows.facts(service.store, found, lang, dict(request.query_params))
    facts["downloads"] = [(form, say(f"download_{form}", lang)) for form in DOWNLOADS]
    facts["days"] = service.settings.keep_days
    return HTMLResponse(shown_page(request, "report.html", lang, facts), headers=_FRESH)


@router.get("/reports/{job}/events")
def events(service: Served, job: JobId) -> Response:
    """Stream a report's progress."""
    return open_stream(service, _job(service, job))


@router.get("/reports/{job}/download/{form}")
def download(request: Request, service: Served, job: JobId, form: str) -> Response:
    """Give a report as a file."""
    if form not in DOWNLOADS:
        raise Problem(404, "no-form", "there is no such form of a report")
    media = DOWNLOADS[form]
    whole = shows.report_of(service.store, _job(service, job))
    lang = tongue(request)
    text = claimreview.document(whole, lang) if form == "jsonld" else render(whole, form, lang)
    # A spreadsheet takes CSV for UTF-8 only with a mark in front.
    data = text.encode("utf-8-sig" if form == "csv" else "utf-8", "replace")
    headers = {"Content-Disposition": f'attachment; filename="drift-report.{form}"'}
    return Response(data, headers=headers, media_type=media)


@router.post("/reports/{job}/cancel")
async def cancel(request: Request, service: Served, job: JobId) -> Response:
    """Stop a report that is being made."""
    lang = await _sent_language(request)
    await run_in_threadpool(jobs.cancel, service.store, job)
    return RedirectResponse(f"/reports/{job}?lang={lang}", 303)


@router.post("/reports/{job}/delete")
async def delete(request: Request, service: Served, job: JobId) -> Response:
    """Delete a report; whoever knows its address may."""
    lang = await _sent_language(request)
    await run_in_threadpool(jobs.remove, service.store, job)
    return RedirectResponse(f"/?lang={lang}&deleted=1", 303)


async def _sent_language(request: Request) -> Lang:
    async with request.form(max_files=0, max_fields=4, max_part_size=1_000) as form:
        asked = form.get("lang")
    return tongue(request, asked if isinstance(asked, str) else None)


@router.get("/static/{name}")
def static(name: str) -> Response:
    """Give one of our few files; its address changes with what is in it."""
    found = assets.find(name)
    if found is None:
        raise Problem(404, "not-found", "there is no such file")
    data, media = found
    return Response(
        data, headers={"Cache-Control": "public, max-age=31536000, immutable"}, media_type=media
    )


def _message(
    request: Request, lang: Lang, heading: str, text: str, status: int
) -> HTMLResponse:  # fmt: skip
    facts = {"heading": heading, "shown_message": visible(text)}
    return HTMLResponse(shown_page(request, "message.html", lang, facts), status, _FRESH)


def fault_page(request: Request, status: int, detail: str) -> Response | None:
    """Show a fault as a page, where it is a browser that asks for one."""
    machine = request.url.path.startswith(("/v1/", "/healthz", "/readyz", "/metrics", "/openapi"))
    if machine or "text/html" not in request.headers.get("accept", ""):
        return None
    lang = tongue(request)
    if status in (404, 405, 422):
        return _message(request, lang, say("missing", lang), say("missing_hint", lang), status)
    return _message(request, lang, say("failed", lang), detail, status)
