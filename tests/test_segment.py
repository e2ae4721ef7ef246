"""Sentences, clauses, words and the sections of a pasted page."""

import os
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drift.normalise import normalise
from drift.records import Kind, Span
from drift.segment import chinese_words, clauses, sentences, split_post, tokens

DATA = Path(os.environ.get("DRIFT_DATA", Path(__file__).parents[1] / ".." / "shared" / "data"))
SEED = DATA.parent / "seed"

SENTENCES = [
    "Mr. Li left.|He said 1.5 was fine.",
    "The U.S. State Dept. said no.|The U.S. Army agreed.",
    "He left at 5 p.m. on Friday.|She left at 6 p.m.|The end.",
    "J. R. Smith Jr. spoke, e.g. about No. 5.|Did he?",
    '"Why?" he asked.|"Go!"|She went.',
    "“I did not.”|He left.",
    "It ended... maybe.|Well…|Yes.",
    "He called it “great.”|Then (see Fig. 3) it ended.",
    "Apple's iPhone sold.|iPad did not.",
    "他走了。|谁知道？|真的！",
    "他说：“走。”|然后走了……|完",
    "“找错了反派。”吴教授说。|完了。",
    "「要吗？」他说不要。",
    "甲；|乙。",
    "",
    "   ",
    "😀😀",
]
CLAUSES = [
    ("en", "If the US refused him,| it would be a loss,| but who knows?"),
    ("en", "He left| because it rained;| she stayed."),
    ("en", "The officer,| who spoke,| left —| alone."),
    ("en", "It is treated as if it were history"),
    ("en", "Red, white and blue"),
    ("zh", "虽然事件扑朔迷离，|但是如果证实，|形象受损。"),
    ("zh", "作者说：|没有这回事"),
    ("zh", "官员昨天离开了会场但是没有说明理由"[:9] + "|但是没有说明理由"),
    ("zh", "他不但没有说明而且提前离开会场"[:7] + "|而且提前离开会场"),
    ("zh", "三加二不过是五"),
]
ENGLISH = [
    ("didn't can't won't", "did not can not will not"),
    ("Wang's men", "wang men"),
    ("the US and us", "the u.s and us"),
    ("well-known vice-mayor", "well - known vice - mayor"),
    ("COVID-19 AT&T 4.2m 1,200 3.5% 12:30 5th", "covid-19 at&t 4.2m 1,200 3.5% 12:30 5th"),
    ("see https://t.co/x1?a=b @li_1 #tag", "see https://t.co/x1?a=b @li_1 #tag"),
    ("café U.S. 👍🏽", "café u.s 👍🏽"),
]
CHINESE = [
    ("美国外交官因胆怯而拒绝王立军避难", "美国 外交官 因 胆怯 而 拒绝 王立军 避难"),
    ("Haddad先说年收10%，GPT-4不是", "haddad 先 说 年 收 10% ， gpt-4 不是"),
    ("诺威尔厂没退钱", "诺威尔 厂 没 退钱"),
    ("艾哈迈达巴德与奥尔斯克", "艾哈迈达巴德 与 奥尔斯克"),
    ("罗莎·帕克斯走了", "罗莎·帕克斯 走 了"),
    ("任国栋说，沈为民省长", "任国栋 说 ， 沈为民 省长"),
]


@pytest.mark.parametrize("marked", SENTENCES)
def test_sentences(marked):
    expected = [piece for piece in marked.split("|") if piece.strip()]
    for glue in (" ", "\n"):
        text = marked.replace("|", glue)
        assert [span.of(text) for span in sentences(text)] == expected


def test_a_missing_blank_ends_a_sentence_all_the_same():
    text = "It ended.Nobody knew Node.js."
    assert [span.of(text) for span in sentences(text)] == ["It ended.", "Nobody knew Node.js."]


def test_chinese_sentences_need_no_blank():
    text = "他走了。谁知道？真的！"
    assert [span.of(text) for span in sentences(text)] == ["他走了。", "谁知道？", "真的！"]


def test_list_signs_belong_to_no_sentence():
    text = "1/ First.\n2/3 Second\n  • Third\n10. Tenth item\n(4) Fourth\n① 五\n3.5 million"
    assert [span.of(text) for span in sentences(text)] == [
        "First.", "Second", "Third", "Tenth item", "Fourth", "五", "3.5 million",
    ]  # fmt: skip


def test_filled_lines_are_joined():
    text = "This line was broken by the mail program because it was too\nlong for it. Short\nline"
    assert sentences(text)[0].of(text).endswith("long for it.")
    assert len(sentences(text)) == 3


@pytest.mark.parametrize(("lang", "marked"), CLAUSES)
def test_clauses(lang, marked):
    text = marked.replace("|", "")
    found = [span.of(text) for span in clauses(text, Span(0, len(text)), lang)]
    assert found == [piece.strip() for piece in marked.split("|")]


@pytest.mark.parametrize(("text", "keys"), ENGLISH)
def test_english_words(text, keys):
    assert " ".join(word.key for word in tokens(text, Span(0, len(text)), "en")) == keys


@pytest.mark.parametrize(("text", "keys"), CHINESE)
def test_chinese_words(text, keys):
    assert " ".join(word.key for word in tokens(text, Span(0, len(text)), "zh")) == keys


def test_negation_stays_a_word_of_its_own():
    assert chinese_words("没退钱") == ["没", "退钱"]
    assert chinese_words("仍会方称") == ["仍", "会", "方", "称"]


def _kinds(text, lang, kind):
    return [word.text for word in tokens(text, Span(0, len(text)), lang) if word.kind is kind]


def test_names_in_english():
    text = (
        "Sefa Dorin said that IF the WHO and Bo agree, Wang's men may leave on Monday. Wang left."
    )
    assert _kinds(text, "en", Kind.NAME) == ["Sefa", "Dorin", "WHO", "Bo", "Wang's", "Wang"]
    assert _kinds("Analyst Sven Haug left", "en", Kind.NAME) == ["Sven", "Haug"]
    assert _kinds("The Strange Case of the Missing Vote", "en", Kind.NAME) == []


def test_names_in_chinese():
    assert _kinds("郭艳平与夸德罗斯、吴教授和IBM", "zh", Kind.NAME) == [
        "郭艳平",
        "夸德罗斯",
        "吴",
        "IBM",
    ]
    assert _kinds("对方称万人走了，方没说向美国要钱，大多付讼费", "zh", Kind.NAME) == []


def test_kinds():
    assert _kinds("如果三千人没有被拒绝，", "zh", Kind.FUNCTION) == ["如果", "没有", "被"]
    assert _kinds("三千人占10%", "zh", Kind.NUMBER)[-1] == "10%"
    assert _kinds("If it is not done!", "en", Kind.FUNCTION) == ["If", "it", "is", "not", "done"]
    assert _kinds("好👍。https://t.co/x", "zh", Kind.PUNCTUATION) == ["👍", "。", "https://t.co/x"]


@given(st.text(max_size=120), st.sampled_from(["en", "zh"]))
def test_words_lie_in_order_inside_their_text(raw, lang):
    text = normalise(raw).text
    end = 0
    for word in tokens(text, Span(0, len(text)), lang):
        assert word.span.start >= end
        assert word.text == word.span.of(text)
        assert word.key
        end = word.span.end
    covered = "".join(word.text for word in tokens(text, Span(0, len(text)), lang))
    assert covered.replace(" ", "") == "".join(text.split())


@given(st.text(alphabet=st.sampled_from("aB .!?。，”\n1;/（)…但是如果"), max_size=60))
def test_sentences_and_clauses_lose_no_letter(text):
    found = sentences(text)
    assert all(left.end <= right.start for left, right in pairwise(found))
    kept = {at for span in found for at in range(span.start, span.end)}
    assert all(at in kept for at, sign in enumerate(text) if sign.isalpha())
    for span in found:
        for lang in ("en", "zh"):
            pieces = clauses(text, span, lang)
            inside = {at for piece in pieces for at in range(piece.start, piece.end)}
            assert all(at in inside for at in range(span.start, span.end) if not text[at].isspace())


PAGE = """A Strange Evening

UPDATE 2: The mayor spoke. He denied it.

More on that.

UPDATE 1: Corrected a name.

It was a rumour, and one thought on it was enough.

3 thoughts on “A Strange Evening”

1. I was there.

Leave a Reply
"""


def test_a_page_is_cut_into_sections():
    found = [(part.section, part.text) for part in split_post(normalise(PAGE))]
    assert found == [
        ("heading", "A Strange Evening"),
        ("update", "UPDATE 2: The mayor spoke."),
        ("update", "He denied it."),
        ("update", "More on that."),
        ("update", "UPDATE 1: Corrected a name."),
        ("body", "It was a rumour, and one thought on it was enough."),
        ("comments", "3 thoughts on “A Strange Evening”"),
        ("comments", "I was there."),
        ("comments", "Leave a Reply"),
    ]


@pytest.mark.parametrize(
    "text", ["Leave a reply at the desk, he said. Nobody came.", "", "\ud800", "😀"]
)
def test_ordinary_posts_have_no_comments(text):
    assert all(part.section == "body" for part in split_post(normalise(text)))


def test_segments_carry_words_and_clauses():
    (first,) = split_post(normalise("If it rains, it ends."))
    assert [clause.of("If it rains, it ends.") for clause in first.clauses] == [
        "If it rains,",
        "it ends.",
    ]
    assert first.tokens[0].key == "if"


@pytest.mark.skipif(not SEED.exists(), reason="the seed post is not part of the project")
def test_the_seed_page():
    (page,) = SEED.glob("*.txt")
    parts = split_post(normalise(page.read_text(encoding="utf-8")))
    body = [part for part in parts if part.section != "comments"]
    loss = [part for part in body if "PR loss" in part.text]
    assert len(loss) == 1
    assert loss[0].section == "body"
    assert not any("RT @uponsnow" in part.text for part in body)
    assert any(part.section == "update" and "State Department" in part.text for part in parts)
