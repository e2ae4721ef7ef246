"""Synthetic drift: what an edit changes is what it tags, and twins differ by nothing else."""

import random
import tomllib

import numpy as np
import pytest

pytest.importorskip("scipy")

from models.cross import TYPES
from models.recipes.cross_encoder import clause_edits, edits, synthetic
from models.recipes.cross_encoder.data import Example, Row
from models.recipes.cross_encoder.lexicon import CUES
from models.recipes.cross_encoder.pieces import Sides, Stock, cut, joined
from models.recipes.cross_encoder.synthetic import twins
from tests.models.cross_lexicon import small


@pytest.fixture
def stock(tmp_path):
    lexicon = small(tmp_path)
    cues = tomllib.loads(CUES.read_text("utf-8"))
    return Stock(
        lexicon=lexicon,
        cues=cues,
        verbs=frozenset({"拒绝", "提高", "需要"}),
        vectors=np.eye(len(lexicon.words), 8, dtype=np.float32),
        chance=random.Random(5),
        clauses=[],
        names=[],
        class_names=tuple(cue["name"] for cue in cues["class"]),
    )


def sides(stock, chinese, english):
    return Sides(tuple(cut(stock.lexicon, chinese)), tuple(cut(stock.lexicon, english)))


def marked(pieces):
    text, marks = joined(pieces)
    return [(text[a:b], TYPES[tag - 1]) for a, b, tag in marks]


def test_pieces_join_to_the_text_again(stock):
    for text in ("部长 说: 3.1万人, didn't !", "  Police\nsaid  no.", "", "🙂也许"):
        assert joined(cut(stock.lexicon, text))[0] == text


def test_a_dropped_hedge_tags_what_it_governed(stock):
    drifted = edits.drop_cue(sides(stock, "部长可能提高", "The minister may raise"), stock)
    assert joined(drifted.chinese)[0] == "部长提高"
    assert marked(drifted.chinese) == [("提高", "certainty")]
    assert marked(drifted.english) == [("may", "certainty")]


def test_a_cue_that_the_english_lacks_is_not_dropped(stock):
    assert edits.drop_cue(sides(stock, "部长可能提高", "The minister will raise"), stock) is None


def test_an_inserted_cue_is_one_that_the_english_lacks(stock):
    plain = sides(stock, "部长拒绝", "The minister refused if not may")
    seen = 0
    for _ in range(60):
        drifted = edits.insert_cue(plain, stock)
        if drifted is None:
            continue
        seen += 1
        inserted = [piece for piece in drifted.chinese if piece.tag]
        assert inserted
        for piece in inserted:
            assert stock.class_of(piece) not in {"if", "not", "may"}
    assert seen > 20


def test_a_condition_dropped_takes_its_companion(stock):
    text = "如果部长提高,警方会说"
    results = {
        joined(edits.drop_cue(sides(stock, text, "if the minister raise"), stock).chinese)[0]
        for _ in range(40)
    }
    assert results == {"部长提高,警方会说", "部长提高,警方说"}


def test_roles_are_exchanged_around_a_verb(stock):
    drifted = edits.swap_roles(sides(stock, "部长拒绝总统", "minister refused president"), stock)
    assert joined(drifted.chinese)[0] == "总统拒绝部长"
    assert [kind for _, kind in marked(drifted.chinese)] == ["role", "role"]


def test_a_changed_figure_differs_and_is_tagged(stock):
    for _ in range(20):
        drifted = edits.number(sides(stock, "警方说40人", "Police said 40"), stock)
        (figure, kind) = marked(drifted.chinese)[0]
        assert kind == "quantity"
        assert figure != "40"


def test_a_day_becomes_another_day_that_the_post_does_not_name(stock):
    for _ in range(20):
        drifted = edits.same_kind(sides(stock, "周五拒绝", "refused on Friday"), stock)
        if drifted:
            assert marked(drifted.chinese)[0][0] != "周五"


def test_the_english_side_can_drift_and_the_chinese_answers(stock):
    plain = sides(stock, "部长拒绝", "The minister refused")
    drifted = clause_edits.edit_english(plain, stock)
    assert "agreed" in joined(drifted.english)[0]
    assert marked(drifted.chinese) == [("拒绝", "polarity")]
    assert joined(drifted.chinese)[0] == "部长拒绝"


def test_a_speaker_is_dropped_with_the_verb(stock):
    plain = sides(stock, "部长表示,政府拒绝警方需要", "The minister said the government refused")
    drifted = clause_edits.drop_speaker(plain, stock)
    assert joined(drifted.chinese)[0] == "政府拒绝警方需要"
    assert marked(drifted.chinese)[0][1] == "attribution"


ROWS = [
    Row("The minister said the government may raise it.", "部长表示,政府可能提高。", "s"),
    Row("Police refused if the president did not.", "如果总统没有,警方拒绝。", "s"),
    Row("The US government refused on Friday.", "美国政府周五拒绝。", "s"),
] * 8


def test_twins_share_their_post_or_their_retweet(stock):
    groups: dict[str, list[Example]] = {}
    for example in twins(ROWS, stock):
        if example.group:
            groups.setdefault(example.group, []).append(example)
    assert len(groups) >= 8
    for faithful, drifted in groups.values():
        assert faithful.misrepresents < 0.1 < drifted.misrepresents
        assert not faithful.marks
        assert not faithful.post_marks
        assert (faithful.post == drifted.post) != (faithful.retweet == drifted.retweet)


def test_a_paraphrase_keeps_to_renderings_of_the_same_words(stock):
    lexicon = stock.lexicon
    stock.renderings[lexicon.id("president")] = [lexicon.id("总统"), lexicon.id("作者")]
    plain = sides(stock, "总统周五提高" * 9, "The president will raise")
    changed = synthetic._paraphrased(plain, stock)
    assert {piece.text for piece in changed.chinese} == {"总统", "作者", "周五", "提高"}
    assert not any(piece.tag for piece in changed.chinese)


def test_marks_lie_inside_their_texts(stock):
    for example in twins(ROWS, stock):
        for start, end, tag in example.marks:
            assert 0 <= start < end <= len(example.retweet)
            assert 1 <= tag <= len(TYPES) + 1
        for start, end, _ in example.post_marks:
            assert 0 <= start < end <= len(example.post)
