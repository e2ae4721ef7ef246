"""Likelihoods of given English, and where each piece of it stands in the text as given."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from drift.records import Span
from models.embedded import EmbeddedTranslator
from models.likelihood import Likelihood, Likely, cut, heard

pytest.importorskip("ctranslate2")
pytest.importorskip("sentencepiece")
pytest.importorskip("torch")
pytest.importorskip("transformers")

from tests.models import translation_world as world

pytestmark = pytest.mark.neural


@pytest.fixture(scope="module")
def translator(tmp_path_factory):
    work = tmp_path_factory.mktemp("train")
    return EmbeddedTranslator(world.shipped(work, work / "zh-en", steps=320), workers=1)


def test_the_word_that_is_wrong_is_the_one_that_is_unlikely(translator):
    chinese = "市长批准新计划。"
    good, bad = translator.likelihoods(
        [
            (chinese, "the mayor approved the new plan."),
            (chinese, "the mayor rejected the new plan."),
        ]
    )
    changed = Span(10, 18)
    assert good.within(changed) > -1
    assert bad.within(changed) < good.within(changed) - 0.3  # 8-bit sums differ by processor
    assert good.mean > bad.mean
    assert good.within(Span(0, 9)) == pytest.approx(bad.within(Span(0, 9)), abs=0.01)


def test_together_is_as_alone_and_a_pair_twice_is_one(translator):
    pairs = world.sentences(20)
    together = translator.likelihoods([*pairs, *pairs])
    assert together[:20] == together[20:]
    for pair, found in zip(pairs[:6], together, strict=False):
        (alone,) = translator.likelihoods([pair])
        assert found.mean == alone.mean
        assert [piece.span for piece in found.pieces] == [piece.span for piece in alone.pieces]
    assert translator.likelihoods([]) == []


def test_the_mean_counts_every_piece_and_the_ending(translator):
    (found,) = translator.likelihoods([("汤姆看见报告。", "Tom saw a report.")])
    every = [piece.logprob for piece in found.pieces] + [found.ending]
    assert found.mean == pytest.approx(sum(every) / len(every))
    assert translator.score([("汤姆看见报告。", "Tom saw a report.")]) == [found.mean]


def test_spans_are_of_the_text_as_given(translator):
    english = "  “Tom”\u00a0saw —  the\n book…  "
    (found,) = translator.likelihoods([("汤姆看见那本书。", english)])
    covered = {place for piece in found.pieces for place in range(piece.span.start, piece.span.end)}
    assert "".join(english[place] for place in sorted(covered)) == "“Tom”saw—thebook…"
    assert not any(piece.span.of(english).isspace() for piece in found.pieces)


def test_no_text_has_an_ending_alone(translator):
    (found,) = translator.likelihoods([("汤姆看见报告。", " ")])
    assert found.pieces == ()
    assert found.mean == found.ending < 0
    assert found.within(Span(0, 1)) is None


def test_of_a_very_long_text_the_beginning_is_heard(translator):
    (found,) = translator.likelihoods([("汤姆看见报告。" * 90, "Tom saw a report. " * 90)])
    assert len(found.pieces) == 250


def test_the_pieces_within_a_span_are_those_that_touch_it():
    found = Likelihood((Likely(Span(0, 3), -1.0), Likely(Span(4, 9), -2.0)), -0.1, -1.0)
    assert found.within(Span(2, 5)) == -1.5
    assert found.within(Span(3, 4)) is None


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(text=st.text(st.sampled_from("Tom saw \u00a0“”…—ｆﬁ½😀é\ud800\n<m1>3%"), max_size=40))
def test_pieces_stand_in_order_inside_any_text(translator, text):
    part = cut(translator._native.target, text, 250)
    edges = [edge for span in part.spans for edge in (span.start, span.end)]
    assert all(0 <= edge <= len(text) for edge in edges)
    assert [span.start for span in part.spans] == sorted(span.start for span in part.spans)
    assert len(part.pieces) == len(part.spans)
    signs = "".join(span.of(text) for span in part.spans if span.end > span.start)
    assert set(text) - set(signs) <= set(" \n\u00a0")


def test_pieces_and_their_log_probabilities_are_put_together(translator):
    part = cut(translator._native.target, "Tom saw", 250)
    numbers = [-float(number) for number in range(len(part.pieces) + 1)]
    found = heard(part, numbers)
    assert [piece.logprob for piece in found.pieces] == numbers[:-1]
    assert found.ending == numbers[-1]
