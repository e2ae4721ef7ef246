"""Keeps finished chunks in a store, where every worker of a cluster can put them.

The output is one object, or a folder of parts (`results.jsonl/`) that is complete when
`_complete.json` lies in it. What this module needs of a store is that an object appears whole.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from copy import copy
from pathlib import Path, PurePosixPath
from typing import Any
from uuid import uuid4

from drift.batch.forms import parts
from drift.batch.journal import unwritable, write_whole
from drift.errors import BackendError, InputError
from drift.ingest.packed import without_ending
from drift.ingest.stores import filesystem, is_address

PART = 64  # chunks that make a part of a folder
COMPLETE = "_complete.json"
_END = ".chunk"
# In these an object is there when it was sent whole, and not before; elsewhere it is renamed.
_WHOLE_OBJECTS = frozenset({"s3", "s3a", "gs", "gcs", "abfs", "abfss", "az", "adl", "memory"})


def wanted(output: str) -> bool:
    """Tell whether an output is for a shelf: an address, or a folder of parts."""
    return is_address(output) or output.endswith("/")


class Shelf:
    """The finished chunks of a run, in the store of its output; may be sent to other machines."""

    def __init__(self, output: str, identity: Mapping[str, str]) -> None:
        """Name the output, and what the chunks depend on."""
        self.output = output if is_address(output) else f"file://{Path(output).absolute()}"
        self.is_folder = output.endswith("/")
        base = self.output.rstrip("/")
        head, _, name = base.rpartition("/")
        self._name, self._base, self._folder = name, base, f"{head}/.{name}.parts"
        self._identity = json.dumps(dict(identity), sort_keys=True, ensure_ascii=True)
        self._held: set[str] = set()

    def open(self) -> int:
        """Begin or resume; give the number of finished chunks, foreign ones thrown away."""
        marker = "run.json"
        try:
            store, folder = _fresh(self._folder)
            path = f"{folder}/{marker}"
            if not store.exists(path) or store.cat_file(path) != self._identity.encode():
                if store.exists(folder):
                    store.rm(folder, recursive=True)
                store.makedirs(folder, exist_ok=True)
                self._send(f"{self._folder}/{marker}", self._identity.encode())
            store.invalidate_cache()
            names = [Path(one).name for one in store.ls(folder, detail=False)]
        except OSError as error:
            raise self._failed(error) from error
        self._held = {name[: -len(_END)] for name in names if name.endswith(_END)}
        return len(self._held)

    def holds(self, key: str) -> bool:
        """Tell whether a chunk was finished when the run began."""
        return key in self._held

    def finished(self, key: str) -> bool:
        """Ask the store whether a chunk is there by now."""
        try:
            store, folder = _fresh(self._folder)
            return bool(store.exists(f"{folder}/{key}{_END}"))
        except OSError as error:
            raise self._failed(error) from error

    def sent(self) -> "Shelf":
        """Give it as another machine needs it: without the list of what was finished."""
        one = copy(self)
        one._held = set()
        return one

    def put(self, key: str, content: bytes) -> None:
        """Keep a finished chunk."""
        self._send(f"{self._folder}/{key}{_END}", content)

    def chunks(self, keys: Iterable[str]) -> Iterator[bytes]:
        """Yield chunks in the order of their keys."""
        store, folder = _fresh(self._folder)
        for key in keys:
            try:
                yield store.cat_file(f"{folder}/{key}{_END}")
            except OSError as error:
                raise self._failed(error) from error

    def heads(self, keys: Iterable[str]) -> Iterator[bytes]:
        """Yield the first line of chunks, without reading the rest."""
        store, folder = _fresh(self._folder)
        for key in keys:
            try:
                with store.open(f"{folder}/{key}{_END}", "rb") as file:
                    yield file.readline()
            except OSError as error:
                raise self._failed(error) from error

    def parts(self, keys: Sequence[str]) -> list[Sequence[str]]:
        """Say which chunks make which part of a folder."""
        return [keys[start : start + PART] for start in range(0, len(keys), PART)]

    def write_part(self, number: int, keys: Sequence[str]) -> None:
        """Write one part of a folder; it may be written twice, with the same bytes."""
        plain = without_ending(self._name)
        suffixes = PurePosixPath(plain).suffix + self._name.removeprefix(plain)
        content = b"".join(parts(self.chunks(keys), self._name))
        self._send(f"{self._base}/part-{number:05}{suffixes}", content)

    def complete(self, count: int) -> None:
        """Say in the folder that all its parts are there."""
        self._sweep("")
        told = {"parts": count, **json.loads(self._identity)}
        self._send(f"{self._base}/{COMPLETE}", json.dumps(told).encode())

    def clear_parts(self) -> None:
        """Take away what an earlier run left in the folder, the mark of completeness first."""
        self._sweep(COMPLETE)
        self._sweep("part-")

    def _sweep(self, prefix: str) -> None:
        """Remove from the folder what begins so, and what a killed writer left half done."""
        try:
            store, folder = _fresh(self._base)
            store.makedirs(folder, exist_ok=True)
            held = store.ls(folder, detail=False) if store.exists(folder) else ()
            for path in held:
                name = Path(path).name
                if name.endswith(".tmp") or (prefix and name.startswith(prefix)):
                    store.rm_file(path)
        except OSError as error:
            raise self._failed(error) from error

    def finish(self, keys: Sequence[str]) -> None:
        """Join chunks into the output."""
        if self.is_folder:
            self.clear_parts()
            held = self.parts(keys)
            for number, part in enumerate(held):
                self.write_part(number, part)
            self.complete(len(held))
            return
        store, path = filesystem(self._base)
        try:
            _stream_whole(store, path, parts(self.chunks(keys), self._name), "0")
        except OSError as error:
            raise self._failed(error) from error

    def close(self) -> None:
        """Remove the chunks; the output stands."""
        with suppress(OSError):
            store, folder = filesystem(self._folder)
            store.rm(folder, recursive=True)

    def release(self) -> None:
        """Nothing is held: in a store there are no locks."""

    def _send(self, address: str, content: bytes) -> None:
        try:
            store, path = filesystem(address)
            # Two workers may write the same chunk at the same time, so each has a name of its own.
            _stream_whole(store, path, iter((content,)), uuid4().hex)
        except OSError as error:
            raise self._failed(error) from error

    def _failed(self, error: OSError) -> InputError | BackendError:
        """Say what failed, and that nothing is lost."""
        if self.output.startswith("file:"):
            return unwritable(self.output, error)
        return BackendError(
            f"the store of {self.output} failed: {error}; what is finished is kept, run the same "
            "command again"
        )


def _fresh(address: str) -> tuple[Any, str]:
    """Open a store without what it remembers of its listings: others write there too."""
    store, path = filesystem(address)
    store.invalidate_cache()
    return store, path


def _stream_whole(store: Any, path: str, blocks: Iterator[bytes], mark: str) -> None:  # noqa: ANN401 -- fsspec
    """Write an object that is there whole or not at all, however this ends."""
    if "file" in store.protocol:
        target = Path(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        write_whole(target, blocks, target.with_name(f".{target.name}.{mark}.tmp"))
        return
    whole = _WHOLE_OBJECTS & {store.protocol, *store.protocol}
    name = path if whole else f"{path}.{mark}.tmp"
    file = store.open(name, "wb")
    try:
        for block in blocks:
            file.write(block)
    except BaseException:
        # Closing, even by the collector, would make half an object a whole one.
        file.discard()
        file.closed = True
        raise
    file.close()
    if not whole:
        store.mv(name, path)
