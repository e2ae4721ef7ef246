"""A world of its own for the fetcher: run inside `unshare -n -m`, where every address is local.

All of IPv4 and IPv6 is routed to the loopback device, so that a forbidden address answers as
readily as a public one. A packet socket counts every connection that is tried, and listeners take
them: a guard is judged by what was dialled, never by what it says. Names are answered by a
scripted name server on 127.0.0.1:53.

    unshare -n -m python tests/ingest/rig.py SCENARIO [ARGUMENT]    prints one JSON object
"""

import contextlib
import json
import os
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from ipaddress import ip_address
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
PUBLIC = "93.184.215.14"
NAMES = (
    "example.com", "*.example.com", "start.example", "attacker.example", "t.co", "x.com",
    "twitter.com", "mobile.twitter.com", "hostile.example", "other.example",
)  # fmt: skip
CANARY_PORTS = (
    1, 7, 11, 19, 20, 21, 22, 23, 25, 80, 143, 443, 587, 631, 993, 2375, 2379, 3306, 3389, 5432,
    6379, 8080, 8443, 9000, 9200, 10001, 10250, 11211,
)  # fmt: skip
ARTICLE = (
    "<html><head><title>Works</title></head><body><article><h1>Works</h1><p>"
    + "This sentence is here so that the page has a text worth reading. " * 12
    + "</p></article></body></html>"
).encode()


def setup() -> None:
    """Bring the namespace up: every address is ours, and the name server is this process."""
    for command in (
        "ip link set lo up",
        "ip route add local 0.0.0.0/0 dev lo",
        "ip -6 route add local ::/0 dev lo",
    ):
        subprocess.run(command.split(), check=True, capture_output=True)
    resolv = Path(tempfile.mkstemp(suffix=".resolv")[1])
    resolv.write_text("nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")
    target = str(Path("/etc/resolv.conf").resolve())
    subprocess.run(["mount", "--bind", str(resolv), target], check=True, capture_output=True)


class Dials:
    """Everything that was tried to be reached by TCP, seen on the wire."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, int]] = []
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(3))
        self._socket.bind(("lo", 0))
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 32 << 20)
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            packet, address = self._socket.recvfrom(256)
            if address[2] != 4:  # outgoing only: on loopback everything is seen twice
                continue
            found = _syn(packet)
            if found:
                self.seen.append(found)

    def take(self) -> list[tuple[str, int]]:
        """Give what was dialled since the last call; wait until a dial of our own is seen."""
        mark = ("198.18.255.254", 9)
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.settimeout(0.2)
            probe.connect(mark)
        for _ in range(400):
            if mark in self.seen:
                break
            time.sleep(0.005)
        found, self.seen = self.seen, []
        return [dial for dial in found if dial != mark]


def _syn(packet: bytes) -> tuple[str, int] | None:
    version = packet[0] >> 4
    if version == 4 and packet[9] == 6:
        start, target = (packet[0] & 15) * 4, packet[16:20]
    elif version == 6 and packet[6] == 6:
        start, target = 40, packet[24:40]
    else:
        return None
    segment = packet[start : start + 20]
    if len(segment) < 14 or segment[13] & 0x12 != 0x02:
        return None
    return str(ip_address(target)), struct.unpack(">H", segment[2:4])[0]


class Names:
    """A scripted name server: answers of a name may change from one query to the next."""

    def __init__(self) -> None:
        self.fixed: dict[str, list[str]] = {}
        self.sequence: dict[str, list[list[str]]] = {}
        self.flip: dict[str, list[list[str]]] = {}  # chosen by a counter over all queries
        self.silent: set[str] = set()
        self.counts: defaultdict[tuple[str, int], int] = defaultdict(int)
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
        self._socket.bind(("127.0.0.1", 53))
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        from dnslib import AAAA, QTYPE, RR, A, DNSRecord

        while True:
            data, client = self._socket.recvfrom(2048)
            query = DNSRecord.parse(data)
            name = str(query.q.qname).rstrip(".").lower()
            reply = query.reply()
            if name in self.silent:
                continue
            for text in self._answers(name, query.q.qtype):
                address = ip_address(text)
                if address.version == 4 and query.q.qtype == QTYPE.A:
                    reply.add_answer(RR(query.q.qname, QTYPE.A, ttl=0, rdata=A(text)))
                if address.version == 6 and query.q.qtype == QTYPE.AAAA:
                    reply.add_answer(
                        RR(query.q.qname, QTYPE.AAAA, ttl=0, rdata=AAAA(tuple(address.packed)))
                    )
            with contextlib.suppress(OSError):
                self._socket.sendto(reply.pack(), client)

    def _answers(self, name: str, kind: int) -> list[str]:
        count = self.counts[name, kind]
        self.counts[name, kind] += 1
        if name in self.flip:
            return self.flip[name][count % len(self.flip[name])]
        if name in self.sequence:
            steps = self.sequence[name]
            return steps[min(count, len(steps) - 1)]
        return self.fixed.get(name, [])

    def script(self, vector: dict) -> None:
        """Take the answers that a test case prescribes."""
        self.counts.clear()
        self.fixed = dict(vector.get("dns", {}))
        host = vector["url"].split("//")[-1].split("/")[0].split(":")[0].lower().rstrip(".")
        self.sequence = {host: vector["dns_seq"]} if "dns_seq" in vector else {}


class Site:
    """Listeners on every address: port 80 and 443 answer, the other ports only take the call."""

    def __init__(self, certificate: Path | None) -> None:
        self.redirect: tuple[int, str] | None = None
        self.requests: list[bytes] = []
        self.stalled = ""  # an address that takes calls and says nothing
        for port in CANARY_PORTS:
            listener = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
            listener.bind(("::", port))
            listener.listen(512)
            context = None
            if port == 443 and certificate:
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                context.load_cert_chain(certificate)
            threading.Thread(target=self._accept, args=(listener, context), daemon=True).start()

    def _accept(self, listener: socket.socket, context: ssl.SSLContext | None) -> None:
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=self._answer, args=(connection, context), daemon=True).start()

    def _answer(self, connection: socket.socket, context: ssl.SSLContext | None) -> None:
        with contextlib.suppress(OSError), connection:
            connection.settimeout(20)
            if self.stalled and connection.getsockname()[0].endswith(self.stalled):
                time.sleep(20)
            if context:
                connection = context.wrap_socket(connection, server_side=True)
            head = b""
            while b"\r\n\r\n" not in head and (chunk := connection.recv(4096)):
                head += chunk
            self.requests.append(head)
            self.reply(connection, head)

    def reply(self, connection: socket.socket, head: bytes) -> None:
        host = next((x for x in head.split(b"\r\n") if x.lower().startswith(b"host:")), b"")
        if self.redirect and b"start.example" in host:
            status, location = self.redirect
            text = f"HTTP/1.1 {status} Moved\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n"
            connection.sendall(text.encode())
            return
        connection.sendall(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: "
            + str(len(ARTICLE)).encode()
            + b"\r\n\r\n"
            + ARTICLE
        )


def make_certificate(folder: Path) -> Path:
    """Make a certificate for the public names of this world, and trust it in this process."""
    names = ",".join(f"DNS:{name}" for name in NAMES)
    path = folder / "site.pem"
    subprocess.run(
        [
            *[
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-days",
                "2",
                "-subj",
                "/CN=rig",
            ],
            *("-addext", f"subjectAltName={names}"),
            *("-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")),
        ],
        check=True,
        capture_output=True,
    )
    path.write_text((folder / "key.pem").read_text() + (folder / "cert.pem").read_text())
    os.environ["SSL_CERT_FILE"] = str(folder / "cert.pem")
    return path


class World:
    """The namespace with its wire, its names and its site."""

    def __init__(self) -> None:
        setup()
        self.folder = Path(tempfile.mkdtemp())
        self.names = Names()
        self.site = Site(make_certificate(self.folder))
        self.dials = Dials()
        self.dials.take()


def vectors(world: World, path: str) -> dict:
    """Send every case through the library; forbidden dials are those outside its own answers."""
    from drift.errors import InputError
    from drift.ingest.fetch import Limits, fetch

    limits = Limits(seconds=5, floor=0)
    result: dict = {"cases": 0, "allowed_ok": 0, "allowed": 0, "forbidden": [], "messages": {}}
    for vector in map(json.loads, Path(path).read_text().splitlines()):
        world.names.script(vector)
        if "location" in vector:
            world.site.redirect = (vector["status"], vector["location"])
        world.dials.take()
        try:
            page = fetch(vector["url"], limits)
            message = f"fetched {page.status}"
        except InputError as error:
            message = str(error)
        result["messages"][message] = result["messages"].get(message, 0) + 1
        good = _public(vector)
        wrong = [
            dial for dial in world.dials.take() if dial[0] not in good or dial[1] not in (80, 443)
        ]
        if wrong:
            result["forbidden"].append((vector["id"], wrong))
        if vector["expect"] == "allow":
            result["allowed"] += 1
            result["allowed_ok"] += message == "fetched 200"
        elif vector["expect"] == "block" and message == "fetched 200":
            result.setdefault("fetched", []).append(vector["id"])
        result["cases"] += 1
    return result


def _public(vector: dict) -> set[str]:
    """Give the addresses that a case may dial: the public ones of its first answer."""
    first = vector.get("dns_seq", [[]])[0]
    named = {text for texts in vector.get("dns", {}).values() for text in texts} | set(first)
    return {
        text
        for text in named
        if text in (PUBLIC, "8.8.8.8") or text.startswith(("104.244.42.", "2606:4700:4700::"))
    }


def cli(world: World, path: str) -> dict:
    """Send every case that needs no script of its own through `drift batch`, as a post's link."""
    cases = [json.loads(text) for text in Path(path).read_text().splitlines()]
    cases = [case for case in cases if "location" not in case and "dns_seq" not in case]
    for case in cases:
        world.names.fixed.update(case.get("dns", {}))
    source, target = world.folder / "in.jsonl", world.folder / "out.jsonl"
    rows = [{"id": case["id"], "post_url": case["url"], "retweet": "王立军"} for case in cases]
    source.write_text("".join(json.dumps(row) + "\n" for row in rows))
    words = [sys.executable, "-m", "drift.cli", "batch", str(source), "--output", str(target)]
    environment = {**os.environ, "DRIFT_CACHE": str(world.folder / "cache")}
    world.dials.take()
    done = subprocess.run(
        words, check=False, capture_output=True, text=True, cwd=ROOT, env=environment
    )
    good = {text for case in cases if case["expect"] == "allow" for text in _public(case)}
    dialled = world.dials.take()
    wrong = [dial for dial in dialled if dial[0] not in good or dial[1] not in (80, 443)]
    answers = [json.loads(text) for text in target.read_text().splitlines()]
    errors = {answer["id"] for answer in answers if answer.get("error")}
    # x.com and twitter.com are asked through publish.x.com, which does not answer here.
    pages = {case["id"] for case in cases if case["expect"] == "allow"}
    pages -= {case["id"] for case in cases if "/status/" in case["url"]}
    return {
        "cases": len(cases),
        "code": done.returncode,
        "rows": len(answers),
        "errors": len(errors),
        "allowed": len(pages),
        "allowed_ok": len(pages - errors),
        "forbidden": wrong[:20],
        "tail": done.stderr[-500:],
    }


def scripted(world: World, path: str) -> dict:
    """Send every case with a script (redirects, answers that flip) through `drift check`."""
    result: dict = {"cases": 0, "codes": {}, "forbidden": []}
    environment = {**os.environ, "DRIFT_CACHE": "off"}
    for case in map(json.loads, Path(path).read_text().splitlines()):
        if "location" not in case and "dns_seq" not in case:
            continue
        world.names.script(case)
        if "location" in case:
            world.site.redirect = (case["status"], case["location"])
        world.dials.take()
        words = [sys.executable, "-m", "drift.cli", "check", case["url"], "王立军"]
        done = subprocess.run(words, check=False, capture_output=True, cwd=ROOT, env=environment)
        good = _public(case)
        wrong = [d for d in world.dials.take() if d[0] not in good or d[1] not in (80, 443)]
        if wrong:
            result["forbidden"].append((case["id"], wrong))
        result["codes"][done.returncode] = result["codes"].get(done.returncode, 0) + 1
        result["cases"] += 1
    return result


def unguarded(world: World, path: str) -> dict:
    """Send the cases with the guard taken out: the rig must see what it is there to see."""
    from drift.ingest import addresses, dial

    addresses.dialable = lambda address: True
    dial.check_dial = lambda host, port: None
    return vectors(world, path)


def rebinding(world: World, count: str) -> dict:
    """Fetch many times at once while the name flips between a public and a private address."""
    from drift.errors import InputError
    from drift.ingest.fetch import Limits, fetch_all

    bad = ["127.0.0.1", "10.0.0.5", "169.254.169.254", "::1", "fd00:ec2::254", "::ffff:10.0.0.5"]
    steps: list[list[str]] = []
    for address in bad:
        steps += [[PUBLIC], [address], [PUBLIC, address]]
    world.names.flip = {"attacker.example": steps}
    done = fetched = 0
    started = time.monotonic()
    wrong: list = []
    while done < int(count):
        batch = min(500, int(count) - done)
        outcomes = fetch_all(["http://attacker.example/"] * batch, Limits(seconds=10, floor=0))
        fetched += sum(not isinstance(outcome, InputError) for outcome in outcomes)
        wrong += [dial for dial in world.dials.take() if dial[0] != PUBLIC]
        done += batch
    return {
        "fetches": done,
        "fetched": fetched,
        "forbidden": wrong[:10],
        "seconds": round(time.monotonic() - started, 1),
    }


def environment(world: World, _: str) -> dict:
    """Fetch with proxies, a .netrc and a cookie file in the way."""
    from drift.ingest.fetch import Limits, fetch

    home = world.folder / "home"
    home.mkdir()
    (home / ".netrc").write_text("default login secretlogin password secretword\n")
    (home / ".netrc").chmod(0o600)
    os.environ.update(HOME=str(home), NETRC=str(home / ".netrc"))
    for name in (
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "ALL_PROXY",
        "http_proxy",
        "https_proxy",
        "all_proxy",
    ):
        os.environ[name] = "http://10.0.0.5:8080"
    world.names.fixed = {"example.com": [PUBLIC]}
    world.dials.take()
    page = fetch("http://example.com/a", Limits(floor=0))
    fetch("https://example.com/a", Limits(floor=0))
    dialled = world.dials.take()
    sent = b"".join(world.site.requests).decode().lower()
    return {
        "status": page.status,
        "dialled": sorted(set(dialled)),
        "leaked": [word for word in ("authorization", "cookie", "secret") if word in sent],
    }


def sameness(world: World, _: str) -> dict:
    """Compare what a caller learns about twenty targets that cannot be fetched."""
    from drift.errors import InputError
    from drift.ingest.fetch import fetch

    world.names.fixed = {
        "closed.example.com": ["93.184.215.99"],
        "mixed.example": [PUBLIC, "10.0.0.5"],
    }
    targets = [
        "http://127.0.0.1/", "http://10.0.0.5/", "http://[::1]/", "http://169.254.169.254/",
        "http://10.0.0.5:6379/", "http://192.168.1.1:22/", "file:///etc/passwd", "gopher://x/",
        "http://localhost/", "http://metadata.google.internal/", "http://a@example.com/",
        "http://mixed.example/", "http://nowhere.example/", "http://example.com:8080/", "http://",
        "http://[::ffff:10.0.0.5]/", "http://2130706433/", "http://x.onion/", "https://[::]/", "x",
    ]  # fmt: skip
    answers, times = set(), []
    for target in targets:
        started = time.monotonic()
        try:
            fetch(target)
            answers.add("fetched")
        except InputError as error:
            answers.add(f"{type(error).__name__}: {error}")
        times.append(round(time.monotonic() - started, 3))
    return {"answers": sorted(answers), "shortest": min(times), "longest": max(times)}


def main() -> None:
    """Run one scenario and print its result."""
    sys.path[:0] = [str(ROOT), str(HERE)]
    scenario, argument = sys.argv[1], (sys.argv[2] if len(sys.argv) > 2 else "")
    if scenario == "hostile":
        import hostile

        result = hostile.run(World)
    else:
        known = {
            f.__name__: f
            for f in (vectors, unguarded, cli, scripted, rebinding, environment, sameness)
        }
        result = known[scenario](World(), argument)
    print(json.dumps(result), flush=True)
    os._exit(0)  # the listeners' threads are not waited for


if __name__ == "__main__":
    main()
