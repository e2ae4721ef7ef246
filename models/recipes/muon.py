"""Muon (Jordan et al. 2024) with one launch for all matrices of a shape.

`torch.optim.Muon` takes the matrices one by one, which on a GPU costs more than the rest of a step
of a small network; the arithmetic is the same.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor

_COEFFICIENTS = (3.4445, -4.7750, 2.0315)
_STEPS = 5


class Muon(torch.optim.Optimizer):  # type: ignore[misc]
    """Orthogonalised momentum, with steps of AdamW's usual size (Liu et al. 2025)."""

    def __init__(
        self, matrices: Iterable[Tensor], *, momentum: float = 0.95, decay: float = 0.0
    ) -> None:
        """Take the matrices; the learning rate is set in `param_groups` before each step."""
        super().__init__(matrices, {"lr": 1e-3, "momentum": momentum, "weight_decay": decay})

    def step(self, closure: Callable[[], float] | None = None) -> None:
        """Update every matrix that has a gradient; nothing here calls for a closure."""
        for group in self.param_groups:
            alike: dict[tuple[int, ...], list[Tensor]] = defaultdict(list)
            for weight in group["params"]:
                if weight.grad is not None:
                    alike[tuple(weight.shape)].append(weight)
            with torch.no_grad():
                for weights in alike.values():
                    self._update(weights, group)

    def _update(self, weights: list[Tensor], group: dict[str, Any]) -> None:
        gradients = [weight.grad for weight in weights]
        for weight, gradient in zip(weights, gradients, strict=True):
            if "momentum_buffer" not in self.state[weight]:
                self.state[weight]["momentum_buffer"] = torch.zeros_like(gradient)
        kept = [self.state[weight]["momentum_buffer"] for weight in weights]
        torch._foreach_lerp_(kept, gradients, 1 - group["momentum"])
        ahead = torch._foreach_lerp(gradients, kept, group["momentum"])
        turned = orthogonal(torch.stack(list(ahead)))
        rate = group["lr"] * 0.2 * max(weights[0].shape) ** 0.5
        if group["weight_decay"]:
            torch._foreach_mul_(weights, 1 - group["lr"] * group["weight_decay"])
        torch._foreach_add_(weights, list(turned.float().unbind()), alpha=-rate)


def orthogonal(stack: Tensor) -> Tensor:
    """Bring the singular values of each matrix near one, by Newton and Schulz' iteration."""
    first, second, third = _COEFFICIENTS
    turned = stack.bfloat16()
    tall = turned.shape[1] > turned.shape[2]
    if tall:
        turned = turned.mT
    turned = turned / turned.norm(dim=(1, 2), keepdim=True).clamp(min=1e-7)
    for _ in range(_STEPS):
        gram = turned @ turned.mT
        gram = torch.baddbmm(gram, gram, gram, beta=second, alpha=third)
        turned = torch.baddbmm(turned, gram, turned, beta=first)
    return turned.mT if tall else turned
