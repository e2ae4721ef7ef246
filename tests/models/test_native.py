"""How many threads a model takes."""

import pytest

from drift.backends import THREADS
from models.native import threads


@pytest.mark.parametrize(("told", "count"), [("1", 1), ("3", 3), ("", 8), ("0", 8), ("many", 8)])
def test_a_process_computes_with_its_share_of_the_cores(monkeypatch, told, count):
    monkeypatch.setattr("os.cpu_count", lambda: 8)
    monkeypatch.setenv(THREADS, told)
    assert threads() == count
