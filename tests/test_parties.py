"""Who acts in an English sentence, and which words of a post stand for one party."""

import pytest

from drift import parties
from drift.records import Segment, Span
from drift.segment import clauses, tokens


def segment(text):
    whole = Span(0, len(text))
    return Segment("en", text, whole, tokens(text, whole, "en"), tuple(clauses(text, whole, "en")))


def acting(text, word):
    one = segment(text)
    at = next(n for n, token in enumerate(one.tokens) if token.text == word)
    found = parties.subject(one, at)
    return " ".join(one.tokens[n].text for n in found) if found else None


@pytest.mark.parametrize(
    ("text", "word", "subject"),
    [
        ("The sheriff praises bias training.", "training", "The sheriff"),
        ("In May the regulator told Dorma to drop the word.", "word", "the regulator"),
        ("The union, ATU, says that the rota was torn up.", "rota", "The union"),
        (
            "The police, who were sent the report, have changed their form.",
            "form",
            "The police",
        ),
        ("On Monday, the mayor resigned and left the town.", "town", "the mayor"),
        ("Lawyers for the union think that it opens doors.", "think", "Lawyers for the union"),
        ("Rain again.", "Rain", None),
    ],
)
def test_subject(text, word, subject):
    assert acting(text, word) == subject


def test_words_of_one_party_are_tied():
    texts = ("Mayor Ida Karlsen spoke.", "The union, ATU, struck.", "Elsa Thorn, a judge, left.")
    ties = parties.ties([segment(text) for text in texts])
    assert "mayor" in ties["karlsen"]
    assert "union" in ties["atu"]
    assert "judge" in ties["thorn"]
    assert "union" not in ties["karlsen"]


def test_what_is_listed_with_a_name_is_not_tied_to_it():
    ties = parties.ties([segment("Orvex, the mayor and others came.")])
    assert "others" not in ties.get("orvex", ())


def test_generic_subjects_may_be_anyone():
    assert parties.is_anyone(frozenset({"company"}))
    assert not parties.is_anyone(frozenset({"company", "lawyer"}))
