"""A small sum of regression trees (gradient boosting, Friedman 2001), read from a file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Trees:
    """Trees over named features; what a case lacks is 0.

    A node is [feature number, threshold, left, right] and goes left up to the threshold; a leaf is
    [value].
    """

    bias: float
    names: Sequence[str]
    trees: Sequence[Sequence[Sequence[float]]]

    def total(self, features: Mapping[str, float]) -> float:
        """Give the log-odds.

        >>> Trees(0.5, ["x"], [[[0, 1.0, 1, 2], [-1.0], [2.0]]]).total({"x": 3.0})
        2.5
        """
        values = [features.get(name, 0.0) for name in self.names]
        return self.bias + sum(_leaf(tree, values) for tree in self.trees)


def _leaf(tree: Sequence[Sequence[float]], values: Sequence[float]) -> float:
    node = tree[0]
    while len(node) > 1:
        feature, threshold, left, right = node
        node = tree[int(left if values[int(feature)] <= threshold else right)]
    return node[0]
