"""English base forms."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drift.lemmas import lemma


@pytest.mark.parametrize(
    ("forms", "base"),
    [
        ("rejects rejected rejecting reject", "reject"),
        ("refused refusing refuses", "refuse"),
        ("diplomats diplomat", "diplomat"),
        ("said says saying", "say"),
        ("parties", "party"),
        ("stopped stopping stops", "stop"),
        ("was were been is", "be"),
        ("countries", "country"),
        ("officials", "official"),
        ("denied denies denying", "deny"),
        ("fell falling fallen", "fall"),
        ("women", "woman"),
    ],
)
def test_the_forms_of_a_word_meet(forms, base):
    assert {lemma(form) for form in forms.split()} == {base}


@pytest.mark.parametrize("word", ["news", "morning", "during", "this", "united", "beijing"])
def test_what_only_looks_inflected_stays(word):
    assert lemma(word) == word


@given(st.text())
def test_a_base_is_its_own_base(word):
    assert lemma(lemma(word)) == lemma(word)


def test_no_shipped_form_leads_to_another_form():
    from drift.lemmas import _table

    table = _table()
    assert len(table) > 5_000
    assert not {base for base in table.values() if table.get(base, base) != base}
