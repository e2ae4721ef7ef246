"""Turns finished chunks (JSON Lines) into the output's form, streaming: JSON Lines, CSV, Parquet.

An output that ends in `.gz` or `.zst` is packed too, with no time in its header, so that the same
rows give the same bytes.
"""

import csv
import io
import json
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath
from typing import Any

from drift.batch.brief import lines_of
from drift.errors import InputError
from drift.ingest.packed import packed, packing_of, without_ending
from drift.report.tables import safe

FORMS = {".jsonl": "jsonl", ".ndjson": "jsonl", ".csv": "csv", ".parquet": "parquet"}
COLUMNS = (
    "id", "verdict", "score", "confidence", "script", "types", "worst", "back_translation",
    "correction_en", "correction_zh", "signature", "error",
)  # fmt: skip
_GROUP = 16_384  # rows of a Parquet row group
_WORST = ("critical", "major", "minor")
Row = dict[str, Any]


def form_of(output: str) -> str:
    """Tell the form by the output's ending; raises `InputError` for an unknown one.

    >>> form_of("out.csv.zst"), form_of("s3://bucket/out.parquet/")
    ('csv', 'parquet')
    """
    name = output.rstrip("/")
    ending = PurePosixPath(without_ending(name)).suffix.lower()
    if ending not in FORMS or (FORMS[ending] == "parquet" and packing_of(name)):
        raise InputError(
            f"--output {output!r} must end in .jsonl, .csv or .parquet (the first two also with "
            ".gz or .zst)"
        )
    return FORMS[ending]


def parts(chunks: Iterable[bytes], output: str) -> Iterator[bytes]:
    """Yield the bytes of the output, chunk by chunk, without the briefs in front of each."""
    form = form_of(output)
    lines = map(lines_of, chunks)
    if form == "parquet":
        yield from _parquet(lines)
        return
    yield from packed(lines if form == "jsonl" else _csv(lines), packing_of(output.rstrip("/")))


def flat(row: Row) -> Row:
    """Give a result row as one line of a table."""
    findings = row.get("findings", ())
    grades = {finding["severity"] for finding in findings}
    correction = row.get("correction") or {}
    return {
        **{name: row.get(name) for name in COLUMNS},
        "types": " ".join(finding["type"] for finding in findings),
        "worst": next((grade for grade in _WORST if grade in grades), None),
        "correction_en": correction.get("en"),
        "correction_zh": correction.get("zh"),
    }


def _csv(chunks: Iterable[bytes]) -> Iterator[bytes]:
    yield _table([dict.fromkeys(COLUMNS)], header=True)
    for chunk in chunks:
        yield _table(flat(json.loads(line)) for line in chunk.splitlines())


def _table(rows: Iterable[Row], *, header: bool = False) -> bytes:
    out = io.StringIO()
    table = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
    for row in rows:
        cells = COLUMNS if header else [row[name] for name in COLUMNS]
        table.writerow(["" if cell is None else safe(cell) for cell in cells])
    return out.getvalue().encode("utf-8", "replace")


class _Drain(io.RawIOBase):
    """A file whose bytes are taken away as they come, so that no output is held whole."""

    def __init__(self) -> None:
        self._held: list[bytes] = []
        self._size = 0

    def writable(self) -> bool:
        """Say that it can be written."""
        return True

    def tell(self) -> int:
        """Say how many bytes came."""
        return self._size

    def write(self, data: Any) -> int:  # noqa: ANN401 -- any buffer
        """Take some bytes."""
        block = bytes(data)
        self._held.append(block)
        self._size += len(block)
        return len(block)

    def take(self) -> bytes:
        """Give what came since the last time."""
        taken = b"".join(self._held)
        self._held.clear()
        return taken


def _parquet(chunks: Iterable[bytes]) -> Iterator[bytes]:
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as error:
        raise InputError("Parquet needs `pip install 'tweet-drift[parquet]'`") from error
    numbers = {"score", "confidence"}
    kinds = {name: pyarrow.float64() if name in numbers else pyarrow.string() for name in COLUMNS}
    schema = pyarrow.schema(list(kinds.items()))
    drain = _Drain()
    with parquet.ParquetWriter(drain, schema) as writer:
        for rows in _row_groups(chunks):
            writer.write_table(pyarrow.Table.from_pylist(rows, schema=schema))
            yield drain.take()
    yield drain.take()


def _row_groups(chunks: Iterable[bytes]) -> Iterator[list[Row]]:
    rows: list[Row] = []
    for chunk in chunks:
        rows += [flat(json.loads(line)) for line in chunk.splitlines()]
        if len(rows) >= _GROUP:
            yield rows
            rows = []
    if rows:
        yield rows
