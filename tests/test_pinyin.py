"""Pinyin of characters and names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drift.pinyin import pinyin, readings, syllables


@pytest.mark.parametrize(
    ("name", "spelt"),
    [
        ("王立军", ["wang", "li", "jun"]),
        ("薄熙来", ["bo", "xi", "lai"]),
        ("重庆", ["chong", "qing"]),
        ("习近平", ["xi", "jin", "ping"]),
    ],
)
def test_names_are_spelt_as_in_the_news(name, spelt):
    found = [readings(char) for char in name]
    assert all(want in known for want, known in zip(spelt, found, strict=True))
    assert len(syllables(name)) == len(name)


def test_the_commonest_reading_comes_first():
    assert readings("不")[0] == "bu"
    assert readings("宁")[0] == "ning"
    assert readings("的")[0] == "de"
    assert readings("了")[0] == "le"


def test_every_reading_of_a_character_with_several_is_there():
    assert {"chang", "zhang"} <= set(readings("长"))
    assert {"le", "yue"} <= set(readings("乐"))


def test_both_scripts_have_readings():
    assert readings("國") == readings("国")
    assert readings("薩")[0] == readings("萨")[0] == "sa"


def test_what_is_not_chinese_has_no_reading_and_stays():
    assert readings("x") == readings("，") == readings("😀") == ()
    assert pinyin("A股!") == "Agu!"
    assert syllables("A!") == []


@given(st.text())
def test_any_text_can_be_spelt(text):
    assert len(syllables(text)) <= len(text)
    assert isinstance(pinyin(text), str)


@given(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5))
def test_readings_are_plain_syllables(char):
    assert all(reading.isascii() and reading.isalpha() for reading in readings(char))
