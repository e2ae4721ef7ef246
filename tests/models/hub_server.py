"""A model hub on this machine: the same addresses and answers, and the faults of real ones."""

import hashlib
import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

COMMIT = "a" * 40


@dataclass
class World:
    """What the hub has, how it misbehaves, and what it was asked."""

    folders: dict[str, dict[str, Path]] = field(default_factory=dict)  # model -> commit -> files
    branches: dict[str, str] = field(default_factory=dict)
    requests: dict[str, list[str]] = field(default_factory=dict)  # model -> pull requests' commits
    licence: str = "mit"
    breaks: dict[str, int] = field(default_factory=dict)  # file -> bytes after which it breaks off
    spoilt: set[str] = field(default_factory=set)  # files whose bytes arrive changed
    ranges: bool = True
    lies: str = ""  # a commit given instead of the one asked for
    elsewhere: str = ""  # an address that files are kept at
    extra: list[dict] = field(default_factory=list)  # rows added to every listing
    asked: list[tuple[str, str, str]] = field(default_factory=list)  # path, Range, Authorization
    sent: int = 0


class _Handler(BaseHTTPRequestHandler):
    world: World
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        path = unquote(urlsplit(self.path).path)
        self.world.asked.append(
            (path, self.headers.get("Range", ""), self.headers.get("Authorization", ""))
        )
        if path.startswith("/api/models/") and path.endswith("/refs"):
            self._refs(path.removeprefix("/api/models/").removesuffix("/refs"))
        elif path.startswith("/api/models/"):
            self._listing(*path.removeprefix("/api/models/").split("/revision/"))
        elif "/resolve/" in path:
            self._file(path)
        else:
            self.send_error(404)

    def _refs(self, model):
        rows = [
            {"name": str(n), "ref": f"refs/pr/{n}", "targetCommit": commit}
            for n, commit in enumerate(self.world.requests.get(model, []), 1)
        ]
        self._json({"branches": [], "pullRequests": rows})

    def _listing(self, model, revision):
        commit = self.world.branches.get(revision, revision)
        folder = self.world.folders.get(model, {}).get(commit)
        if folder is None:
            self.send_error(404)
            return
        rows = [
            _row(path, path.relative_to(folder).as_posix())
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        ]
        told = self.world.lies or commit
        card = {"license": self.world.licence}
        self._json(
            {"id": model, "sha": told, "siblings": rows + self.world.extra, "cardData": card}
        )

    def _file(self, path):
        if self.world.elsewhere and self.headers.get("Host", "") not in self.world.elsewhere:
            self.send_response(302)
            self.send_header("Location", self.world.elsewhere + path)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        model, _, rest = path.lstrip("/").partition("/resolve/")
        commit, _, name = rest.partition("/")
        content = (self.world.folders[model][commit] / name).read_bytes()
        if name in self.world.spoilt:
            content = bytes([content[0] ^ 1]) + content[1:]
        start = 0
        wanted = self.headers.get("Range", "")
        if wanted and self.world.ranges:
            start = int(wanted.removeprefix("bytes=").removesuffix("-"))
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        cut = self.world.breaks.pop(name, None)
        part = content[start:] if cut is None else content[start : start + cut]
        self.world.sent += len(part)
        self.wfile.write(part)
        if cut is not None:
            self.close_connection = True

    def _json(self, found):
        text = json.dumps(found).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)


def _row(path, name):
    content = path.read_bytes()
    row = {"rfilename": name, "size": len(content), "blobId": _blob(content)}
    if len(content) > 10_000 or name.endswith((".safetensors", ".spm", ".model")):
        row["lfs"] = {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
    return row


def _blob(content):
    header = b"blob %d\0" % len(content)
    return hashlib.sha1(header + content, usedforsecurity=False).hexdigest()


@contextmanager
def serving(world: World):
    """Serve on a free port; give the address."""
    handler = type("Handler", (_Handler,), {"world": world})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
