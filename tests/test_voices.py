"""Who speaks: what is judged, and what is the retweeter's own."""

import json
import os
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drift.normalise import normalise
from drift.records import Voice
from drift.voices import voices

DATA = Path(os.environ.get("DRIFT_DATA", Path(__file__).parents[1] / ".." / "shared" / "data"))
TRAIN = DATA / "driftbench-train.jsonl"
JUDGED = (Voice.CLAIM, Voice.QUOTE)

# Text, and its parts as "letter:text": c claim, q quote, m comment, r carrier.
CASES = [
    ("他没有辞职", "c:他没有辞职"),
    # Carriers before the text.
    ("RT @li_1: 他没有辞职", "r:RT @li_1:|c:他没有辞职"),
    ("RT @a: RT @b: 他没有辞职", "r:RT @a: RT @b:|c:他没有辞职"),
    ("转发微博：他没有辞职", "r:转发微博：|c:他没有辞职"),
    ("轉發 @李四：他沒有辭職", "r:转发 @李四：|c:他没有辞职"),
    ("@早报 他没有辞职", "r:@早报|c:他没有辞职"),
    ("转发给爱熬夜的你：睡不到六小时有风险", "r:转发给爱熬夜的你：|c:睡不到六小时有风险"),
    # Carriers after it, links and topics.
    ("他没有辞职（via @li）", "c:他没有辞职|r:（via @li）"),
    ("他没有辞职 转自：人民日报", "c:他没有辞职|r:转自：人民日报"),
    ("他没有辞职。全文：https://t.co/x1", "c:他没有辞职。|r:全文：https://t.co/x1"),
    ("https://t.co/x1", "r:https://t.co/x1"),
    ("#央行# 他没有辞职 #转会", "r:#央行#|c:他没有辞职|r:#转会"),
    ("#北京近日新增两百例# 加油", "c:#北京近日新增两百例#|m:加油"),
    ("他没有辞职[泪][泪]", "c:他没有辞职|r:[泪][泪]"),
    ("【快讯】他没有辞职", "r:【快讯】|c:他没有辞职"),
    ("【市长没有辞职】他周一上班", "c:【市长没有辞职】|c:他周一上班"),
    # The retweeter's own words.
    ("他没有辞职。//我不信", "c:他没有辞职。|m://我不信"),
    ("他没有辞职 // 坐等后续", "c:他没有辞职|m:// 坐等后续"),
    ("//他没有辞职，下周见", "r://|c:他没有辞职，下周见"),
    ("转发 // 他没有辞职，下周见", "r:转发 //|c:他没有辞职，下周见"),
    ("太可怕了//@王五: 市长没有辞职，下周见", "m:太可怕了|r://@王五:|c:市长没有辞职，下周见"),
    (
        "真的？//@王五:转发微博//@李四:市长没有辞职",
        "m:真的？|r://@王五:转发微博//@李四:|c:市长没有辞职",
    ),
    (
        "市长没有辞职，下周一照常上班，秘书也留下//@王五:转了",
        "c:市长没有辞职，下周一照常上班，秘书也留下|r://@王五:|m:转了",
    ),
    ("他没有辞职。转发者注：谁信？他会走的。", "c:他没有辞职。|m:转发者注：谁信？他会走的。"),
    ("他没有辞职（译者注：我猜的），下周见", "c:他没有辞职|m:（译者注：我猜的）|c:，下周见"),
    ("PS: 我不信。他没有辞职", "m:PS: 我不信。|c:他没有辞职"),
    ("他没有辞职，我觉得这事没完。下周见", "c:他没有辞职，|m:我觉得这事没完。|c:下周见"),
    ("个人认为他会走。他没有辞职", "m:个人认为他会走。|c:他没有辞职"),
    ("他没有辞职，各位怎么看？🤔", "c:他没有辞职，|m:各位怎么看？🤔"),
    ("七款里只它能找回🔐转给常忘密码的朋友", "c:七款里只它能找回🔐|m:转给常忘密码的朋友"),
    ("😂😂", "r:😂😂"),
    # Not the retweeter's own: attributions, quoted first persons, everyday words.
    ("博主：我觉得他会走", "c:博主：我觉得他会走"),
    ("他说：“我觉得没有人会辞职的。”", "c:他说：|q:“我觉得没有人会辞职的。”"),
    ("业内人士点评：寿命说得过去", "c:业内人士点评：寿命说得过去"),
    ("个人用户可退费，企业自己申请", "c:个人用户可退费，企业自己申请"),
    ("来源还在查", "c:来源还在查"),
    ("转发前先看：没有这回事", "c:转发前先看：没有这回事"),
    ("有人打字批注：“绝不”", "c:有人打字批注：“绝不”"),
    ("请大家别再传那个名字", "c:请大家别再传那个名字"),
    ("见 http://a.cn//b 他没有辞职", "c:见|r:http://a.cn//b|c:他没有辞职"),
    ("@ChinaGeeks 那边说没有", "r:@ChinaGeeks|c:那边说没有"),
    ("美国自媒体人 @ChinaGeeks Custer 发文", "c:美国自媒体人 @ChinaGeeks Custer 发文"),
    # Quotations.
    ("「改多了自然就快的」，他说", "q:「改多了自然就快的」|c:，他说"),
    ("他们“走人”了", "c:他们“走人”了"),
    ("", ""),
]
LETTERS = {Voice.CLAIM: "c", Voice.QUOTE: "q", Voice.COMMENT: "m", Voice.CARRIER: "r"}


@pytest.mark.parametrize(("raw", "marked"), CASES)
def test_voices(raw, marked):
    text = normalise(raw)
    found = [f"{LETTERS[part.voice]}:{part.span.of(text.text)}" for part in voices(text)]
    assert "|".join(found) == marked


SIGNS = [
    "//",
    "@李:",
    "RT @a: ",
    "我觉得",
    "“",
    "”",
    "#",
    "【",
    "】",
    "转发",
    "，",
    "。",
    "他没有",
    "😀",
    " ",
    "https://t.co/a",
    "（via",
    "）",
    "注：",
    "\n",
]


@given(st.lists(st.sampled_from(SIGNS), max_size=25).map("".join))
def test_parts_lie_in_order_and_cover_every_letter(raw):
    text = normalise(raw)
    parts = voices(text)
    assert all(left.span.end <= right.span.start for left, right in pairwise(parts))
    covered = {at for part in parts for at in range(part.span.start, part.span.end)}
    missing = "".join(sign for at, sign in enumerate(text.text) if at not in covered)
    assert not missing.strip()


@given(st.text(max_size=80))
def test_no_text_breaks_it(raw):
    voices(normalise(raw))


def _train():
    return [json.loads(line) for line in TRAIN.read_text(encoding="utf-8").splitlines()]


@pytest.mark.skipif(not TRAIN.exists(), reason="the training cases are not part of the project")
def test_no_finding_of_the_training_cases_is_hidden():
    hidden = []
    for case in _train():
        text = normalise(case["retweet"])
        own = [text.to_raw(part.span) for part in voices(text) if part.voice not in JUDGED]
        for finding in case["findings"]:
            start = case["retweet"].find(finding["retweet_span"])
            end = start + len(finding["retweet_span"])
            hidden += [finding for span in own if span.start < end and start < span.end]
    assert len(hidden) <= 2


@pytest.mark.skipif(not TRAIN.exists(), reason="the training cases are not part of the project")
def test_remarks_of_the_training_cases_are_kept_out():
    marks = ("转发者注", "轉發者註", "轉發者注", "//")
    remarked = 0
    for case in _train():
        raw = case["retweet"]
        plain = raw.replace("://", ":__")
        mark = next((mark for mark in marks if plain.find(mark) > 12 and "@" not in plain), None)
        if mark is None:
            continue
        remarked += 1
        text = normalise(raw)
        judged = [text.to_raw(part.span) for part in voices(text) if part.voice in JUDGED]
        assert max(span.end for span in judged) <= plain.find(mark) + 1, raw
    assert remarked > 30
