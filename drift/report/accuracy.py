"""Renders how right Drift was on labelled cases as one page with plots; no script, no request.

It is for those who work on Drift, and in English only.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from jinja2 import PackageLoader, Template
from markupsafe import Markup

from drift.report.charts import HEIGHT, WIDTH, Plot
from drift.report.html import environment, stylesheet


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of merit between 0 and 1, with the range that other posts would move it in."""

    name: str
    value: float
    ends: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class TypeRow:
    """What was found of one finding type."""

    name: str
    hits: int
    false: int
    missed: int
    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, slots=True)
class Accuracy:
    """What the page shows."""

    title: str
    facts: tuple[str, ...]
    figures: tuple[Figure, ...]
    plots: tuple[Plot, ...]
    types: tuple[TypeRow, ...]
    confusion: Mapping[tuple[str, str], int]  # the annotator's verdict, Drift's
    verdicts: tuple[str, ...]
    given: tuple[str, ...]  # the same, and what Drift says besides
    signature: str


def page(accuracy: Accuracy) -> str:
    """Render the page."""
    return _template().render(accuracy=accuracy)


@cache
def _template() -> Template:
    made = environment(PackageLoader("drift", "report"))
    own = "".join(
        files("drift.report").joinpath(name).read_text(encoding="utf-8")
        for name in ("overview.css", "accuracy.css")
    )
    made.globals.update(
        css=Markup(stylesheet() + own),  # noqa: S704 -- ours
        width=WIDTH,
        height=HEIGHT,
    )
    return made.get_template("accuracy.html")
