"""The two mapped file forms."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drift.errors import BackendError
from models.links import Links, Words, write_links, write_words

WORDS = st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=30, unique=True)


@given(WORDS)
def test_every_word_is_found_at_its_place(tmp_path_factory, words):
    path = tmp_path_factory.mktemp("words") / "w"
    ordered = sorted(words, key=str.encode)
    write_words(path, ordered)
    read = Words(path)
    assert [read[index] for index in range(len(read))] == ordered
    assert [read.find(word) for word in ordered] == list(range(len(ordered)))


def test_a_word_that_is_not_there_is_not_found(tmp_path):
    write_words(tmp_path / "w", ["a", "c", "中"])
    words = Words(tmp_path / "w")
    assert [words.find(word) for word in ("", "b", "d", "中中", "国", "\ud800")] == [-1] * 6


def test_words_must_be_sorted(tmp_path):
    with pytest.raises(ValueError, match="sorted"):
        write_words(tmp_path / "w", ["b", "a"])


ROWS = st.lists(
    st.lists(st.tuples(st.integers(0, 1 << 19), st.floats(0, 1)), max_size=5), max_size=9
)


@given(ROWS)
def test_rows_come_back_rounded_down(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("links") / "l"
    write_links(path, rows)
    read = Links(path)
    assert len(read) == len(rows)
    for index, row in enumerate(rows):
        for (there, exact), (back, rounded) in zip(row, read.row(index), strict=True):
            assert there == back
            assert rounded <= exact < rounded + 1 / 4095 + 1e-9


def test_a_link_that_does_not_fit_is_refused(tmp_path):
    with pytest.raises(ValueError, match="fit"):
        write_links(tmp_path / "l", [[(1 << 20, 0.5)]])
    with pytest.raises(ValueError, match="fit"):
        write_links(tmp_path / "l", [[(1, 1.5)]])


@pytest.mark.parametrize("content", [b"", b"hello", b"DRIFTW1\n", b"DRIFTL1\n" + bytes(8)])
def test_a_file_of_another_kind_is_refused(tmp_path, content):
    (tmp_path / "w").write_bytes(content)
    with pytest.raises(BackendError, match="verify"):
        Words(tmp_path / "w")


def test_a_file_that_is_cut_short_is_refused(tmp_path):
    write_words(tmp_path / "w", ["a", "b"])
    write_links(tmp_path / "l", [[(1, 0.5)], []])
    for name, kind in (("w", Words), ("l", Links)):
        path = tmp_path / name
        path.write_bytes(path.read_bytes()[:-1])
        with pytest.raises(BackendError, match="cut short"):
            kind(path)


def test_a_missing_file_is_a_backend_error(tmp_path):
    with pytest.raises(BackendError, match="nowhere"):
        Links(tmp_path / "nowhere")
