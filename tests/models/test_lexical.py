"""The shipped lexical table: what any good one shows, and its behaviour at the edges."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drift.errors import BackendError
from drift.lemmas import lemma
from models.lexical import LexicalTable, grammar, load, spelt
from models.links import write_links, write_words

WORDS = ("拒绝", "如果", "美国", "领事馆", "腐败", "谣言", "证实", "将", "的", "批准", "形象", "跌")


@pytest.fixture(scope="module")
def table():
    return load()


@pytest.fixture
def small(tmp_path):
    """Make a table of four Chinese words by hand."""
    zh, en = ["外交", "官", "拒绝", "谢绝"], ["decline", "diplomacy", "official", "turn down"]
    zh, en = sorted(zh, key=str.encode), sorted(en, key=str.encode)
    links = {
        "外交": [("diplomacy", 0.9)],
        "官": [("official", 0.8)],
        "拒绝": [("decline", 0.5), ("turn down", 0.4)],
        "谢绝": [("decline", 0.6)],
    }
    write_words(tmp_path / "zh.words", zh)
    write_words(tmp_path / "en.words", en)
    write_links(tmp_path / "zh-en.links", [[(en.index(e), p) for e, p in links[w]] for w in zh])
    back = [[(zh.index(w), p) for w in zh for e, p in links[w] if e == unit] for unit in en]
    write_links(tmp_path / "en-zh.links", back)
    write_links(tmp_path / "zh.seen", [[(10, 0.5)]] * 4)
    write_links(tmp_path / "en.seen", [[(20, 1.0)]] * 4)
    write_links(tmp_path / "en.bigrams", [[(1, 0.5)], [], [], []])
    return LexicalTable(tmp_path)


@pytest.mark.parametrize(
    ("word", "bases"),
    [
        ("拒绝", {"reject", "refuse"}),
        ("如果", {"if"}),
        ("疑似", {"suspect", "suspected"}),
        ("据称", {"allegedly", "reportedly"}),
        ("外交官", {"diplomat"}),
        ("腐败", {"corruption"}),
        ("批准", {"approve"}),
        ("避难", {"asylum"}),
        ("领事馆", {"consulate"}),
        ("作者", {"author"}),
    ],
)
def test_the_first_translations_hold_the_meaning(table, word, bases):
    first = {lemma(english) for english, _ in table.english(word)[:4]}
    assert first & bases


@pytest.mark.parametrize(
    ("english", "chinese"),
    [("refuse", "拒绝"), ("diplomat", "外交官"), ("if", "如果"), ("allegedly", "据称"),
     ("state department", "国务院"), ("corruption", "腐败"), ("u.s", "美国")],
)  # fmt: skip
def test_the_way_back_is_there(table, english, chinese):
    assert chinese in [word for word, _ in table.chinese(english)[:4]]


@pytest.mark.parametrize("word", WORDS)
def test_probabilities_are_probabilities_best_first(table, word):
    for row in (table.english(word), table.phrases(word)):
        chances = [chance for _, chance in row]
        assert chances == sorted(chances, reverse=True)
        assert all(0 < chance <= 1 for chance in chances)
        assert sum(chances) <= 1 + 1e-9


def test_words_and_phrases_are_kept_apart(table):
    assert "state department" in [phrase for phrase, _ in table.phrases("国务院")]
    assert all(" " not in english for word in WORDS for english, _ in table.english(word))


def test_the_country_is_not_the_pronoun(table):
    assert table.english("美国")[0][0] == "u.s"
    assert "美国" not in [word for word, _ in table.chinese("us")[:3]]


@pytest.mark.parametrize("word", ["", "zzzz", "龘龘龘", "\ud800", "a" * 10_000, "\x00"])
def test_what_is_unknown_has_no_translations(table, word):
    assert table.english(word) == table.phrases(word) == table.chinese(word) == ()
    assert table.seen(word) == table.seen_english(word) == (0, 0.0)


@given(st.text(max_size=12))
def test_any_word_is_cut_into_itself(word):
    assert "".join(load().pieces(word)) == word


def test_an_unknown_compound_is_cut_into_its_longest_known_parts(small):
    assert small.pieces("外交官") == ("外交", "官")
    assert small.pieces("外交") == ("外交",)
    assert small.pieces("驻外交官") == ("驻", "外交", "官")


def test_similar_words_share_translations(small, table):
    assert small.similar("拒绝")[0][0] == "谢绝"
    assert not {"拒绝"} & {word for word, _ in table.similar("拒绝")}
    assert {"否认", "驳回", "谢绝", "否决"} & {word for word, _ in table.similar("拒绝")}


def test_a_phrase_is_the_better_gloss_where_it_explains_as_much(small, table):
    assert small.best("拒绝") == "turn down"
    assert small.best("外交") == "diplomacy"
    assert small.best("驻") is None
    assert table.best("国务院") == "state department"


def test_sightings_tell_grammar_from_content(table):
    often, partnered = table.seen("的")
    assert often > table.seen("领事馆")[0] > 0
    assert partnered < table.seen("拒绝")[1] <= 1


def test_cues_have_fixed_glosses_and_are_never_empty_of_meaning(table):
    glosses = table.gloss(["如果", "据称", "未", "将", "或", "不仅", "Pico", "2024"])
    assert glosses == ["if", "reportedly", "not", "will", "may/or", "not only", "Pico", "2024"]


def test_every_word_gets_one_gloss(table):
    words = ["他", "拒绝", "了", "", "囧囧囧", "外交", "🙂"]
    assert len(table.gloss(words)) == len(words)


def test_names_without_a_translation_come_in_pinyin(table):
    assert table.gloss(["欧阳振礡"]) == ["Ouyang Zhenbo"]
    assert spelt("王立军") == "Wang Lijun"


def test_fixed_glosses_are_of_chinese_words():
    assert all("\u3400" <= char <= "\u9fff" for word in grammar().glosses for char in word)


def test_a_folder_without_the_table_is_a_backend_error(tmp_path):
    with pytest.raises(BackendError, match=r"zh\.words"):
        LexicalTable(tmp_path)
