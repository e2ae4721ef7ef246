"""Keeps pulled models: one folder a model, whole or not there, each with its manifest."""

import os
import shutil
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from drift.errors import BackendError
from models import weights
from models.hub.snapshot import Role

VARIABLE = "DRIFT_HUB"
MANIFEST = "manifest.toml"
_PARTIAL = ".partial"


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """A pulled model."""

    id: str
    commit: str
    role: Role
    family: str
    licence: str
    summary: str
    note: str
    direction: str
    prefix: str
    size: int
    folder: Path

    @property
    def signature(self) -> str:
        """Name and commit, short enough for a report."""
        return f"{self.id.rpartition('/')[2]}@{self.commit[:8]}"


def root() -> Path:
    """Give the folder of all pulled models: DRIFT_HUB, or the user's data folder."""
    named = os.environ.get(VARIABLE)
    base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(named) if named else Path(base) / "drift" / "models"


def slug(identifier: str) -> str:
    """Give the folder's name of a model."""
    return identifier.replace("/", "--")


def workplace(identifier: str, commit: str) -> Path:
    """Give the folder in which a pull collects its files; kept until it is complete."""
    return root() / _PARTIAL / f"{slug(identifier)}@{commit[:12]}"


def install(ready: Path, identifier: str) -> Path:
    """Put a finished folder in its place, instead of what was there."""
    target = root() / slug(identifier)
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists():
        shutil.rmtree(target)
    ready.rename(target)
    return target


def remove(name: str) -> Installed:
    """Delete a pulled model by its name."""
    found = installed(name)
    shutil.rmtree(found.folder)
    return found


def listing(place: Path | None = None) -> list[Installed]:
    """List the pulled models by name; a folder that is none is passed over."""
    base = place or root()
    if not base.is_dir():
        return []
    return [_read(path.parent) for path in sorted(base.glob(f"*/{MANIFEST}")) if _is_model(path)]


def installed(name: str) -> Installed:
    """Find a pulled model by its name, its last part alone, or its folder."""
    for path in (root() / slug(name), Path(name).expanduser()):
        if _is_model(path / MANIFEST):
            return _read(path)
    matching = [one for one in listing() if one.id.rpartition("/")[2] == name]
    if len(matching) == 1:
        return matching[0]
    have = ", ".join(one.id for one in listing()) or "none"
    raise BackendError(f"no model {name!r} is pulled (pulled: {have})")


def _is_model(manifest: Path) -> bool:
    try:
        return "role" in tomllib.loads(manifest.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return False


def _read(folder: Path) -> Installed:
    found: dict[str, Any] = tomllib.loads((folder / MANIFEST).read_text("utf-8"))
    try:
        return Installed(
            id=found["name"],
            commit=found["version"],
            role=found["role"],
            family=found["family"],
            licence=found["licence"],
            summary=found["summary"],
            note=found["note"],
            direction=found["direction"],
            prefix=found["prefix"],
            size=sum(int(file["bytes"]) for file in found["files"].values()),
            folder=folder,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise BackendError(
            f"{folder / MANIFEST} lacks {error}; remove the folder and pull the model again"
        ) from error


def check(model: Installed) -> None:
    """Check size and sha256 of every file of a model before it is loaded."""
    weights.verify(model.folder)
