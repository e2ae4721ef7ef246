"""The words and figures that synthetic drift finds in a text."""

import pytest

from models.recipes.cross_encoder.numbers import han_value, values_in
from models.recipes.cross_encoder.words import FIRST_WORD, UNKNOWN
from tests.models.cross_lexicon import small


@pytest.fixture(scope="module")
def lexicon(tmp_path_factory):
    return small(tmp_path_factory.mktemp("lexicon"))


def test_the_likeliest_words_are_cut(lexicon):
    assert [word.key for word in lexicon.tokens("总统拒绝,部长没有。")] == [
        "总统", "拒绝", ",", "部长", "没有", "。",
    ]  # fmt: skip


def test_contractions_give_up_their_negation(lexicon):
    keys = [word.key for word in lexicon.tokens("He didn't, won't and can’t")]
    assert keys.count("n't") == 3
    assert {"did", "will", "can"} <= set(keys)


def test_places_point_into_the_text(lexicon):
    text = "Police said 4,000 didn't;部长说3.1万"
    for word in lexicon.tokens(text):
        shown = text[word.start : word.end].lower().replace("’", "'")
        assert word.key == shown or word.key in {"did", "will"}


def test_stems_are_found_and_other_words_are_unknown(lexicon):
    assert lexicon.id("ministers") == lexicon.id("minister") >= FIRST_WORD
    assert lexicon.id("zyxxy") == UNKNOWN
    assert (lexicon.class_of(UNKNOWN), lexicon.translations(UNKNOWN)) == (0, {})


def test_a_word_knows_its_translations(lexicon):
    (strength,) = lexicon.translations(lexicon.id("可能")).values()
    assert strength == pytest.approx(0.9, abs=0.01)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3.1万", 31_000), ("一百二十", 120), ("两成", 20), ("1,234,567", 1_234_567),
        ("2.4 million", 2_400_000), ("twenty-three", 23), ("三亿五千万", 350_000_000),
        ("二〇二五", 2025), ("six thousand", 6_000), ("March", 3),
    ],
)  # fmt: skip
def test_numbers_are_read(text, value):
    assert value in [round(found, 6) for _, _, found in values_in(text)]


@pytest.mark.parametrize("text", ["万一", "千万", "一", "十分", "may", "the"])
def test_what_only_looks_like_a_number_is_none(text):
    assert values_in(text) == []


def test_large_units_multiply_what_stands_before():
    assert han_value("十二亿") == 1_200_000_000
