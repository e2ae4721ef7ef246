"""Renders what a batch adds up to as one self-contained page with plots; no script, no request."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from math import sqrt

from jinja2 import Environment, PackageLoader, Template
from markupsafe import Markup

from drift.catalogue import text as words
from drift.records import Label, Lang, Severity
from drift.report.html import environment, stylesheet
from drift.report.summary import Distortion, Summary, Tally, TypeTally

# From the axis outwards: what is wrong lies on the line, where heights can be compared.
STACK = (*("misrepresents", "drifted", "uncertain", "faithful", "unrelated"), "error")
SEVERITIES = tuple(severity.value for severity in reversed(Severity))
WIDTH, HEIGHT, SHARE_HEIGHT = 960, 240, 120  # of the plots over time, in their own units
LISTED = 20  # posts and authors that are shown
MANY_DAYS, MANY_WEEKS, MANY_MONTHS = 62, 70, 120  # bins beyond which the next larger ones are used
_Z = 1.96  # of a 95 % interval
_STEPS = (1, 2, 5)


@dataclass(frozen=True, slots=True)
class Bin:
    """A stretch of time with what was judged in it."""

    start: date
    name: str
    verdicts: Mapping[str, int]

    @property
    def rows(self) -> int:
        """How many rows fall into it."""
        return sum(self.verdicts.values())


@dataclass(frozen=True, slots=True)
class Block:
    """A rectangle of a plot."""

    kind: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Column:
    """A bin as it is drawn: its stack, and the share that misrepresents with its interval."""

    bin: Bin
    blocks: tuple[Block, ...]
    middle: float
    share: float | None
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Timeline:
    """The two plots over time."""

    columns: tuple[Column, ...]
    unit: str  # day, week, month, year
    counts: tuple[tuple[float, int], ...]  # lines of the upper plot: height, number
    shares: tuple[tuple[float, int], ...]  # lines of the lower plot: height, per cent
    line: str  # paths of the lower plot
    band: str
    labels: tuple[tuple[float, str], ...]


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
        types=[(one, _type_bar(one, most)) for one in types],
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


def interval(tally: Tally) -> tuple[float, float]:
    """Give the 95 % interval (Wilson's) of the share that misrepresents.

    >>> [round(end, 2) for end in wilson(0, 10)]
    [0.0, 0.28]
    """
    return wilson(tally.verdicts["misrepresents"], tally.judged)


def wilson(hits: int, of: int) -> tuple[float, float]:
    """Give the 95 % interval of a share; it is wide where there is little to go by."""
    if not of:
        return 0.0, 1.0
    share, square = hits / of, _Z * _Z
    centre = share + square / (2 * of)
    spread = _Z * sqrt(share * (1 - share) / of + square / (4 * of * of))
    low, high = (centre - spread) / (1 + square / of), (centre + spread) / (1 + square / of)
    return max(0.0, low), min(1.0, high)


def stacked(tally: Tally, width: float = 100.0) -> tuple[Block, ...]:
    """Draw the verdicts of one tally as a bar."""
    x, blocks = 0.0, []
    for kind in STACK:
        share = tally.verdicts[kind] / max(1, tally.rows) * width
        if share:
            blocks.append(Block(kind, round(x, 3), 0, round(share, 3), 1))
        x += share
    return tuple(blocks)


def _type_bar(one: TypeTally, most: int) -> tuple[Block, ...]:
    x, blocks = 0.0, []
    for severity in SEVERITIES:
        share = getattr(one, severity) / most * 100
        if share:
            blocks.append(Block(severity, round(x, 3), 0, round(share, 3), 1))
        x += share
    return tuple(blocks)


def sparks(one: Distortion) -> tuple[Block, ...]:
    """Draw how one distortion spread, a stroke a bin of time, in a box of 100 by 20."""
    tallies = [Tally(day, rows, {"misrepresents": rows}, None) for day, rows in one.days]
    _, bins = binned(tallies)
    if len(bins) < 2:
        return ()
    highest, step = max(bin_.rows for bin_ in bins), 100 / len(bins)
    blocks = []
    for place, bin_ in enumerate(bins):
        if bin_.rows:
            height = max(1.5, bin_.rows / highest * 20)
            blocks.append(
                Block("misrepresents", round(place * step, 2), round(20 - height, 2),
                      round(step * 0.8, 2), round(height, 2))
            )  # fmt: skip
    return tuple(blocks)


def binned(days: Sequence[Tally]) -> tuple[str, list[Bin]]:
    """Bring days into bins of one length, empty ones too, few enough to be seen."""
    counted = {date.fromisoformat(day.key): day.verdicts for day in days}
    if not counted:
        return "day", []
    first, last = min(counted), max(counted)
    span = (last - first).days + 1
    unit = "day"
    for limit, days_a_bin, larger in ((MANY_DAYS, 1, "week"), (MANY_WEEKS, 7, "month"),
                                      (MANY_MONTHS, 30, "year")):  # fmt: skip
        if span / days_a_bin > limit:
            unit = larger
    starts, at = [], _start(first, unit)
    while at <= last:
        starts.append(at)
        at = _next(at, unit)
    sums: dict[date, dict[str, int]] = {start: {} for start in starts}
    for day, verdicts in counted.items():
        held = sums[_start(day, unit)]
        for kind, count in verdicts.items():
            held[kind] = held.get(kind, 0) + count
    return unit, [Bin(start, _name(start, unit), sums[start]) for start in starts]


def _start(day: date, unit: str) -> date:
    if unit == "week":
        return day - timedelta(days=day.weekday()) if day.toordinal() > day.weekday() else day
    if unit == "month":
        return day.replace(day=1)
    return day.replace(month=1, day=1) if unit == "year" else day


def _next(day: date, unit: str) -> date:
    step = {"day": 1, "week": 7, "month": 32, "year": 370}[unit]
    return _start(day + timedelta(days=step), unit)


def _name(day: date, unit: str) -> str:
    return {"month": f"{day:%Y-%m}", "year": f"{day:%Y}"}.get(unit, day.isoformat())


def timeline(days: Sequence[Tally]) -> Timeline | None:
    """Lay out the plots over time; none where fewer than two days are known."""
    unit, bins = binned(days)
    if len(bins) < 2:
        return None
    top = _ceiling(max(bin_.rows for bin_ in bins))
    step = WIDTH / len(bins)
    shares = [_share(bin_) for bin_ in bins]
    most = max((high for share, _, high in shares if share is not None), default=1.0)
    ceiling = min(100, _ceiling(round(most * 100))) or 1
    columns = []
    for place, (bin_, (share, low, high)) in enumerate(zip(bins, shares, strict=True)):
        heights = [_height(value, ceiling) for value in (share or 0.0, low, high)]
        columns.append(
            Column(bin_, _blocks(bin_, place * step, step, top), round((place + 0.5) * step, 1),
                   None if share is None else heights[0], heights[1], heights[2])
        )  # fmt: skip
    known = [column for column in columns if column.share is not None]
    back = reversed([(column.middle, column.low) for column in known])
    every = max(1, round(len(bins) / 8))
    return Timeline(
        columns=tuple(columns),
        unit=unit,
        counts=_lines(top, HEIGHT),
        shares=_lines(ceiling, SHARE_HEIGHT),
        line=_path([(column.middle, column.share or 0.0) for column in known]),
        band=_path([*((column.middle, column.high) for column in known), *back]) + "Z",
        labels=tuple((column.middle, column.bin.name) for column in columns[::every]),
    )


def _share(bin_: Bin) -> tuple[float | None, float, float]:
    judged = bin_.rows - bin_.verdicts.get("error", 0)
    if not judged:
        return None, 0.0, 0.0
    hits = bin_.verdicts.get("misrepresents", 0)
    return (hits / judged, *wilson(hits, judged))


def _height(share: float, ceiling: int) -> float:
    return round(SHARE_HEIGHT * (1 - share * 100 / ceiling), 1)


def _blocks(bin_: Bin, x: float, step: float, top: int) -> tuple[Block, ...]:
    y, blocks = float(HEIGHT), []
    gap = min(2.0, step * 0.15)
    for kind in STACK:
        height = bin_.verdicts.get(kind, 0) / top * HEIGHT
        y -= height
        if height:
            blocks.append(
                Block(kind, round(x + gap / 2, 2), round(y, 2), round(step - gap, 2),
                      round(height, 2))
            )  # fmt: skip
    return tuple(blocks)


def _ceiling(value: int) -> int:
    """Give the round number that is not below a value.

    >>> [_ceiling(value) for value in (1, 7, 13, 42, 171)]
    [1, 10, 20, 50, 200]
    """
    scale = 1
    while True:
        for step in _STEPS:
            if value <= step * scale:
                return step * scale
        scale *= 10


def _lines(top: int, height: int) -> tuple[tuple[float, int], ...]:
    """Divide an axis at whole numbers."""
    pieces = next((count for count in (4, 5, 2) if top % count == 0), 1)
    return tuple(
        (round(height * (1 - part / pieces), 1), top * part // pieces) for part in range(pieces + 1)
    )


def _path(points: Sequence[tuple[float, float]]) -> str:
    return "".join(f"{'L' if i else 'M'}{x:g} {y:g}" for i, (x, y) in enumerate(points))
