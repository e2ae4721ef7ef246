"""The row of pieces that the cross-encoder reads, and where each stands in its text."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.cross_text import END, MOST_CHINESE, MOST_ENGLISH, START, encode, narrow
from tests.models import cross_base


@pytest.fixture(scope="module")
def pieces(tmp_path_factory):
    return cross_base.cutter(tmp_path_factory.mktemp("base"))


def one(pieces, retweet, post):
    (encoded,) = encode(pieces, [(retweet, post)])
    return encoded


def shown(encoded, side, text):
    """Give the parts of a text that its pieces stand for."""
    return [text[a:b] for a, b in encoded.spans[encoded.side == side].tolist()]


def test_a_row_is_start_retweet_end_post_end(pieces):
    encoded = one(pieces, "部长拒绝", "the minister")
    assert encoded.side.tolist() == [0, 1, 1, 0, 2, 2, 0]
    assert encoded.ids[encoded.side == 0].tolist() == [START, END, END]
    cut = [cross_base.PIECES[k] for k in encoded.ids[encoded.side > 0]]
    assert cut == ["部长", "拒绝", "▁the", "▁minister"]


def test_places_point_into_the_text_as_it_was_given(pieces):
    retweet, post = " 部长 也许   拒绝，", "  police said 31"
    encoded = one(pieces, retweet, post)
    assert shown(encoded, 1, retweet) == ["部长", "也", "许", "拒绝", "，"]
    assert shown(encoded, 2, post) == ["police", "said", "3", "1"]


def test_blanks_are_skipped(pieces):
    for retweet, post in ((" 部长 \t拒绝", "the  may"), ("　部长　\n拒绝", " the\u00a0 may\n")):
        assert len(one(pieces, retweet, post).ids) == 7
    assert one(pieces, " ", "\n").side.tolist() == [0, 0, 0]


def test_wide_signs_read_like_narrow_ones(pieces):
    wide, plain = (one(pieces, text, "police") for text in ("警方说，拒绝！", "警方说,拒绝!"))
    assert (wide.ids == plain.ids).all()
    assert (wide.spans == plain.spans).all()


def test_what_is_too_long_is_cut_off_at_its_end(pieces):
    encoded = one(pieces, " " + "也" * 500, "may " * 500)
    assert (encoded.side == 1).sum() == MOST_CHINESE
    assert (encoded.side == 2).sum() == MOST_ENGLISH
    assert encoded.spans[encoded.side == 1][-1].tolist() == [MOST_CHINESE, MOST_CHINESE + 1]


@given(st.text(max_size=300))
@settings(deadline=None)
def test_narrowing_moves_no_character(text):
    assert len(narrow(text)) == len(text)


@given(st.text(max_size=300), st.text(max_size=600))
@settings(deadline=None)
def test_any_text_can_be_encoded(pieces, retweet, post):
    encoded = one(pieces, retweet, post)
    assert ((encoded.ids >= 0) & (encoded.ids < len(cross_base.PIECES))).all()
    for side, text, most in ((1, retweet, MOST_CHINESE), (2, post, MOST_ENGLISH)):
        spans = encoded.spans[encoded.side == side].tolist()
        assert len(spans) <= most
        assert all(0 <= a < b <= len(text) and text[a:b].strip() for a, b in spans)
        assert all(a[1] <= b[0] for a, b in pairwise(spans))
