"""Keeps finished chunks on disk, and knows whether they belong to this run."""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from drift.errors import InputError
from drift.visible import visible

_BLOCK = 1 << 20


class Journal:
    """The folder of a run's finished chunks; beside its output, and gone with the run's end."""

    def __init__(self, output: Path, identity: Mapping[str, str]) -> None:
        self.output = output
        self.folder = output.parent / f".{output.name}.parts"
        self._identity = json.dumps(dict(identity), sort_keys=True, ensure_ascii=True)

    def open(self) -> int:
        """Make or resume the folder; give the number of finished chunks.

        Chunks of another input, of other arguments or of other models are thrown away.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            marker = self.folder / "run.json"
            if not marker.is_file() or marker.read_text("utf-8") != self._identity:
                for path in self.folder.iterdir():
                    path.unlink()
                _whole(marker, self._identity.encode())
            for path in self.folder.glob("*.tmp"):
                path.unlink()
            return len(list(self.folder.glob("*.chunk")))
        except OSError as error:
            raise _unwritable(self.output, error) from error

    def holds(self, number: int) -> bool:
        """Tell whether a chunk is finished."""
        return self._path(number).is_file()

    def put(self, number: int, content: bytes) -> None:
        """Keep a finished chunk; it survives a crash from here on."""
        try:
            _whole(self._path(number), content)
        except OSError as error:
            raise _unwritable(self.output, error) from error

    def read(self, number: int) -> bytes:
        """Give a finished chunk."""
        return self._path(number).read_bytes()

    def chunks(self, count: int) -> Iterator[bytes]:
        """Yield the first `count` chunks in order."""
        for number in range(count):
            yield self.read(number)

    def finish(self, parts: Iterator[bytes]) -> None:
        """Join the parts into the output, whole or not at all, and remove the folder."""
        target = self.folder / "output.tmp"
        try:
            with target.open("wb") as file:
                for part in parts:
                    file.write(part)
                file.flush()
                os.fsync(file.fileno())
            target.replace(self.output)
            _sync(self.output.parent)
        except OSError as error:
            raise _unwritable(self.output, error) from error
        self.close()

    def close(self) -> None:
        """Remove the folder; the output stands."""
        with suppress(OSError):
            for path in self.folder.iterdir():
                path.unlink()
            self.folder.rmdir()

    def _path(self, number: int) -> Path:
        return self.folder / f"{number:08}.chunk"


def fingerprint(path: Path) -> str:
    """Give the sha256 of an input file, so that a changed input is never taken for the old one."""
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                digest.update(block)
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError(f"cannot read {visible(str(path))}: {reason}") from error
    return digest.hexdigest()


def _whole(path: Path, content: bytes) -> None:
    temporary = path.with_suffix(".tmp")
    with temporary.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    _sync(path.parent)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _unwritable(output: Path, error: OSError) -> InputError:
    reason = error.strerror or str(error)
    return InputError(
        f"cannot write {visible(str(output))}: {reason}; what is finished is kept, "
        "run the same command again when there is room"
    )
