"""The workers of a cluster read the input themselves, and the output is the one of one machine."""

import gzip
import json
import os
import signal
import time

import pytest

from drift.cli import main
from drift.ingest import pieces
from tests.clusters import BATCH, Cluster, kill, start, wait_for_chunks

pytest.importorskip("distributed", reason="the extra `cluster` is not installed")
POSTS = (
    "If the second test fails, Lumo will withdraw the drug. About 4,000 people take it.",
    "The mayor may resign on Friday, according to two newspapers. Her office has not commented.",
)
RETWEETS = ("要是第二次测试失败，Lumo就撤回这种药", "大约4万人在服用这种药", "市长已经辞职")


def lines_of(count, *, first=0):
    for i in range(first, first + count):
        row = {"post": POSTS[i % 2], "retweet": f"{RETWEETS[i % 3]}，第{i % 7}条"}
        yield json.dumps(row if i % 3 else row | {"id": f"r{i}"}, ensure_ascii=False)


def written(folder, kind):
    """Write an input that workers can read in pieces; give its address."""
    if kind == "lines":
        (folder / "in.jsonl").write_text("\n".join(lines_of(120)), "utf-8")
        return f"file://{folder}/in.jsonl"
    if kind == "groups":
        parquet = pytest.importorskip("pyarrow.parquet")
        import pyarrow

        table = pyarrow.Table.from_pylist([json.loads(line) for line in lines_of(120)])
        parquet.write_table(table, folder / "in.parquet", row_group_size=15)
        return f"file://{folder}/in.parquet"
    source = folder / "in"
    source.mkdir()
    for i in range(6):
        text = "\n".join(lines_of(20, first=20 * i))
        if kind == "links" and i % 2:
            text = f'{{"post_url": "http://127.0.0.1:9/{i}", "retweet": "假的"}}\n{text}'
        (source / f"rows-{i}.jsonl.gz").write_bytes(gzip.compress(text.encode()))
    return f"file://{source}/"


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    with Cluster(tmp_path_factory.mktemp("cluster")) as found:
        yield found


def on_a_cluster(monkeypatch, source, target, cluster, *more):
    """Judge on the cluster with small pieces; give how many chunks the driver handed out."""
    from drift.batch import running

    handed = []
    filled = running._filled
    monkeypatch.setattr(running, "_filled", lambda chunks: map(note, filled(chunks)))
    monkeypatch.setattr(pieces, "STRETCH", 2_000)
    monkeypatch.setattr(pieces, "GROUPED", 20)

    def note(chunk):
        handed.append(chunk.key)
        return chunk

    args = [*BATCH, source, "-o", target, "--chunk", "8", "--engine", "dask", *more]
    assert main([*args, "--address", cluster.address]) == 0
    return len(handed)


@pytest.mark.parametrize("kind", ["lines", "groups", "folder", "links"])
def test_workers_read_the_input_themselves(kind, cluster, tmp_path, monkeypatch):
    source = written(tmp_path, kind)
    local, target = tmp_path / "local.jsonl", tmp_path / "out.jsonl"
    assert main([*BATCH, source, "-o", str(local), "-j", "1"]) == 0
    handed = on_a_cluster(monkeypatch, source, f"file://{target}", cluster)
    assert target.read_bytes() == local.read_bytes()
    assert not (tmp_path / ".out.jsonl.parts").exists()
    # Only the driver goes out to the network: it reads the files that hold links.
    assert handed == (9 if kind == "links" else 0)


def test_a_sample_is_the_same_whoever_reads(cluster, tmp_path, monkeypatch):
    source = written(tmp_path, "lines")
    local, target = tmp_path / "local.jsonl", tmp_path / "out.jsonl"
    assert main([*BATCH, source, "-o", str(local), "-j", "1", "--sample", "0.3"]) == 0
    assert not on_a_cluster(monkeypatch, source, f"file://{target}", cluster, "--sample", "0.3")
    assert target.read_bytes() == local.read_bytes()
    assert 10 < target.read_bytes().count(b"\n") < 80


@pytest.mark.slow
def test_a_driver_dies_then_a_worker_and_nothing_is_lost(tmp_path):
    source = tmp_path / "in"
    source.mkdir()
    for i in range(4):
        rows = (
            {"post": POSTS[i % 2], "retweet": f"{RETWEETS[k % 3]}，第{k}条"} for k in range(300)
        )
        (source / f"rows-{i}.jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")
    local, target = tmp_path / "local.jsonl", tmp_path / "out.jsonl"
    assert main([*BATCH, str(source), "-o", str(local), "-j", "1"]) == 0
    parts = tmp_path / ".out.jsonl.parts"
    with Cluster(tmp_path) as cluster:
        run = start(f"file://{source}/", f"file://{target}", cluster.address)
        wait_for_chunks(parts, 3, run)
        os.kill(run.pid, signal.SIGKILL)
        run.communicate()
        # The workers see that nobody waits any more: they leave off within a chunk or two.
        held, until = -1, time.monotonic() + 60
        while (now := len(list(parts.glob("*.chunk")))) != held:
            assert time.monotonic() < until
            held = now
            time.sleep(5)
        assert held < 40
        run = start(f"file://{source}/", f"file://{target}", cluster.address)
        wait_for_chunks(parts, held + 3, run)
        kill(cluster.workers[0])
        told = run.communicate(timeout=300)[1].decode()
        assert run.returncode == 0, told
        assert "continuing: " in told
    assert target.read_bytes() == local.read_bytes()
    assert not parts.exists()
