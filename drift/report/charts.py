"""Plots with two axes: lines, dots with their ranges, stacked columns; drawn by `accuracy.html`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from drift.report.plots import STACK, Block, divided, path, round_up

WIDTH, HEIGHT = 420, 300  # of a plot, in its own units
_QUARTERS = 4
_GAP = 1.0  # between columns


@dataclass(frozen=True, slots=True)
class Line:
    """A curve; x is a share, y a share or a count, as the plot says."""

    kind: str  # main, second, guide: how it is drawn
    name: str
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Dot:
    """A point with what it says, and the range that it may lie in."""

    kind: str
    x: float
    y: float
    note: str
    ends: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Plot:
    """A plot; everything in it is given in the units of its axes."""

    title: str
    note: str
    axes: tuple[str, str]
    top: int  # of the y axis: per cent, or a count
    counts: bool = False
    lines: tuple[Line, ...] = ()
    dots: tuple[Dot, ...] = ()
    blocks: tuple[Block, ...] = ()

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of its columns, from the axis outwards."""
        present = {block.kind for block in self.blocks}
        return tuple(kind for kind in STACK if kind in present)

    @property
    def ticks(self) -> tuple[tuple[float, str], ...]:
        """Heights of the lines across, with what stands beside them."""
        sign = "" if self.counts else " %"
        return tuple((height, f"{value:,}{sign}") for height, value in divided(self.top, HEIGHT))

    @property
    def marks(self) -> tuple[tuple[float, str], ...]:
        """Places along the x axis, which always runs from 0 to 1."""
        return tuple(
            (self.across(part / _QUARTERS), f"{part / _QUARTERS:g}")
            for part in range(_QUARTERS + 1)
        )

    def across(self, x: float) -> float:
        """Give the place of a value on the x axis."""
        return round(x * WIDTH, 1)

    def up(self, y: float) -> float:
        """Give the height of a value on the y axis."""
        share = y / self.top if self.counts else y * 100 / self.top
        return round(HEIGHT * (1 - min(1.0, share)), 1)

    def trace(self, line: Line) -> str:
        """Give the path of a line."""
        return path([(self.across(x), self.up(y)) for x, y in line.points])


def columns(counts: Sequence[Mapping[str, int]]) -> tuple[int, tuple[Block, ...]]:
    """Stack counts by kind, a column each; give the top of the axis and the columns."""
    top = round_up(max(1, *(sum(each.values()) for each in counts)))
    step = WIDTH / len(counts)
    blocks = []
    for place, each in enumerate(counts):
        y = float(HEIGHT)
        for kind in STACK:
            height = each.get(kind, 0) / top * HEIGHT
            y -= height
            if height:
                blocks.append(
                    Block(kind, round(place * step + _GAP / 2, 2), round(y, 2),
                          round(step - _GAP, 2), round(height, 2))
                )  # fmt: skip
    return top, tuple(blocks)
