"""Keeps finished chunks in a store, where every worker of a cluster can put them.

The output is one object, or a folder of parts (`results.jsonl/`) that is complete when
`_complete.json` lies in it. What this module needs of a store is that an object appears whole.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
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
        self._held: set[int] = set()

    def open(self) -> int:
        """Begin or resume; give the number of finished chunks, foreign ones thrown away."""
        marker = "run.json"
        try:
            store, folder = filesystem(self._folder)
            store.makedirs(folder, exist_ok=True)
            path = f"{folder}/{marker}"
            if not store.exists(path) or store.cat_file(path) != self._identity.encode():
                store.rm(folder, recursive=True)
                store.makedirs(folder, exist_ok=True)
                self._send(f"{self._folder}/{marker}", self._identity.encode())
            store.invalidate_cache(folder)
            names = [Path(one).name for one in store.ls(folder, detail=False)]
        except OSError as error:
            raise self._failed(error) from error
        self._held = {int(name[:8]) for name in names if name.endswith(".chunk")}
        return len(self._held)

    def holds(self, number: int) -> bool:
        """Tell whether a chunk was finished when the run began."""
        return number in self._held

    def put(self, number: int, content: bytes) -> None:
        """Keep a finished chunk."""
        self._send(f"{self._folder}/{number:08}.chunk", content)

    def chunks(self, count: int, first: int = 0) -> Iterator[bytes]:
        """Yield `count` chunks in order."""
        store, folder = filesystem(self._folder)
        for number in range(first, first + count):
            try:
                yield store.cat_file(f"{folder}/{number:08}.chunk")
            except OSError as error:
                raise self._failed(error) from error

    def heads(self, count: int) -> Iterator[bytes]:
        """Yield the first line of the first `count` chunks, without reading the rest."""
        store, folder = filesystem(self._folder)
        for number in range(count):
            try:
                with store.open(f"{folder}/{number:08}.chunk", "rb") as file:
                    yield file.readline()
            except OSError as error:
                raise self._failed(error) from error

    def part_count(self, count: int) -> int:
        """Say how many parts so many chunks make."""
        return -(-count // PART)

    def write_part(self, part: int, count: int) -> None:
        """Write one part of a folder; it may be written twice, with the same bytes."""
        first = part * PART
        plain = without_ending(self._name)
        suffixes = PurePosixPath(plain).suffix + self._name.removeprefix(plain)
        held = self.chunks(min(PART, count - first), first)
        content = b"".join(parts(held, self._name))
        self._send(f"{self._base}/part-{part:05}{suffixes}", content)

    def complete(self, count: int) -> None:
        """Say in the folder that all parts are there."""
        told = {"parts": self.part_count(count), **json.loads(self._identity)}
        self._send(f"{self._base}/{COMPLETE}", json.dumps(told).encode())

    def clear_parts(self) -> None:
        """Take away what an earlier run left in the folder, the mark of completeness first."""
        try:
            store, folder = filesystem(self._base)
            if store.exists(f"{folder}/{COMPLETE}"):
                store.rm_file(f"{folder}/{COMPLETE}")
            store.makedirs(folder, exist_ok=True)
            for name in store.ls(folder, detail=False):
                if Path(name).name.startswith("part-"):
                    store.rm_file(name)
        except OSError as error:
            raise self._failed(error) from error

    def finish(self, count: int) -> None:
        """Join the chunks into the output."""
        if self.is_folder:
            self.clear_parts()
            for part in range(self.part_count(count)):
                self.write_part(part, count)
            self.complete(count)
            return
        store, path = filesystem(self._base)
        try:
            _stream_whole(store, path, parts(self.chunks(count), self._name))
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
            _stream_whole(store, path, iter((content,)))
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


def _stream_whole(store: Any, path: str, blocks: Iterator[bytes]) -> None:  # noqa: ANN401 -- fsspec
    """Write an object that is there whole or not at all, however this ends."""
    if "file" in store.protocol:
        target = Path(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        # Two workers may write the same chunk at the same time, so each has a name of its own.
        write_whole(target, blocks, target.with_name(f".{target.name}.{uuid4().hex}.tmp"))
        return
    whole = _WHOLE_OBJECTS & {store.protocol, *store.protocol}
    name = path if whole else f"{path}.{uuid4().hex}.tmp"
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
