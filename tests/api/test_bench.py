import functools
import multiprocessing
import os
import signal
import time
from concurrent import futures

import pytest

from api.bench import Bench, LostError
from api.judging import Judged, Task, judge_with, verdict_of
from api.line import Bounds, BusyError
from drift import report
from drift.cli import tools as named
from drift.pipeline import check
from drift.records import Post, Report, Retweet
from tests.api.world import POST, SHORT_POST, SHORT_RETWEET, tools

TASK = Task(Post("p", SHORT_POST), (Retweet("r", SHORT_RETWEET), Retweet("e", " ")))


def waited(bench):
    for _ in range(2400):
        if bench.load[0] == bench.size:
            return
        time.sleep(0.05)
    raise AssertionError("the workers did not start")


def test_judging_in_pieces_gives_what_the_pipeline_gives_and_survives_storage():
    texts = [SHORT_RETWEET, "据说美国外交官因胆怯拒绝了他，美国形象因此严重受损。", "坐等后续🍿"]
    retweets = tuple(Retweet(f"r{n}", text) for n, text in enumerate(texts))
    post, kit = Post("p", POST), tools()
    whole = check(post, retweets, kit)
    judge = judge_with(kit)
    judged = [judge(Task(post, (one,))).judged[0] for one in retweets]
    back = [verdict_of(one, retweet) for one, retweet in zip(judged, retweets, strict=True)]
    rebuilt = Report(post, tuple(back), whole.signature)
    for form in ("json", "csv", "md"):
        assert report.render(rebuilt, form) == report.render(whole, form)


def test_a_retweet_that_cannot_be_read_costs_only_its_own_place():
    judged = judge_with(tools())(TASK).judged
    assert judged[0].aside is not None
    assert judged[1] == Judged({"schema": "drift/1", "id": "e", "error": judged[1].row["error"]})
    assert verdict_of(judged[1], TASK.retweets[1]).label == "uncertain"


@pytest.mark.slow
def test_a_worker_that_is_killed_is_replaced_and_others_go_on():
    bench = Bench(functools.partial(named, "auto"), 2, Bounds(5000, 60.0), 60.0)
    bench.start()
    try:
        waited(bench)
        assert bench.submit(TASK).result(60).judged[0].row["id"] == "r"
        for child in multiprocessing.active_children():
            os.kill(child.pid, signal.SIGKILL)
            child.join()
        for _ in range(4):  # those that died idle are replaced before they are given work
            assert len(bench.submit(TASK).result(60).judged) == 2
        work = bench.submit(Task(Post("p", POST), (Retweet("r", SHORT_RETWEET),) * 2000))
        time.sleep(0.5)
        for child in multiprocessing.active_children():
            os.kill(child.pid, signal.SIGKILL)
        with pytest.raises(LostError):
            work.result(60)
        assert bench.submit(TASK).result(60).signature
    finally:
        bench.stop()
    with pytest.raises(BusyError):
        bench.submit(TASK)


def test_what_waits_when_the_bench_closes_is_told_so():
    bench = Bench(tools, 0, Bounds(100, 9.0), 60.0)
    bench._open = True  # no worker ever comes
    waiting = [bench.submit(TASK) for _ in range(2)]
    bench.stop()
    done, _ = futures.wait(waiting, timeout=5)
    assert len(done) == 2
    assert all(one.cancelled() for one in waiting)
