"""Whatever kills a batch, and whatever the disk refuses: run again, it ends as if undisturbed."""

import errno
import gzip
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from drift.cli import main
from tests.faults import heard, killed, left, refused, run, started, status_of

ROOT = Path(__file__).parents[1]
BATCH = ("batch", "--models", "gloss")  # the translator is tested on its own
KILLS = int(os.environ.get("DRIFT_KILLS", "200"))
POSTS = (
    "If the second test fails, Lumo will withdraw the drug. About 4,000 people take it.",
    "The mayor may resign on Friday, according to two newspapers. Her office has not commented.",
)
RETWEETS = ("要是第二次测试失败，Lumo就撤回这种药", "大约4万人在服用这种药", "市长已经辞职")
FORMS = ("out.jsonl", "out.csv.gz", "out.jsonl.zst/")


def written(path, count, distinct=3):
    lines = [
        json.dumps(
            {
                "id": f"r{i}", "post": POSTS[i % 2], "author": f"a{i % 5}",
                "created_at": f"2012-02-{1 + i % 20:02}",
                "retweet": f"{RETWEETS[i % 3]}{i % distinct}",
            }
        )
        for i in range(count)
    ]  # fmt: skip
    lines[count // 2] = '{"id": "broken'
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    return written(tmp_path_factory.mktemp("in") / "in.jsonl", 40)


def arguments(rows, folder, form):
    return [
        *BATCH, rows, "-o", f"{folder}/{form}", "--chunk", 12, "-j", 1,
        "--summary", folder / "counts.json", "--overview", folder / "page.html",
    ]  # fmt: skip


def contents(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module", params=FORMS)
def undisturbed(request, rows, tmp_path_factory):
    """Give the form, what an undisturbed run leaves, and how many steps it takes."""
    if request.param.endswith("/"):
        pytest.importorskip("fsspec")
    main(["check", POSTS[0], RETWEETS[0], "--format", "json"])  # the children share the models
    folder = tmp_path_factory.mktemp("whole")
    status, steps = run(arguments(rows, folder, request.param))
    assert status == 0
    assert steps > 60
    return request.param, contents(folder), steps


@pytest.mark.slow
@pytest.mark.parametrize(
    "effect",
    [killed, refused(errno.ENOSPC), refused(errno.EROFS), refused(errno.EIO)],
    ids=["killed", "disk full", "read only", "disk broken"],
)
def test_a_fault_at_any_step_loses_nothing(effect, undisturbed, rows, tmp_path):
    form, whole, steps = undisturbed
    ended = {}
    for at in range(1, steps + 1):
        folder = tmp_path / str(at)
        folder.mkdir()
        status, _ = run(arguments(rows, folder, form), at, effect)
        ended[status] = ended.get(status, 0) + 1
        # Killed, or told why; never a traceback, and never a result that is not the whole one.
        assert status == -signal.SIGKILL if effect is killed else status in (0, 2), (at, status)
        found = contents(folder)
        complete = "out.jsonl.zst/_complete.json"
        if status == 0 or complete in found:
            assert {name: found[name] for name in whole} == whole, at
        for name in ("out.jsonl", "out.csv.gz", "counts.json", "page.html"):
            assert found.get(name) in (None, whole.get(name)), (at, name)
        status, _ = run(arguments(rows, folder, form))
        assert (status, contents(folder)) == (0, whole), at
        shutil.rmtree(folder)
    print(form, steps, "steps:", ended)


@pytest.mark.slow
@pytest.mark.parametrize("processes", [1, 2])
def test_random_kills_lose_nothing(processes, tmp_path):
    main(["check", POSTS[0], RETWEETS[0], "--format", "json"])  # the children share the models
    rows = written(tmp_path / "in.jsonl", 240, distinct=60)
    dice, kills, runs = random.Random(processes), 0, 0
    folder, whole = tmp_path / "torn", tmp_path / "whole"
    folder.mkdir()
    whole.mkdir()

    def begun(into):
        return started([*arguments(rows, into, "out.jsonl.gz"), "-j", processes])

    def ended(child, reader, seconds=None):
        """Tell whether the run came to its end in time; it must then be the whole one."""
        told = heard(reader, seconds)
        if told is None:
            return False
        os.close(reader)
        assert status_of(child) == 0, told.decode()
        return True

    began = time.monotonic()
    assert ended(*begun(whole))
    longest = time.monotonic() - began
    while kills < KILLS // 2:
        child, reader = begun(folder)
        if ended(child, reader, dice.uniform(0.05, 0.9) * longest):
            assert contents(folder) == contents(whole)
            runs += 1
            shutil.rmtree(folder)
            folder.mkdir()
            continue
        # Either the parent alone, whose workers see it and end, or all at once.
        (os.kill if dice.random() < 0.5 else os.killpg)(child, signal.SIGKILL)
        heard(reader)
        os.close(reader)
        if status_of(child) == -signal.SIGKILL:
            kills += 1
        assert set(left(folder)) <= {".out.jsonl.gz.parts", *left(whole), ".counts.json.tmp",
                                     ".page.html.tmp"}  # fmt: skip
    assert ended(*begun(folder))
    assert contents(folder) == contents(whole)
    print(f"{processes} processes: {kills} kills, {runs + 1} runs to the end, all alike")


def test_a_worker_that_dies_is_replaced(rows, tmp_path):
    rows = written(tmp_path / "rows.jsonl", 160, distinct=160)
    outputs = []
    for disturb in (False, True):
        target = tmp_path / f"{disturb}.jsonl"
        args = [*BATCH, rows, "-o", target, "--chunk", 8, "-j", 2]
        process = subprocess.Popen(
            [sys.executable, "-m", "drift.cli", *map(str, args)], cwd=ROOT,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        )  # fmt: skip
        if disturb:
            os.kill(a_child_of(process, tmp_path / f".{target.name}.parts"), signal.SIGKILL)
        assert process.communicate()[1].startswith(b"160 rows")
        assert process.returncode == 0
        outputs.append(target.read_bytes())
    assert outputs[0] == outputs[1]


def a_child_of(process, parts):
    """Wait until the first chunk is there, and give a worker."""
    until = time.monotonic() + 60
    while not list(parts.glob("*.chunk")):
        assert process.poll() is None
        assert time.monotonic() < until
        time.sleep(0.01)
    return int(Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()[0])


def test_a_file_that_may_not_grow_is_a_clear_end(rows, tmp_path):
    folder = tmp_path / "small"
    folder.mkdir()
    args = arguments(rows, folder, "out.jsonl")
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]

    def limited(_):
        resource.setrlimit(resource.RLIMIT_FSIZE, (5_000, hard))

    assert run(args, 1, limited)[0] == 2
    assert not (folder / "out.jsonl").exists()
    assert run(args)[0] == 0


@pytest.fixture
def small_disk(tmp_path):
    """Give a disk of 96 KB, and what makes it read-only or larger."""
    place = tmp_path / "disk"
    place.mkdir()
    made = ["mount", "-t", "tmpfs", "-o", "size=96k", "none", str(place)]
    if os.geteuid() != 0 or subprocess.run(made, capture_output=True, check=False).returncode:
        pytest.skip("making a small disk needs the right to mount")

    def again(options):
        subprocess.run(["mount", "-o", f"remount,{options}", str(place)], check=True)

    yield place, again
    subprocess.run(["umount", str(place)], check=True)


def test_a_full_disk_ends_clearly_and_goes_on_when_there_is_room(rows, small_disk, tmp_path):
    place, again = small_disk
    args = arguments(rows, place, "out.jsonl")
    status, _ = run(args)
    assert status == 2
    kept = len(list((place / ".out.jsonl.parts").glob("*.chunk")))
    assert kept
    assert not (place / "out.jsonl").exists()
    again("size=8m")
    assert run(args)[0] == 0
    fresh = tmp_path / "fresh"
    fresh.mkdir()
    assert run(arguments(rows, fresh, "out.jsonl"))[0] == 0
    assert contents(place) == contents(fresh)


def test_a_read_only_disk_is_a_clear_end(rows, small_disk, capsys):
    place, again = small_disk
    again("ro")
    assert main([str(arg) for arg in arguments(rows, place, "out.jsonl")]) == 2
    assert "Read-only file system" in capsys.readouterr().err
    again("rw")


def test_an_unreadable_partition_is_named_and_mended_without_loss(tmp_path, capsys):
    source = tmp_path / "in"
    source.mkdir()
    texts = [written(tmp_path / f"{i}.jsonl", 80).read_bytes() for i in range(3)]
    for i, text in enumerate(texts):
        (source / f"rows-{i}.jsonl.gz").write_bytes(gzip.compress(text))
    torn = source / "rows-1.jsonl.gz"
    good = torn.read_bytes()
    torn.write_bytes(good[: len(good) // 2])
    target = tmp_path / "out.jsonl"
    args = [*BATCH, str(source), "-o", str(target), "--chunk", "8", "-j", "1"]
    assert main(args) == 2
    assert "rows-1.jsonl.gz: the gzip data is torn" in capsys.readouterr().err
    assert not target.exists()
    torn.write_bytes(good)
    assert main(args) == 0
    assert "continuing: " in capsys.readouterr().err
    ids = [json.loads(line)["id"] for line in target.read_text("utf-8").splitlines()]
    assert len(ids) == 240
    assert [ids[40], ids[120]] == [f"rows-{i}.jsonl.gz:line-41" for i in (0, 1)]


def test_two_runs_of_one_output_do_not_meet(rows, tmp_path, capsys, monkeypatch):
    from drift.batch.journal import Journal

    monkeypatch.setattr("drift.batch.journal._PATIENCE", 0.2)
    held = Journal(tmp_path / "out.jsonl", {})
    pid = os.fork()
    if pid == 0:
        held.open()
        time.sleep(30)
        os._exit(0)
    try:
        until = time.monotonic() + 10
        while not (tmp_path / ".out.jsonl.parts" / "run.json").exists():
            assert time.monotonic() < until
            time.sleep(0.01)
        assert main([str(arg) for arg in arguments(rows, tmp_path, "out.jsonl")]) == 2
        assert "another run is writing" in capsys.readouterr().err
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    assert main([str(arg) for arg in arguments(rows, tmp_path, "out.jsonl")]) == 0
