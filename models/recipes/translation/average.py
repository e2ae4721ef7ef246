"""Averages the weights of several snapshots into one set, which translates better than each."""

from pathlib import Path

import torch


def snapshots(folder: Path) -> list[Path]:
    """List the snapshots of a training, oldest first."""
    return sorted((folder / "snapshots").glob("step-*.pt"))


def average(paths: list[Path]) -> dict[str, torch.Tensor]:
    """Give the mean of the weights in several files."""
    total: dict[str, torch.Tensor] = {}
    for path in paths:
        weights = torch.load(path, map_location="cpu", weights_only=True)
        for name, tensor in weights.items():
            value = tensor.double()
            total[name] = total[name] + value if name in total else value
    return {name: (tensor / len(paths)).float() for name, tensor in total.items()}
