"""Messages, explanations in both languages, and the drafted correction."""

import ast
import re
import unicodedata
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drift.catalogue import fill, label, line, messages, mqm, placeholders
from drift.explain import LIMIT, correction, explanation, weight, with_gloss, wording
from drift.passages import sentence_at, shorten, window
from drift.records import Finding, Label, Retweet, Severity, Span, Verdict, Voice
from tests.samples import POST, finding, report

ROOT = Path(__file__).parents[1]
TYPES = (
    *("conditional", "certainty", "polarity", "quantity", "entity", "role", "attribution"),
    *("cause", "intensity", "aspect", "quantifier", "addition", "omission", "stance"),
)
KNOWN = {
    *("claim", "post", "word", "cue", "from", "to", "holder", "holder_to"),
    *("unit_from", "unit_to", "factor", "en", "zh"),
}
REASONS = sorted(messages()["reason"])
RETWEET = "外媒：市政府已关闭北码头，因害怕商户闹事，4万个集装箱滞留！"


def told(kind, ours, theirs, **details):
    found = finding(kind, "major", (RETWEET, ours), (theirs, POST.text), **details)
    return explanation(found, POST.text, RETWEET)


# --- the catalogue --------------------------------------------------------------------------------


def test_every_type_has_a_name_a_category_and_a_message_of_last_resort():
    assert set(messages()["type"]) == set(TYPES)
    for kind in TYPES:
        assert kind in REASONS
        assert mqm(kind).startswith("accuracy/")
        assert label("type", kind, "en") != kind
        assert re.search("[一-鿿]", label("type", kind, "zh"))


@pytest.mark.parametrize("reason", REASONS)
def test_sentences_are_whole_in_both_languages(reason):
    entry = messages()["reason"][reason]
    for form, sentences in entry.items():
        for sentence in sentences:
            assert set(placeholders(sentence)) <= KNOWN, (form, sentence)
            if placeholders(sentence) in (("en",), ("zh",)):
                continue
            if form.endswith("zh"):
                assert re.search("[一-鿿]", sentence)
                assert sentence.endswith("。")
                assert not re.search("[,;:?!]", sentence), sentence
            else:
                assert sentence.endswith((".", ".”"))
                assert not re.search("[一-鿿]", sentence)
    # Richer sentences come first, or they would never be reached.
    for sentences in entry.values():
        for at, sentence in enumerate(sentences):
            for later in sentences[at + 1 :]:
                assert not set(placeholders(sentence)) <= set(placeholders(later)), sentence


@pytest.mark.parametrize("reason", REASONS)
def test_both_languages_tell_the_same(reason):
    entry = messages()["reason"][reason]
    english = [set(placeholders(one)) - {"en", "zh"} for one in entry["en"]]
    chinese = [set(placeholders(one)) - {"en", "zh"} for one in entry["zh"]]
    assert english == chinese


def test_no_jargon():
    text = (ROOT / "drift" / "messages.toml").read_text(encoding="utf-8").casefold()
    for word in ("hallucinat", "幻觉", "entailment", "premise", "hypothesis"):
        assert word not in text


def test_every_label_exists_in_both_languages():
    kinds = {"verdict": Label, "severity": Severity, "voice": Voice}
    for kind, values in kinds.items():
        assert set(messages()[kind]) == {value.value for value in values}
        for value in values:
            assert label(kind, value.value, "en")
            assert re.search("[一-鿿]", label(kind, value.value, "zh"))
    for verdict in Label:
        assert line(verdict.value, "en")
        assert line(verdict.value, "zh")


def test_every_interface_text_has_both_languages():
    for section in ("interface", "correction"):
        keys = set(messages()[section])
        stems = {key.rpartition("_")[0] for key in keys}
        assert keys == {f"{stem}_{lang}" for stem in stems for lang in ("en", "zh")}


def test_detectors_use_reasons_that_the_catalogue_knows():
    """A string like "cause.invented" in a detector must be a key, or readers get the fallback."""
    pattern = re.compile(rf"(?:{'|'.join(TYPES)})\.[a-z-]+")
    used = {
        node.value
        for path in (ROOT / "drift" / "detectors").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and pattern.fullmatch(node.value)
    }
    assert used <= set(REASONS), sorted(used - set(REASONS))


# --- explanations ---------------------------------------------------------------------------------


def test_an_explanation_quotes_both_sides():
    said = told("conditional.dropped", "市政府已关闭北码头", "If the city were to close", cue="If")
    assert said["en"] == (
        "The post says this only on a condition (“If”): “If the city were to close”. "
        "The retweet states it as a plain fact: “市政府已关闭北码头”."
    )
    assert said["zh"] == (
        "原文只是在某个前提下（“If”）才这么说：“If the city were to close”。"
        "转发去掉了前提，说成既成事实：“市政府已关闭北码头”。"
    )


def test_missing_details_leave_no_hole():
    said = told("quantity.changed", "4万", "4,000")
    assert said["en"] == "The figures differ: the post says “4,000”, the retweet “4万”."
    assert said["zh"] == "数字不符：原文是“4,000”，转发是“4万”。"


def test_missing_spans_leave_no_hole():
    bare = Finding("cause", Severity.MAJOR, 0.5, None, None, "cause.invented")
    said = explanation(bare, POST.text, RETWEET)
    assert said["en"] == "The retweet adds a reason or motive that the post does not give."


def test_a_detail_in_the_reader_s_language_is_preferred():
    said = told(
        "quantity.changed", "4万", "4,000", **{"from": "4,000", "to": "4万", "to_en": "40k"}
    )
    assert "the retweet says 40k" in said["en"]
    assert "转发是4万" in said["zh"]
    said = told("quantity.date", "4万", "4,000", **{"from": "two days", "to": "三天"})
    assert said["zh"] == "时间不符：原文是“two days”，转发是三天。"


def test_nothing_is_said_twice():
    both = told("quantity.changed", "4万", "4,000", **{"from": "4,000", "to": "4万"})
    assert both["en"] == "The post says 4,000; the retweet says 4万."
    alone = told("quantity.absent", "4万", None, to="4万")
    assert alone["en"] == "The figure “4万” is not in the post."
    word = told("intensity.loaded", "滞留", None, word="滞留")
    assert word["zh"] == "转发用了原文没有的带感情色彩的说法“滞留”。"


def test_an_unknown_reason_falls_back_on_its_type_and_an_unknown_type_on_a_plain_sentence():
    assert fill("cause.of-another-kind", "en", {}) == fill("cause", "en", {})
    assert fill("weather.wrong", "en", {}) == "The retweet departs from the post."


def test_the_gloss_comes_along_in_english_only():
    verdict = report().verdicts[0]
    cause = next(one for one in verdict.findings if one.type == "cause")
    said = explanation(with_gloss(cause, verdict.claims), POST.text, verdict.retweet.text)
    assert "“因害怕商户闹事” (word for word: because fear traders make trouble)" in said["en"]
    assert "because" not in said["zh"]


def test_long_quotations_are_cut():
    text = "word " * 500
    found = Finding("addition", Severity.MAJOR, 1, Span(0, 2000), Span(0, 2000), "addition.detail")
    said = explanation(found, text, "谣" * 2000)
    assert len(said["en"]) < 400
    assert "…" in said["en"]


def test_quotations_are_free_of_hidden_characters():
    found = Finding("entity", Severity.MAJOR, 1, Span(0, 6), Span(0, 5), "entity.replaced")
    said = explanation(found, "a\u202eb\nc", "白\u200b宫\x1b[1m")
    assert said["en"] == "The post speaks of “ab c”; the retweet puts “白宫[1” in its place."


def test_braces_in_foreign_text_are_only_text():
    found = Finding(
        "entity", Severity.MAJOR, 1, Span(0, 7), None, "entity.absent", {"to": "{0.__class__}"}
    )
    said = explanation(found, "", "{claim}")
    assert said["en"] == (
        "The retweet brings in {0.__class__}, which the post does not mention: “{claim}”."
    )


def test_the_faithful_wording_is_the_sentence_of_the_post():
    found = finding("intensity.raised", "minor", (RETWEET, "滞留"), ("a blow", POST.text))
    assert wording(found, POST.text) == (
        "If the city were to close the northern pier, it would be a blow to small traders."
    )
    assert wording(replace(found, post_span=None), POST.text) is None


@given(
    reason=st.sampled_from([*REASONS, "nothing.such"]),
    details=st.dictionaries(
        st.sampled_from(["word", "cue", "from", "to", "to_en", "holder", "gloss", "x"]), st.text()
    ),
    text=st.text(max_size=60),
    span=st.tuples(st.integers(0, 40), st.integers(0, 40)),
)
def test_any_finding_can_be_explained(reason, details, text, span):
    place = Span(min(span), max(span))
    found = Finding("cause", Severity.MAJOR, 0.5, place, place, reason, details)
    said = explanation(found, text, text)
    for told_in in said.values():
        assert told_in
        assert not re.search(r"“”", told_in) or "“”" in text
        assert all(unicodedata.category(char) not in ("Cc", "Cs") for char in told_in)


# --- the drafted correction -----------------------------------------------------------------------


def test_a_correction_quotes_the_post_and_says_what_was_changed():
    draft = correction(report().verdicts[0], POST)
    for lang in ("en", "zh"):
        assert "If the city were to close the northern pier" in draft[lang]
        assert "市政府已关闭北码头" in draft[lang]
        assert draft[lang].endswith(POST.url)
    assert draft["zh"].startswith("这条中文转发")
    assert draft["en"].isascii() is False  # quotes the Chinese that it corrects


def test_no_correction_for_minor_findings_or_none():
    verdicts = report().verdicts
    assert correction(verdicts[2], POST) is None
    assert correction(verdicts[3], POST) is None


def test_a_cause_without_counterpart_quotes_what_the_claim_rests_on():
    verdict = report().verdicts[0]
    claims = (replace(verdict.claims[1], aligned=verdict.claims[3].aligned),)
    only = tuple(one for one in verdict.findings if one.type == "cause")
    draft = correction(replace(verdict, findings=only, claims=claims), POST)
    assert "it would be a blow to small traders" in draft["en"]
    assert "I did not give this reason: “因害怕商户闹事”" in draft["en"]


@given(
    post=st.text(min_size=1, max_size=900),
    retweet=st.text(min_size=1, max_size=400),
    url=st.sampled_from([None, POST.url, "https://example.org/" + "x" * 300, "javascript:x"]),
    reason=st.sampled_from(REASONS),
)
def test_a_correction_always_fits(post, retweet, url, reason):
    ours, theirs = Span(0, len(retweet)), Span(0, len(post))
    found = Finding(reason.partition(".")[0], Severity.CRITICAL, 1, ours, theirs, reason)
    verdict = Verdict(Retweet("r", retweet), Label.MISREPRESENTS, 1, 1, "hans", (), (found, found))
    for draft in correction(verdict, replace(POST, text=post, url=url)).values():
        assert weight(draft) <= LIMIT
        assert url != POST.url or draft.endswith(url)
        assert "javascript:" not in draft or "javascript:" in post + retweet


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", 0),
        ("abc", 3),
        ("转发", 4),
        ("“a”", 3),
        ("…", 2),
        ("é", 1),
        ("看 https://example.org/" + "x" * 99, 26),
    ],
)
def test_weight_counts_as_x_does(text, expected):
    assert weight(text) == expected


# --- quotations -----------------------------------------------------------------------------------


def test_sentence_at_takes_in_all_sentences_that_a_span_touches():
    text = "One is here. Two is there. Three is gone."
    assert sentence_at(text, Span(14, 30)).of(text) == "Two is there. Three is gone."


def test_a_window_begins_with_a_clause_where_it_can():
    text = (
        "Still, if word of the incident gets out — and it certainly seems that is happening — "
        "rejecting the application would be a PR loss internationally."
    )
    start = text.index("PR loss")
    assert window(text, Span(start, start + 7), 100).startswith("…rejecting the application")


@given(
    text=st.text(alphabet=st.sampled_from("ab. ,—王，。\n"), max_size=300),
    span=st.tuples(st.integers(0, 300), st.integers(0, 300)),
    limit=st.integers(5, 120),
)
def test_a_window_fits_its_limit(text, span, limit):
    place = Span(min(span), min(max(span), len(text)))
    if place.start < place.end:
        assert len(window(text, place, limit)) <= limit


@given(text=st.text(max_size=100), limit=st.integers(2, 50))
def test_shortened_text_fits(text, limit):
    assert len(shorten(text, limit)) <= limit


def test_a_figure_far_off_is_told_apart_and_its_factor_named():
    said = told("quantity.far", "4万", "4,000", **{"from": "4,000", "to": "4万", "factor": "10"})
    assert said["en"] == "The post says 4,000; the retweet says 4万, wrong by a factor of 10."
    assert "相差10倍" in said["zh"]
