"""Quantities of both languages: what is read, and what stays silent."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drift.quantities import compare, compare_all, quantities
from drift.quantities.chinese_numerals import value
from drift.quantities.lexicon import units
from tests.growth import growth

# text, kind, unit, comparator, low, high
CHINESE = [
    ("装机90兆瓦", "count", "megawatt", "=", 90, 90),
    ("预算3兆", "count", None, "=", 3 * 10**12, 3 * 10**12),
    ("不会少于六班", "count", None, ">=", 6, None),
    ("公元60年", "date", "ymd", "range", 600101, 601231),
    ("2月15闭馆", "date", "md", "=", 215, 215),
    ("周四回了一趟家", "date", "weekday", "=", 4, 4),
    ("两千多人", "count", "person", ">", 2000, 3000),
    ("二十来人", "count", "person", "~", 20, 20),
    ("十几个人", "count", "person", "range", 11, 20),
    ("几十万", "count", None, "range", 200000, 1000000),
    ("数百名", "count", "person", "range", 200, 1000),
    ("上千人", "count", "person", ">=", 1000, None),
    ("百余人", "count", "person", ">", 100, 200),
    ("三四十人", "count", "person", "range", 30, 40),
    ("三五个", "count", "item", "range", 3, 5),
    ("近一半", "fraction", None, "<", Fraction(17, 40), Fraction(1, 2)),
    ("三分之一", "fraction", None, "=", Fraction(1, 3), Fraction(1, 3)),
    ("百分之三点五", "percent", None, "=", Fraction(7, 200), Fraction(7, 200)),
    ("千分之三", "percent", None, "=", Fraction(3, 1000), Fraction(3, 1000)),
    ("两成", "percent", None, "=", Fraction(1, 5), Fraction(1, 5)),
    ("三成半", "percent", None, "=", Fraction(7, 20), Fraction(7, 20)),
    ("一成七", "percent", None, "=", Fraction(17, 100), Fraction(17, 100)),
    ("七八成", "percent", None, "range", Fraction(7, 10), Fraction(4, 5)),
    ("一成多", "percent", None, ">", Fraction(1, 10), Fraction(1, 5)),
    ("打八折", "percent", None, "=", Fraction(1, 5), Fraction(1, 5)),
    ("打八五折", "percent", None, "=", Fraction(3, 20), Fraction(3, 20)),
    ("0.8个百分点", "point", "point", "=", Fraction(4, 5), Fraction(4, 5)),
    ("25个基点", "point", "basis-point", "=", 25, 25),
    ("2.4亿欧元", "money", "eur", "=", 240000000, 240000000),
    ("1,200亿元", "money", "cny", "=", 120000000000, 120000000000),
    ("US$3亿", "money", "usd", "=", 300000000, 300000000),
    ("２.５万美元", "money", "usd", "=", 25000, 25000),
    ("230 万美元", "money", "usd", "=", 2300000, 2300000),
    ("3万5", "count", None, "=", 35000, 35000),
    ("一万二", "count", None, "=", 12000, 12000),
    ("2千3", "count", None, "=", 2300, 2300),
    ("兩萬五千人", "count", "person", "=", 25000, 25000),
    ("一个半月", "duration", "month", "=", Fraction(3, 2), Fraction(3, 2)),
    ("两个多小时", "duration", "hour", ">", 2, 3),
    ("三年半", "duration", "year", "=", Fraction(7, 2), Fraction(7, 2)),
    ("半小时", "duration", "hour", "=", Fraction(1, 2), Fraction(1, 2)),
    ("快俩小时", "duration", "hour", "<", Fraction(17, 10), 2),
    ("1小时20分钟", "duration", "hour", "=", Fraction(4, 3), Fraction(4, 3)),
    ("49秒38", "duration", "second", "=", Fraction(4938, 100), Fraction(4938, 100)),
    ("7分21秒38", "duration", "second", "=", Fraction(44138, 100), Fraction(44138, 100)),
    ("20到45岁", "age", "age", "range", 20, 45),
    ("四十多岁", "age", "age", ">", 40, 50),
    ("增加了两倍", "times", "times", "=", 3, 3),
    ("增至三倍", "times", "times", "=", 3, 3),
    ("翻了一番", "times", None, "=", 2, 2),
    ("翻倍", "times", None, "=", 2, 2),
    ("增长了一倍", "times", None, "=", 2, 2),
    ("减半", "fraction", None, "=", Fraction(1, 2), Fraction(1, 2)),
    ("2025年5月3日", "date", "ymd", "=", 20250503, 20250503),
    ("三月四日", "date", "md", "=", 304, 304),
    ("九月下旬", "date", "md", "range", 920, 930 + 1),
    ("2026年年中", "date", "ymd", "range", 20260501, 20260831),
    ("90年代", "date", "ymd", "range", 19900101, 19991231),
    ("20世纪30年代", "date", "ymd", "range", 19300101, 19391231),
    ("2021到2025年", "date", "ymd", "range", 20210101, 20251231),
    ("周二", "date", "weekday", "=", 2, 2),
    ("礼拜天", "date", "weekday", "=", 7, 7),
    ("28号", "date", "monthday", "=", 28, 28),
    ("去年", "date", "relative-year", "=", -1, -1),
    ("上午9点半", "time", "clock", "=", 570, 570),
    ("晚上11点40分", "time", "clock", "=", 1420, 1420),
    ("下午6:45", "time", "clock", "=", 1125, 1125),
    ("第三", "ordinal", None, "=", 3, 3),
    ("第3条", "ordinal", None, "=", 3, 3),
    ("至少三成", "percent", None, ">=", Fraction(3, 10), None),
    ("10%以内", "percent", "percent", "<=", None, Fraction(1, 10)),
    ("不到一半", "fraction", None, "<", None, Fraction(1, 2)),
    ("约450", "count", None, "~", 450, 450),
    ("三十人左右", "count", "person", "~", 30, 30),
    ("1米93", "count", "m", "=", Fraction(193, 100), Fraction(193, 100)),
    ("上午 10 时 22 分", "time", "clock", "=", 622, 622),
    ("25 000人", "count", "person", "=", 25000, 25000),
    ("5k", "count", None, "=", 5000, 5000),
]

ENGLISH = [
    ("a fifth fewer cases", "fraction", None, "=", Fraction(1, 5), Fraction(1, 5)),
    ("a drop of a third.", "fraction", None, "=", Fraction(1, 3), Fraction(1, 3)),
    (
        "a hundredth of one per cent",
        "percent",
        None,
        "=",
        Fraction(1, 10000),
        Fraction(1, 10000),
    ),
    ("a third hostage", "ordinal", None, "=", 3, 3),
    ("two thousand three hundred and eleven people", "count", "person", "=", 2311, 2311),
    ("a hundred", "count", None, "=", 100, 100),
    ("half a million", "count", None, "=", 500000, 500000),
    ("three and a half million", "count", None, "=", 3500000, 3500000),
    ("dozens", "count", None, "range", 24, 120),
    ("tens of thousands", "count", None, "range", 10000, 100000),
    ("a few hundred", "count", None, "range", 200, 1000),
    ("some 40", "count", None, "~", 40, 40),
    ("40-odd", "count", None, ">", 40, 50),
    ("30 percent, tops", "percent", "percent", "<=", None, Fraction(3, 10)),
    ("nearly 40%", "percent", "percent", "<", Fraction(34, 100), Fraction(2, 5)),
    ("just over 20", "count", None, ">", 20, 30),
    ("fewer than 30", "count", None, "<", None, 30),
    ("up to 25 million euros", "money", "eur", "<=", None, 25000000),
    ("at least twelve hours", "duration", "hour", ">=", 12, None),
    ("a third of it", "fraction", None, "=", Fraction(1, 3), Fraction(1, 3)),
    ("two-thirds", "fraction", None, "=", Fraction(2, 3), Fraction(2, 3)),
    ("one tenth", "fraction", None, "=", Fraction(1, 10), Fraction(1, 10)),
    ("three percentage points", "point", "point", "=", 3, 3),
    ("a quarter-point cut", "point", "point", "=", Fraction(1, 4), Fraction(1, 4)),
    ("$7m", "money", "usd", "=", 7000000, 7000000),
    ("2.4m yuan", "money", "cny", "=", 2400000, 2400000),
    ("$100B", "money", "usd", "=", 100000000000, 100000000000),
    ("€9 to €15", "money", "eur", "range", 9, 15),
    ("$2.4-2.6 billion", "money", "usd", "range", 2400000000, 2600000000),
    ("twice", "times", None, "=", 2, 2),
    ("tenfold", "times", None, "=", 10, 10),
    ("three times", "times", "times", "=", 3, 3),
    ("halved", "fraction", None, "=", Fraction(1, 2), Fraction(1, 2)),
    ("24-year-old", "age", "age", "=", 24, 24),
    ("in his forties", "age", "age", "range", 40, 50),
    ("three-hour", "duration", "hour", "=", 3, 3),
    ("six straight weeks", "duration", "week", "=", 6, 6),
    ("two more years", "duration", "year", "=", 2, 2),
    ("a year and a half", "duration", "year", "=", Fraction(3, 2), Fraction(3, 2)),
    ("one hour 20 minutes", "duration", "hour", "=", Fraction(4, 3), Fraction(4, 3)),
    ("7:21.38", "duration", "second", "=", Fraction(44138, 100), Fraction(44138, 100)),
    ("between 5 and 10 people", "count", "person", "range", 5, 10),
    ("10 to 20 million people", "count", "person", "range", 10000000, 20000000),
    ("March 3, 2025", "date", "ymd", "=", 20250303, 20250303),
    ("3 June", "date", "md", "=", 603, 603),
    ("in May", "date", "md", "range", 501, 531),
    ("late October", "date", "md", "range", 1020, 1031),
    ("mid-2025", "date", "ymd", "range", 20250501, 20250831),
    ("the 1990s", "date", "ymd", "range", 19900101, 19991231),
    ("between 2022 and 2025", "date", "ymd", "range", 20220101, 20251231),
    ("on the 28th", "date", "monthday", "=", 28, 28),
    ("Thursday", "date", "weekday", "=", 4, 4),
    ("last winter", "date", "season", "=", 4, 4),
    ("11:40 p.m.", "time", "clock", "=", 1420, 1420),
    ("half past nine", "time", "clock12", "=", 570, 570),
    ("third", "ordinal", None, "=", 3, 3),
    ("the twenty-first", "ordinal", None, "=", 21, 21),
]

# Look-alikes: nothing in them counts anything.
SILENT_ZH = (
    "一些 一般 一直 一定 一起 一样 万一 十分好 千万别去 一旦 一方面 统一 第一时间 三思 五花八门 "
    "万岁 百姓 百货 两会 一带一路 四川 九江 八达岭 三星手机 七匹狼 GPT-6 5G 3D打印 "
    "0day COVID-19 半天 唯一 "
    "进一步 之一 八成是真的 有一天 各执一词 十六进制 数据 几乎 人数 胡说 四分卫 接二连三 五五开"
)
SILENT_EN = (
    "no one,someone,one another,at one point,GPT-6,5G networks,version 2.0.1,Covid-19,he may go,"
    "they march on,fifty-fifty,square one,@user123,a book"
)


def _one(text, lang):
    found = [item for item in quantities(text, lang) if item.kind != "article"]
    assert len(found) == 1, found
    return found[0]


@pytest.mark.parametrize(("text", "kind", "unit", "comparator", "low", "high"), CHINESE)
def test_reads_chinese(text, kind, unit, comparator, low, high):
    found = _one(text, "zh")
    assert (found.kind, found.unit, found.comparator) == (kind, unit, comparator)
    assert (found.low, found.high) == (low, high)


@pytest.mark.parametrize(("text", "kind", "unit", "comparator", "low", "high"), ENGLISH)
def test_reads_english(text, kind, unit, comparator, low, high):
    found = _one(text, "en")
    assert (found.kind, found.unit, found.comparator) == (kind, unit, comparator)
    assert (found.low, found.high) == (low, high)


@pytest.mark.parametrize("text", SILENT_ZH.split())
def test_chinese_look_alikes_count_nothing(text):
    assert [item for item in quantities(text, "zh") if item.kind != "article"] == []


@pytest.mark.parametrize("text", SILENT_EN.split(","))
def test_english_look_alikes_count_nothing(text):
    assert [item for item in quantities(text, "en") if item.kind != "article"] == []


def test_a_list_lends_its_unit():
    found = quantities("9 and 17 percent", "en")
    assert [(item.kind, item.low) for item in found] == [
        ("percent", Fraction(9, 100)),
        ("percent", Fraction(17, 100)),
    ]


def test_a_change_is_two_amounts_and_not_a_range():
    found = quantities("from 8.1 to 13.6 billion crowns", "en")
    assert [item.low for item in found] == [8100000000, 13600000000]


def test_the_article_is_weak_unless_stressed():
    assert quantities("一个人", "zh")[0].kind == "article"
    assert quantities("只一个人", "zh")[0].kind == "count"
    assert quantities("one of them", "en")[0].kind == "article"
    assert quantities("only one", "en")[0].kind == "count"


def test_every_unit_of_one_base_shares_its_kind():
    by_base = {}
    for unit in units().by_key.values():
        if unit.base is not None:
            by_base.setdefault(unit.base, set()).add(unit.kind)
            assert unit.size > 0
    assert [base for base, kinds in by_base.items() if len(kinds) != 1] == []


def _spell(number):
    """Spell a number below ten thousand in Chinese, the long way."""
    digits, out, gap = "零一二三四五六七八九", "", False
    for size, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // size % 10
        if digit == 0:
            gap = bool(out)
            continue
        out += ("零" if gap else "") + digits[digit] + name
        gap = False
    return out


@given(st.integers(min_value=1, max_value=9999))
def test_spelled_out_chinese_is_read_back(number):
    assert value(_spell(number)) == number


@given(st.integers(min_value=1, max_value=10**12))
def test_digits_with_commas_are_read_in_both_languages(number):
    text = f"{number:,} 吨", f"{number:,} tonnes"
    assert [item.low for item in quantities(text[0], "zh")] == [number]
    assert [item.low for item in quantities(text[1], "en")] == [number]


_SIGNS = "0123456789,.:/-%$€一二两三十百千万亿几数多半个月年日点分成倍 零〇约近至到第\ud800٣²½"
_HOSTILE = st.text(alphabet=st.sampled_from(_SIGNS) | st.characters(), max_size=60)
_WORDS = (
    "one two twenty hundred million a an the half third thirds and of in to - . , $ 5 1,000 3.5 % "
    "percent may March May 28th 2025 p.m. o'clock at least nearly over up tops odd fold x m years"
)
_HOSTILE_WORDS = st.lists(st.sampled_from(_WORDS.split()), max_size=25).map(" ".join)


@settings(max_examples=300, deadline=None)
@given(_HOSTILE, st.sampled_from(["en", "zh"]))
def test_any_text_gives_ordered_spans_that_hold_their_words(text, lang):
    found = quantities(text, lang)
    assert list(found) == sorted(found, key=lambda item: item.span)
    for item in found:
        assert 0 <= item.span.start < item.span.end <= len(text)
        assert item.text == item.span.of(text)
        assert item.low is not None or item.high is not None
        if item.low is not None and item.high is not None:
            assert item.low <= item.high


@settings(max_examples=200, deadline=None)
@given(_HOSTILE_WORDS, _HOSTILE)
def test_any_two_texts_compare(english, chinese):
    post = quantities(english, "en")
    for claim, match in compare_all(quantities(chinese, "zh"), post):
        assert claim.text
        assert 0 < match.confidence < 1
        assert (match.post is None) == (match.relation == "absent")


@settings(max_examples=150, deadline=None)
@given(_HOSTILE_WORDS)
def test_a_quantity_agrees_with_itself(text):
    found = quantities(text, "en")
    for item in found:
        match = compare(item, found)
        assert match is None or match.relation == "same"


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize(
    "piece", ["1", "一", "十", "1,111,", "百分之", "一点", "半", "九十", "-", "1:"]
)
def test_long_runs_take_linear_time(piece, lang):
    def read(size):
        quantities((piece * size)[:size], lang)

    assert growth(read, 4000, 32000) < 40  # eight times the text; quadratic would be 64 times
