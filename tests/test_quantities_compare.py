"""How a claim's quantity relates to the post's: same, rounded, weaker, unit, different, absent."""

import pytest

from drift.quantities import axis, compare, compare_all, quantities

# Chinese claim, English post, relation expected
RELATIONS = [
    ("2311人", "2,311 people", "same"),
    ("两千多人", "2,311 people", "rounded"),
    ("2300人", "2,311 people", "rounded"),
    ("450人", "about 450 people", "rounded"),
    ("一成多", "14 percent of users", "rounded"),
    ("三分之一", "33 percent", "rounded"),
    ("三分之一", "a third of them", "same"),
    ("三成三", "a third of them", "rounded"),
    ("两成", "one in five", "same"),
    ("一个半月", "six weeks", "rounded"),
    ("42天", "six weeks", "same"),
    ("2.4亿欧元", "240 million euros", "same"),
    ("翻番", "profits doubled", "same"),
    ("增加了两倍", "sales tripled", "same"),
    ("增长100%", "profits doubled", "same"),
    ("打八折", "20% off", "same"),
    ("三次", "three times", "same"),
    ("中午12点", "at noon", "same"),
    ("快12点", "at 11:50", "rounded"),
    ("上午9点", "at 9 a.m.", "same"),
    ("凌晨", "at 11:40 p.m.", "different"),
    ("三月三号", "on March 3", "same"),
    ("28号", "on the 28th", "same"),
    ("去年秋天", "last winter", "different"),
    ("周三", "on Tuesday", "different"),
    ("4万", "4,000 people", "different"),
    ("700万欧元", "$7m", "unit"),
    ("七百里", "700 kilometres", "unit"),
    ("五个月", "five weeks", "unit"),
    ("六周", "at least six weeks", "weaker"),
    ("2500万欧元", "up to 25 million euros", "weaker"),
    ("逾四成", "nearly 40% of users", "different"),
    ("不到四成", "nearly 40% of users", "same"),
    ("至少三成", "at 30 percent, tops", "different"),
    ("七周内", "within six weeks", "different"),
    ("一个钟头", "forty minutes", "different"),
    ("快俩小时", "about 90 min", "different"),
    ("62岁", "who is 61 and ill", "different"),
    ("20到40岁", "aged 20 to 45", "different"),
    ("2021到2025年", "between 2022 and 2025", "different"),
    ("4.2%", "rose 4.1% in June", "different"),
    ("几百人", "450 people", "rounded"),
    ("数十人", "dozens of people", "rounded"),
    ("35.5公里", "22 miles", "rounded"),
    ("1,000,000人", "a million people", "same"),
    ("第五", "the sixth lowest", "different"),
    ("三个百分点", "200 people came", "absent"),
    ("0.42欧", "42 cents a share", "same"),
]

UNJUDGED = [
    ("一个问题", "two problems"),
    ("去年", "this year"),
    ("几个人", "40 people"),
    ("晚上", "200 people"),
    ("圣诞", "in May"),
]


def _one(text, lang):
    found = [item for item in quantities(text, lang) if item.kind != "article"]
    assert len(found) == 1, found
    return found[0]


@pytest.mark.parametrize(("claim", "post", "relation"), RELATIONS)
def test_relates_a_claim_to_the_post(claim, post, relation):
    match = compare(_one(claim, "zh") if claim != "去年秋天" else quantities(claim, "zh")[1],
                    quantities(post, "en"))  # fmt: skip
    assert match is not None
    assert match.relation == relation


@pytest.mark.parametrize(("claim", "post"), UNJUDGED)
def test_says_nothing_where_nothing_can_be_said(claim, post):
    rows = compare_all(quantities(claim, "zh"), quantities(post, "en"))
    assert [match.relation for _, match in rows if match.relation in {"different", "absent"}] == []


def test_a_ratio_speaks_for_its_counts():
    rows = compare_all(quantities("五个里有一个", "zh"), quantities("20 percent", "en"))
    assert [(claim.kind, match.relation) for claim, match in rows] == [("ratio", "same")]


def test_counts_of_a_ratio_match_one_by_one():
    post = quantities("nine of our eleven correspondents", "en")
    rows = compare_all(quantities("11人里9人", "zh"), post)
    assert {match.relation for _, match in rows} == {"same"}
    assert len(rows) == 3


def test_the_nearest_quantity_is_named():
    match = compare(_one("七周", "zh"), quantities("19 days, six weeks and two years", "en"))
    assert match is not None
    assert match.post is not None
    assert match.post.text == "six weeks"


def test_axes_separate_what_cannot_be_compared():
    assert axis(_one("三公里", "zh")) == "measure:metre"
    assert axis(_one("三成", "zh")) == axis(_one("30%", "en")) == "share"
    assert axis(_one("三个百分点", "zh")) != axis(_one("3%", "zh"))
