"""Chooses among the pulled models who speaks, and whose numbers weigh what they say."""

from dataclasses import replace
from functools import cache
from pathlib import Path

import models
from drift.backends import Advisers, Calibrator, Translator
from drift.errors import BackendError
from models import calibration
from models.hub import store
from models.hub.store import Installed

ALL = "hub"
CALIBRATIONS = "calibration*"
_SHIPPED = Path(models.__file__).parent / "weights"
_DIRECTION = "zh-en"


def choose(name: str) -> models.Chosen:
    """Choose all pulled models, those of a folder, or one; the embedded ones fill the gaps."""
    chosen = _named(name)
    pick = {one.role: one for one in reversed(chosen)}
    back = next((one for one in chosen if one.direction == _DIRECTION), None)
    told, near = pick.get("entailment"), pick.get("embedding")
    if back is None and told is None and near is None:
        raise BackendError(f"{name}: none of its models translates Chinese, entails or embeds")
    advisers = _advisers(told, near)
    weighing = _calibrator(advisers)
    return models.Chosen(
        translator=_translator(back) if back else models.translator(),
        calibrator=weighing or models.calibrator(),
        advisers=replace(advisers, weighed=weighing is not None),
        alone=True,
    )


def _named(name: str) -> list[Installed]:
    """Find what is meant; of several that serve one purpose the first counts."""
    if name == ALL:
        found = store.listing()
        if not found:
            raise BackendError(
                "no model of the hub is pulled; run `drift models pull fast`, or `quality`"
            )
        return sorted(found, key=_rank)
    place = Path(name).expanduser()
    if place.is_dir() and not (place / store.MANIFEST).is_file():
        found = store.listing(place)
        if not found:
            raise BackendError(
                f"{name} holds no pulled models; `drift models pull {name}` takes a snapshot in"
            )
        return sorted(found, key=_rank)
    try:
        return [store.installed(name)]
    except BackendError as error:
        known = "auto, embedded, gloss, hub, a pulled model, or a folder"
        raise BackendError(f"{error}; --models takes {known}") from error


def _rank(model: Installed) -> tuple[bool, int, str]:
    """Put free licences before others, and large models before small ones."""
    return ("nc" in model.licence.lower().split("-"), -model.size, model.id)


@cache
def _translator(model: Installed) -> Translator:
    from models.hub.translators import HubTranslator

    return HubTranslator(model)


@cache
def _advisers(told: Installed | None, near: Installed | None) -> Advisers:
    """Make what is asked beside the rules; made once, so that what is loaded stays."""
    from models.hub.embedding import HubEmbedder
    from models.hub.entailment import HubEntailment

    return Advisers(
        entailment=HubEntailment(told) if told else None,
        embedder=HubEmbedder(near) if near else None,
    )


def _calibrator(advisers: Advisers) -> Calibrator | None:
    """Find numbers that were fitted with just these models; others would weigh them wrongly."""
    wanted = advisers.signature
    if not wanted:
        return None
    for base in (store.root(), _SHIPPED):
        for path in sorted(base.glob(f"{CALIBRATIONS}/calibration.json")):
            found = calibration.read(path)
            if found.advisers == wanted:
                return found
    return None
