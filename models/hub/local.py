"""Reads snapshots that already lie on this machine: a folder, or the hub client's own cache."""

import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path

from drift.errors import BackendError
from models.hub.snapshot import CONFIG, File
from models.weights import sha256

_CACHED = "models--"


@dataclass(frozen=True, slots=True)
class Folder:
    """A snapshot in a folder: the model's name and commit where the place tells them."""

    path: Path
    id: str
    commit: str  # empty where the place does not tell


def find(given: str) -> Folder:
    """Find the snapshot that a path names; raises `BackendError` where there is none."""
    path = Path(given).expanduser()
    if not path.is_dir():
        raise BackendError(f"{given} is neither a folder nor a model's name such as ORG/MODEL")
    for candidate in (path, path.parent.parent):
        if candidate.name.startswith(_CACHED) and (candidate / "snapshots").is_dir():
            return _cached(path, candidate)
    if not (path / CONFIG).is_file():
        raise BackendError(f"{given} holds no {CONFIG}; name the folder of a model")
    return Folder(path, path.resolve().name, "")


def _cached(path: Path, root: Path) -> Folder:
    """Read the layout `models--ORG--NAME/snapshots/COMMIT`."""
    if path == root:
        named = root / "refs" / "main"
        if not named.is_file():
            raise BackendError(f"{root} has no refs/main; name one of its snapshots")
        path = root / "snapshots" / named.read_text("utf-8").strip()
    if not (path / CONFIG).is_file():
        raise BackendError(f"{path} holds no {CONFIG}; the snapshot is not complete")
    identifier = root.name.removeprefix(_CACHED).replace("--", "/")
    return Folder(path, identifier, path.name)


def files(folder: Folder) -> tuple[File, ...]:
    """List what a snapshot holds, one level of sub-folders deep."""
    found = [*folder.path.iterdir()]
    found += [inner for sub in found if sub.is_dir() for inner in sub.iterdir()]
    return tuple(
        File(path.relative_to(folder.path).as_posix(), path.stat().st_size)
        for path in sorted(found)
        if path.is_file()
    )


def take(folder: Folder, file: File, target: Path) -> None:
    """Copy one file."""
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(folder.path / file.name, target)


def commit_of(folder: Path, names: tuple[str, ...]) -> str:
    """Make a name for what a folder holds, for a snapshot whose commit is not known."""
    told = "".join(f"{name} {sha256(folder / name)}\n" for name in sorted(names))
    return hashlib.sha256(told.encode()).hexdigest()[:40]
