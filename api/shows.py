"""What the page of a report shows: which cards, in which order, with which controls."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from api.judging import verdict_of
from api.store import jobs
from api.store.engine import Store
from api.store.jobs import Item, Job
from api.words import say
from drift.catalogue import label
from drift.records import Label, Lang, Report, Severity, Verdict
from drift.report.html import contents
from drift.report.layout import card

PAGE = 50  # cards of one page
MOST = 5_000
_GRAVITY = list(Severity)
Numbered = tuple[int, Verdict]
_TYPES = (
    "conditional", "certainty", "polarity", "quantity", "entity", "role", "attribution", "cause",
    "intensity", "aspect", "quantifier", "addition", "omission", "stance",
)  # fmt: skip
_ORDERS: dict[str, Callable[[Numbered], Any]] = {
    "": lambda one: one[0],
    "risk": lambda one: (-one[1].score, one[0]),
    "severity": lambda one: (-_gravest(one[1]), -one[1].score),
}


def report_of(store: Store, job: Job) -> Report:
    """Put a stored report together again, of all that is judged."""
    return _report(job, jobs.page(store, job.id, 0, MOST))


def _report(job: Job, items: Sequence[Item]) -> Report:
    verdicts = tuple(verdict_of(one.judged, one.retweet) for one in items if one.judged)
    return Report(job.post, verdicts, job.signature or "")


def facts(store: Store, job: Job, lang: Lang, query: Mapping[str, str]) -> dict[str, Any]:
    """Collect what the page shows, as far as the job has come."""
    items = jobs.page(store, job.id, 0, MOST)
    report = _report(job, items)
    chosen = {name: query.get(name, "") for name in ("verdict", "type", "severity", "sort")}
    numbered = sorted(enumerate(report.verdicts, 1), key=_ORDERS.get(chosen["sort"], _ORDERS[""]))
    fitting = [one for one in numbered if _fits(one[1], chosen)]
    whole = len(numbered) <= PAGE
    start = 0 if whole else _start(query, len(fitting))
    here = numbered if whole else fitting[start : start + PAGE]
    cards = [card(number, verdict, report.post) for number, verdict in here]
    shown = contents(report, lang, cards)
    if not job.over:
        shown["headline"] = say("working", lang)
    if not report.post.text:  # its link is being fetched
        shown["whole"] = ()
    place = f"/reports/{job.id}"
    return {
        **shown,
        "job": job,
        "open": not job.over,
        "choices": _choices(lang),
        "chosen": chosen,
        "matching": len(fitting),
        "total": len(numbered),
        "whole_here": whole,
        "put_away": {number for number, verdict in here if not _fits(verdict, chosen)},
        "unjudged": [
            (one.place + 1, one.judged.row["error"])
            for one in items
            if one.judged and one.judged.aside is None
        ],
        "page_size": PAGE,
        "before": _link(place, query, start - PAGE) if start > 0 else "",
        "after": _link(place, query, start + PAGE) if start + PAGE < len(fitting) else "",
    }


def _fits(verdict: Verdict, chosen: Mapping[str, str]) -> bool:
    least = chosen["severity"]
    return (
        chosen["verdict"] in ("", verdict.label.value)
        and (not chosen["type"] or any(one.type == chosen["type"] for one in verdict.findings))
        and (least not in _GRAVITY or _gravest(verdict) >= _GRAVITY.index(Severity(least)))
    )


def _gravest(verdict: Verdict) -> int:
    return max((_GRAVITY.index(one.severity) for one in verdict.findings), default=-1)


def _start(query: Mapping[str, str], total: int) -> int:
    given = query.get("from", "")
    start = int(given) if given.isdecimal() and len(given) < 6 else 0
    return min(start, max(total - 1, 0)) // PAGE * PAGE


def _link(place: str, query: Mapping[str, str], start: int) -> str:
    return f"{place}?{urlencode({**query, 'from': str(max(start, 0))})}"


def _choices(lang: Lang) -> list[tuple[str, list[tuple[str, str]]]]:
    """Give the controls: each with its values and their names."""
    every = [("", say("any", lang))]
    kinds = {
        "verdict": ("verdict", [one.value for one in Label]),
        "type": ("type", _TYPES),
        "severity": ("severity", [one.value for one in Severity]),
    }
    made = [
        (name, every + [(value, label(kind, value, lang)) for value in values])
        for name, (kind, values) in kinds.items()
    ]
    orders = [("" if one == "given" else one, say(f"sort_{one}", lang))
              for one in ("given", "risk", "severity")]  # fmt: skip
    return [*made, ("sort", orders)]
