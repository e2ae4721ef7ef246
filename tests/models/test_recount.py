"""Second tries where a translation changed a number."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.recount import carries, clauses, faithful, joined, masked, unmasked
from models.source_text import PLACEHOLDERS


def test_the_first_wording_that_keeps_numbers_and_marks_is_taken():
    wordings = [
        "<m1>: 310 were cut.",
        "31,000 were cut.",
        "<m1>: 31,000 were cut.",
        "<m1>: 31,000.",
    ]
    assert faithful("<m1>：裁了3.1万人。", wordings) == wordings[2]
    assert faithful("<m1>：裁了3.1万人。", wordings[:2]) is None
    assert faithful("裁了3.1万人。", []) is None


@pytest.mark.parametrize(
    ("chinese", "changed", "expected"),
    [
        ("罚了1.5万美元。", ["1.5万美元"], ("罚了<m1>。", {"<m1>": "15,000 USD"})),
        ("罚了1.5万美元。", [], ("罚了1.5万美元。", {})),
        ("<m1> 说七成", ["七成"], ("<m1> 说<m2>", {"<m2>": "70%"})),
        ("机关3号得知。", ["3号"], ("机关3号得知。", {})),  # a date bends to its place
    ],
)
def test_amounts_become_marks_and_dates_do_not(chinese, changed, expected):
    assert masked(chinese, changed) == expected


def test_a_wording_without_the_if_is_passed_over():
    wordings = ["It is confirmed, and he goes.", "If confirmed, he goes."]
    assert faithful("如果证实，他就走。", wordings) == wordings[1]


def test_clauses_are_cut_and_joined():
    assert clauses("如果证实，他就走,<m1>说。") == ["如果证实，", "他就走,", "<m1>说。"]
    assert clauses("") == []
    assert joined(["If so,", "But the mayor,", "Ann says", "I go."]) == (
        "If so, but the mayor, Ann says I go."
    )
    assert joined(["One.", ""]) == "One. "
    assert joined([]) == ""


def test_no_more_amounts_are_carried_than_there_are_marks():
    amounts = [f"{n}万美元" for n in range(2, 9)]
    source, figures = masked("、".join(amounts), amounts)
    assert list(figures) == list(PLACEHOLDERS)
    assert source.startswith("<m1>、<m2>、<m3>、<m4>、6万美元")
    assert masked("<m1><m2><m3><m4>5万美元", ["5万美元"])[1] == {}


def test_figures_stand_apart_from_words():
    assert unmasked("lost<m1>in May", {"<m1>": "410,000 GBP"}) == "lost 410,000 GBP in May"
    assert unmasked("(<m1>), said <m2>", {"<m1>": "70%"}) == "(70%), said <m2>"
    assert unmasked("nothing here", {}) == "nothing here"


def test_marks_are_counted():
    assert carries("<m1>说<m2>", "<m2> said <m1>")
    assert not carries("<m1>说", "said")
    assert not carries("<m1>说", "<m1> said <m1>")


@settings(max_examples=150)
@given(
    st.lists(st.sampled_from(["3万美元", "两成", "七百人", "他说", "<m1>", "，", "8"]), max_size=12)
)
def test_marking_and_writing_back_loses_nothing_else(parts):
    chinese = "".join(parts)
    source, figures = masked(chinese, {"3万美元", "两成", "七百人", "8"})
    assert len(figures) <= len(PLACEHOLDERS)
    assert not any(mark in chinese for mark in figures)
    assert all(source.count(mark) == 1 for mark in figures)
    assert carries(chinese, unmasked(source, figures))
