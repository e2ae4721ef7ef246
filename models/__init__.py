"""Model backends by name; a name costs nothing until it is asked for."""

import os
from importlib import import_module
from typing import Any

from drift.backends import Calibrator, PairScorer, TranslationTable, Translator
from drift.errors import BackendError

# Name -> module and maker. `auto` takes the first that is installed.
_TRANSLATORS = {
    "embedded": "models.embedded:load",
    "gloss": "models.glossary:shipped",
}


def translator(name: str = "auto") -> Translator:
    """Load a translator by name; raises `BackendError` where it is unknown or not installed."""
    if name == "auto":
        for candidate in _TRANSLATORS:
            try:
                return translator(candidate)
            except BackendError:
                if candidate == "gloss":
                    raise
    if name not in _TRANSLATORS:
        choices = ", ".join(["auto", *_TRANSLATORS])
        raise BackendError(f"no translator {name!r}; choose one of {choices}")
    found: Translator = _make(_TRANSLATORS[name])
    return found


def table() -> TranslationTable:
    """Load the lexical table."""
    found: TranslationTable = _make("models.lexical:load")
    return found


def scorer() -> PairScorer | None:
    """Load the cross-encoder; None where its weights or numpy are not installed."""
    try:
        found: PairScorer = _make("models.cross:load")
    except (BackendError, ImportError):
        return None
    return found


def calibrator() -> Calibrator:
    """Load the fitted numbers."""
    found: Calibrator = _make("models.calibration:load")
    return found


def _make(place: str) -> Any:  # noqa: ANN401 -- the caller names the protocol
    # Our matrices are small: a second thread waits for the first more than it helps, and where
    # several processes share the cores it costs ten times what it saves. Counts until numpy loads.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    module, maker = place.split(":")
    return getattr(import_module(module), maker)()
