"""Claims: cut at clauses, and never between what is true or false only together."""

import json
import os
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from drift.claims import claims
from drift.normalise import normalise
from drift.records import Kind, Voice
from drift.voices import voices

DATA = Path(os.environ.get("DRIFT_DATA", Path(__file__).parents[1] / ".." / "shared" / "data"))
TRAIN = DATA / "driftbench-train.jsonl"

CASES = [
    "公司已经道歉，|市长上午离开会场。|警方仍在调查事故原因",
    # A condition and its consequence.
    "如果美国拒绝他，国际形象将受损，|外交部没有回应此事",
    "一旦结果显示厨房有问题，市里会终止合同",
    "谈不成的话，三趟火车只剩一趟",
    "除非董事会出面道歉，否则工会继续罢工",
    "工人明天若罢工，列车全部停运",
    "学校可以拒收未接种学生，除非家长提交证明",
    "公司必须周五回应，不然作者清仓",
    # An attribution and what it introduces.
    "作者说：美国拒绝他将是公关失败",
    "据外媒报道，王立军进入领事馆，|警方包围了现场建筑",
    "国防部发言人表示，报告纯属猜测，|军舰进坞只是保养",
    "作者说，如果美国拒绝他，国际形象将受损",
    # A setting, a topic, a short clause.
    "截至八月，南部仍有五万手机在用",
    "睡不到六小时者，失智风险升高两成",
    "试验周一叫停，别慌",
    # A contrast without a comma.
    "官员昨天离开了会场|但是没有说明离开理由",
    # Signs that are no words.
    "他没有辞职👍👍！！",
    "【央行按兵不动】|六名委员主张降息",
    "中国人民银行没有降息" * 3,
]


def _claims(raw):
    text = normalise(raw)
    return claims(text, voices(text))


@pytest.mark.parametrize("marked", CASES)
def test_claims(marked):
    assert "|".join(claim.text for claim in _claims(marked.replace("|", ""))) == marked


def test_comments_and_carriers_are_no_claims():
    found = _claims("RT @li: 市长没有辞职。//我觉得他会走 https://t.co/a1")
    assert [claim.text for claim in found] == ["市长没有辞职。"]


def test_a_quotation_is_a_claim_in_its_own_voice():
    found = _claims("「修改多了速度自然就快」。评论家没有修改过剧本")
    assert [claim.voice for claim in found] == [Voice.QUOTE, Voice.CLAIM]


def test_a_quotation_stays_with_the_words_that_introduce_it():
    (found,) = _claims("吴教授说：“公开信的作者找错了反派。”")
    assert found.text == "吴教授说：“公开信的作者找错了反派。”"
    assert len(found.clauses) == 2


@pytest.mark.parametrize(
    "raw",
    ["", "  ", "The mayor has not resigned.", "😀", "RT @a:", "https://t.co/a", "\ud800\udfff"],
)
def test_nothing_chinese_claims_nothing(raw):
    assert _claims(raw) == ()


def test_latin_names_do_not_make_a_text_foreign():
    (found,) = _claims("Palladia嫌FoodAlliance估得太高")
    assert found.tokens[0].kind is Kind.NAME


def test_context_is_the_sentence():
    text = normalise("公司已经道歉，市长上午离开会场。警方仍在调查事故原因")
    first, second, third = claims(text, voices(text))
    assert first.context == second.context
    assert first.context.of(text.text) == "公司已经道歉，市长上午离开会场。"
    assert third.context == third.span


def test_traditional_claims_lead_back_to_the_raw_text():
    raw = "RT @li：執行長說「如果美國拒絕他，形象受損」。"
    text = normalise(raw)
    (found,) = claims(text, voices(text))
    assert text.to_raw(found.span).of(raw) == "執行長說「如果美國拒絕他，形象受損」。"


@pytest.mark.parametrize(
    "raw", ["市👏长👏没👏有👏辞👏职", "市长没有辞职" * 400, "他说：" * 500, "如果下雨，" * 500]
)
def test_odd_texts_give_claims_that_end(raw):
    found = _claims(raw)
    assert found
    assert all(claim.span.end - claim.span.start <= 2000 for claim in found)


PIECES = [
    "如果",
    "他没有辞职",
    "，",
    "。",
    "；",
    "：",
    "说",
    "“",
    "”",
    " ",
    "但是",
    "10%",
    "Wang",
    "👍",
    "\n",
    "//",
    "【",
    "】",
    "的话",
]


@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
@example("说10%10%10%")  # many figures make no text foreign
def test_claims_hold_every_word_of_the_judged_parts(raw):
    text = normalise(raw)
    parts = voices(text)
    found = claims(text, parts)
    assert all(left.span.end <= right.span.start for left, right in pairwise(found))
    for claim in found:
        assert claim.text == claim.span.of(text.text)
        assert claim.context.covers(claim.span)
        assert all(claim.span.covers(word.span) for word in claim.tokens)
        assert all(claim.span.covers(clause) for clause in claim.clauses)
    kept = {at for claim in found for at in range(claim.span.start, claim.span.end)}
    for part in parts:
        if part.voice in (Voice.CLAIM, Voice.QUOTE) and "Wang" not in text.text:
            judged = range(part.span.start, part.span.end)
            lost = [text.text[at] for at in judged if at not in kept]
            assert not any("\u4e00" <= sign <= "\u9fff" for sign in lost)


@pytest.mark.skipif(not TRAIN.exists(), reason="the training cases are not part of the project")
def test_findings_of_the_training_cases_lie_in_one_claim():
    cut = total = 0
    for line in TRAIN.read_text(encoding="utf-8").splitlines()[::4]:
        case = json.loads(line)
        text = normalise(case["retweet"])
        spans = [text.to_raw(claim.span) for claim in claims(text, voices(text))]
        for finding in case["findings"]:
            start = case["retweet"].find(finding["retweet_span"])
            end = start + len(finding["retweet_span"])
            total += end > start
            cut += end > start and not any(s.start <= start and end <= s.end for s in spans)
    assert total > 300
    assert cut / total < 0.08
