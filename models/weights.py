"""Finds the shipped weights and checks them against their manifests."""

import hashlib
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from drift.errors import BackendError

_ROOT = Path(__file__).parent / "weights"
_MANIFEST = "manifest.toml"
_REMEDY = "reinstall the package, or make the weights again with `python -m {recipe}`"


@dataclass(frozen=True, slots=True)
class Weight:
    """One shipped weight, as `drift models list` shows it."""

    name: str
    version: str
    summary: str
    licence: str
    size: int
    folder: Path


def folder(name: str) -> Path:
    """Give the folder of a shipped weight."""
    found = _ROOT / name
    if not (found / _MANIFEST).is_file():
        have = ", ".join(weight.name for weight in listing()) or "none"
        raise BackendError(f"no weights named {name!r} are installed (installed: {have})")
    return found


def listing() -> list[Weight]:
    """List the installed weights by name."""
    return [_weight(path.parent) for path in sorted(_ROOT.glob(f"*/{_MANIFEST}"))]


def verify(folder: Path) -> None:
    """Check the size and sha256 of every file of a weight against its manifest."""
    manifest = _manifest(folder)
    made = _REMEDY.format(recipe=manifest.get("recipe", "models.recipes"))
    remedy = str(manifest.get("remedy", made))
    for name, wanted in sorted(_files(manifest, folder).items()):
        path = folder / name
        if not path.is_file():
            raise BackendError(f"{path} is missing: {remedy}")
        if path.stat().st_size != wanted.get("bytes") or sha256(path) != wanted.get("sha256"):
            raise BackendError(f"{path} is not the file that its manifest names: {remedy}")


def recorded(folder: Path, name: str) -> str:
    """Give the sha256 that a weight's manifest names for a file, which `verify` compares."""
    return str(_files(_manifest(folder), folder)[name]["sha256"])


def sha256(path: Path) -> str:
    """Give the sha256 of a file in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_manifest(folder: Path, facts: dict[str, str]) -> None:
    """Write the manifest over every other file of a folder, with `facts` at its head."""
    lines = [f"{key} = {_quoted(value)}\n" for key, value in facts.items()]
    lines.append("\n[files]\n")
    for path in sorted(folder.iterdir()):
        if path.is_file() and path.name != _MANIFEST:
            size = path.stat().st_size
            lines.append(f'"{path.name}" = {{ bytes = {size}, sha256 = "{sha256(path)}" }}\n')
    (folder / _MANIFEST).write_text("".join(lines), "utf-8")


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _weight(folder: Path) -> Weight:
    manifest = _manifest(folder)
    size = sum(int(file.get("bytes", 0)) for file in _files(manifest, folder).values())
    version, summary, licence = (
        str(manifest.get(key, "")) for key in ("version", "summary", "licence")
    )
    return Weight(folder.name, version, summary, licence, size, folder)


def _manifest(folder: Path) -> dict[str, Any]:
    path = folder / _MANIFEST
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError as error:
        raise BackendError(f"{path} is missing: no weights are installed there") from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BackendError(f"{path} cannot be read: {error}; reinstall the package") from error


def _files(manifest: dict[str, Any], folder: Path) -> dict[str, dict[str, Any]]:
    files = manifest.get("files")
    if not isinstance(files, dict) or not all(isinstance(file, dict) for file in files.values()):
        raise BackendError(f"{folder / _MANIFEST} lists no files; reinstall the package")
    if any("/" in name or "\\" in name or name in {".", ".."} for name in files):
        raise BackendError(f"{folder / _MANIFEST} names a file outside its folder")
    return files
