"""Names of Chinese people are spelled in Pinyin; foreign names and words are left alone."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.people import mended, spelled


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("外交官拒绝了王立军的请求", "外交官拒绝了Wang Lijun的请求"),
        ("省长沈为民没露面", "省长Shen Weimin没露面"),
        ("王立军和沈为民", "Wang Lijun和Shen Weimin"),
        ("林德利说林格伦走了", "林德利说林格伦走了"),  # Lindley, Lindgren
        ("市长布兰特否认", "市长布兰特否认"),
        ("高度重视安全生产", "高度重视安全生产"),
        ("", ""),
        ("RT <m1>: no Chinese", "RT <m1>: no Chinese"),
    ],
)
def test_who_is_spelled(text, expected):
    assert spelled(text) == expected


def test_a_slipped_letter_is_mended_and_nothing_else():
    source = "拒绝Wang Lijun避难"
    assert (
        mended(source, "They reject Wang Lijuun, Wang said.")
        == "They reject Wang Lijun, Wang said."
    )
    assert mended(source, "They reject Wang Lijun.") == "They reject Wang Lijun."
    assert mended(source, "They reject him.") == "They reject him."
    assert mended("他走了", "Wang Lijuun went") == "Wang Lijuun went"


@settings(max_examples=200)
@given(st.text(st.sampled_from("王李张立军国华的说，<m1> a😀"), max_size=30))
def test_all_but_names_stays(text):
    found = spelled(text)
    kept = [sign for sign in text if not "\u4e00" <= sign <= "\u9fff"]
    assert [sign for sign in found if sign in "，<>1😀"] == [s for s in kept if s in "，<>1😀"]
