"""Reads posts and retweets from files of any usual kind, or from standard input (`-`).

JSON Lines, a JSON array, CSV, TSV, Parquet, plain lines and the `tweets.js` of an X archive, also
packed with gzip or zstd; the encoding is detected. A row that cannot be used keeps its place and
says what is wrong with it.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from drift.errors import InputError
from drift.ingest.delimited import delimiter_of, table_rows
from drift.ingest.encodings import decode, detect
from drift.ingest.json_rows import ARRAY_HEAD, MAX_ARRAY, array_rows, json_line_rows
from drift.ingest.lines import Line, lines, opened, sample, whole
from drift.ingest.packed import unpacked, without_ending
from drift.ingest.parquet_rows import parquet_rows
from drift.ingest.rows import Row, bad_row, clean, make_row
from drift.ingest.stores import readable

MAX_POST_BYTES = 8_000_000  # of a post given as a file: a million characters in any encoding

SUFFIXES = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "table",
    ".tsv": "table",
    ".tab": "table",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".txt": "lines",
    ".text": "lines",
    ".md": "lines",
}
MAGIC = (
    (b"PAR1", "parquet"),
    (b"\x1f\x8b", "gzip"),
    (b"PK\x03\x04", "zip"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ", "xz"),
)


def rows(path: str | Path, *, needs_post: bool = True) -> Iterator[Row]:
    """Give every row of a file in order; `needs_post=False` for a list of retweets alone.

    Raises InputError only where the file as a whole cannot be read; it is opened when the first
    row is asked for.
    """
    name = str(path)
    suffix = Path(without_ending(name)).suffix.lower()
    with readable(name) as handle, blamed(name), unpacked(handle) as content:
        yield from rows_of(content, suffix, needs_post=needs_post)


@contextmanager
def blamed(name: str) -> Iterator[None]:
    """Have what goes wrong while a file is read say which file it was."""
    try:
        yield
    except OSError as error:  # a disk or a share that fails while it is read
        raise InputError(f"cannot read {name}: {error.strerror or error}") from error
    except InputError as error:
        told = "standard input" if name == "-" else name
        raise InputError(f"{told}: {error}") from error


def rows_of(handle: BinaryIO, suffix: str = "", *, needs_post: bool = True) -> Iterator[Row]:
    """Give the rows of an opened file, an upload or fetched bytes; see `rows`."""
    head = sample(handle)
    form = _form(head, suffix)
    if form == "parquet":
        yield from parquet_rows(handle, needs_post)
    elif form == "array":
        text = decode(whole(handle, MAX_ARRAY)).text
        yield from array_rows(text, needs_post)
    elif form == "jsonl":
        yield from json_line_rows(lines(handle), needs_post)
    elif form == "table":
        yield from table_rows(lines(handle), _delimiter(head, suffix), needs_post)
    else:
        yield from _plain_rows(lines(handle), needs_post)


def read_text(path: str | Path) -> str:
    r"""Read a post given as a file, or from standard input: its text, newlines made `\n`."""
    with opened(path) as handle:
        data = whole(handle, MAX_POST_BYTES)
    _refuse_packed(data)
    text = decode(data).text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise InputError(f"{'standard input' if str(path) == '-' else path} is empty; give a text")
    return clean(text)


def _form(head: bytes, suffix: str) -> str:
    """Decide how a file is written: by its first bytes, then by its name, then by its text."""
    magic = _refuse_packed(head)
    if magic or suffix in (".parquet", ".pq"):
        return "parquet"
    text = head.decode(detect(head), "replace").lstrip("\ufeff").lstrip()
    if ARRAY_HEAD.match(text):
        # A list of retweets may begin with a bracket: an array goes on with an object or ends.
        rest = text[text.index("[") + 1 :].lstrip()
        if suffix in (".js", ".json") or rest[:1] in ("{", ""):
            return "array"
    if suffix in SUFFIXES:
        return SUFFIXES[suffix]
    if text.startswith("{"):
        return "jsonl"
    return "table" if delimiter_of(_first_line(text)) else "lines"


def _refuse_packed(head: bytes) -> bool:
    """Tell whether a file is Parquet; refuse archives with the remedy."""
    kind = next((kind for magic, kind in MAGIC if head.startswith(magic)), None)
    if kind in (None, "parquet"):
        return kind == "parquet"
    hint = " (of an X archive pass data/tweets.js)" if kind == "zip" else ""
    raise InputError(f"this is a {kind} file: unpack it first{hint}")


def _first_line(text: str) -> str:
    """Give the first line of a text."""
    return re.split(r"[\r\n]", text, maxsplit=1)[0]


def _delimiter(head: bytes, suffix: str) -> str:
    """Find a table's delimiter by its header, which must name at least one of our columns."""
    header = _first_line(head.decode(detect(head), "replace").lstrip("\ufeff").lstrip())
    found = delimiter_of(header)
    if found:
        return found
    if not header:
        return "\t" if suffix == ".tsv" else ","
    raise InputError(
        "the first line must name the columns, such as id,post,retweet; "
        f"it reads: {clean(header[:80])}"
    )


def _plain_rows(lines: Iterator[Line], needs_post: bool) -> Iterator[Row]:
    """Read one retweet a line; a link alone on a line is the retweet's link."""
    if needs_post:
        raise InputError(
            "plain lines name no post: use JSON Lines or CSV with the columns post and retweet"
        )
    for line in lines:
        text = line.text.strip()
        if line.problem:
            yield bad_row(line.number, line.problem, line.text)
        elif text:
            column = "retweet_url" if re.fullmatch(r"https?://\S+", text) else "retweet"
            yield make_row(line.number, {column: text}, text, needs_post)
