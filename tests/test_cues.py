"""Cue lexicons are well formed, and what they find governs what it should."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drift.cues import find, find_all, strength
from drift.errors import LexiconError
from drift.lexicons import DIMENSIONS, entries, lexicon, parse, parse_entries, written
from drift.lexicons.forms import chinese, english, matcher
from drift.lexicons.inflection import inflect, is_past
from drift.lexicons.knowledge import FILES, lookup, opposed, same, senses, steps
from drift.records import Segment, Span
from drift.segment import clauses, tokens
from tests.growth import growth

CASES = tomllib.loads((Path(__file__).parent / "cases" / "scope.toml").read_text("utf-8"))


def segment(text, before=""):
    """Make a segment of a text, `before` standing in front of it."""
    lang = "zh" if any("\u4e00" <= sign <= "\u9fff" for sign in text) else "en"
    whole = Span(len(before), len(before) + len(text))
    full = before + text
    return Segment(lang, text, whole, tokens(full, whole, lang), tuple(clauses(full, whole, lang)))


def place(text, part):
    start = text.index(part)
    return Span(start, start + len(part))


@pytest.mark.parametrize("case", CASES["case"], ids=lambda case: case["text"][:24])
def test_scope(case):
    text = case["text"]
    hits = [hit for hit in find(segment(text), case["dimension"]) if hit.value == case["value"]]
    assert hits, find(segment(text), case["dimension"])
    spared = place(text, case["spares"]) if "spares" in case else Span(0, 0)
    covered = place(text, case["covers"])
    assert any(hit.scope.covers(covered) and not hit.scope.touches(spared) for hit in hits), hits


@pytest.mark.parametrize(
    ("dimension", "text"),
    [(group["dimension"], text) for group in CASES["silent"] for text in group["texts"]],
)
def test_silent(dimension, text):
    assert find(segment(text), dimension) == ()


def test_spans_count_from_the_whole_text():
    hit = find(segment("他没有道歉", before="前文。"), "polarity")[0]
    assert (hit.span, hit.scope, hit.text) == (Span(4, 6), Span(6, 8), "没有")


@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_lexicons_load_and_every_form_is_found(dimension):
    cues = lexicon(dimension)
    for lang in ("en", "zh"):
        pairs = [(form, n) for n, cue in enumerate(cues) for form in written(cue, lang)]
        compiled = matcher(lang, pairs)
        for form, number in pairs:
            if set(form) & set("…X<>#/^*=") or f"^{form}" in dict(pairs):
                continue
            words = english(form) if lang == "en" else chinese(form, [(0, len(form))])
            found = compiled.find(words)
            assert [one.item for one in found] == [number], (dimension, form, found)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('[[cue]]\nvalue = "x"\nen = ["if"]', "no zh cue"),
        ('[[cue]]\nvalue = "x"\nen = ["if"]\nzh = ["若"]\nrange = 3', "unknown keys"),
        ('[[cue]]\nen = ["if"]\nzh = ["若"]', "missing keys"),
        ('[[cue]]\nvalue = "x"\nreach = "sideways"\nen = ["if"]\nzh = ["若"]', "sideways"),
        ('[[cue]]\nvalue = "x"\nen = "if"\nzh = ["若"]', "lists of forms"),
        ('[[cue]]\nvalue = "x"\nen = ["if", "if"]\nzh = ["若"]', "twice"),
        ('[[cues]]\nvalue = "x"', "unknown tables"),
        ("", "has no"),
        ("[[cue", "x.toml"),
    ],
)
def test_a_malformed_lexicon_is_refused(text, complaint):
    with pytest.raises(LexiconError, match=complaint):
        parse("x", text)


def test_a_lopsided_knowledge_file_is_refused():
    with pytest.raises(LexiconError, match="equal ranks"):
        parse_entries("x", '[[entry]]\nname = "a"\nen = [["up"], ["down"]]\nzh = [["上"]]')


def test_an_unknown_lexicon_is_refused():
    with pytest.raises(LexiconError, match="no lexicon"):
        lexicon("nonesuch")


def test_strength_tells_a_weak_cue():
    may, can = find(segment("It may rain; it can rain."), "certainty")
    assert strength(may, "en") > strength(can, "en")


@pytest.mark.parametrize(
    ("word", "forms"),
    [
        ("deny", {"deny", "denies", "denied", "denying"}),
        ("admit", {"admit", "admits", "admitted", "admitting"}),
        ("refuse", {"refuse", "refuses", "refused", "refusing"}),
        ("say", {"say", "says", "said", "saying"}),
        ("die", {"die", "dies", "died", "dying"}),
        ("agree", {"agree", "agrees", "agreed", "agreeing"}),
    ],
)
def test_inflection(word, forms):
    assert inflect(word, "v") == forms


def test_past_forms():
    assert all(map(is_past, ["rejected", "sought", "won"]))
    assert not any(map(is_past, ["need", "hundred", "red", "indeed"]))


def test_gap_and_anchor():
    compiled = matcher("en", [("^had", 0), ("as … put it", 1)])
    assert [f.item for f in compiled.find(english("He had gone. Had he known, as she put it"))] == [
        0,
        1,
    ]


def test_one_character_needs_a_word_of_its_own():
    compiled = matcher("zh", [("会", 0)])
    assert compiled.find(chinese("会议", [(0, 2)])) == []
    assert len(compiled.find(chinese("不会", [(0, 2)]))) == 1


def test_a_form_does_not_tear_words():
    compiled = matcher("zh", [("有否", 0)])
    assert compiled.find(chinese("没有否认", [(0, 2), (2, 4)])) == []
    assert len(compiled.find(chinese("有否同意", [(0, 1), (1, 2), (2, 4)]))) == 1


@pytest.mark.parametrize("file", FILES)
def test_knowledge_loads(file):
    assert len(entries(file)) > 20


def test_knowledge_compares_words_of_both_languages():
    assert opposed(("rose", "en"), ("下跌", "zh")) == "rise-fall"
    assert opposed(("rose", "en"), ("上涨", "zh")) is None
    assert opposed(("rose", "en"), ("桌子", "zh")) is None
    assert steps(("dipped", "en"), ("暴跌", "zh"), "degrees") == 3
    assert steps(("requested asylum", "en"), ("获得庇护", "zh"), "stages") == 2
    assert same(("state department", "en"), ("国务院", "zh")) == "us-state-department"
    assert same(("White House", "en"), ("国务院", "zh")) is None
    assert lookup("claimed", "en", "reporting") == {"claim": 0}
    assert [s.entry for s in senses(segment("北约发言人否认"), "aliases")] == [
        "nato",
        "spokesperson",
    ]


@given(st.text(max_size=200), st.sampled_from(["en", "zh"]))
def test_any_text_is_read_and_spans_stay_inside(text, lang):
    whole = Span(0, len(text))
    one = Segment(lang, text, whole, tokens(text, whole, lang), tuple(clauses(text, whole, lang)))
    for hits in find_all(one).values():
        for hit in hits:
            assert whole.covers(hit.span), hit
            assert whole.covers(hit.scope), hit
            assert hit.scope.start <= hit.scope.end, hit


@given(
    st.lists(st.sampled_from(["如果", "不", "没有", "据", "称", "，", "if ", "not ", "may ", "."]))
)
def test_piles_of_cues_are_read(pieces):
    text = "".join(pieces)
    for lang in ("en", "zh"):
        whole = Span(0, len(text))
        one = Segment(lang, text, whole, tokens(text, whole, lang))
        assert all(whole.covers(hit.scope) for hits in find_all(one).values() for hit in hits)


@pytest.mark.parametrize("piece", ["据说如果不", "if not may ", "X不X", "aaaaaaaaaa", "如果，"])
def test_time_grows_with_length_only(piece):
    lang = "en" if piece.isascii() else "zh"

    def read(times):
        text = piece * times
        find_all(Segment(lang, text, Span(0, len(text)), ()))

    assert growth(read, 200, 1600) < 40  # 8 times the text; quadratic growth would be 64 times


@pytest.mark.parametrize(
    "piece",
    ["他表示，她称，", "但不，", "如果，", "如果他来，就走，", "he said, she said, ",
     "it would go, ", "not being refusing ", "if he came, we would go, "],
)  # fmt: skip
def test_time_grows_with_length_only_where_words_and_clauses_are_told(piece):
    known = {times: segment(piece * times) for times in (200, 1600)}
    assert growth(lambda times: find_all(known[times]), 200, 1600) < 40
