"""Reads gzip and zstd as if they were unpacked, and packs what is written."""

import gzip
import sys
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any, BinaryIO, cast

from drift.errors import InputError

ENDINGS = {".gz": "gzip", ".zst": "zstd"}
_MAGIC = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd"}


def without_ending(name: str) -> str:
    """Drop the ending that says how a file is packed.

    >>> without_ending("rows.jsonl.zst")
    'rows.jsonl'
    """
    return next((name[: -len(end)] for end in ENDINGS if name.lower().endswith(end)), name)


def packing_of(name: str) -> str | None:
    """Tell by its name how a file is to be packed.

    >>> packing_of("rows.csv.GZ"), packing_of("rows.csv")
    ('gzip', None)
    """
    return next((kind for end, kind in ENDINGS.items() if name.lower().endswith(end)), None)


@contextmanager
def unpacked(handle: BinaryIO) -> Iterator[BinaryIO]:
    """Give a file's content, unpacked as it is read where its first bytes say gzip or zstd.

    Raises `InputError` where the packing is torn, from the place that reads on.
    """
    head = handle.read(4)
    handle.seek(0)
    kind = next((kind for magic, kind in _MAGIC.items() if head.startswith(magic)), None)
    if kind is None:
        yield handle
        return
    faults: tuple[type[Exception], ...] = (EOFError, zlib.error, gzip.BadGzipFile)
    if kind == "zstd":
        zstd = _zstd()
        faults = (*faults, zstd.ZstdError)
        opened = zstd.ZstdFile(handle)
    else:
        opened = gzip.GzipFile(fileobj=handle)
    try:
        with opened:
            yield cast("BinaryIO", opened)
    except faults as error:
        raise InputError(f"the {kind} data is torn or damaged: {error}") from error


def packed(blocks: Iterable[bytes], kind: str | None) -> Iterator[bytes]:
    """Pack blocks as they come; nothing but the content enters, so equal blocks pack equally."""
    if kind is None:
        yield from blocks
        return
    press: Any = (
        zlib.compressobj(6, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
        if kind == "gzip"
        else _zstd().ZstdCompressor()
    )
    for block in blocks:
        if done := press.compress(block):
            yield done
    yield press.flush()


def _zstd() -> Any:  # noqa: ANN401 -- a module
    try:
        return import_module(
            "compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd"
        )
    except ImportError as error:
        raise InputError("zstd needs `pip install backports.zstd`, or repack it as gzip") from error
