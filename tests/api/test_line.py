import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.line import JOBS, Bounds, BusyError, Line

WIDE = Bounds(1000, 60.0)


def order(line):
    found = []
    while line._heap:
        found.append(line.get())
    return found


def test_who_asks_for_little_does_not_wait_for_who_asks_for_much():
    line = Line(WIDE, 2)
    for number in range(10):
        line.put(f"a{number}", "a", 10)
    assert [line.get(), line.get()] == ["a0", "a1"]
    line.put("b0", "b", 1)
    line.put("b1", "b", 1)
    assert order(line)[:3] == ["b0", "b1", "a2"]


@given(st.lists(st.sampled_from("abc"), min_size=1, max_size=60))
def test_nobody_is_served_twice_while_another_waits_for_the_first_time(asked):
    line = Line(WIDE, 1)
    for number, flow in enumerate(asked):
        line.put((flow, number), flow, 1)
    served = order(line)
    assert sorted(served) == sorted((flow, number) for number, flow in enumerate(asked))
    for flow in set(asked):
        mine = [number for one, number in served if one == flow]
        assert mine == sorted(mine)
    firsts = [one for one, _ in served[: len(set(asked))]]
    assert len(set(firsts)) == len(firsts)


def test_jobs_go_on_while_others_ask_without_end_but_slowly():
    line = Line(WIDE, 1)
    for number in range(5):
        line.put(f"job{number}", JOBS, 8)
    served = []
    for number in range(40):
        line.put(f"check{number}", "a", 8)
        served.append(line.get())
        line.leave("a", 8)
    jobs = sum(one.startswith("job") for one in served)
    assert 4 <= jobs <= 40 / 4


def test_no_flow_fills_more_than_half_of_the_room():
    line = Line(Bounds(100, 60.0), 2)
    for _ in range(5):
        line.put("x", "a", 10)
    assert line.full("a")
    assert not line.full("b")
    with pytest.raises(BusyError):
        line.put("x", "a", 1)
    for _ in range(5):
        line.put("x", "b", 10)
    assert line.full("c")
    line.put("x", JOBS, 5000)
    assert line.held == 150


def test_large_work_takes_half_of_the_room_and_pays_by_its_turn():
    line = Line(Bounds(10, 60.0), 2)
    line.put("large", "a", 500)
    assert line.full("a")
    line.put("b0", "b", 2)
    assert line.get() == "large"
    line.leave("a", 500)
    assert not line.full("a")
    line.put("late", "a", 1)
    line.put("b1", "b", 1)
    assert order(line) == ["b0", "b1", "late"]
    for flow, cost in (("a", 1), ("b", 2), ("b", 1)):
        line.leave(flow, cost)
    assert line.held == 0


def test_work_on_its_way_has_its_place_and_is_not_in_its_own_way():
    line = Line(Bounds(10, 60.0), 2)
    for _ in range(5):
        assert not line.full("a")
        line.expect("a")
    assert line.full("a")
    line.put("x", "a", 1, kept=1)
    line.leave("a", 1)
    line.expect("b")
    line.put("large", "b", 500, kept=1)
    with pytest.raises(BusyError):
        line.put("x", "c", 1)


def test_who_would_wait_too_long_is_turned_away():
    line = Line(Bounds(1000, 2.0), 2)
    line.put("x", "a", 6)
    line.took(1, 0.5)
    line.put("x", "b", 3)  # what is before it takes two hands 1.5 s
    for flow in ("a", "b", "c"):  # 2.25 s for those who come now
        with pytest.raises(BusyError):
            line.put("x", flow, 1)
    for _ in range(100):
        line.took(10, 0.1)  # a slow start is forgotten
    assert not line.full("c")


def test_who_waits_for_work_is_woken_when_the_line_closes():
    line, found = Line(WIDE, 1), []
    threads = [threading.Thread(target=lambda: found.append(line.get())) for _ in range(3)]
    for thread in threads:
        thread.start()
    assert line.close() == []
    for thread in threads:
        thread.join(5)
    assert found == [None] * 3
    with pytest.raises(BusyError):
        line.put("x", JOBS, 1)


def test_what_was_not_done_comes_back_when_the_line_closes():
    line = Line(WIDE, 1)
    line.put("x", "a", 1)
    line.put("y", JOBS, 1)
    assert set(line.close()) == {"x", "y"}


def test_flows_that_have_nothing_coming_are_forgotten():
    line = Line(WIDE, 1)
    for number in range(5000):
        line.put("x", f"flow {number}", 1)
        line.get()
        line.leave(f"flow {number}", 1)
    assert line.held == 0
    assert len(line._ends) < 1100
