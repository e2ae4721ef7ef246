"""What the workers of a cluster tell each other: it saves work and changes nothing."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from drift import cli
from drift.batch import board, judging
from drift.batch.judging import Judge
from drift.ingest.rows import Row

POST = "The mayor may resign on Friday, according to two newspapers."
ROWS = [
    Row(1, "a", POST, "市长可能周五辞职"),
    Row(2, "b", POST, "市长已经辞职"),
    Row(3, "c", POST, "市长可能周五辞职"),
    Row(4, "d", error="no JSON"),
]


class Actor:
    """Stands for a board on another worker, as Dask does."""

    def __init__(self, key, *, lost=False):
        self.key, self.lost, self.asked = key, lost, 0
        self._board = board.Board()

    def look(self, names):
        return self._tell(lambda: self._board.look(names))

    def add(self, results):
        return self._tell(lambda: self._board.add(results))

    def _tell(self, answer):
        self.asked += 1

        def result(timeout):
            if self.lost:
                raise TimeoutError(timeout)
            return answer()

        return SimpleNamespace(result=result)


@pytest.fixture
def heard(monkeypatch):
    """Count the retweets that are judged."""
    counts, weigh = [], judging.weigh

    def counted(reading, several, tools):
        counts.append(len(several))
        return weigh(reading, several, tools)

    monkeypatch.setattr(judging, "weigh", counted)
    return counts


def test_a_worker_takes_from_the_board_what_another_judged(heard):
    actor = Actor("shared")
    alone = Judge(cli.tools("gloss")).chunk(ROWS)
    assert heard == [2]
    first, second = (board.judged(Judge(cli.tools("gloss")), ROWS, actor) for _ in range(2))
    assert first == second == alone
    assert heard == [2, 2]  # the second worker judged nothing


def test_a_worker_that_remembers_asks_nothing(heard):
    actor, judge = Actor("asked"), Judge(cli.tools("gloss"))
    board.judged(judge, ROWS, actor)
    asked = actor.asked
    board.judged(judge, ROWS, actor)
    assert (actor.asked, heard) == (asked, [2])


def test_without_the_board_the_work_goes_on(heard):
    actor = Actor("lost", lost=True)
    alone = Judge(cli.tools("gloss")).chunk(ROWS)
    for _ in range(2):
        assert board.judged(Judge(cli.tools("gloss")), ROWS, actor) == alone
    assert actor.asked == 1  # a board that did not answer is not waited for again
    assert heard == [2, 2, 2]


def test_models_that_answer_by_what_stands_beside_share_nothing(heard):
    actor = Actor("large")
    board.judged(Judge(replace(cli.tools("gloss"), alone=True)), ROWS, actor)
    assert (actor.asked, heard) == (0, [2])


def test_the_board_is_bounded(monkeypatch):
    monkeypatch.setattr(judging, "RESULTS", 2_000)
    kept = board.Board()
    names = [bytes([number]) * 16 for number in range(30)]
    for name in names:
        kept.add({name: b"x" * 500})
    found = kept.look(names)
    assert list(found) == names[-len(found) :]
    assert 1 <= len(found) <= 3


def put(actor, name):
    actor.add({name: b"judged"}).result(timeout=20)


def seen(name, actor):
    return actor.look([name]).result(timeout=20)


def test_a_board_hangs_as_long_as_it_is_needed():
    distributed = pytest.importorskip("distributed", reason="the extra `cluster` is not installed")
    here = {"n_workers": 2, "threads_per_worker": 1, "processes": False, "dashboard_address": None}
    with (
        distributed.LocalCluster(**here) as cluster,
        distributed.Client(cluster, set_as_default=False) as client,
        board.hung(client) as actor,
    ):
        first, second = client.scheduler_info()["workers"]
        client.submit(put, actor, b"a", workers=[first], pure=False).result(timeout=30)
        told = client.submit(seen, b"a", actor, workers=[second], pure=False).result(timeout=30)
    assert told == {b"a": b"judged"}
