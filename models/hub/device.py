"""Chooses where models run, and in which arithmetic."""

import os
from functools import cache
from typing import Any

from drift.errors import BackendError

VARIABLE = "DRIFT_DEVICE"  # auto (default), cpu or cuda
_BFLOAT16 = 8  # compute capability from which NVIDIA chips have it


def chosen() -> str:
    """Read what was asked for; raises `BackendError` for what is no device."""
    named = os.environ.get(VARIABLE, "auto").strip().lower() or "auto"
    if named not in {"auto", "cpu", "cuda"}:
        raise BackendError(f"{VARIABLE} is {named!r}; write auto, cpu or cuda")
    return named


@cache
def _cuda_here() -> bool:
    import ctranslate2

    return int(ctranslate2.get_cuda_device_count()) > 0


def on_cuda() -> bool:
    """Tell whether translators run on a GPU."""
    named = chosen()
    if named == "cpu":
        return False
    if named == "cuda" and not _cuda_here():
        raise BackendError(f"{VARIABLE} is cuda, but there is no GPU here")
    return _cuda_here()


@cache
def torch_place(named: str) -> tuple[Any, Any]:
    """Give PyTorch's device and number type.

    bfloat16 halves memory and time on a GPU that has it, and on processors with units of their own
    for it; elsewhere it is slower than float32, so it is not used there.
    """
    import torch

    if named != "cpu" and torch.cuda.is_available():
        major = torch.cuda.get_device_capability()[0]
        return torch.device("cuda"), torch.bfloat16 if major >= _BFLOAT16 else torch.float16
    if named == "cuda":
        raise BackendError(f"{VARIABLE} is cuda, but PyTorch sees no GPU here")
    return torch.device("cpu"), torch.bfloat16 if _tiles(torch) else torch.float32


def _tiles(torch: Any) -> bool:  # noqa: ANN401 -- a module
    """Tell whether the processor multiplies bfloat16 in units of its own (AMX)."""
    asked = getattr(getattr(torch, "cpu", None), "_is_amx_tile_supported", None)
    return bool(asked and asked())
