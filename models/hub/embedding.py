"""Places texts of both languages in one space, with a sentence encoder of the hub."""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from drift.errors import BackendError
from models.hub.encoders import Encoder, read_json
from models.hub.store import Installed, check

_REMEMBERED = 4096  # texts; the sentences of a post come back with each of its retweets


class Space:
    """A loaded encoder with its way of making one vector of a text."""

    def __init__(self, folder: Path, prefix: str) -> None:
        self._encoder = Encoder(folder, classifies=False)
        self._prefix = prefix
        pooling = read_json(folder / "1_Pooling.json")
        self._first = bool(pooling.get("pooling_mode_cls_token"))
        others = {"pooling_mode_cls_token", "pooling_mode_mean_tokens"}
        if any(on is True and name.startswith("pooling_mode") and name not in others
               for name, on in pooling.items()):  # fmt: skip
            raise BackendError(f"{folder.name} pools in a way that is not known here")
        self._dense = _dense(folder, self._encoder.device)

    def vectors(self, texts: Sequence[str]) -> Any:  # noqa: ANN401 -- a tensor
        """Give a row of length one for each text, in 32-bit numbers on the processor."""
        import torch

        rows: list[Any] = [None] * len(texts)
        for numbers, given, mask in self._encoder.run([self._prefix + text for text in texts]):
            pooled = self._pooled(given.last_hidden_state.float(), mask)
            if self._dense is not None:
                weight, bias = self._dense
                pooled = torch.tanh(torch.nn.functional.linear(pooled, weight, bias))
            unit = torch.nn.functional.normalize(pooled, dim=-1).cpu()
            for number, row in zip(numbers, unit, strict=True):
                rows[number] = row
        return torch.stack(rows)

    def _pooled(self, hidden: Any, mask: Any) -> Any:  # noqa: ANN401 -- tensors
        if self._first:
            return hidden[:, 0]
        weights = mask.unsqueeze(-1).to(hidden.dtype)
        return (hidden * weights).sum(1) / weights.sum(1).clamp(min=1)


def _dense(folder: Path, device: Any) -> tuple[Any, Any] | None:  # noqa: ANN401 -- a device
    """Load the layer that LaBSE has after pooling."""
    about = read_json(folder / "2_Dense.json")
    if not about:
        return None
    if not str(about.get("activation_function", "")).endswith("Tanh"):
        raise BackendError(f"{folder.name} has a last layer that is not known here")
    from safetensors.torch import load_file

    try:
        found = load_file(folder / "2_Dense.safetensors")
        weight, bias = found["linear.weight"], found["linear.bias"]
    except (OSError, KeyError, ValueError) as error:
        raise BackendError(f"the last layer of {folder.name} cannot be read: {error}") from error
    return weight.float().to(device), bias.float().to(device)


class HubEmbedder:
    """A pulled sentence encoder; loaded when it is first asked, checked before."""

    def __init__(self, model: Installed) -> None:
        self._model = model
        self._lock = threading.Lock()
        self._known: OrderedDict[str, Any] = OrderedDict()

    @property
    def signature(self) -> str:
        """Name and commit."""
        return self._model.signature

    @cached_property
    def _space(self) -> Space:
        check(self._model)
        return Space(self._model.folder, self._model.prefix)

    def similarities(self, lefts: Sequence[str], rights: Sequence[str]) -> list[list[float]]:
        """Give the cosine of every left text with every right one; a row a left text."""
        if not lefts or not rights:
            return [[] for _ in lefts]
        import torch

        with self._lock:
            known = self._all([*lefts, *rights])
        left = torch.stack([known[text] for text in lefts])
        right = torch.stack([known[text] for text in rights])
        found: list[list[float]] = (left @ right.T).tolist()
        return found

    def _all(self, texts: Sequence[str]) -> dict[str, Any]:
        wanted = dict.fromkeys(texts)
        fresh = [text for text in wanted if text not in self._known]
        if fresh:
            self._known |= dict(zip(fresh, self._space.vectors(fresh), strict=True))
        found = {text: self._known[text] for text in wanted}
        while len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        return found
