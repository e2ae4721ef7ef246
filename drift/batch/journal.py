"""Keeps finished chunks on disk, and knows whether they belong to this run."""

import json
import os
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

from drift.batch.forms import parts
from drift.errors import InputError
from drift.visible import visible

_PATIENCE = 5.0  # seconds for a killed run's children to let go of the folder


class Journal:
    """The folder of a run's finished chunks; beside its output, and gone with the run's end."""

    def __init__(self, output: Path, identity: Mapping[str, str]) -> None:
        """Name the output, and what the chunks depend on."""
        self.output = output
        self.folder = output.parent / f".{output.name}.parts"
        self._identity = json.dumps(dict(identity), sort_keys=True, ensure_ascii=True)
        self._lock: IO[bytes] | None = None

    def open(self) -> int:
        """Make or resume the folder; give the number of finished chunks.

        Chunks of other models are thrown away; those of other rows are not found. A second run of
        the same output is refused while the first is at work.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._lock = _locked(self.folder / "lock")
            if self._lock is None:
                raise InputError(f"another run is writing {visible(str(self.output))}; wait for it")
            marker = self.folder / "run.json"
            if not marker.is_file() or marker.read_text("utf-8") != self._identity:
                self._clear()
                write_whole(marker, iter((self._identity.encode(),)))
            for path in self.folder.glob("*.tmp"):
                path.unlink()
            return len(list(self.folder.glob("*.chunk")))
        except OSError as error:
            raise unwritable(self.output, error) from error

    def holds(self, key: str) -> bool:
        """Tell whether a chunk is finished."""
        return self._path(key).is_file()

    def put(self, key: str, content: bytes) -> None:
        """Keep a finished chunk; it survives a crash from here on."""
        try:
            write_whole(self._path(key), iter((content,)))
        except OSError as error:
            raise unwritable(self.output, error) from error

    def chunks(self, keys: Iterable[str]) -> Iterator[bytes]:
        """Yield chunks in the order of their keys."""
        for key in keys:
            yield self._path(key).read_bytes()

    def heads(self, keys: Iterable[str]) -> Iterator[bytes]:
        """Yield the first line of chunks, without reading the rest."""
        for key in keys:
            with self._path(key).open("rb") as file:
                yield file.readline()

    def finish(self, keys: Sequence[str]) -> None:
        """Join chunks into the output, whole or not at all."""
        blocks = parts(self.chunks(keys), self.output.name)
        try:
            write_whole(self.output, blocks, self.folder / "output.tmp")
        except OSError as error:
            raise unwritable(self.output, error) from error

    def close(self) -> None:
        """Remove the folder; the output stands."""
        with suppress(OSError):
            self._clear()
            (self.folder / "lock").unlink()
            self.folder.rmdir()
        self.release()

    def release(self) -> None:
        """Let another run have the folder, as it is."""
        if self._lock:
            self._lock.close()
            self._lock = None

    def _clear(self) -> None:
        # The marker goes first: chunks without it are thrown away by whoever comes next.
        (self.folder / "run.json").unlink(missing_ok=True)
        for path in self.folder.iterdir():
            if path.name != "lock":
                path.unlink()

    def _path(self, key: str) -> Path:
        return self.folder / f"{key}.chunk"


def _locked(path: Path) -> IO[bytes] | None:
    """Hold a file for this process alone, until it ends however it ends."""
    try:
        import fcntl
    except ImportError:  # not on this system; two runs of one output are then the user's care
        return path.open("ab")
    file = path.open("ab")
    until = time.monotonic() + _PATIENCE
    while True:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # not inherited by a child
        except (BlockingIOError, PermissionError):
            if time.monotonic() > until:
                file.close()
                return None
            time.sleep(0.1)
        else:
            return file


def write_whole(path: Path, blocks: Iterator[bytes], temporary: Path | None = None) -> None:
    """Write a file that is there whole or not at all, and stays: synced, renamed, synced again."""
    held = temporary or path.with_name(path.name + ".tmp")
    with held.open("wb") as file:
        for block in blocks:
            file.write(block)
        file.flush()
        os.fsync(file.fileno())
    held.replace(path)
    _sync(path.parent)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def unwritable(output: Path | str, error: OSError) -> InputError:
    """Say that there is no writing, and that nothing is lost."""
    reason = error.strerror or str(error)
    return InputError(
        f"cannot write {visible(str(output))}: {reason}; what is finished is kept, "
        "run the same command again when there is room"
    )
