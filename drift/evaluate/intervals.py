"""How far a figure would move with other posts: a bootstrap over groups of cases."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping, Sequence
from math import isnan
from random import Random
from typing import TypeVar

T = TypeVar("T")
ROUNDS = 1000
_LEVEL = 0.95


def intervals(
    items: Sequence[T],
    group: Callable[[T], Hashable],
    measure: Callable[[Sequence[T]], Mapping[str, float]],
    rounds: int = ROUNDS,
) -> dict[str, tuple[float, float]]:
    """Give the 95 % percentile interval of every figure.

    Whole groups are drawn with replacement, as many as there are; what a draw leaves undefined is
    left out. The draws are the same in every run. With fewer than two groups there is no interval.
    """
    groups: dict[Hashable, list[T]] = defaultdict(list)
    for item in items:
        groups[group(item)].append(item)
    if len(groups) < 2:
        return {}
    chosen, pool = Random(1), list(groups.values())  # noqa: S311 -- a sample, not a secret
    seen: dict[str, list[float]] = defaultdict(list)
    for _ in range(rounds):
        drawn = [item for part in chosen.choices(pool, k=len(pool)) for item in part]
        for name, value in measure(drawn).items():
            if not isnan(value):
                seen[name].append(value)
    return {name: _between(sorted(values)) for name, values in seen.items()}


def _between(ordered: Sequence[float]) -> tuple[float, float]:
    """Cut the same share of the values off at both ends."""
    cut = int(len(ordered) * (1 - _LEVEL) / 2)
    return ordered[cut], ordered[-1 - cut]
