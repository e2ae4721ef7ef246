"""Cuts a file of any encoding into lines of bounded length, with what is wrong with each."""

import codecs
import io
import re
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from drift.errors import InputError
from drift.ingest.encodings import detect

MAX_LINE = 4_000_000  # code points; two texts of the greatest length, escaped, still fit
HEAD = 2_000  # code points that are kept of a line beyond all bounds
CHUNK = 1 << 16
SAMPLE = 1 << 18
SPOOL = 16 << 20  # bytes of standard input that stay in memory; more goes to a temporary file


@dataclass(frozen=True, slots=True)
class Line:
    """A line without its end, its number from 1, and its fault if it has one."""

    number: int
    text: str
    problem: str | None = None


@contextmanager
def opened(path: str | Path) -> Iterator[BinaryIO]:
    """Open a file, or standard input for `-`, so that it can be read more than once."""
    if str(path) == "-":
        with tempfile.SpooledTemporaryFile(max_size=SPOOL) as spool:
            while chunk := sys.stdin.buffer.read(CHUNK):
                spool.write(chunk)
            spool.seek(0)
            yield cast("BinaryIO", spool)
        return
    try:
        handle = Path(path).open("rb")  # noqa: SIM115 -- closed below; only the opening may fail here
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not a usable path"
        raise InputError(f"cannot read {path}: {reason}; check the path") from error
    with handle:
        yield handle


def sample(handle: BinaryIO, plain: int = 0) -> bytes:
    """Read what tells a file's encoding: its head, or the stretch with its first foreign byte.

    Whoever knows that the first so many bytes are ASCII spares reading them.
    """
    handle.seek(0)
    head = handle.read(SAMPLE)
    best = head
    handle.seek(max(len(head), plain // SAMPLE * SAMPLE))
    while best.isascii() and (chunk := handle.read(SAMPLE)):
        best = chunk
    handle.seek(0)
    if best is head or best.isascii():
        return head
    first = re.search(rb"[\x80-\xff]", best)
    line_start = best.rfind(b"\n", 0, first.start() if first else 0) + 1
    return best[line_start:]


def lines(handle: BinaryIO, encoding: str | None = None) -> Iterator[Line]:
    """Give a file's lines one by one; neither a bad byte nor an endless line stops it."""
    head = sample(handle)
    named = encoding or detect(head)
    end = "\r" if b"\r" in head and b"\n" not in head else "\n"  # \r alone: an old Macintosh file
    yield from numbered(iter(lambda: handle.read(CHUNK), b""), named, end)


def numbered(
    blocks: Iterable[bytes], encoding: str, end: str = "\n", before: int = 0
) -> Iterator[Line]:
    """Give the lines of what is read block by block, with so many lines before the first."""
    faults = "replace" if encoding.startswith(("utf-16", "utf-32")) else "surrogateescape"
    cut = _cut(_decoded(blocks, encoding, faults), end)
    for number, (text, overflow) in enumerate(cut, before + 1):
        yield Line(number, *_checked(text.removesuffix("\r"), encoding, overflow))


def _decoded(blocks: Iterable[bytes], encoding: str, faults: str) -> Iterator[str]:
    """Decode a file block by block; the byte order mark is no text."""
    decoder = codecs.getincrementaldecoder(encoding)(faults)
    first = True
    for chunk in blocks:
        text = decoder.decode(chunk)
        yield text.removeprefix("\ufeff") if first else text
        first = first and not text
    yield decoder.decode(b"", final=True)


def _cut(chunks: Iterator[str], end: str) -> Iterator[tuple[str, int]]:
    """Cut decoded chunks at line ends; an overlong line gives its head and its true length."""
    parts: list[str] = []
    held = length = 0
    for chunk in chunks:
        pieces = chunk.split(end)
        for index, piece in enumerate(pieces):
            if index:
                yield _line(parts, length)
                parts, held, length = [], 0, 0
            length += len(piece)
            if held <= MAX_LINE:
                parts.append(piece)
                held += len(piece)
    if length:
        yield _line(parts, length)


def _line(parts: list[str], length: int) -> tuple[str, int]:
    """Join a line, or cut it back to its head when it is too long."""
    text = "".join(parts)
    return (text[:HEAD], length) if length > MAX_LINE else (text, 0)


def _checked(text: str, encoding: str, overflow: int) -> tuple[str, str | None]:
    """Name a line's fault and make its text harmless."""
    if overflow:
        return text, f"the line has {overflow:,} characters; the limit is {MAX_LINE:,}"
    if text.isascii():
        return text, None
    stray = re.search(r"[\udc80-\udcff]", text)
    if not stray:
        return text, None
    return _recovered(text, encoding, stray.start())


def _recovered(text: str, encoding: str, where: int) -> tuple[str, str]:
    """Show what a line in the wrong encoding may have meant; it is not judged on a guess."""
    try:
        data = text.encode(encoding, "surrogateescape")
    except UnicodeEncodeError:
        data = b""
    other = detect(data) if data else encoding
    shown = data.decode(other, "replace") if data else text.encode("utf-8", "replace").decode()
    hint = f"; it looks like {other}" if other != encoding else ""
    return shown, (
        f"not valid {encoding} at character {where + 1}{hint}: "
        "save the whole file in one encoding, best UTF-8"
    )


def whole(handle: BinaryIO, limit: int) -> bytes:
    """Read a file whole, or refuse it when it is larger than the limit."""
    handle.seek(0)
    data = handle.read(limit + 1)
    if len(data) > limit:
        raise InputError(f"the file is larger than {limit:,} bytes; split it")
    handle.seek(0)
    return data


def from_bytes(data: bytes) -> BinaryIO:
    """Treat bytes (an upload, a fetched feed) like an opened file."""
    return io.BytesIO(data)
