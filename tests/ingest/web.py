"""A web on one local port: real HTTP, any host name, answered by a function of the request.

The guard is told, for the length of one test, that the local address is a public one. Everything
else (one parser, redirects, bounds, headers) is the code that runs in earnest.
"""

import threading
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from urllib.parse import parse_qs, urlsplit

from drift.ingest import addresses, dial
from drift.ingest.networks import bluesky, mastodon, weibo, x


@dataclass
class Asked:
    """A request as the server saw it."""

    method: str
    host: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes


Reply = tuple[int, dict[str, str], bytes]


@dataclass
class Web:
    """The server with everything that it was asked."""

    answer: Callable[[Asked], Reply]
    asked: list[Asked] = field(default_factory=list)


def _handler(web: Web) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            parts = urlsplit(self.path)
            size = int(self.headers.get("content-length") or 0)
            asked = Asked(
                self.command,
                self.headers.get("host", "").partition(":")[0],
                parts.path,
                {name: values[0] for name, values in parse_qs(parts.query).items()},
                {name.lower(): value for name, value in self.headers.items()},
                self.rfile.read(size),
            )
            web.asked.append(asked)
            status, headers, body = web.answer(asked)
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", **headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815 -- the name that http.server asks for

        def log_message(self, *_):
            pass

    return Handler


@contextmanager
def local_web(monkeypatch, answer):
    """Serve every host name from one local port while the test runs."""
    web = Web(answer)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(web))
    port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()

    async def resolve(self, host, asked_port=0, family=0):
        entry = {"hostname": host, "host": "127.0.0.1", "port": port, "proto": 0, "flags": 0}
        return [{**entry, "family": 2}]

    def check_dial(host, dialled):
        if (ip_address(host), dialled) != (ip_address("127.0.0.1"), port):
            raise addresses.RefusedError("not the local web")

    monkeypatch.setattr(dial.CheckedResolver, "resolve", resolve)
    monkeypatch.setattr(dial, "check_dial", check_dial)
    for module, names in (
        (x, ("OEMBED", "API")),
        (bluesky, ("VIEW", "SERVICE")),
        (weibo, ("MOBILE",)),
    ):
        for name in names:
            monkeypatch.setattr(module, name, getattr(module, name).replace("https:", "http:"))
    monkeypatch.setattr(mastodon, "SCHEME", "http")
    try:
        yield web
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
