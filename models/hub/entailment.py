"""Asks a classifier of the hub whether a text says what another says, across languages."""

import threading
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from drift.errors import BackendError
from models.hub.encoders import Encoder
from models.hub.store import Installed, check

Stance = tuple[float, float, float]
_ENTAILED, _NEUTRAL, _CONTRADICTED = range(3)
_NAMES = (("entail", _ENTAILED), ("neutral", _NEUTRAL), ("contra", _CONTRADICTED))


class Reader:
    """A loaded classifier."""

    def __init__(self, folder: Path) -> None:
        self._encoder = Encoder(folder, classifies=True)
        self._places = _places(dict(self._encoder.config.id2label), folder)

    def infer(self, pairs: Sequence[tuple[str, str]]) -> list[Stance]:
        """Give entailed, neutral and contradicted, which add up to one, for every pair."""
        found: list[Stance] = [(0.0, 0.0, 0.0)] * len(pairs)
        firsts, seconds = [first for first, _ in pairs], [second for _, second in pairs]
        for numbers, given, _ in self._encoder.run(firsts, seconds) if pairs else ():
            shares = given.logits.float().softmax(-1).tolist()
            for number, row in zip(numbers, shares, strict=True):
                sums = [0.0, 0.0, 0.0]
                for place, share in zip(self._places, row, strict=True):
                    sums[place] += share
                found[number] = (sums[0], sums[1], sums[2])
        return found


def _places(labels: dict[Any, str], folder: Path) -> list[int]:
    """Tell which output means what; where only `not entailed` is told apart, that is neutral."""
    places = []
    for _, label in sorted((int(number), str(label).lower()) for number, label in labels.items()):
        place = next((at for name, at in _NAMES if label.startswith(name)), None)
        if place is None and not label.startswith("not"):
            raise BackendError(f"{folder.name} has an output {label!r} that says nothing here")
        places.append(_NEUTRAL if place is None else place)
    return places


class HubEntailment:
    """A pulled classifier; loaded when it is first asked, checked before."""

    def __init__(self, model: Installed) -> None:
        self._model = model
        self._lock = threading.Lock()

    @property
    def signature(self) -> str:
        """Name and commit."""
        return self._model.signature

    @cached_property
    def _reader(self) -> Reader:
        check(self._model)
        return Reader(self._model.folder)

    def infer(self, pairs: Sequence[tuple[str, str]]) -> list[Stance]:
        """Give entailed, neutral and contradicted for every (premise, hypothesis)."""
        with self._lock:
            return self._reader.infer(pairs)
