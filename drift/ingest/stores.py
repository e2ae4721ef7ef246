"""Names the parts of an input: a file, a folder, a pattern, or the same in any fsspec store.

A store is named by its address (`s3://bucket/rows-*.jsonl.zst`); which ones there are, and how
they are given credentials, is fsspec's business.
"""

import glob
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO, cast

from drift.errors import BackendError, InputError
from drift.ingest.lines import opened

_PATTERN = frozenset("*?[")


def is_address(name: str) -> bool:
    """Tell whether a name is the address of a store rather than a path.

    >>> is_address("s3://bucket/rows.jsonl"), is_address("rows.jsonl")
    (True, False)
    """
    return "://" in name


def partitions(given: str) -> list[str]:
    """List the parts that a path, folder, pattern or address names, in the order of their names.

    Hidden files, and those that begin with an underscore, are no parts of a folder.
    """
    if given == "-":
        return [given]
    if is_address(given):
        return _addressed(given)
    path = Path(given)
    if path.is_dir():
        found = [str(one) for one in path.iterdir() if one.is_file() and _is_part(one.name)]
    elif _PATTERN & set(given) and not path.exists():
        found = [one for one in glob.glob(given) if Path(one).is_file()]  # noqa: PTH207 -- absolute
    else:
        return [given]
    return _some(found, given)


@contextmanager
def readable(name: str) -> Iterator[BinaryIO]:
    """Open a part for reading, wherever it lies."""
    if not is_address(name):
        with opened(name) as handle:
            yield handle
        return
    store, path = filesystem(name)
    try:
        handle = store.open(path, "rb")
    except Exception as error:
        raise _unusable(name, error) from error
    with handle:
        yield cast("BinaryIO", handle)


def filesystem(address: str) -> tuple[Any, str]:
    """Give the store behind an address and the path in it."""
    if address.lower().startswith(("http:", "https:", "ftp:")):
        raise InputError(f"{address} is a link and no store: download the file first")
    try:
        fsspec = import_module("fsspec")
    except ImportError as error:
        raise InputError(
            "an address of a store needs `pip install 'tweet-drift[cluster]'`"
        ) from error
    try:
        store, path = fsspec.core.url_to_fs(address)
    except (ValueError, ImportError) as error:
        raise InputError(f"cannot use {address}: {error}") from error
    return store, str(path)


def _addressed(given: str) -> list[str]:
    store, path = filesystem(given)
    try:
        if store.isdir(path):
            names = [one for one in store.find(path, maxdepth=1) if _is_part(Path(one).name)]
        elif _PATTERN & set(path):
            names = store.glob(path)
        else:
            return [given]
    except Exception as error:
        raise _unusable(given, error) from error
    return _some([store.unstrip_protocol(one) for one in names], given)


def _is_part(name: str) -> bool:
    return not name.startswith((".", "_"))


def _some(found: list[str], given: str) -> list[str]:
    if not found:
        raise InputError(f"no file matches {given}; check the path")
    return sorted(found)


def _unusable(name: str, error: Exception) -> InputError | BackendError:
    """Sort the many errors of many stores: a missing file is the caller's, the rest the store's."""
    reason = str(error) or type(error).__name__
    if isinstance(error, FileNotFoundError | PermissionError | IsADirectoryError):
        return InputError(f"cannot read {name}: {reason}")
    return BackendError(f"the store of {name} failed: {reason}")
