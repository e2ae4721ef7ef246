"""The file of translations: asked once, kept apart by signature, shared, and never in the way."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from drift.errors import BackendError
from models.remembering import RememberingTranslator


class Counting:
    """Says every text backwards and counts what it was asked."""

    def __init__(self, signature="backwards-1"):
        self.signature = signature
        self.asked = []

    def translate(self, texts):
        self.asked += texts
        return [text[::-1] for text in texts]


def test_a_text_is_asked_once_even_by_another_run(tmp_path):
    inner = Counting()
    path = tmp_path / "new" / "said.sqlite"
    assert RememberingTranslator(inner, path).translate(["甲乙", "丙", "甲乙"]) == [
        "乙甲",
        "丙",
        "乙甲",
    ]
    assert RememberingTranslator(inner, path).translate(["丙", "丁戊"]) == ["丙", "戊丁"]
    assert inner.asked == ["甲乙", "丙", "丁戊"]


def test_another_translator_is_asked_anew(tmp_path):
    path = tmp_path / "said.sqlite"
    RememberingTranslator(Counting("one"), path).translate(["甲乙"])
    other = Counting("two")
    found = RememberingTranslator(other, path)
    assert found.translate(["甲乙"]) == ["乙甲"]
    assert other.asked == ["甲乙"]
    assert found.signature == "two"


def test_thousands_of_texts_and_none(tmp_path):
    inner = Counting()
    translator = RememberingTranslator(inner, tmp_path / "said.sqlite")
    texts = [f"文{number}'\";--" for number in range(1800)]
    expected = [text[::-1] for text in texts]
    assert translator.translate(texts) == expected
    assert translator.translate(texts) == expected
    assert len(inner.asked) == 1800
    assert translator.translate([]) == []


def test_several_at_once_share_a_file(tmp_path):
    path = tmp_path / "said.sqlite"

    def ask(number):
        texts = [f"文{number % 3}-{n}" for n in range(40)]
        return RememberingTranslator(Counting(), path).translate(texts) == [t[::-1] for t in texts]

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(ask, range(16)))


def test_a_file_that_is_none_is_refused_with_a_remedy(tmp_path):
    path = tmp_path / "said.sqlite"
    path.write_bytes(b"no database at all" * 100)
    with pytest.raises(BackendError, match="delete the file"):
        RememberingTranslator(Counting(), path).translate(["甲"])


def test_the_translators_own_failure_is_passed_on(tmp_path):
    class Broken(Counting):
        def translate(self, texts):
            raise BackendError("no weights")

    with pytest.raises(BackendError, match="no weights"):
        RememberingTranslator(Broken(), tmp_path / "said.sqlite").translate(["甲"])
