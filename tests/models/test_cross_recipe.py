"""The recipe's data, batches and measures."""

import gzip
import json
import random

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("scipy")
pytest.importorskip("transformers")

from models.cross import TYPES, Judgement
from models.cross_text import PAD
from models.recipes.cases import read_rows
from models.recipes.cross_encoder import data, evaluate, measures
from models.recipes.cross_encoder.batches import batches, collate, items
from models.recipes.cross_encoder.data import ANY, RELATIONS, UNKNOWN, Example
from models.recipes.cross_encoder.evaluate import best_threshold, matthews
from models.recipes.cross_encoder.prepare import as_read
from models.recipes.cross_encoder.train import fold_of
from tests.models import cross_base

pytestmark = pytest.mark.neural


@pytest.fixture(scope="module")
def pieces(tmp_path_factory):
    return cross_base.cutter(tmp_path_factory.mktemp("base"))


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
    return read_rows(path)


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


def test_premises_are_read_in_english_too_where_they_were_translated(tmp_path):
    path = tmp_path / "nli.jsonl.gz"
    rows = [
        {"lang": "zh", "premise": "部長說", "hypothesis": "部长没有说", "label": "contradiction"},
        {"lang": "en", "premise": "Police said no.", "hypothesis": "No.", "label": "entailment"},
        {"lang": "zh", "premise": "警方说", "hypothesis": "也许", "label": "neutral"},
    ]
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)
    assert data.chinese_premises(path) == ["部長說", "警方说"]
    found = data.inferences(path, {"部長說": "The minister spoke."})
    assert [one.post for one in found] == [
        "部长说", "The minister spoke.", "Police said no.", "警方说",
    ]  # fmt: skip
    assert [RELATIONS[one.relation] for one in found] == [
        "contradiction", "contradiction", "entailment", "neutral",
    ]  # fmt: skip
    assert [one.misrepresents for one in found] == [1, 1, 0, None]


def test_cases_are_learned_as_the_pipeline_shows_them(driftbench):
    rows = driftbench
    rows[1]["retweet"] = "RT @a: 部長已經拒絕 https://t.co/abc"
    shown = {one.id: one for one in as_read(driftbench, data.driftbench(driftbench))}
    second = shown["p1-r2"]
    assert second.retweet.split() == ["部长已经拒绝"]
    assert len(second.retweet) == len(rows[1]["retweet"])
    (start, end, tag) = second.marks[0]
    assert (second.retweet[start:end], TYPES[tag - 1]) == ("已经", "certainty")
    assert shown["p2-r1"].post == "Police said no."


class Even:
    """A cross-encoder that says the same of every pair."""

    def score(self, pairs):
        return [Judgement(0.5, 0.5, (), (), {}) for _ in pairs]


def natural(folder):
    """Write the labelled data that the shipped weights are reported on, without driftbench-dev."""
    judged = {"post": "police", "retweet": "警方"}
    files = {
        "critical-errors-dev": [{**judged, "id": "1", "label": "ERR"}],
        "critical-errors-train": [{**judged, "id": "2", "label": "NOT"}],
        "esa-train": [
            {"id": str(k), "post": f"p{k}", "retweet": "警方", "score": 95, "spans": []}
            for k in range(20)
        ],
    }
    for name, listed in files.items():
        with gzip.open(folder / f"{name}.jsonl.gz", "wt", encoding="utf-8") as file:
            file.writelines(json.dumps(row) + "\n" for row in listed)


def test_driftbench_dev_is_looked_at_only_when_asked(tmp_path):
    natural(tmp_path)
    found = evaluate.shipped(Even(), tmp_path, dev=False)
    assert set(found) == {"critical-errors dev", "rated translations held out"}
    with pytest.raises(FileNotFoundError, match="driftbench-dev"):
        evaluate.shipped(Even(), tmp_path, dev=True)


def test_driftbench_train_is_reported_from_the_scores_of_the_folds(tmp_path, monkeypatch):
    monkeypatch.setenv("DRIFT_DATA", str(tmp_path))
    (tmp_path / "driftbench-train.jsonl").write_text(
        "".join(json.dumps(case) + "\n" for case in CASES), "utf-8"
    )
    assert evaluate.out_of_fold(tmp_path) == {}
    for number, (name, label, probability) in enumerate(
        [("p1-r1", 0.0, 0.4), ("p1-r2", 1.0, 0.6), ("p2-r1", 0.0, 0.7)]
    ):
        high = probability > 0.5
        row = {
            "id": name, "label": label, "probability": probability, "group": name[:2],
            "words": [[1, 0, 2, "certainty", 0.1], [1, 2, 4, "certainty", 0.9 * high]],
            "kinds": {"certainty": probability, "role": 1 - probability},
        }  # fmt: skip
        (tmp_path / f"oof-{number}.jsonl").write_text(json.dumps(row) + "\n", "utf-8")
    found = evaluate.out_of_fold(tmp_path)
    assert found["cases"] == 3
    assert found["AUC misrepresents v. rest"] == 0.5
    assert found["AUC misrepresents v. faithful"] == 1.0  # what only drifted is left out
    assert (found["twins right"], found["AUC of words"]) == (1.0, 1.0)
    assert found["by type"]["certainty"] == 1.0
    assert found["right type"] == 1.0


def test_opinions_on_cases_that_no_network_learns_join_those_of_the_folds(tmp_path, monkeypatch):
    monkeypatch.setattr(evaluate, "written", lambda name: CASES if name == "held" else [])
    (tmp_path / "oof.jsonl").write_text('{"id": "another"}\n', "utf-8")
    found = evaluate.unseen(Even(), tmp_path, "held")
    assert found["cases"] == len(CASES)
    lines = (tmp_path / "oof.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line)["id"] for line in lines] == ["another", "p1-r1", "p1-r2", "p2-r1"]


def test_tags_fall_on_the_pieces_that_were_marked(pieces):
    example = Example("x", "the minister refused", "部长拒绝", ((2, 4, 3),), ((4, 12, 3),))
    (made,) = items(pieces, [example])
    tagged = [
        (int(made.encoded.side[k]), *made.encoded.spans[k]) for k in np.flatnonzero(made.tags == 3)
    ]
    assert tagged == [(1, 2, 4), (2, 4, 12)]


def test_english_words_of_rated_translations_are_unknown(pieces):
    (made,) = items(pieces, [Example("x", "police", "警方", source="rated")])
    assert set(made.tags[made.encoded.side == 1]) == {0}
    assert set(made.tags[made.encoded.side == 2]) == {UNKNOWN}


def test_the_types_of_an_example_are_those_of_its_marks(pieces):
    both = Example("x", "police said", "警方说", ((0, 2, 3),), ((0, 6, 1), (7, 11, ANY)))
    batch = collate(items(pieces, [both, Example("y", "police", "警方")]))
    assert [np.flatnonzero(row).tolist() for row in batch.kinds.numpy()] == [[0, 2], []]


def test_unlabelled_pieces_are_unknown_and_padding_too(pieces):
    short, long = items(
        pieces,
        [
            Example("x", "police", "警方", tagged=False),
            Example("y", "police said the minister refused", "警方说部长拒绝"),
        ],
    )
    batch = collate([short, long])
    assert (batch.tags[0] == UNKNOWN).all()
    assert (batch.ids[0, short.length :] == PAD).all()
    assert (batch.tags[1] == 0).sum() == long.length - 3
    assert batch.verdicts.tolist() == [[-1, -1], [-1, -1]]
    assert batch.relations.tolist() == [UNKNOWN, UNKNOWN]


def test_twins_share_a_batch_and_nothing_is_lost(pieces):
    chance = random.Random(2)
    examples = [
        Example(f"{k}-{letter}", "police said no", "警方说" * length, group=str(k))
        for k in range(30)
        for length in (chance.randint(1, 20),)
        for letter in "fd"
    ]
    encoded = items(pieces, examples)
    made = list(batches(encoded, 300, seed=1))
    assert sum(len(batch.ids) for batch in made) == 60
    for batch in made:
        _, counts = batch.groups.unique(return_counts=True)
        assert (counts == 2).all()
    again = list(batches(encoded, 300, seed=1))
    assert all((a.ids == b.ids).all() for a, b in zip(made, again, strict=True))
    assert any(
        a.ids.shape != b.ids.shape or (a.ids != b.ids).any()
        for a, b in zip(made, batches(encoded, 300, seed=2), strict=False)
    )


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
