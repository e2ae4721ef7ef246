"""Frames and facts: what holds of a word, with nested voices and double negation worked out."""

import pytest

from drift.frames import attributes, cues, facts, frames, holder
from drift.records import Segment, Span
from drift.segment import clauses, tokens


def segment(text):
    lang = "zh" if any("\u4e00" <= sign <= "\u9fff" for sign in text) else "en"
    whole = Span(0, len(text))
    return Segment(lang, text, whole, tokens(text, whole, lang), tuple(clauses(text, whole, lang)))


def fact(text, word):
    """Give the facts of the first token that holds a word."""
    one = segment(text)
    return next(
        found for token, found in zip(one.tokens, facts(one), strict=True) if word in token.text
    )


@pytest.mark.parametrize(
    ("text", "word", "polarity"),
    [
        ("他承认收了钱", "钱", "+"),
        ("他没有收钱", "收", "-"),
        ("他否认收了钱", "收", "-"),
        ("他不得不辞职", "辞职", "+"),
        ("没有人不知道这件事", "知道", "+"),
        ("他从不否认收钱", "收", "+"),
        ("他未必会来", "来", "~"),
        ("报告毫不含糊", "含糊", "-"),
        ("He admitted taking money", "taking", "+"),
        ("He did not take money", "take", "-"),
        ("He denied taking money", "taking", "-"),
        ("He never refused to pay", "pay", "+"),
        ("She hardly slept", "slept", "~"),
        ("He was unhappy", "unhappy", "-"),
        ("He failed to stop the sale", "sale", "+"),
    ],
)
def test_polarity_is_the_parity_of_negations(text, word, polarity):
    assert fact(text, word).polarity == polarity


@pytest.mark.parametrize(
    ("text", "word", "certainty"),
    [
        ("他已经辞职", "辞职", ""),
        ("他可能辞职", "辞职", "possible"),
        ("他或将辞职", "辞职", "probable"),
        ("据传他已辞职", "辞职", "hearsay"),
        ("他是否辞职", "辞职", "asked"),
        ("尚不清楚他是否辞职", "辞职", "unknown"),
        ("他必将辞职", "辞职", "certain"),
        ("未经证实的消息说他辞职", "辞职", "unverified"),
        ("He may resign", "resign", "possible"),
        ("He will probably resign", "resign", "probable"),
        ("Reportedly he resigned", "resigned", "hearsay"),
        ("Police asked whether he had resigned", "resigned", "asked"),
        ("It is unclear why he resigned", "resigned", "unknown"),
        ("He will certainly resign", "resign", "certain"),
    ],
)
def test_certainty_is_the_least_committed(text, word, certainty):
    assert fact(text, word).certainty == certainty


@pytest.mark.parametrize(
    ("text", "word", "condition"),
    [
        ("如果属实，他会辞职", "属实", "protasis"),
        ("如果属实，他会辞职", "辞职", "apodosis"),
        ("要不是下雨，我们就去了", "去", "counterfactual"),
        ("除非下雨，比赛照常", "下雨", "unless"),
        ("即使下雨，比赛照常", "下雨", "concessive"),
        ("既然下雨，比赛取消", "下雨", "realis"),
        ("他辞职了", "辞职", ""),
        ("If it is true, he will resign", "true", "protasis"),
        ("If it is true, he will resign", "resign", "apodosis"),
        ("It would hurt", "hurt", "hypothetical"),
        ("She said that she would go", "go", ""),
        ("About 2,300 people have had it so far", "people", ""),
        ("They had it repaired twice", "repaired", ""),
        ("It would stand, had it not rained", "rained", "counterfactual"),
    ],
)
def test_condition(text, word, condition):
    assert fact(text, word).condition == condition


@pytest.mark.parametrize(
    ("text", "word", "aspect"),
    [
        ("他已获得庇护", "庇护", "done"),
        ("他申请庇护", "庇护", "requested"),
        ("公司拟裁员", "裁员", "planned"),
        ("公司尚未裁员", "裁员", "not-yet"),
        ("公司正在裁员", "裁员", "ongoing"),
        ("他试图逃走", "逃走", "attempted"),
        ("He has requested asylum", "asylum", "requested"),
        ("They plan to close it", "close", "planned"),
        ("They tried to leave", "leave", "attempted"),
    ],
)
def test_aspect(text, word, aspect):
    assert fact(text, word).aspect == aspect


@pytest.mark.parametrize(
    ("text", "word", "voices"),
    [
        ("国务院发言人周二表示，他没有申请庇护", "庇护", ("国务院发言人",)),
        ("据路透社报道，他已离开", "离开", ("路透社",)),
        ("市长说，警方否认抓人", "抓", ("市长", "警方")),
        ("他离开了", "离开", ()),
        ("Police said he had left", "left", ("Police",)),
        ("According to two newspapers, he was taken away", "taken", ("two newspapers",)),
        ("He had left, police said", "left", ("police",)),
        ("The mayor said that the bank denied the loss", "loss", ("The mayor", "the bank")),
    ],
)
def test_voices_are_nested(text, word, voices):
    assert fact(text, word).voices == voices


def test_attribution_ends_where_another_voice_begins():
    text = "市长表示钱已到账，校方则称没有收到"
    assert fact(text, "钱").voices == ("市长",)
    assert fact(text, "没有").voices == ("校方",)


@pytest.mark.parametrize(
    ("text", "word", "name", "value"),
    [
        ("所有居民反对", "反对", "quantifier", "all"),
        ("Most residents objected", "objected", "quantifier", "most"),
        ("因为下雨，比赛取消", "下雨", "cause", "cause"),
        ("大雨导致比赛取消", "大雨", "cause", "cause"),
        ("大雨导致比赛取消", "取消", "cause", "effect"),
        ("Rain led to chaos", "Rain", "cause", "cause"),
        ("价格大幅上涨", "上涨", "degree", "boost"),
        ("Prices rose slightly", "rose", "degree", ""),
        ("Slightly higher prices", "higher", "degree", "damp"),
    ],
)
def test_the_other_attributes(text, word, name, value):
    one = segment(text)
    index = next(n for n, token in enumerate(one.tokens) if word in token.text)
    assert attributes(one, index)[name] == value


def test_frames_are_one_a_clause():
    one = segment("如果属实，他会辞职，但他否认")
    found = frames(one)
    assert [frame.clause for frame in found] == list(one.clauses)
    assert [hit.value for hit in found[0].values("conditional")] == ["protasis"]
    assert [hit.value for hit in found[2].values("polarity")] == ["verb"]


def test_a_cut_claim_is_read_in_its_sentence():
    text = "如果最终证实，他拒绝了申请，将重创形象"
    whole = segment(text)
    last = whole.clauses[-1]
    claim = Segment(
        "zh", last.of(text), last, tokens(text, last, "zh"), (last,), context=whole.span
    )
    word = next(n for n, token in enumerate(claim.tokens) if token.text == "重创")
    assert facts(claim)[word].condition == ""
    assert facts(claim, whole)[word].condition == "apodosis"
    assert "apodosis" in [h.value for h in frames(claim, whole)[0].values("conditional")]


def test_holder_is_open_where_nobody_is_named():
    one = segment("承认收钱")
    said = next(hit for hit in cues(one) if hit.value == "admit")
    assert holder(one, said) is None


def test_the_seed_tweet():
    text = (
        "美国自媒体人Custer发文表示，虽然事件扑朔迷离，但是如果最终证实，"
        "美国外交官因胆怯而拒绝王立军避难，将重创美国的国际形象。"
    )
    assert fact(text, "避难").polarity == "-"
    assert fact(text, "避难").condition == "protasis"
    assert fact(text, "形象").condition == "apodosis"
    assert fact(text, "拒绝").cause == "motive"
    assert fact(text, "重创").degree == "loaded"
    asserted = "美国外交官因胆怯而拒绝王立军避难，重创美国的国际形象。"
    assert fact(asserted, "避难").condition == ""
