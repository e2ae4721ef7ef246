"""Turns finished chunks (JSON Lines) into the output's form, streaming: JSON Lines, CSV, Parquet.

An output that ends in `.gz` is compressed too, with no time in its header, so that the same rows
give the same bytes.
"""

import csv
import io
import json
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from drift.errors import InputError
from drift.report.tables import safe

FORMS = {".jsonl": "jsonl", ".ndjson": "jsonl", ".csv": "csv", ".parquet": "parquet"}
COLUMNS = (
    "id", "verdict", "score", "confidence", "script", "types", "worst", "back_translation",
    "correction_en", "correction_zh", "signature", "error",
)  # fmt: skip
_WORST = ("critical", "major", "minor")
Row = dict[str, Any]


def form_of(output: Path) -> str:
    """Tell the form by the output's ending; raises `InputError` for an unknown one."""
    suffixes = [suffix.lower() for suffix in output.suffixes]
    ending = (
        suffixes[-2] if suffixes[-1:] == [".gz"] and len(suffixes) > 1 else output.suffix.lower()
    )
    if ending not in FORMS or (FORMS[ending] == "parquet" and suffixes[-1] == ".gz"):
        raise InputError(
            f"--output {output.name!r} must end in .jsonl, .csv or .parquet (.jsonl.gz, .csv.gz)"
        )
    return FORMS[ending]


def parts(chunks: Iterable[bytes], output: Path) -> Iterator[bytes]:
    """Yield the bytes of the output, chunk by chunk."""
    form = form_of(output)
    if form == "parquet":
        yield _parquet(chunks)
        return
    plain = chunks if form == "jsonl" else _csv(chunks)
    yield from _gzipped(plain) if output.suffix.lower() == ".gz" else plain


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


def _gzipped(plain: Iterable[bytes]) -> Iterator[bytes]:
    press = zlib.compressobj(6, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    for block in plain:
        yield press.compress(block)
    yield press.flush()


def _parquet(chunks: Iterable[bytes]) -> bytes:
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as error:
        raise InputError("Parquet needs `pip install 'tweet-drift[parquet]'`") from error
    numbers = {"score", "confidence"}
    kinds = {name: pyarrow.float64() if name in numbers else pyarrow.string() for name in COLUMNS}
    schema = pyarrow.schema(list(kinds.items()))
    out = io.BytesIO()
    with parquet.ParquetWriter(out, schema) as writer:
        for chunk in chunks:
            rows = [flat(json.loads(line)) for line in chunk.splitlines()]
            writer.write_table(pyarrow.Table.from_pylist(rows, schema=schema))
    return out.getvalue()
