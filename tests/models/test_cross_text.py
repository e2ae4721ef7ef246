"""The arrays that the cross-encoder reads."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.cross_lexicon import BREAK, FIRST_WORD, NUMBER, START
from models.cross_numbers import han_value, values_in
from models.cross_text import (
    FEATURES,
    MOST_CHINESE,
    MOST_ENGLISH,
    dense,
    encode,
    projection,
    sentences,
)
from tests.models.cross_lexicon import small


@pytest.fixture(scope="module")
def lexicon(tmp_path_factory):
    return small(tmp_path_factory.mktemp("lexicon"))


def test_the_likeliest_words_are_cut(lexicon):
    assert [word.key for word in lexicon.tokens("总统拒绝,部长没有。")] == [
        "总统", "拒绝", ",", "部长", "没有", "。",
    ]  # fmt: skip


def test_contractions_give_up_their_negation(lexicon):
    keys = [word.key for word in lexicon.tokens("He didn't, won't and can’t")]
    assert keys.count("n't") == 3
    assert {"did", "will", "can"} <= set(keys)


def test_places_point_into_the_text(lexicon):
    text = "Police said 4,000 didn't;部长说3.1万"
    for word in lexicon.tokens(text):
        shown = text[word.start : word.end].lower().replace("’", "'")
        assert word.key == shown or word.key in {"did", "will"}


def test_unknown_words_fall_into_buckets_and_stems_are_found(lexicon):
    assert lexicon.id("ministers") == lexicon.id("minister") >= FIRST_WORD
    assert lexicon.id("zyxxy") < FIRST_WORD
    assert lexicon.id("zyxxy") == lexicon.id("zyxxy")
    assert lexicon.class_of(lexicon.id("zyxxy")) == 0


def test_a_pair_is_laid_out_with_marks_and_links(lexicon):
    encoded = encode(lexicon, "部长可能拒绝", "The minister may have refused.")
    assert encoded.ids[0] == START
    assert encoded.ids[encoded.side.tolist().index(1) + 3] == BREAK
    tied = {
        (lexicon.words[encoded.ids[i] - FIRST_WORD], lexicon.words[encoded.ids[j] - FIRST_WORD])
        for i, j in encoded.links
    }
    assert tied == {("部长", "minister"), ("可能", "may"), ("拒绝", "refused")}
    assert encoded.features.shape == (len(encoded.ids), FEATURES)


def test_equal_figures_and_names_are_linked(lexicon):
    encoded = encode(lexicon, "Quist说4万", "Quist said 40,000")
    strong = [tuple(row) for row, s in zip(encoded.links, encoded.strengths, strict=True) if s == 1]
    assert len(strong) == 3  # the name, the digit and its unit
    assert (encoded.ids == NUMBER).sum() == 2


def test_a_changed_figure_is_not_linked(lexicon):
    encoded = encode(lexicon, "5万", "40,000")
    assert len(encoded.links) == 0


def test_of_a_long_post_the_sentences_that_matter_are_kept(lexicon):
    filler = " ".join(f"Nothing here number w{k} x y z a b c." for k in range(40))
    post = f"{filler} The minister refused asylum. {filler}"
    encoded = encode(lexicon, "部长拒绝", post)
    assert (encoded.side == 2).sum() <= MOST_ENGLISH
    assert len(encoded.links) == 2


def test_sentences_cover_the_text():
    text = 'He said "no." Then? Yes!\nNew line'
    assert "".join(text[a:b] for a, b in sentences(text)) == text
    assert len(sentences(text)) == 4


def test_projection_spreads_and_is_bounded():
    links = np.zeros((9, 9), np.float32)
    links[4, 4] = 1
    spread = projection(links)
    assert spread[4, 4] == 1
    assert spread[3, 4] == spread[4, 3] == pytest.approx(0.6)
    assert spread[0, 0] == 0
    assert projection(np.ones((9, 9), np.float32)).max() == 1


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3.1万", 31_000), ("一百二十", 120), ("两成", 20), ("1,234,567", 1_234_567),
        ("2.4 million", 2_400_000), ("twenty-three", 23), ("三亿五千万", 350_000_000),
        ("二〇二五", 2025), ("six thousand", 6_000), ("March", 3),
    ],
)  # fmt: skip
def test_numbers_are_read(text, value):
    assert value in [round(found, 6) for _, _, found in values_in(text)]


@pytest.mark.parametrize("text", ["万一", "千万", "一", "十分", "may", "the"])
def test_what_only_looks_like_a_number_is_none(text):
    assert values_in(text) == []


def test_large_units_multiply_what_stands_before():
    assert han_value("十二亿") == 1_200_000_000


@given(st.text(max_size=300), st.text(max_size=600))
def test_any_text_can_be_encoded(tmp_path_factory, retweet, post):
    lexicon = _cached(tmp_path_factory)
    encoded = encode(lexicon, retweet, post)
    assert (encoded.side == 1).sum() <= MOST_CHINESE
    assert (encoded.side == 2).sum() <= MOST_ENGLISH
    assert np.isfinite(encoded.features).all()
    matrix = dense(encoded)
    assert (matrix == matrix.T).all()
    assert ((encoded.ids >= 0) & (encoded.ids < lexicon.size)).all()


_KEPT = {}


def _cached(factory):
    if "lexicon" not in _KEPT:
        _KEPT["lexicon"] = small(factory.mktemp("any"))
    return _KEPT["lexicon"]


def test_names_are_linked_by_sound(lexicon):
    encoded = encode(lexicon, "林奎斯特说没有", "Lindqvist said not")
    tied = {(int(i), int(j)) for i, j in encoded.links}
    first = encoded.side.tolist().index(2)
    assert {(k, first) for k in range(1, 5)} <= tied


def test_a_translatable_word_is_no_name(lexicon):
    encoded = encode(lexicon, "米尼斯特", "Minister")
    assert len(encoded.links) == 0


def test_a_surname_first_name_is_linked_as_a_whole(lexicon):
    encoded = encode(lexicon, "沈为民说", "Weimin Shen said")
    named = [(int(i), int(j)) for i, j in encoded.links if i <= 3]
    assert len(named) == 6


def test_wide_signs_read_like_narrow_ones(lexicon):
    wide, narrow = (encode(lexicon, text, "Police") for text in ("警方说，拒绝！", "警方说,拒绝!"))
    assert (wide.ids == narrow.ids).all()
    assert (wide.spans == narrow.spans).all()
