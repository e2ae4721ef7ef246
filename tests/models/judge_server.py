"""A server that speaks the chat-completions protocol and answers as a test tells it to."""

import json
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def completion(content, *, finish="stop", refusal=None, tokens=100):
    """Give the body of a completion; `content` is the answer's text, or what becomes its JSON."""
    text = content if isinstance(content, str) or content is None else json.dumps(content)
    message = {"role": "assistant", "content": text}
    if refusal:
        message["refusal"] = refusal
    return {
        "object": "chat.completion",
        "choices": [{"index": 0, "message": message, "finish_reason": finish}],
        "usage": {"total_tokens": tokens},
    }


def says(probability, *changes, steers=False):
    """Give an answer as the schema asks for it; each change is (retweet, post)."""
    return completion(
        {
            "steers": steers,
            "changes": [{"retweet": theirs, "post": ours} for theirs, ours in changes],
            "misrepresents": probability,
        }
    )


@dataclass
class World:
    """How the server answers, and what it was sent."""

    answer: object = None  # a body, or a function from the request to a body
    status: list[int] = field(default_factory=list)  # given first, one a request
    raw: bytes | None = None
    drip: float = 0.0  # seconds between the bytes of an answer
    schemas: bool = True
    redirect: str = ""
    requests: list[dict] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    at_once: int = 0
    most: int = 0
    gate: threading.Barrier | None = None  # each request waits here for the others


class _Handler(BaseHTTPRequestHandler):
    world: World
    lock = threading.Lock()

    def log_message(self, *_):
        pass

    def do_POST(self):
        world = self.world
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with self.lock:
            world.requests.append({"path": self.path, **body})
            world.keys.append(self.headers.get("Authorization", ""))
            world.at_once += 1
            world.most = max(world.most, world.at_once)
            status = world.status.pop(0) if world.status else 200
        if world.gate:
            world.gate.wait(timeout=30)
        if world.redirect:
            status = 307
        elif not world.schemas and "response_format" in body:
            status = 400
        with self.lock:  # before the answer is out: the next request may come at once
            world.at_once -= 1
        with suppress(BrokenPipeError, ConnectionResetError):
            self._send(status, body)

    def _send(self, status, body):
        world = self.world
        found = world.answer(body) if callable(world.answer) else world.answer
        text = world.raw if world.raw is not None else json.dumps(found).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.send_header("Retry-After", "0")
        if world.redirect:
            self.send_header("Location", world.redirect)
        self.end_headers()
        if not world.drip:
            self.wfile.write(text)
            return
        for byte in text:
            self.wfile.write(bytes([byte]))
            self.wfile.flush()
            time.sleep(world.drip)


@contextmanager
def serving(world: World):
    """Serve on a free port; give the address to set."""
    handler = type("Handler", (_Handler,), {"world": world})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
