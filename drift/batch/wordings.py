"""Brings together the wordings of one distortion that differ in a few signs."""

from collections.abc import Iterable

from drift.normalise import normalise
from drift.report.summary import Cluster

# A copy with a word changed, added or cut shares most of its pairs of signs with the original;
# two independent renderings of one sentence share a third at most (read off the training cases).
ALIKE = 0.45
CLUSTERS = 24  # of one distortion; what is unlike all of them stays uncounted among them


def clusters(wordings: Iterable[tuple[str, int]]) -> tuple[Cluster, ...]:
    """Group wordings, given with their counts from the commonest down, around the commonest.

    >>> told = [("市长已经辞职", 5), ("市长已经辞职了", 2), ("要求退还票款", 1)]
    >>> [cluster.rows for cluster in clusters(told)]
    [7, 1]
    """
    leaders: list[tuple[frozenset[str], list[tuple[str, int]]]] = []
    for text, count in wordings:
        signs = _pairs(text)
        best = max(leaders, key=lambda leader: _likeness(signs, leader[0]), default=None)
        if best and _likeness(signs, best[0]) >= ALIKE:
            best[1].append((text, count))
        elif len(leaders) < CLUSTERS:
            leaders.append((signs, [(text, count)]))
    found = [Cluster(sum(count for _, count in held), tuple(held)) for _, held in leaders]
    return tuple(sorted(found, key=lambda cluster: (-cluster.rows, cluster.wordings[0][0])))


def _pairs(text: str) -> frozenset[str]:
    signs = "".join(sign for sign in normalise(text).text.lower() if sign.isalnum())
    return frozenset(signs[i : i + 2] for i in range(max(1, len(signs) - 1)))


def _likeness(one: frozenset[str], other: frozenset[str]) -> float:
    together = len(one | other)
    return len(one & other) / together if together else 1.0
