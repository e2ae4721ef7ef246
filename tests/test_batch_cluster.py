"""A batch on a cluster gives what it gives on one machine, whatever dies on the way."""

import gzip
import json

import pytest

from drift.batch.cluster import Security
from drift.batch.shelf import COMPLETE, Shelf
from drift.cli import main
from drift.errors import InputError
from tests.clusters import BATCH, Cluster, kill, start, wait_for_chunks

pytest.importorskip("distributed", reason="the extra `cluster` is not installed")
POSTS = (
    "If the second test fails, Lumo will withdraw the drug. About 4,000 people take it.",
    "The mayor may resign on Friday, according to two newspapers. Her office has not commented.",
)
RETWEETS = ("要是第二次测试失败，Lumo就撤回这种药", "大约4万人在服用这种药", "市长已经辞职")


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    path = tmp_path_factory.mktemp("in") / "in.jsonl"
    lines = [
        json.dumps({"id": f"r{i}", "post": POSTS[i % 2], "retweet": f"{RETWEETS[i % 3]}，第{i}条"})
        for i in range(160)
    ]
    lines[100] = '{"id": "broken'
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def local(rows):
    """Give what one process of this machine makes of the rows."""
    target = rows.with_name("local.jsonl")
    assert main([*BATCH, str(rows), "-o", str(target), "-j", "1", "--chunk", "8"]) == 0
    return target.read_bytes()


@pytest.mark.slow
def test_a_worker_dies_then_the_scheduler_and_nothing_is_lost(rows, local, tmp_path):
    target, parts = tmp_path / "out.jsonl", tmp_path / ".out.jsonl.parts"
    with Cluster(tmp_path) as cluster:
        run = start(rows, target, cluster.address)
        wait_for_chunks(parts, 3, run)
        kill(cluster.workers[0])
        wait_for_chunks(parts, 9, run)
        kill(cluster.scheduler)
        told = run.communicate(timeout=120)[1].decode()
        assert run.returncode == 3
        assert "scheduler is lost" in told
        assert not target.exists()
    kept = len(list(parts.glob("*.chunk")))
    assert 9 <= kept < 20
    with Cluster(tmp_path) as cluster:
        run = start(rows, target, cluster.address)
        told = run.communicate(timeout=120)[1].decode()
        assert run.returncode == 0, told
        assert f"continuing: {kept} chunks" in told
    assert target.read_bytes() == local
    assert not parts.exists()


def test_workers_write_the_parts_of_a_folder(rows, local, tmp_path):
    target = tmp_path / "out.jsonl.gz"
    with Cluster(tmp_path, workers=1) as cluster:
        run = start(rows, f"{target}/", cluster.address)
        assert run.communicate(timeout=120) and run.returncode == 0
    parts = sorted(path for path in target.iterdir() if path.name != COMPLETE)
    assert b"".join(gzip.decompress(path.read_bytes()) for path in parts) == local
    assert json.loads((target / COMPLETE).read_text())["parts"] == len(parts)


@pytest.mark.parametrize("engine", ["local", "dask"])
def test_a_store_is_read_and_written(engine, rows, local, tmp_path, capsys):
    fsspec = pytest.importorskip("fsspec")
    if engine == "dask":
        source, target = f"file://{rows}", f"file://{tmp_path}/store/out.jsonl"
    else:  # the workers of another process do not see what this one holds in memory
        source, target = "memory://in/rows.jsonl", "memory://out/results.jsonl"
        fsspec.filesystem("memory").pipe_file("/in/rows.jsonl", rows.read_bytes())
    more = ["--chunk", "8", "-j", "1", "--engine", engine]
    assert main([*BATCH, source, "-o", target, *more]) == 0
    capsys.readouterr()
    store, path = fsspec.core.url_to_fs(target)
    assert store.cat_file(path) == local
    assert not store.exists(f"{path.rpartition('/')[0]}/.{path.rpartition('/')[2]}.parts")


def test_a_shelf_goes_on_where_it_was_left(rows, local, tmp_path, capsys, monkeypatch):
    pytest.importorskip("fsspec")
    target = tmp_path / "out.jsonl"
    args = [*BATCH, str(rows), "-o", f"{target}/", "--chunk", "8", "-j", "1"]
    put, kept = Shelf.put, []

    def full(self, number, content):
        if len(kept) == 3:
            raise InputError("no room")
        kept.append(number)
        put(self, number, content)

    monkeypatch.setattr(Shelf, "put", full)
    assert main(args) == 2
    assert not (target / COMPLETE).exists()
    monkeypatch.undo()
    assert main(args) == 0
    assert "continuing: 3 chunks" in capsys.readouterr().err
    assert (target / "part-00000.jsonl").read_bytes() == local


def test_a_cluster_elsewhere_is_reached_through_tls_alone():
    tls = Security("ca.pem", "me.pem", "me.key")
    Security().check("tcp://127.0.0.1:8786")
    Security().check("localhost:8786")
    tls.check("tls://10.0.0.5:8786")
    Security(plain=True).check("tcp://10.0.0.5:8786")
    with pytest.raises(InputError, match="without TLS"):
        Security().check("tcp://10.0.0.5:8786")
    with pytest.raises(InputError, match="without TLS"):
        tls.check("0.0.0.0:8786")
    with pytest.raises(InputError, match="--tls-ca"):
        Security().check("tls://10.0.0.5:8786")


@pytest.mark.slow
def test_with_certificates_everything_is_encrypted_and_no_page_is_served(rows, local, tmp_path):
    pytest.importorskip("cryptography")
    security = certificates(tmp_path)
    target = tmp_path / "out.jsonl"
    with Cluster(tmp_path, workers=1, security=security) as cluster:
        assert cluster.address.startswith("tls://")
        run = start(rows, target, cluster.address, *security)
        told = run.communicate(timeout=120)[1].decode()
        assert run.returncode == 0, told
        plain = start(rows, tmp_path / "no.jsonl", cluster.address.replace("tls", "tcp"))
        plain.communicate(timeout=120)
        assert plain.returncode == 3
        pages = [get(port) for port in listening(cluster)]
    assert target.read_bytes() == local
    assert any(pages)
    # What remains is Dask's list of pages, and it lists itself alone.
    assert {page for page in pages if page} <= {b'{"paths": ["/sitemap.json"]}'}


def listening(cluster):
    """Give the ports on which the cluster's processes listen."""
    psutil = pytest.importorskip("psutil")
    found = set()
    for process in cluster.started:
        for one in [parent := psutil.Process(process.pid), *parent.children(recursive=True)]:
            found |= {c.laddr for c in one.net_connections("tcp") if c.status == "LISTEN"}
    assert all(address.ip.startswith("127.") for address in found), found
    return {address.port for address in found}


def get(port):
    """Ask a port for a page, in every place where Dask has one."""
    import socket

    found = b""
    for path in ("/sitemap.json", "/status", "/info/main/workers.html", "/metrics", "/health"):
        with socket.create_connection(("127.0.0.1", port), timeout=5) as line:
            try:
                line.sendall(f"GET {path} HTTP/1.0\r\n\r\n".encode())
                answer = line.recv(4096)
            except OSError:
                answer = b""
        head, _, body = answer.partition(b"\r\n\r\n")
        if b" 200 " in head.partition(b"\r\n")[0]:
            found += body
    return found


def certificates(folder):
    """Make an authority and one certificate that everyone shares, and name them as options."""
    import datetime

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    def made(name, issuer=None, signer=None):
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        now = datetime.datetime.now(datetime.UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer or subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), True)
            .sign(signer or key, hashes.SHA256())
        )
        (folder / f"{name}.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        private = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        (folder / f"{name}.key").write_bytes(private)
        return subject, key

    made("me", *made("ca"))
    return (
        "--tls-ca", folder / "ca.pem", "--tls-cert", folder / "me.pem",
        "--tls-key", folder / "me.key",
    )  # fmt: skip
