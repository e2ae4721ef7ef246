"""Normalising: what is folded, what is dropped and flagged, and that the way back is exact."""

import json
import os
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drift.normalise import chinese_share, normalise
from drift.records import Span
from tests.growth import growth

DATA = Path(os.environ.get("DRIFT_DATA", Path(__file__).parents[1] / ".." / "shared" / "data"))
ATTACKS = DATA.parent / "security" / "unicode_attacks.jsonl"

FOLDED = [
    ("１２０萬，Ａ％", "120万，A%"),
    ("１，２００元，３，４", "1,200元，3，4"),
    ("說：「是」", "说：「是」"),
    ("he didn’t – or did—it", "he didn't - or did—it"),
    ("10² m², ²⁰²⁴", "10² m2, 2024"),
    ("1½ and ⅓", "1½ and ⅓"),
    ("①天气 ②⓪②④ ⑤%", "①天气 2024 5%"),
    ("٢٠٢٤ ߂", "2024 2"),
    ("㎏ ⽉ ｶﾞ ﷺ ™", "kg 月 ガ ﷺ ™"),
    ("a\r\nb\rc\x0bd", "a\nb\nc\nd"),
    ("3～5，5〜6", "3~5，5~6"),
    ("e\u0301a\u0301", "éá"),
    ("1️⃣", "1"),
    ("กำ", "กํา"),
    ("☺️好", "☺好"),
    ("a  b\t", "a  b\t"),
]
FLAGGED = [
    ("没\u200b有", "没有", "invisible"),
    ("ri\u00adse", "rise", "invisible"),
    ("5\u2028%", "5%", "invisible"),
    ("好\U000e0041\U000e0042", "好", "invisible"),
    ("好\ufe0f", "好", "invisible"),
    ("a\u202eb\u2066c", "abc", "bidi"),
    ("раypal", "paypal", "confusable"),
    ("中\ud800国", "中\ufffd国", "surrogate"),
    ("a\x00b", "a\ufffdb", "control"),
    ("a\ufffe", "a\ufffd", "noncharacter"),
    ("他👏没👏有👏说", "他没有说", "spaced"),
    ("说：没 有 辞 职。", "说：没有辞职。", "spaced"),
    ("没\u0336有\u0336", "没有", "marks"),
    ("a" + "\u0301" * 50, "a", "marks"),
]
UNFLAGGED = [
    "👨‍👩‍👧",
    "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "❤️",
    "Москва",
    "TNFα μm",
    "naïve café",
    "他 没有 说 好",
    "北/京 三/四",
]
TRADITIONAL = [
    ("執行長說網路方程式", "首席执行官说网络方程式"),
    ("沒有著落，乾隆皇后的頭髮", "没有着落，乾隆皇后的头发"),
    ("透過檔案室釋出善意", "透过档案室释出善意"),
]


@pytest.mark.parametrize(("raw", "text"), FOLDED)
def test_folds(raw, text):
    assert normalise(raw).text == text


@pytest.mark.parametrize(("raw", "text", "flag"), FLAGGED)
def test_flags(raw, text, flag):
    done = normalise(raw)
    assert (done.text, done.flags) == (text, (flag,))


@pytest.mark.parametrize("raw", UNFLAGGED)
def test_leaves_ordinary_writing_unflagged(raw):
    assert normalise(raw).flags == ()


@pytest.mark.parametrize(("raw", "text"), TRADITIONAL)
def test_simplifies(raw, text):
    done = normalise(raw)
    assert (done.text, done.script) == (text, "hant")


@pytest.mark.parametrize(
    ("raw", "script"),
    [("他没说", "hans"), ("他沒說", "hant"), ("no", "none"), ("", "none"), ("你好", "hans")],
)
def test_names_the_script(raw, script):
    assert normalise(raw).script == script


def test_a_replaced_word_leads_back_to_its_whole_outline():
    done = normalise("那執行長說")
    assert done.text == "那首席执行官说"
    for start in range(1, 6):
        assert done.to_raw(Span(start, start + 1)) == Span(1, 4)
    assert done.to_raw(Span(6, 7)).of(done.raw) == "說"


def test_a_dropped_sign_belongs_to_what_stands_before_it():
    done = normalise("没\u200b有")
    assert done.to_raw(Span(0, 1)) == Span(0, 2)
    assert done.to_raw(Span(1, 2)) == Span(2, 3)


def test_simplified_text_is_not_converted():
    text = "乾隆的著作，於今"[:6]
    assert normalise(text).text == text


@given(st.text(alphabet=st.characters(), max_size=60))
def test_offsets_are_monotone_and_inside(raw):
    done = normalise(raw)
    assert len(done.offsets) == len(done.text) + 1
    assert all(left <= right for left, right in pairwise(done.offsets))
    assert done.offsets[-1] == len(raw)
    for at in range(len(done.text)):
        span = done.to_raw(Span(at, at + 1))
        assert 0 <= span.start < span.end <= len(raw)


PIECES = [
    "他",
    "說",
    "没",
    "執",
    "行",
    "長",
    "軟",
    "體",
    "a",
    "Ｂ",
    "é",
    "\u200b",
    "\u202e",
    "，",
    "９",
    "㎏",
    "👍",
    " ",
]


@given(st.lists(st.sampled_from(PIECES), max_size=20).map("".join), st.data())
def test_a_span_leads_to_raw_text_that_normalises_to_it(raw, data):
    done = normalise(raw)
    if not done.text:
        return
    start = data.draw(st.integers(0, len(done.text) - 1))
    end = data.draw(st.integers(start + 1, len(done.text)))
    again = normalise(done.to_raw(Span(start, end)).of(raw)).text
    assert done.text[start:end] in again


@given(st.text(alphabet=st.sampled_from("".join(PIECES) + "ｶﾞ²①½\ud800\x00“’–"), max_size=30))
def test_normalising_twice_changes_nothing(raw):
    once = normalise(raw).text
    assert normalise(once).text == once


@pytest.mark.parametrize(
    "piece", ["他說軟體，", "a\u0301", "\u200d", "👩\u200d", "中\u0336", "ﷺ", "\U000e0041"]
)
def test_time_grows_with_length_only(piece):
    def read(size):
        normalise(piece * (size // len(piece)))

    assert growth(read, 12_500, 100_000) < 40  # eight times the text; quadratic would be 64 times


def test_chinese_share_counts_letters_only():
    assert chinese_share("中国 ab!!") == 0.5
    assert chinese_share("") == 0.0


@pytest.mark.skipif(not ATTACKS.exists(), reason="the attack list is not part of the project")
def test_attacks_change_no_word():
    hidden = {"invisible", "bidi", "tag", "vs", "zwj", "percent"}
    for line in ATTACKS.read_text(encoding="utf-8").splitlines():
        attack = json.loads(line)
        done = normalise(attack["text"])
        family = attack["cat"].split("-")[0]
        if family in hidden or family == "confusable":
            assert done.text == normalise(attack["clean"]).text, attack["id"]
        if family in hidden - {"percent"}:
            assert done.flags, attack["id"]
        assert "\ud800" not in done.text
        assert "\x00" not in done.text
