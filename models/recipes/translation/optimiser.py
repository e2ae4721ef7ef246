"""Updates full-precision weights from a network that computes in bfloat16."""

import copy
from typing import Any

import torch
from transformers import MarianMTModel

from models.recipes.muon import Muon
from models.recipes.translation import network

MUON_SHARE = 2.0
"""Muon's learning rate beside AdamW's; its steps are scaled to AdamW's usual size."""


class Optimiser:
    """Keeps the weights in full precision beside the network that works with short copies.

    Small steps would vanish if they were added to bfloat16 weights; matrices inside the network
    are updated by Muon, which learns more from each token than AdamW does; embeddings, biases and
    norms are updated by AdamW.
    """

    def __init__(self, model: MarianMTModel, device: str) -> None:
        """Wrap a full-precision model; training happens on a bfloat16 copy on the device."""
        self.full = model.to(device)
        self.short = copy.deepcopy(model).to(torch.bfloat16)
        self.short.train()
        self._pairs = [
            (full, short)
            for full, short in zip(self.full.parameters(), self.short.parameters(), strict=True)
            if full.requires_grad
        ]
        named = [(n, p) for n, p in self.full.named_parameters() if p.requires_grad]
        matrices = [p for n, p in named if p.ndim == 2 and "embed" not in n]
        others = [p for n, p in named if p.ndim != 2 or "embed" in n]
        self._adam = torch.optim.AdamW(others, betas=(0.9, 0.98), eps=1e-9, weight_decay=0.0)
        self._muon = Muon(matrices)

    def step(self, rate: float, clip: float) -> None:
        """Apply the gradients of the working copy."""
        for full, short in self._pairs:
            full.grad = None if short.grad is None else torch.empty_like(full)
        learnt = [pair for pair in self._pairs if pair[1].grad is not None]
        torch._foreach_copy_([full.grad for full, _ in learnt], [short.grad for _, short in learnt])
        for _, short in learnt:
            short.grad = None
        torch.nn.utils.clip_grad_norm_(self.full.parameters(), clip)
        for optimiser, share in ((self._adam, 1.0), (self._muon, MUON_SHARE)):
            for group in optimiser.param_groups:
                group["lr"] = rate * share
            optimiser.step()
            optimiser.zero_grad()
        network.zero_pads(self.full)
        self._shorten()

    def _shorten(self) -> None:
        with torch.no_grad():
            torch._foreach_copy_(
                [short for _, short in self._pairs], [full for full, _ in self._pairs]
            )

    def state(self) -> dict[str, Any]:
        """Give everything that `restore` needs."""
        return {
            "model": self.full.state_dict(),
            "adam": self._adam.state_dict(),
            "muon": self._muon.state_dict(),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go back to a state that was saved."""
        self.full.load_state_dict(state["model"])
        self._adam.load_state_dict(state["adam"])
        self._muon.load_state_dict(state["muon"])
        self._shorten()
