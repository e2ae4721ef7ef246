"""Lays out the plots of a batch's overview: what is how large, and where it stands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import sqrt

from drift.records import Severity
from drift.report.summary import Distortion, Tally, TypeTally

# From the axis outwards: what is wrong lies on the line, where heights can be compared.
STACK = (*("misrepresents", "drifted", "uncertain", "faithful", "unrelated"), "error")
SEVERITIES = tuple(severity.value for severity in reversed(Severity))
WIDTH, HEIGHT, SHARE_HEIGHT = 960, 240, 120  # of the plots over time, in their own units
MANY_DAYS, MANY_WEEKS, MANY_MONTHS = 62, 70, 120  # bins beyond which the next larger ones are used
MANY_YEARS, MOST_YEARS = 3, 100  # a span that is looked at for outliers, and the longest drawn
_OUTLIERS = 0.01  # of the rows, at most, that are taken for wrongly dated
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
    hidden: int  # rows whose date lies far from all others


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


def type_bar(one: TypeTally, most: int) -> tuple[Block, ...]:
    """Draw the findings of one type by severity, the bar of the commonest type being full."""
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
    near = _without_outliers(days)
    unit, bins = binned(near)
    if len(bins) < 2:
        return None
    top = round_up(max(bin_.rows for bin_ in bins))
    step = WIDTH / len(bins)
    shares = [_share(bin_) for bin_ in bins]
    most = max((high for share, _, high in shares if share is not None), default=1.0)
    ceiling = min(100, round_up(round(most * 100))) or 1
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
        counts=divided(top, HEIGHT),
        shares=divided(ceiling, SHARE_HEIGHT),
        line=path([(column.middle, column.share or 0.0) for column in known]),
        band=path([*((column.middle, column.high) for column in known), *back]) + "Z",
        labels=tuple((column.middle, column.bin.name) for column in columns[::every]),
        hidden=sum(day.rows for day in days) - sum(day.rows for day in near),
    )


def _without_outliers(days: Sequence[Tally]) -> Sequence[Tally]:
    """Drop what lies before or after nearly everything, where it would squeeze the rest.

    One date of 1970, and a month of tweets would be a single column.
    """
    days = sorted(days, key=lambda day: day.key)
    budget = _OUTLIERS * sum(day.rows for day in days)
    while len(days) > 2 and _years(days) > MANY_YEARS:
        end = 0 if _gap(days[0], days[1]) >= _gap(days[-2], days[-1]) else -1
        budget -= days[end].rows
        if budget < 0:
            break
        days.pop(end)
    while _years(days) > MOST_YEARS:
        days.pop(0)
    return days


def _years(days: Sequence[Tally]) -> float:
    return _gap(days[0], days[-1]) / 365 if days else 0.0


def _gap(one: Tally, other: Tally) -> int:
    return (date.fromisoformat(other.key) - date.fromisoformat(one.key)).days


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


def round_up(value: int) -> int:
    """Give the round number that is not below a value.

    >>> [round_up(value) for value in (1, 7, 13, 42, 171)]
    [1, 10, 20, 50, 200]
    """
    scale = 1
    while True:
        for step in _STEPS:
            if value <= step * scale:
                return step * scale
        scale *= 10


def divided(top: int, height: int) -> tuple[tuple[float, int], ...]:
    """Divide an axis at whole numbers."""
    pieces = next((count for count in (4, 5, 2) if top % count == 0), 1)
    return tuple(
        (round(height * (1 - part / pieces), 1), top * part // pieces) for part in range(pieces + 1)
    )


def path(points: Sequence[tuple[float, float]]) -> str:
    """Write straight lines from point to point as the path of a drawing."""
    return "".join(f"{'L' if i else 'M'}{x:g} {y:g}" for i, (x, y) in enumerate(points))
