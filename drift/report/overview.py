"""Renders what a batch adds up to as one self-contained page with plots; no script, no request."""

from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, Template
from markupsafe import Markup

from drift.catalogue import text as words
from drift.records import Label, Lang
from drift.report.html import environment, stylesheet
from drift.report.plots import (
    HEIGHT,
    SEVERITIES,
    SHARE_HEIGHT,
    STACK,
    WIDTH,
    interval,
    sparks,
    stacked,
    timeline,
    type_bar,
)
from drift.report.summary import Summary

LISTED = 20  # posts and authors that are shown


def page(summary: Summary, lang: Lang = "en") -> str:
    """Render the overview; its own words follow `lang`."""
    spread = [one for one in summary.distortions if one.rows > 1]
    types = [one for one in summary.types if one.rows]
    most = max((one.findings for one in types), default=1)
    return _template().render(
        lang=lang,
        summary=summary,
        whole=summary.whole,
        bar_blocks=stacked(summary.whole),
        timeline=timeline(summary.days),
        types=[(one, type_bar(one, most)) for one in types],
        distortions=spread,
        posts=[(one, stacked(one)) for one in summary.posts[:LISTED] if one.judged],
        authors=[(one, stacked(one)) for one in summary.authors[:LISTED] if one.judged],
    )


@cache
def _template() -> Template:
    made: Environment = environment(PackageLoader("drift", "report"))
    own = files("drift.report").joinpath("overview.css").read_text(encoding="utf-8")
    made.globals.update(
        css=Markup(stylesheet() + own),  # noqa: S704 -- ours
        kinds=STACK,
        severities=SEVERITIES,
        labels={verdict.value: verdict for verdict in Label},
        interval=interval,
        number=number,
        sparks=sparks,
        width=WIDTH,
        height=HEIGHT,
        share_height=SHARE_HEIGHT,
        told=told,
    )
    return made.get_template("overview.html")


def told(key: str, lang: Lang, **values: str | int) -> str:
    """Fill one text of the overview."""
    return words("overview", key, lang).format(**values)


def number(value: int) -> str:
    """Write a number with its thousands apart.

    >>> number(200000)
    '200,000'
    """
    return f"{value:,}"
