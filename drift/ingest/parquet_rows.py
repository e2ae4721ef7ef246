"""Reads Parquet in small batches, within bounds that its own metadata cannot talk away."""

from collections.abc import Iterator, Sequence
from importlib import import_module
from types import ModuleType
from typing import Any, BinaryIO

from drift.errors import InputError
from drift.ingest.rows import ALIASES, COLUMNS, Number, Row, make_row

BATCH = 256
MAX_GROUP = 512 << 20  # bytes of our columns in one row group, unpacked
MAX_BATCH = 256 << 20  # bytes of one batch, whatever the metadata said


def parquet_rows(
    handle: BinaryIO, needs_post: bool, groups: Sequence[int] | None = None
) -> Iterator[Row]:
    """Read our columns of a Parquet file, or of some row groups; a row's number is its line."""
    parquet = _library()
    try:
        file = parquet.ParquetFile(handle)
        columns = _columns(file)
        number = sum(_sizes(file)[: groups[0]]) if groups else 0
        for batch in file.iter_batches(
            batch_size=BATCH, row_groups=groups, columns=columns, use_threads=False
        ):
            if batch.nbytes > MAX_BATCH:
                raise InputError(f"rows after {number}: more than {MAX_BATCH:,} bytes at once")
            for fields in batch.to_pylist():
                number += 1
                named = {name: _plain(value) for name, value in fields.items()}
                yield make_row(number, named, needs_post=needs_post)
    except (OSError, ValueError, NotImplementedError) as error:  # pyarrow's errors are these
        raise _unreadable(error) from error


def group_sizes(handle: BinaryIO) -> list[int]:
    """Give the number of rows of every row group."""
    parquet = _library()
    try:
        return _sizes(parquet.ParquetFile(handle))
    except (OSError, ValueError, NotImplementedError) as error:
        raise _unreadable(error) from error


def _sizes(file: Any) -> list[int]:  # noqa: ANN401 -- pyarrow ships no types
    metadata = file.metadata
    return [metadata.row_group(group).num_rows for group in range(metadata.num_row_groups)]


def _unreadable(error: Exception) -> InputError:
    reason = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
    return InputError(f"not a readable Parquet file: {reason}")


def _library() -> ModuleType:
    """Import pyarrow, which not every installation carries."""
    try:
        return import_module("pyarrow.parquet")  # 165 MB: only for those who use it
    except ImportError as error:
        raise InputError(
            "Parquet needs pyarrow: pip install 'tweet-drift[parquet]', or pass JSON Lines or CSV"
        ) from error


def _columns(file: Any) -> list[str]:  # noqa: ANN401 -- pyarrow ships no types
    """Choose the columns that we read and refuse those that unpack beyond all bounds."""
    names = list(file.schema_arrow.names)
    wanted = [name for name in names if name.strip().lower() in {*COLUMNS, *ALIASES}]
    if not wanted:
        raise InputError(f"no column is called one of {', '.join(COLUMNS)}")
    metadata = file.metadata
    for group in range(metadata.num_row_groups):
        held = metadata.row_group(group)
        chunks = [held.column(index) for index in range(held.num_columns)]
        ours = [chunk for chunk in chunks if chunk.path_in_schema in wanted]
        if sum(chunk.total_uncompressed_size for chunk in ours) > MAX_GROUP:
            raise InputError(
                f"row group {group} unpacks to more than {MAX_GROUP:,} bytes: "
                "write smaller row groups"
            )
    return wanted


def _plain(value: object) -> object:
    """Bring a cell into the form that a JSON row would have."""
    if isinstance(value, bool) or value is None or isinstance(value, str | list | dict):
        return value
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, int | float):
        return Number(value)
    isoformat = getattr(value, "isoformat", None)
    return str(isoformat()) if isoformat else str(value)
