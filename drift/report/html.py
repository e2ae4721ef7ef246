"""Renders a report as one self-contained HTML page: no script, no request to anywhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from jinja2 import BaseLoader, Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from drift.catalogue import label
from drift.catalogue import text as words
from drift.explain import LIMIT, evidence, weight
from drift.records import Lang, Report, Severity, Span, Voice
from drift.report.advice import advice
from drift.report.layout import (
    Card,
    Mark,
    Run,
    cards,
    flag_names,
    headline,
    hot_sentences,
    maker,
    opening,
    runs,
    tally,
    unchanged,
)
from drift.report.marks import ICONS
from drift.visible import pieces, safe_link, visible

LANES = 12  # retweets drawn over the post; more would be a barcode
PAIRED = 12  # findings a card whose places light up together
GROWS = 20  # widths of the bar of verdicts
SCALE = 1000  # width of the drawings in their own units
SHORT_POST = 6000  # a post up to this length is shown unfolded


@dataclass(frozen=True, slots=True)
class Bar:
    """A mark on a drawing, in units of `SCALE`."""

    x: float
    width: float
    severity: str
    number: int


@dataclass(frozen=True, slots=True)
class Lane:
    """The places of the post that one retweet changes."""

    card: int
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Ribbon:
    """A claim tied to a piece of the post, both in units of `SCALE`."""

    top: tuple[float, float]
    bottom: tuple[float, float]
    severity: str


def page(report: Report, lang: Lang = "en") -> str:
    """Render the page; its own words follow `lang`, explanations come in both languages."""
    return _template().render(contents(report, lang, cards(report)))


def contents(report: Report, lang: Lang, shown: Sequence[Card]) -> dict[str, object]:
    """Collect what `page.html` shows of a report, with the cards chosen."""
    made, rough = maker(report.signature)
    return {
        "lang": lang,
        "report": report,
        "post": report.post,
        "cards": shown,
        "headline": headline(report, lang),
        "lead": opening(report.post.text),
        "tally": tally(report),
        "hot": hot_sentences(report) if len(report.verdicts) > 1 else (),
        "lanes": _lanes(report),
        "ruler": _ruler(report.post.text),
        "maker": made,
        "rough": rough,
        "whole": _whole(report),
        "unfolded": len(report.post.text) <= SHORT_POST,
    }


@cache
def stylesheet() -> str:
    """Give the style sheet, with the rules that light up what belongs together."""
    rules = files("drift.report").joinpath("page.css").read_text(encoding="utf-8")
    for n in range(1, PAIRED + 1):
        lit = ", ".join(f".f{n}:{state}" for state in ("hover", "focus", "target"))
        rules += f".card:has({lit}) .f{n} {{ background: var(--lit); }}\n"
    # Widths as classes: a page with a strict policy takes no style attributes.
    return rules + "".join(f".grow{n} {{ flex-grow: {n}; }}\n" for n in range(1, GROWS + 1))


def environment(loader: BaseLoader) -> Environment:
    """Prepare what `page.html` needs; everything put into it is escaped, our style sheet apart."""
    made = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        loader=loader,
    )
    made.globals.update(
        advice=advice,
        css=Markup(stylesheet()),  # noqa: S704 -- ours
        flag_names=flag_names,
        grows=GROWS,
        icons=ICONS,
        judged=(Voice.CLAIM, Voice.QUOTE),
        label=label,
        limit=LIMIT,
        link=safe_link,
        pieces=pieces,
        ribbons=_ribbons,
        scale=SCALE,
        unchanged=unchanged,
        visible=visible,
        weight=weight,
        words=words,
    )
    return made


@cache
def _template() -> Template:
    """Prepare the page once."""
    return environment(PackageLoader("drift", "report")).get_template("page.html")


def _bar(span: Span, length: int, severity: Severity, number: int) -> Bar:
    """Place a span on a drawing, wide enough to be seen."""
    width = max((span.end - span.start) / length * SCALE, 6.0)
    start = min(span.start / length * SCALE, SCALE - width)
    return Bar(round(start, 1), round(width, 1), severity.value, number)


def _lanes(report: Report) -> tuple[Lane, ...]:
    """Draw where in the post each retweet departs from it, the most doubtful retweets first."""
    length = max(len(report.post.text), 1)
    found = []
    for number, verdict in enumerate(report.verdicts, 1):
        bars = tuple(
            _bar(place, length, finding.severity, number)
            for finding in verdict.findings
            if (place := evidence(finding, verdict.claims))
        )
        if bars:
            found.append((verdict.score, Lane(number, bars)))
    worst = sorted(found, key=lambda item: -item[0])[:LANES]
    return tuple(sorted((lane for _, lane in worst), key=lambda lane: lane.card))


def _ruler(text: str) -> tuple[tuple[float, float], ...]:
    """Draw the paragraphs of the post as stretches of a line."""
    length = max(len(text), 1)
    drawn, start = [], 0
    for paragraph in text.split("\n"):
        end = start + len(paragraph)
        if paragraph.strip():
            width = (end - start) / length * SCALE
            drawn.append((round(start / length * SCALE, 1), round(width, 1)))
        start = end + 1
    return tuple(drawn)


def _ribbons(card: Card, post_length: int) -> tuple[Ribbon, ...]:
    """Tie the claims of a retweet to the pieces of the post that they rest on."""
    retweet_length = max(len(card.verdict.retweet.text), 1)
    post_length = max(post_length, 1)
    return tuple(
        Ribbon(
            _share(claim.span, retweet_length),
            _share(piece.span, post_length),
            _worst(card, claim.span),
        )
        for claim in card.verdict.claims
        for piece in claim.aligned
    )


def _share(span: Span, length: int) -> tuple[float, float]:
    start, end = span.start / length * SCALE, span.end / length * SCALE
    return round(start, 1), round(max(end, start + 4), 1)


def _worst(card: Card, span: Span) -> str:
    """Give the gravest severity of what is found on a claim, or nothing."""
    found = [
        finding.severity
        for finding in card.verdict.findings
        if finding.retweet_span and finding.retweet_span.touches(span)
    ]
    return max(found, key=list(Severity).index).value if found else "none"


def _whole(report: Report) -> Sequence[Run]:
    """Mark the whole post with the numbers of the retweets that change it."""
    text = report.post.text
    marks = [
        Mark(number, finding.post_span, finding.severity)
        for number, verdict in enumerate(report.verdicts, 1)
        for finding in verdict.findings
        if finding.post_span
    ]
    return runs(text, Span(0, len(text)), marks) if text else ()
