"""Back-translation: one batch, each text once, and numbers that a translation changed are named."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drift.records import Segment, Span
from drift.translate import alterations, back_translate, changed_numbers, flagged, lost_conditions


class Scripted:
    """Says what it is told to, and remembers what it was asked."""

    signature = "scripted-1"

    def __init__(self, english):
        self.english = english
        self.asked = []

    def translate(self, texts):
        self.asked.append(list(texts))
        return [self.english.get(text, "") for text in texts]


def claim(text):
    return Segment("zh", text, Span(0, len(text)), ())


def test_all_claims_go_in_one_batch_and_each_text_once():
    translator = Scripted({"甲说了。": "A said it.", "乙没说。": "B did not."})
    claims = [claim("甲说了。"), claim("乙没说。"), claim("甲说了。")]
    assert back_translate(claims, translator) == ["A said it.", "B did not.", "A said it."]
    assert translator.asked == [["甲说了。", "乙没说。"]]


def test_a_changed_number_is_named_behind_the_translation():
    translator = Scripted(
        {"罚了1.5万美元。": "Fined 150 million.", "裁了1200人。": "It cut 1,200."}
    )
    wrong, right = back_translate([claim("罚了1.5万美元。"), claim("裁了1200人。")], translator)
    assert wrong == "Fined 150 million. [differs in the Chinese: 1.5万美元]"
    assert right == "It cut 1,200."


@pytest.mark.parametrize(
    ("chinese", "english", "changed"),
    [
        ("裁员1200人。", "It cut 1,200 jobs.", []),
        ("裁员1200人。", "It cut 120 jobs.", ["1200人"]),
        ("耗资3万元。", "It cost 300,000 yuan.", ["3万元"]),
        ("耗资3万元。", "It cost 30,000 yuan.", []),
        ("損失高達400億美元", "Losses may reach 40 billion dollars.", []),
        ("損失400億美元", "Losses reach 4 billion dollars.", ["400億美元"]),
        ("没有数字。", "It has 12 of them.", []),
        ("", "", []),
    ],
)
def test_numbers_that_a_translation_changed_are_named(chinese, english, changed):
    assert changed_numbers(chinese, english) == changed


@pytest.mark.parametrize(
    ("chinese", "english", "lost"),
    [
        ("如果证实，他就辞职。", "It is confirmed and he resigns.", ["如果"]),
        ("如果证实，他就辞职。", "It would be confirmed.", ["如果"]),
        ("如果证实，他就辞职。", "If confirmed, he resigns.", []),
        ("除非下雨，比赛照常。", "Unless it rains, the match goes ahead.", []),
        ("要是下雨呢？", "Should it rain?", []),
        ("他就辞职了。", "He resigned.", []),
    ],
)
def test_an_if_that_a_translation_lost_is_named(chinese, english, lost):
    assert lost_conditions(chinese, english) == lost


def test_numbers_and_conditions_are_named_together():
    chinese = "如果证实，罚1.5万美元。"
    assert alterations(chinese, "Fined 150 million.") == ["1.5万美元", "如果"]
    assert flagged(chinese, "Fined.") == "Fined. [differs in the Chinese: 1.5万美元, 如果]"


@settings(max_examples=100)
@given(st.text(max_size=60), st.text(max_size=60))
def test_flagging_never_alters_what_was_said(chinese, english):
    assert flagged(chinese, english).startswith(english)
