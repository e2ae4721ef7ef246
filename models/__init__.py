"""Model backends by name; a name costs nothing until it is asked for."""

import os
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Any

from drift.backends import (
    Advisers,
    Calibrator,
    Judge,
    Likelihoods,
    PairScorer,
    TranslationTable,
    Translator,
)
from drift.errors import BackendError

# Name -> module and maker. `auto` takes the first that is installed.
_TRANSLATORS = {
    "embedded": "models.embedded:load",
    "gloss": "models.glossary:shipped",
}


@dataclass(frozen=True, slots=True)
class Chosen:
    """Who speaks in a run, as `--models` names it."""

    translator: Translator
    calibrator: Calibrator
    advisers: Advisers
    alone: bool = False  # large models: one process, however many cores


def choose(name: str = "auto") -> Chosen:
    """Choose by a name: auto, embedded, gloss; hub, a pulled model or a folder; each `+judge`.

    Raises `BackendError` where what is named is unknown or not installed.
    """
    base, plus, extra = name.partition("+")
    if plus and extra != "judge":
        raise BackendError(f"nothing is called +{extra}; the one addition is +judge")
    if base in {"auto", *_TRANSLATORS}:
        chosen = Chosen(translator(base), calibrator(), Advisers())
    else:
        chosen = import_module("models.hub.choice").choose(base)
    if not plus:
        return chosen
    judge: Judge = _make("models.judge.settings:load")
    return replace(chosen, advisers=replace(chosen.advisers, judge=judge))


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
        choices = ", ".join(["auto", *_TRANSLATORS, "hub"])
        raise BackendError(f"no translator {name!r}; choose one of {choices}")
    found: Translator = _make(_TRANSLATORS[name])
    return found


def with_memory(inner: Translator, path: Path) -> Translator:
    """Keep on disk what a translator says; a gloss is quicker made again than looked up."""
    from models.glossary import Glossary
    from models.remembering import RememberingTranslator

    return inner if isinstance(inner, Glossary) else RememberingTranslator(inner, path)


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


def likelihoods() -> Likelihoods | None:
    """Load the shipped translator as a judge of likelihood; None where it is not installed."""
    try:
        found: Likelihoods = _make("models.embedded:load")
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
