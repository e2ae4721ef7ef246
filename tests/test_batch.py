"""A batch survives what machines do: it is killed, starved of space, and started again."""

import gc
import gzip
import json
import os
import pickle
import random
import signal
import subprocess
import sys
import time
import tracemalloc
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from drift import cli
from drift.backends import THREADS
from drift.batch import engine, judging
from drift.batch.engine import CHUNK, Chunk, Done, chunked
from drift.batch.given import given
from drift.batch.journal import Journal
from drift.batch.running import judge_all
from drift.batch.summing import book
from drift.cli import main
from drift.commands.pace import Pace
from drift.errors import InputError
from drift.ingest.rows import Row

ROOT = Path(__file__).parents[1]
BATCH = ("batch", "--models", "gloss")  # the translator is tested on its own
POSTS = (
    "If the second test fails, Lumo will withdraw the drug. About 4,000 people take it.",
    "The mayor may resign on Friday, according to two newspapers. Her office has not commented.",
)
RETWEETS = (
    "要是第二次测试失败，Lumo就撤回这种药",
    "大约4万人在服用这种药",
    "据两家报纸，市长可能周五辞职",
    "市长办公室已作出回应",
)


@pytest.fixture
def rows(tmp_path):
    path = tmp_path / "in.jsonl"
    lines = [
        json.dumps(
            {"id": f"r{i}", "post": POSTS[i // 7 % 2], "retweet": RETWEETS[i % 4] + "啊" * (i % 5)}
        )
        for i in range(240)
    ]
    lines[100] = '{"id": "broken'
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def command(source, target, *more):
    args = [*BATCH, source, "-o", target, "--chunk", 8, "-j", 1, *more]
    return [sys.executable, "-m", "drift.cli", *map(str, args)]


def test_a_run_killed_again_and_again_ends_as_an_undisturbed_one(rows, tmp_path):
    whole, torn = tmp_path / "whole.jsonl", tmp_path / "torn.jsonl"
    subprocess.run(command(rows, whole), cwd=ROOT, check=True, capture_output=True)
    dice = random.Random(7)
    kills = 0
    for _ in range(6):
        with subprocess.Popen(
            command(rows, torn), cwd=ROOT, stderr=subprocess.DEVNULL, start_new_session=True
        ) as process:
            try:
                status = process.wait(timeout=dice.uniform(0.3, 1.1))
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
                kills += 1
                continue
        assert status == 0
        break
    else:
        subprocess.run(command(rows, torn), cwd=ROOT, check=True, capture_output=True)
    assert kills > 0
    assert torn.read_bytes() == whole.read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "in.jsonl",
        "torn.jsonl",
        "whole.jsonl",
    ]


@pytest.mark.parametrize("models", ["gloss", pytest.param("auto", marks=pytest.mark.slow)])
def test_two_processes_give_the_same_bytes_as_one(models, rows, tmp_path):
    outputs = []
    for processes, chunk in ((1, 16), (2, 8)):
        target = tmp_path / f"{processes}.jsonl"
        more = ["--models", models, "--chunk", chunk, "-j", processes]
        done = subprocess.run(
            command(rows, target, *more), cwd=ROOT, check=True, capture_output=True
        )
        assert b"240 rows" in done.stderr
        outputs.append(target.read_bytes())
    assert outputs[0] == outputs[1]


def test_chunks_of_other_models_are_not_taken_over(rows, tmp_path, capsys):
    target = tmp_path / "out.jsonl"
    main([*BATCH, str(rows), "-o", str(target), "--limit", "3", "-j", "1"])
    key = next(given(str(rows), None, 3, CHUNK).chunks()).key
    for identity in ({"signature": "another"}, {}):
        stale = Journal(target, identity)
        stale.open()
        stale.put(key, b'{"posts": {}, "briefs": []}\n{"id": "stale"}\n')
        stale.release()
    main([*BATCH, str(rows), "-o", str(target), "--limit", "3", "-j", "1"])
    capsys.readouterr()
    assert [json.loads(line)["id"] for line in target.read_text().splitlines()] == [
        "r0",
        "r1",
        "r2",
    ]


def test_a_finished_chunk_is_not_judged_again(rows, tmp_path, capsys, monkeypatch):
    target = tmp_path / "out.jsonl"
    args = [*BATCH, str(rows), "-o", str(target), "--limit", "24", "--chunk", "8", "-j", "1"]
    monkeypatch.setattr(Journal, "finish", lambda *_: (_ for _ in ()).throw(InputError("no room")))
    assert main(args) == 2
    monkeypatch.undo()
    monkeypatch.setattr("drift.batch.judging.Judge.chunk", lambda *_: pytest.fail("judged again"))
    assert main(args) == 0
    assert "continuing: 3 chunks" in capsys.readouterr().err
    assert len(target.read_text().splitlines()) == 24


def test_output_forms(rows, tmp_path, capsys):
    for ending in ("jsonl", "csv", "jsonl.gz", "csv.gz"):
        target = tmp_path / f"out.{ending}"
        assert main([*BATCH, str(rows), "-o", str(target), "--limit", "5", "-j", "1"]) == 0
        raw = target.read_bytes()
        text = (gzip.decompress(raw) if ending.endswith("gz") else raw).decode()
        assert len(text.splitlines()) == 5 + ending.startswith("csv")
    capsys.readouterr()


def unpacked(path):
    raw = path.read_bytes()
    if path.suffix == ".zst":
        return pytest.importorskip("backports.zstd").decompress(raw)
    return gzip.decompress(raw) if path.suffix == ".gz" else raw


@pytest.mark.parametrize("ending", ["jsonl.gz", "jsonl.zst", "csv.zst"])
def test_packed_in_and_out(ending, rows, tmp_path, capsys):
    plain = tmp_path / f"plain.{ending.partition('.')[0]}"
    assert main([*BATCH, str(rows), "-o", str(plain), "--limit", "20", "-j", "1"]) == 0
    zstd = pytest.importorskip("backports.zstd")
    press = zstd.compress if ending.endswith("zst") else gzip.compress
    source = tmp_path / f"in.jsonl.{ending.rpartition('.')[2]}"
    source.write_bytes(press(rows.read_bytes()))
    target = tmp_path / f"out.{ending}"
    assert main([*BATCH, str(source), "-o", str(target), "--limit", "20", "-j", "1"]) == 0
    capsys.readouterr()
    assert unpacked(target) == plain.read_bytes()


def test_a_sample_is_the_same_rows_each_time(rows, tmp_path, capsys):
    found = []
    for name, more in (("a", []), ("b", ["--chunk", "7"]), ("c", ["--limit", "10"])):
        target = tmp_path / f"{name}.jsonl"
        args = [*BATCH, str(rows), "-o", str(target), "-j", "1", "--sample", "0.2", *more]
        assert main(args) == 0
        found.append([json.loads(line)["id"] for line in target.read_text("utf-8").splitlines()])
    capsys.readouterr()
    assert 20 < len(found[0]) < 80
    assert found[0] == found[1]
    assert found[2] == found[0][:10]


@pytest.mark.parametrize("packing", [bytes, gzip.compress])
def test_the_rows_to_come_are_estimated(packing, tmp_path):
    for count in (7, 400_000):
        path = tmp_path / f"{count}.jsonl"
        lines = b"".join(b'{"id": "%d", "retweet": "%d"}\n' % (i, i * i) for i in range(count))
        path.write_bytes(packing(lines * 2))
        found = given(str(path), None, None, 256).expected()
        assert abs(found - 2 * count) <= 0.1 * count
        assert given(str(path), 0.5, 5, 256).expected() == 5


@pytest.mark.parametrize("share", ["0", "1.5", "-1"])
def test_a_sample_is_a_share(share, rows, tmp_path, capsys):
    args = [*BATCH, str(rows), "-o", str(tmp_path / "o.jsonl"), f"--sample={share}"]
    assert main(args) == 2
    assert "must be a share" in capsys.readouterr().err


def test_a_fault_of_ours_costs_its_row_alone(rows, tmp_path, capsys, monkeypatch):
    listen = judging.listen

    def broken(reading, retweet, tools):
        if "4万" in retweet.text:
            raise KeyError("oops")
        return listen(reading, retweet, tools)

    monkeypatch.setattr(judging, "listen", broken)
    target = tmp_path / "out.jsonl"
    assert main([*BATCH, str(rows), "-o", str(target), "--limit", "40", "-j", "1"]) == 0
    capsys.readouterr()
    results = [json.loads(line) for line in target.read_text("utf-8").splitlines()]
    assert [i for i, row in enumerate(results) if "error" in row] == list(range(1, 40, 4))
    assert "KeyError" in results[1]["error"]


def test_a_row_is_judged_as_check_judges_it(rows, tmp_path, capsys):
    target = tmp_path / "out.jsonl"
    assert main([*BATCH, str(rows), "-o", str(target), "--limit", "30", "-j", "1"]) == 0
    for line in target.read_text("utf-8").splitlines()[::5]:
        row = json.loads(line)
        given_row = json.loads(rows.read_text("utf-8").splitlines()[int(row["id"][1:])])
        capsys.readouterr()
        main(["check", *BATCH[1:], given_row["post"], given_row["retweet"], "--format", "jsonl"])
        told = json.loads(capsys.readouterr().out)
        assert {**told, "id": row["id"]} == row


def test_posts_are_read_and_retweets_judged_once(rows, tmp_path, capsys, monkeypatch):
    seen = {"read": [], "listen": []}
    for name, told in (
        ("read", lambda post, _: post.text),
        ("listen", lambda _, one, __: one.text),
    ):
        inner = getattr(judging, name)

        def call(*args, name=name, told=told, inner=inner):
            seen[name].append(told(*args))
            return inner(*args)

        monkeypatch.setattr(judging, name, call)
    assert (
        main([*BATCH, str(rows), "-o", str(tmp_path / "o.jsonl"), "-j", "1", "--chunk", "9"]) == 0
    )
    capsys.readouterr()
    assert sorted(seen["read"]) == sorted(POSTS)
    assert len(seen["listen"]) == 2 * len(set(seen["listen"])) == 2 * 20


class Translator:
    signature = "costly-1"

    def __init__(self):
        self.asked = []

    def translate(self, texts):
        self.asked += texts
        return [f"English of {len(text)} signs" for text in texts]


def test_a_costly_translator_is_asked_once_for_all_runs(rows, tmp_path, capsys, monkeypatch):
    translator, tools = Translator(), cli.tools
    monkeypatch.setattr(cli, "tools", lambda name: replace(tools(name), translator=translator))
    monkeypatch.setenv("DRIFT_CACHE", str(tmp_path / "kept"))
    outputs = []
    for name in ("one.jsonl", "two.jsonl"):
        target = tmp_path / name
        assert main([*BATCH, str(rows), "-o", str(target), "--limit", "40", "-j", "1"]) == 0
        outputs.append(target.read_bytes())
        asked = len(translator.asked)
    capsys.readouterr()
    assert b"English of" in outputs[0]
    assert outputs[0] == outputs[1]
    assert 0 < asked == len(set(translator.asked))


def test_what_is_remembered_is_bounded_and_changes_nothing(rows, monkeypatch):
    chunks = [chunk.rows for chunk in given(str(rows), None, None, 16).chunks()]
    generous = judging.Judge(cli.tools("gloss"))
    whole = [generous.chunk(chunk) for chunk in chunks]
    monkeypatch.setattr(judging, "RESULTS", 5_000)
    monkeypatch.setattr(judging, "READINGS", 100)
    narrow = judging.Judge(cli.tools("gloss"))
    for chunk, expected in zip(chunks, whole, strict=True):
        assert narrow.chunk(chunk) == expected
        assert len(narrow._readings) == 1
        assert 0 < narrow._results._size <= 5_000
        assert narrow._results._size == sum(map(judging._size, narrow._results._kept.values()))


def test_what_is_remembered_takes_what_is_counted(monkeypatch):
    """Every chunk brings its posts anew: no result may hold on to the post that it came with."""
    monkeypatch.setattr(judging, "READINGS", 100)
    post = POSTS[0] + " " * 50_000
    chunks = [[Row(i, f"r{i}", post, f"{RETWEETS[0]}，第{i}条")] for i in range(13)]
    encoded = [pickle.dumps(chunk) for chunk in chunks]
    judging.Judge(cli.tools("gloss")).chunk([row for chunk in chunks for row in chunk])
    judge = judging.Judge(cli.tools("gloss"))
    judge.chunk(pickle.loads(encoded[0]))  # noqa: S301 -- as a worker gets it
    tracemalloc.start()
    before, counted = tracemalloc.get_traced_memory()[0], judge._results._size
    for chunk in encoded[1:]:
        judge.chunk(pickle.loads(chunk))  # noqa: S301
    gc.collect()
    taken = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert len(judge._results._kept) == 13
    assert taken < 2 * (judge._results._size - counted) + 100_000


def test_no_cache_of_words_outgrows_a_run():
    """Every cache fills early in a long run: what still grows in its second half is no cache."""
    main(["check", POSTS[0], RETWEETS[0], "--format", "json"])  # imports what judges
    caches = {
        f"{name}.{key}": value.cache_parameters()["maxsize"]
        for name, module in sys.modules.items()
        if name.partition(".")[0] in ("drift", "models") and ".recipes" not in name
        for key, value in vars(module).items()
        if hasattr(value, "cache_parameters")
    }
    assert len(caches) > 20
    assert {name for name, size in caches.items() if size and size > 1 << 14} == set()


CONTENT = b'{"posts": {}, "briefs": []}\n{"id": "r", "claims": "' + b"x" * 100_000 + b'"}\n'


def test_ten_times_the_rows_take_no_more_memory(tmp_path):
    """What holds rows between the file and the output holds a few chunks, however many come."""
    peaks = []
    for count in (2_000, 20_000):
        path = tmp_path / f"{count}.jsonl"
        row = {"post": POSTS[0] * 10, "retweet": RETWEETS[0] * 10}
        lines = (json.dumps({**row, "id": str(i)}) + "\n" for i in range(count))
        path.write_text("".join(lines), encoding="utf-8")
        kept = Journal(tmp_path / f"{count}.out.jsonl", {})
        kept.open()
        tracemalloc.start()
        keys = judge_all(
            given(str(path), None, None, 64).chunks(),
            lambda chunks: (Done(chunk.key, len(chunk.rows), CONTENT) for chunk in chunks),
            kept,
            Pace(None),
        )
        with book(kept.heads(keys)) as counted:
            counted.summary("")
        kept.finish(keys)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        kept.close()
    assert peaks[1] < 1.3 * peaks[0]


@pytest.mark.parametrize("alone", [False, True])
def test_large_models_see_what_depends_on_the_chunk_alone(alone, rows, monkeypatch):
    heard, weigh = [], judging.weigh

    def counted(reading, several, tools):
        heard.append(len(several))
        return weigh(reading, several, tools)

    monkeypatch.setattr(judging, "weigh", counted)
    judge = judging.Judge(replace(cli.tools("gloss"), alone=alone))
    chunk = next(given(str(rows), None, 7, 7).chunks())
    first = judge.chunk(chunk.rows)
    assert judge.chunk(chunk.rows) == first
    assert len(heard) == (2 if alone else 1)


def test_parquet_has_a_row_a_row(rows, tmp_path, capsys):
    parquet = pytest.importorskip("pyarrow.parquet")
    target = tmp_path / "out.parquet"
    assert main([*BATCH, str(rows), "-o", str(target), "--limit", "9", "-j", "1"]) == 0
    capsys.readouterr()
    assert parquet.read_table(target).column("id").to_pylist() == [f"r{i}" for i in range(9)]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_target_is_a_clear_error(rows, tmp_path, capsys):
    folder = tmp_path / "locked"
    folder.mkdir(mode=0o500)
    assert main([*BATCH, str(rows), "-o", str(folder / "out.jsonl")]) == 2
    assert "cannot write" in capsys.readouterr().err


def test_a_full_disk_keeps_what_is_finished(rows, tmp_path, capsys, monkeypatch):
    target = tmp_path / "out.jsonl"
    put, calls = Journal.put, []

    def full(self, key, content):
        calls.append(key)
        if len(calls) == 3:
            raise InputError("cannot write out.jsonl: No space left on device")
        put(self, key, content)

    args = [*BATCH, str(rows), "-o", str(target), "--limit", "40", "--chunk", "8", "-j", "1"]
    monkeypatch.setattr(Journal, "put", full)
    assert main(args) == 2
    assert not target.exists()
    monkeypatch.undo()
    assert main(args) == 0
    assert "continuing: 2 chunks" in capsys.readouterr().err


def test_chunks_are_lazy():
    stream = iter(range(5))
    chunks = chunked(stream, 2)
    assert next(chunks).rows == (0, 1)
    assert next(stream) == 2
    assert [chunk.rows for chunk in chunks] == [(3, 4)]


def waiting_batch(tmp_path):
    """Start a batch of two processes, one of which soon waits for work."""
    source = tmp_path / "rows.jsonl"
    row = {"post": "About 4,000 people take it.", "retweet": "大约四千人在服用"}
    lines = [json.dumps(row | {"id": n, "retweet": f"{row['retweet']}{n}"}) for n in range(CHUNK)]
    source.write_text("\n".join(lines), encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, "-m", "drift.cli", "batch", source, "-o", tmp_path / "out.jsonl",
         "-j", "2", "--models", "gloss"],
        stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    # One chunk for two workers: the other waits for work, and used to end with a traceback.
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    while process.poll() is None and len(children.read_text().split()) < 2:
        time.sleep(0.05)
    time.sleep(0.5)  # they reach what they wait for
    return process


def test_ctrl_c_ends_a_batch_in_one_sentence(tmp_path):
    process = waiting_batch(tmp_path)
    os.killpg(process.pid, signal.SIGINT)
    told = process.communicate(timeout=60)[1]
    assert process.returncode == 130
    assert told.rstrip().endswith("drift: stopped")
    assert "Traceback" not in told


def test_a_second_ctrl_c_ends_what_still_winds_down_without_a_word(tmp_path):
    process = waiting_batch(tmp_path)
    os.killpg(process.pid, signal.SIGINT)
    told = process.stderr.readline()
    with suppress(ProcessLookupError):  # it may have ended by itself
        os.killpg(process.pid, signal.SIGINT)
    told += process.communicate(timeout=60)[1]
    assert process.returncode in {130, -signal.SIGINT}
    assert told.rstrip().endswith("drift: stopped")


class Telling:
    """Tells of every chunk with how many threads its process computes."""

    def __init__(self, tools):
        self.tools = tools

    def chunk(self, rows):
        return os.environ.get(THREADS, "all").encode()


@pytest.mark.parametrize(("processes", "threads"), [(1, "all"), (2, "3"), (12, "1")])
def test_processes_share_the_cores_of_the_machine(monkeypatch, processes, threads):
    monkeypatch.setattr(engine, "Judge", Telling)
    monkeypatch.setattr(engine, "cores", lambda: 6)
    monkeypatch.delenv(THREADS, raising=False)
    tools = SimpleNamespace(alone=True)
    done = list(engine.run([Chunk("a", ()), Chunk("b", ())], lambda: tools, processes))
    assert [one.content for one in done] == [threads.encode()] * 2
    assert THREADS not in os.environ


class Counting:
    """Judges in no time, and writes down what it was asked."""

    def __init__(self, tools):
        self.tools = tools

    def fresh(self, rows):
        with self.tools.path.open("a", encoding="utf-8") as file:
            file.writelines(f"{row.retweet}\n" for row in rows)
        return [f"no verdict on {row.retweet}" if "?" in row.retweet else KNOWN for row in rows]


KNOWN = judging._Known(b'"verdict": "faithful"}\n', {"verdict": "faithful"}).packed()


@pytest.mark.parametrize("most", [judging.RESULTS, 1])
def test_a_retweet_is_judged_by_one_process_alone(tmp_path, monkeypatch, most):
    monkeypatch.setattr(engine, "Judge", Counting)
    monkeypatch.setattr(judging, "RESULTS", most)
    tools = SimpleNamespace(alone=False, path=tmp_path / "asked")
    rows = [Row(i, f"r{i}", "post", f"text {i % 5}") for i in range(30)]
    rows[7] = Row(7, "r7", "post", "text 1?")
    rows[8] = Row(8, "r8", error="no JSON")
    chunks = list(chunked(rows, 4))
    done = list(engine.run(chunks, lambda: tools, 3))
    assert [one.key for one in done] == [chunk.key for chunk in chunks]
    lines = b"".join(one.content.partition(b"\n")[2] for one in done).splitlines()
    told = [json.loads(line) for line in lines]
    assert [row["id"] for row in told] == [row.id for row in rows]
    assert [row["id"] for row in told if row.get("error")] == ["r7", "r8"]
    asked = tools.path.read_text("utf-8").splitlines()
    assert set(asked) == {row.retweet for row in rows if row.retweet}
    if most > 1:
        assert len(asked) == len(set(asked))
