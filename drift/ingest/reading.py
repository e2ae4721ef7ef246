"""Reads fetched pages in a process of its own, with bounds that hold whatever the page does.

A page of 2 MB can keep an HTML parser busy for an hour (150,000 attributes in one tag do), or
make it ask for a gigabyte. The child has a deadline and an address space; when it breaks them it
is killed, and only its own page is lost.
"""

import json
import select
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from threading import Thread
from time import monotonic
from typing import IO, Any

from drift.errors import BackendError, InputError
from drift.ingest.fetch import Page
from drift.ingest.networks.entries import Entry
from drift.ingest.records import Article, Block

SECONDS = 9.5  # for fetching and reading together
STARTING = 60.0  # for the child to come up: 0.3 s, but no page must suffer for a busy machine
LEAST = 1.5  # for reading, even after a slow fetch
MEMORY = 1 << 30  # address space of the child; its libraries alone map 0.3 GB
TOO_HARD = "the page could not be read in time; paste the text instead"

READY = b"ready\n"

Reading = Article | list[Entry] | InputError

ROOT = str(Path(__file__).resolve().parents[2])
CHILD = f"import sys; sys.path.insert(0, {ROOT!r}); from drift.ingest.reading import serve; serve()"


def read_pages(pages: Sequence[Page]) -> list[Reading]:
    """Read the article of every page; a page that cannot be read costs only its own place."""
    results: list[Reading] = []
    child: subprocess.Popen[bytes] | None = None
    try:
        for page in pages:
            child = child or _start()
            result = _ask(child, page)
            if result is None:
                _stop(child)
                child = None
                result = InputError(TOO_HARD)
            results.append(result)
    finally:
        if child:
            _stop(child)
    return results


def read_one(page: Page) -> Article | list[Entry]:
    """Read the article of one page, or raise InputError."""
    result = read_pages([page])[0]
    if isinstance(result, InputError):
        raise result
    return result


def serve() -> None:
    """Be the child: read pages from standard input until it ends, write an answer to each."""
    _bind_ourselves()
    from lxml import html  # noqa: F401 -- what every page needs is there before the clock starts

    source, target = sys.stdin.buffer, sys.stdout.buffer
    target.write(READY)
    target.flush()
    while line := source.readline():
        head = json.loads(line)
        page = Page("", head["url"], head["status"], source.read(head["size"]), head["headers"])
        answer: dict[str, Any]
        try:
            answer = _read(page)
        except InputError as error:
            answer = {"error": str(error)}
        except (MemoryError, RecursionError):
            answer = {"error": TOO_HARD}
        target.write(json.dumps(answer).encode() + b"\n")
        target.flush()


def _read(page: Page) -> dict[str, Any]:
    """Read a page as what it is: a feed or an article."""
    from drift.ingest.articles import read_page
    from drift.ingest.feeds import entries_of, is_feed

    if page.status == 200 and is_feed(page.kind, page.body):
        return {"entries": [asdict(entry) for entry in entries_of(page.body, page.url)]}
    return {"article": asdict(read_page(page))}


def _bind_ourselves() -> None:
    """Give up what the child does not need: memory, processor time, files that grow."""
    import resource

    for kind, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (most, most))


def _start() -> subprocess.Popen[bytes]:
    """Start a child and wait until it is ready."""
    child = subprocess.Popen(  # noqa: S603 -- nothing of the page is in its words
        [sys.executable, "-I", "-c", CHILD],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    if not child.stdout or _line(child.stdout, monotonic() + STARTING) != READY:
        _stop(child)
        raise BackendError("the process that reads pages does not start")
    return child


def _ask(child: subprocess.Popen[bytes], page: Page) -> Reading | None:
    """Have one page read; nothing when the child died or took too long."""
    head = {
        "url": page.url,
        "status": page.status,
        "size": len(page.body),
        "headers": {"content-type": page.headers.get("content-type", "")},
    }
    if not child.stdin or not child.stdout:
        return None
    deadline = monotonic() + max(LEAST, SECONDS - page.took)
    # A child that does not read must not hold us up: the pipe takes 64 KB and no more.
    message = json.dumps(head).encode() + b"\n" + page.body
    Thread(target=_send, args=(child.stdin, message), daemon=True).start()
    line = _line(child.stdout, deadline)
    return _answer(line) if line else None


def _send(stream: IO[bytes], message: bytes) -> None:
    """Write a message to a child that may be killed meanwhile."""
    with suppress(OSError, ValueError):
        stream.write(message)
        stream.flush()


def _line(stream: IO[bytes], deadline: float) -> bytes | None:
    """Read one line until the deadline; nothing if it did not come whole."""
    found = bytearray()
    while not found.endswith(b"\n"):
        ready, _, _ = select.select([stream], [], [], max(0.0, deadline - monotonic()))
        chunk = stream.read1(1 << 16) if ready else b""  # type: ignore[attr-defined]
        if not chunk:
            return None
        found += chunk
    return bytes(found)


def _answer(line: bytes) -> Reading:
    """Turn the child's answer into what it stands for."""
    answer = json.loads(line)
    if "error" in answer:
        return InputError(answer["error"])
    if "entries" in answer:
        return [Entry(**{**one, "notes": tuple(one["notes"])}) for one in answer["entries"]]
    fields = answer["article"]
    fields["blocks"] = tuple(Block(**block) for block in fields["blocks"])
    fields["notes"] = tuple(fields["notes"])
    return Article(**fields)


def _stop(child: subprocess.Popen[bytes]) -> None:
    """End a child, whatever it is doing."""
    child.kill()
    child.wait()
    for stream in (child.stdin, child.stdout):
        with suppress(OSError):
            if stream:
                stream.close()
