"""The recipe's data, batches and measures."""

import gzip
import json
import random

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("opencc")
pytest.importorskip("scipy")

from models.recipes.cross_encoder import data, measures
from models.recipes.cross_encoder.batches import batches, collate, item, read_items, write_items
from models.recipes.cross_encoder.data import ANY, TYPES, UNKNOWN, Example
from models.recipes.cross_encoder.evaluate import best_threshold, matthews
from models.recipes.cross_encoder.train import fold_of
from tests.models.cross_lexicon import small

pytestmark = pytest.mark.neural


@pytest.fixture(scope="module")
def lexicon(tmp_path_factory):
    return small(tmp_path_factory.mktemp("lexicon"))


CASES = [
    {
        "id": "p1-r1", "post_id": "p1", "post": "The minister may have refused.", "pair": "p1-a",
        "retweet": "部長可能拒絕", "verdict": "faithful", "findings": [], "gloss": "may refuse",
    },
    {
        "id": "p1-r2", "post_id": "p1", "post": "The minister may have refused.", "pair": "p1-a",
        "retweet": "部長已經拒絕", "verdict": "misrepresents", "gloss": "has refused",
        "findings": [{"type": "certainty", "severity": "major", "retweet_span": "已經",
                      "post_span": "may have"}],
    },
    {
        "id": "p2-r1", "post_id": "p2", "post": "Police said no.", "retweet": "警方说没有",
        "verdict": "drifted", "gloss": "police said none",
        "findings": [{"type": "omission", "severity": "minor", "retweet_span": None,
                      "post_span": "Police"}],
    },
]  # fmt: skip


@pytest.fixture
def driftbench(tmp_path):
    path = tmp_path / "cases.jsonl"
    path.write_text("".join(json.dumps(case) + "\n" for case in CASES), "utf-8")
    return path


def test_cases_are_read_in_simplified_with_their_spans(driftbench):
    first, second, third = data.driftbench(driftbench)
    assert first.retweet == "部长可能拒绝"
    assert (first.misrepresents, first.drifts, first.marks) == (0, 0, ())
    (start, end, tag) = second.marks[0]
    assert second.retweet[start:end] == "已经"
    assert TYPES[tag - 1] == "certainty"
    assert second.group == first.group != ""
    assert (third.misrepresents, third.drifts, third.marks) == (0, 1, ())
    assert third.post[slice(*third.post_marks[0][:2])] == "Police"


def test_a_retweet_is_faithful_to_its_own_gloss_and_not_to_its_twins(driftbench):
    examples = {example.id: example for example in data.glossed(driftbench)}
    assert set(examples) == {"p1-r1~own", "p1-r1~twin", "p1-r2~own", "p1-r2~twin"}
    assert examples["p1-r2~own"].post == examples["p1-r1~twin"].post == "has refused"
    assert examples["p1-r1~own"].misrepresents == 0 < examples["p1-r1~twin"].misrepresents
    (start, end, _) = examples["p1-r1~twin"].marks[0]
    assert examples["p1-r1~twin"].retweet[start:end] == "可能"


def test_gloss_examples_keep_the_post_of_their_case(driftbench):
    posts = data.posts_of(driftbench)
    assert {posts[one.id.partition("~")[0]] for one in data.glossed(driftbench)} == {"p1"}


def test_folds_are_stable_and_all_used():
    folds = [fold_of(f"post-{k}", 5) for k in range(200)]
    assert set(folds) == set(range(5))
    assert folds == [fold_of(f"post-{k}", 5) for k in range(200)]


def test_rated_translations_keep_only_severe_spans(tmp_path):
    path = tmp_path / "rated.jsonl.gz"
    spans = [
        {"start": 0, "end": 2, "severity": "major"},
        {"start": 2, "end": 3, "severity": "minor"},
        {"start": None, "end": None, "severity": "major"},
    ]
    rows = [
        {"id": "a", "post": "x", "retweet": "部长说", "score": 40, "spans": spans},
        {"id": "b", "post": "x", "retweet": "部长说", "score": 95, "spans": []},
        {"id": "c", "post": "x", "retweet": "部长说", "score": 80, "spans": []},
    ]
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)
    bad, clean, unclear = data.rated(path)
    assert bad.marks == ((0, 2, ANY),)
    assert (bad.misrepresents, clean.misrepresents, unclear.misrepresents) == (1, 0, None)


def test_tags_fall_on_the_words_that_were_marked(lexicon):
    example = Example("x", "The minister refused", "部长拒绝", ((2, 4, 3),), ((4, 12, 3),))
    made = item(lexicon, example)
    tagged = [
        (int(made.encoded.side[k]), *made.encoded.spans[k]) for k in np.flatnonzero(made.tags == 3)
    ]
    assert tagged == [(1, 2, 4), (2, 4, 12)]


def test_unlabelled_words_are_unknown_and_padding_too(lexicon):
    short = item(lexicon, Example("x", "Police", "警方", tagged=False))
    long = item(lexicon, Example("y", "Police said the minister refused", "警方说部长拒绝"))
    batch = collate([short, long])
    assert (batch.tags[0] == UNKNOWN).all()
    assert (batch.ids[0, short.length :] == 0).all()
    assert (batch.tags[1] == 0).sum() == long.length - 2
    assert batch.verdicts.tolist() == [[-1, -1], [-1, -1]]


def test_twins_share_a_batch_and_nothing_is_lost(lexicon):
    chance = random.Random(2)
    items = [
        item(lexicon, Example(f"{k}-{letter}", "Police said no", "警方说" * length, group=str(k)))
        for k in range(30)
        for length in (chance.randint(1, 20),)
        for letter in "fd"
    ]
    made = list(batches(items, 300, seed=1))
    assert sum(len(batch.ids) for batch in made) == 60
    for batch in made:
        _, counts = batch.groups.unique(return_counts=True)
        assert (counts == 2).all()
    again = list(batches(items, 300, seed=1))
    assert all((a.ids == b.ids).all() for a, b in zip(made, again, strict=True))
    assert any(
        a.ids.shape != b.ids.shape or (a.ids != b.ids).any()
        for a, b in zip(made, batches(items, 300, seed=2), strict=False)
    )


def test_items_survive_the_disk(lexicon, tmp_path):
    items = [item(lexicon, Example("x", "Police", "警方"))]
    write_items(items, tmp_path / "a.pickle")
    (back,) = read_items(tmp_path / "a.pickle")
    assert (back.id, back.tags.tolist()) == ("x", items[0].tags.tolist())


def rows(pairs):
    return [
        {"id": str(k), "label": label, "probability": p, "group": str(k // 2)}
        for k, (label, p) in enumerate(pairs)
    ]


def test_auc_counts_ties_half():
    pairs = [(1.0, 0.9), (0.0, 0.9), (1.0, 0.4), (0.0, 0.1), (0.0, 0.5)]
    wins = [
        1.0 if p > q else 0.5 if p == q else 0.0
        for a, p in pairs if a for b, q in pairs if not b
    ]  # fmt: skip
    assert measures.auc(rows(pairs)) == pytest.approx(sum(wins) / len(wins))


def test_twins_and_matthews():
    found = rows([(1.0, 0.9), (0.0, 0.2), (0.0, 0.6), (1.0, 0.3)])
    assert measures.twins_right(found) == 0.5
    assert matthews(found, 0.7) == pytest.approx(0.57735, abs=1e-4)
    assert best_threshold(rows([(1.0, 0.9), (0.0, 0.2), (0.0, 0.3), (1.0, 0.8)])) > 0.3
