"""Says how far a long run is, how fast it goes and how long it will take."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_EVERY = 30.0  # seconds between two lines where there is no terminal


class Pace:
    """Counts rows; the rate is that of the rows judged now, not of those found judged."""

    def __init__(self, expected: int | None, bar: Any = None) -> None:  # noqa: ANN401 -- rich's
        """Begin to count towards so many rows, where that is known."""
        self._expected = expected
        self._bar = bar
        self._began = self._told = time.monotonic()
        self._seen = self._judged = 0

    def found(self, rows: int) -> None:
        """Count rows that were judged before."""
        self._seen += rows

    def judged(self, rows: int) -> None:
        """Count rows that were judged now, and say so from time to time."""
        self._seen += rows
        self._judged += rows
        if self._bar:
            # The count that was expected is an estimate until the end.
            total = self._expected and max(self._expected, self._seen)
            self._bar.update(
                self._bar.task_ids[0], completed=self._seen, total=total, told=self._line()
            )
        elif time.monotonic() - self._told >= _EVERY:
            self._told = time.monotonic()
            sys.stderr.write(f"judging: {self._line()}\n")

    def _line(self) -> str:
        rate = self._judged / max(time.monotonic() - self._began, 1e-9)
        of = f" of about {self._expected:,}" if self._expected else ""
        told = f"{self._seen:,}{of} rows, {rate:,.0f}/s"
        left = max(0, (self._expected or 0) - self._seen)
        return f"{told}, about {_span(left / rate)} left" if left and rate > 0 else told


@contextmanager
def pace(expected: int | None) -> Iterator[Pace]:
    """Show a bar on a terminal; elsewhere a line now and then."""
    if not sys.stderr.isatty():
        yield Pace(expected)
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    columns = (TextColumn("judging"), BarColumn(), TextColumn("{task.fields[told]}"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        bar.add_task("judging", total=expected, told="")
        yield Pace(expected, bar)


def _span(seconds: float) -> str:
    """Write a length of time as people say it.

    >>> _span(42), _span(600), _span(9000)
    ('42 s', '10 min', '2.5 h')
    """
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
