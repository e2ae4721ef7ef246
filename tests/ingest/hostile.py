"""Servers that misbehave, thirty ways and more; each fetch is timed and its memory measured."""
# ruff: noqa: E501 -- markup and answers stay as they are sent

import contextlib
import gzip
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HTML = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
CHUNKED = HTML + b"Transfer-Encoding: chunked\r\n\r\n"
ROOT = Path(__file__).resolve().parents[2]


def _forever(connection: socket.socket, piece: bytes, pause: float = 0.0) -> None:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        connection.sendall(piece)
        time.sleep(pause)


def _with(extra: bytes, body: bytes) -> bytes:
    return HTML + extra + b"Content-Length: %d\r\n\r\n" % len(body) + body


def _bomb(levels: int = 1) -> bytes:
    data = gzip.compress(b"<p>" + b"\0" * (100 << 20), 9) * 10  # ten members of 100 MB each
    for _ in range(levels - 1):
        data = gzip.compress(data)
    return data


ENTITY_BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + i, b"&%c;" % (97 + i) * 10) for i in range(9))
    + b"]><rss><channel><item><title>&j;</title></item></channel></rss>"
)
MOVED = b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nSet-Cookie: a=b\r\nLocation: %s\r\n\r\n"

# A reply is bytes to send (then the connection closes), or a function of the connection.
REPLIES = {
    "gzip-bomb": lambda c: c.sendall(_with(b"Content-Encoding: gzip\r\n", _bomb())),
    "gzip-twice": lambda c: c.sendall(_with(b"Content-Encoding: gzip, gzip\r\n", _bomb(2))),
    "brotli": _with(b"Content-Encoding: br\r\n", b"\x0b\x02\x80hello\x03"),
    "zstd": _with(b"Content-Encoding: zstd\r\n", b"\x28\xb5\x2f\xfd\x00"),
    "deflate": _with(b"Content-Encoding: deflate\r\n", b"x\x9c"),
    "coding-unknown": _with(b"Content-Encoding: rot13\r\n", b"uryyb"),
    "gzip-cut": _with(b"Content-Encoding: gzip\r\n", gzip.compress(b"<p>hello" * 999)[:-20]),
    "gzip-false": _with(b"Content-Encoding: gzip\r\n", b"<p>not gzip at all"),
    "gzip-endless-members": lambda c: (
        c.sendall(HTML + b"Content-Encoding: gzip\r\n\r\n"),
        _forever(c, gzip.compress(b"") * 500),
    ),
    "endless-chunks": lambda c: (c.sendall(CHUNKED), _forever(c, b"8000\r\n" + b"x" * 32768 + b"\r\n")),
    "dripping-chunks": lambda c: (c.sendall(CHUNKED), _forever(c, b"1\r\nx\r\n", 0.3)),
    "endless-close-delimited": lambda c: (c.sendall(HTML + b"\r\n"), _forever(c, b"y" * 65536)),
    "chunk-size-overflow": CHUNKED + b"FFFFFFFFFFFFFFFFFF\r\nx\r\n",
    "chunk-extension-flood": lambda c: (c.sendall(CHUNKED + b"1;"), _forever(c, b"e=" * 9999)),
    "slowloris-headers": lambda c: _forever(c, b"X", 0.3),
    "dripping-header-lines": lambda c: (c.sendall(HTML), _forever(c, b"X-A: b\r\n", 0.3)),
    "one-huge-header": lambda c: (c.sendall(HTML + b"X-A: "), _forever(c, b"b" * 65536)),
    "endless-headers": lambda c: (c.sendall(HTML), _forever(c, b"X-A: bbbbbbbbbbbbbbbbb\r\n" * 999)),
    "hundred-informational": b"HTTP/1.1 103 Early Hints\r\n\r\n" * 100 + _with(b"", b"<p>late"),
    "endless-informational": lambda c: _forever(c, b"HTTP/1.1 100 Continue\r\n\r\n" * 99),
    "silence": lambda c: time.sleep(30),
    "length-too-long": lambda c: (c.sendall(HTML + b"Content-Length: 999999\r\n\r\n<p>x"), time.sleep(30)),
    "length-too-short": HTML + b"Content-Length: 3\r\n\r\n<p>and more than three",
    "length-huge": HTML + b"Content-Length: 10000000000\r\n\r\n<p>x",
    "length-garbage": HTML + b"Content-Length: -5\r\n\r\n<p>x",
    "length-and-chunked": HTML + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    "redirect-loop": MOVED % b"/redirect-loop",
    "redirect-long": MOVED % b"/redirect-long?x",
    "redirect-endless-body": lambda c: (c.sendall(b"HTTP/1.1 302 Found\r\nLocation: /silence\r\n\r\n"), _forever(c, b"z" * 65536)),
    "redirect-nul": MOVED % b"http://example.com\0.evil/",
    "binary-as-html": _with(b"", bytes(range(256)) * 4000),
    "image": HTML.replace(b"text/html", b"image/png") + b"Content-Length: 4\r\n\r\n\x89PNG",
    "no-type-binary": b"HTTP/1.1 200 OK\r\nContent-Length: 2560\r\n\r\n" + bytes(range(256)) * 10,
    "over-limit": _with(b"", b"<p>" + b"word " * 400_001),
    "at-limit": _with(b"", (b"<p>" + b"word " * 400_000)[:2_000_000]),
    "nested-tags": _with(b"", b"<div>" * 100_000 + b"x" + b"</div>" * 100_000),
    "nested-inline": _with(b"", b"<b><i>" * 60_000 + b"deep text"),
    "many-attributes": _with(b"", b"<p " + b" ".join(b"a%d=b" % i for i in range(150_000)) + b">x"),
    "many-paragraphs": _with(b"", b"<article>" + b"<p>word word word</p>" * 90_000),
    "many-comments": _with(b"", b"<!-- -->" * 200_000),
    "unclosed-comment": _with(b"", b"<!--" * 400_000),
    "unclosed-attributes": _with(b"", b"<a b='" * 200_000),
    "entities": _with(b"", b"&amp;&#x10FFFF;&#0;&nosuch;" * 70_000),
    "json-ld-deep": _with(b"", b'<script type="application/ld+json">' + b"[" * 900_000 + b"</script>"),
    "bad-charset": _with(b"", b'<meta charset="zlib"><p>' + "王立军".encode("gbk") * 99),
    "title-of-a-megabyte": _with(b"", b"<title>" + b"t" * 1_000_000 + b"</title><p>x"),
    "spaces-and-dates": _with(b"", b"<p>" + b" 2012-02-08 " * 100_000),
    "xml-entity-bomb": HTML.replace(b"text/html", b"text/xml") + b"\r\n" + ENTITY_BOMB,
    "not-http": b"SSH-2.0-OpenSSH_9.9\r\n",
    "old-http": b"<p>HTTP/0.9",
    "odd-status": b"HTTP/1.1 999999999 What\r\n\r\n",
    "reset": lambda c: (
        c.sendall(HTML + b"Content-Length: 999\r\n\r\nabc"),
        c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0"),
    ),
}  # fmt: skip
OTHERS = ("silent-name-server", "silent-tls")


def reply(connection: socket.socket, head: bytes) -> None:
    """Misbehave as the path of the request says."""
    name = head.split(b" ")[1].decode().strip("/").partition("?")[0]
    answer = REPLIES[name]
    if isinstance(answer, bytes):
        connection.sendall(answer)
    else:
        answer(connection)


def run(world_of) -> dict:
    """Serve every misbehaviour to a client in a process of its own."""
    world = world_of()
    world.site.reply = reply
    world.names.fixed = {"hostile.example": ["93.184.215.14"], "stall.example": ["93.184.215.77"]}
    world.names.silent = {"silent.example"}
    world.site.stalled = "93.184.215.77"
    done = subprocess.run(
        [sys.executable, __file__], capture_output=True, text=True, cwd=ROOT, check=True
    )
    return json.loads(done.stdout)


def _status(name: str) -> int:
    text = Path("/proc/self/status").read_text()
    return next(int(x.split()[1]) for x in text.splitlines() if x.startswith(name))


def client() -> None:
    """Fetch from every hostile server and read what came; print time and memory of each."""
    sys.path.insert(0, str(ROOT))
    from drift.errors import InputError
    from drift.ingest.fetch import Page, fetch
    from drift.ingest.reading import read_one as read_page

    page = Page(
        "", "http://a.example/", 200, b"<p>" + b"word " * 20_000, {"content-type": "text/html"}
    )
    for _ in range(2):
        with contextlib.suppress(InputError):
            read_page(page)
    beat = Heartbeat()
    others = {
        "silent-name-server": "http://silent.example/",
        "silent-tls": "https://stall.example/",
    }
    results = {}
    for name in (*REPLIES, *OTHERS):
        link = others.get(name, f"http://hostile.example/{name}")
        Path("/proc/self/clear_refs").write_text("5")
        before, late, started = _status("VmRSS"), beat.late(), time.monotonic()
        size, fetched = 0, None
        try:
            page = fetch(link)
            size, fetched = len(page.body), time.monotonic() - started
            said = f"read: {read_page(page)!r:.60}"
        except InputError as error:
            said = str(error)
        seconds = time.monotonic() - started
        results[name] = {
            "seconds": round(seconds, 2),
            "fetch": round(fetched or seconds, 2),
            "late": round(beat.late() - late, 2),
            "bytes": size,
            "grown_mib": round((_status("VmHWM") - before) / 1024, 1),
            "said": said,
        }
    print(json.dumps(results), flush=True)
    beat.stop()
    os._exit(0)


class Heartbeat:
    """A process that does nothing but sleep, and writes down how much later it wakes.

    On a machine with more to do than it can, every time measured here grows by about as much.
    """

    CODE = (
        "import os, sys, time\nlate = 0.0\nwhile True:\n"
        "    t = time.monotonic(); time.sleep(0.02); late += time.monotonic() - t - 0.02\n"
        "    open(sys.argv[1] + '.new', 'w').write(str(late))\n"
        "    os.replace(sys.argv[1] + '.new', sys.argv[1])"
    )

    def __init__(self) -> None:
        self._path = Path(tempfile.mkstemp()[1])
        words = [sys.executable, "-c", self.CODE, str(self._path)]
        self._process = subprocess.Popen(words)

    def late(self) -> float:
        return float(self._path.read_text() or 0)

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()
        self._path.unlink()


if __name__ == "__main__":
    client()
