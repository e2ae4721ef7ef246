"""The back-translation word by word."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drift.quantities import quantities
from models.figures import written
from models.glossary import shipped


@pytest.fixture(scope="module")
def glossary():
    return shipped()


def test_the_gist_and_the_cues_come_through(glossary):
    (english,) = glossary.translate(["如果美国拒绝避难申请，他或将下台。"])
    said = english.lower()
    assert said.startswith("if ")
    assert said.index("asylum") < said.index("application") < said.index("he ")
    assert {"reject", "refus", "declin", "turn", "deni"} & {
        stem for stem in ("reject", "refus", "declin", "turn", "deni") if stem in said
    }


@pytest.mark.parametrize(
    ("chinese", "english"),
    [("据称", "reportedly"), ("未", "not"), ("因", "because of"), ("可能", "possibl"),
     ("除非", "unless"), ("疑似", "suspect"), ("并未", "did not")],
)  # fmt: skip
def test_a_cue_is_never_lost(glossary, chinese, english):
    assert english in glossary.translate([f"警方{chinese}腐败案"])[0].lower()


def test_traditional_reads_as_simplified(glossary):
    hant, hans = glossary.translate(["領事館拒絕證實這個謠言", "领事馆拒绝证实这个谣言"])
    assert hant == hans


@pytest.mark.parametrize(
    "kept", ["@wang_1", "#双碳#", "https://t.co/Xk2p9", "Palladia", "🎉", "GPT-4", "3.5"]
)
def test_what_is_not_chinese_stays(glossary, kept):
    (english,) = glossary.translate([f"他说{kept} 很好"])
    if kept.startswith("#"):
        assert english.count("#") == 2
    else:
        assert kept in english


def test_figures_are_exact(glossary):
    (english,) = glossary.translate(
        ["2023年3月，两千多人得到240万欧元，占七成，近一半是三十岁的人"]
    )
    for figure in ("March 2023", "more than 2,000 people", "2.4 million EUR", "70%", "nearly half"):
        assert figure in english


@pytest.mark.parametrize(
    ("chinese", "english"),
    [("三分之一", "1/3"), ("至少5年", "at least 5 years"), ("不到20人", "less than 20 people"),
     ("下午3点", "15:00"), ("2月8日", "February 8"), ("1943年", "1943"), ("周四", "Thursday"),
     ("3万亿美元", "3 trillion USD"), ("一天", "1 day"), ("两三天", "2 to 3 days")],
)  # fmt: skip
def test_quantities_in_english(chinese, english):
    assert english in [written(found) for found in quantities(chinese, "zh")]


def test_what_no_figure_says_is_left_to_its_words():
    assert [written(found) for found in quantities("第三天", "zh")] == [None]


def test_one_text_out_for_each_in(glossary):
    assert glossary.translate([]) == []
    assert glossary.translate(["", "  ", "好"])[:2] == ["", ""]


def test_the_same_text_reads_the_same_wherever_it_stands(glossary):
    text = "市长否认传闻"
    assert glossary.translate([text, "别的", text])[0] == glossary.translate([text])[0]


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=60))
def test_no_text_breaks_it(text):
    (english,) = shipped().translate([text])
    assert isinstance(english, str)


def test_a_very_long_text_is_read_to_a_limit(glossary):
    assert glossary.translate(["好" * 30_000])[0]


def test_the_signature_says_what_it_is(glossary):
    assert glossary.signature == "gloss-lexical-1"
