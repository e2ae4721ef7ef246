"""Training on a base in miniature: the loss falls, a stop costs nothing, rounds mix the sources."""

import itertools
import json
import pickle
import random
from collections import Counter
from dataclasses import replace
from types import SimpleNamespace

import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")
pytest.importorskip("scipy")

import torch

from models.recipes.cross_encoder import train
from models.recipes.cross_encoder.batches import batches, items
from models.recipes.cross_encoder.data import RELATIONS, Example
from models.recipes.cross_encoder.measures import scores_of, twins_right
from models.recipes.cross_encoder.prepare import Prepared, grouped, read_prepared
from tests.models import cross_base

pytestmark = pytest.mark.neural

WHO = {"部长": "the minister", "警方": "police", "总统": "the president"}
MAY = {"可能": ("may", 2), "没有": ("not", 3)}


def twins(source, count):
    """Make twins: a retweet that renders its post, and one that lacks or changes a word."""
    chance = random.Random(source)
    found = []
    for number in range(count):
        (who, english), (may, (word, tag)) = (
            chance.choice(sorted(table.items())) for table in (WHO, MAY)
        )
        other = next(cue for cue in MAY if cue != may)
        plain = Example(
            f"{source}-{number}-f", f"{english} {word} refused", f"{who}{may}拒绝",
            misrepresents=0.0, drifts=0.0, group=f"{source}-{number}", source=source,
        )  # fmt: skip
        changed = Example(
            f"{source}-{number}-d", plain.post, f"{who}{other}拒绝", ((2, 4, tag),),
            misrepresents=1.0, drifts=1.0, group=plain.group, source=source,
        )  # fmt: skip
        found += [plain, changed]
    return found


def inferences(count):
    return [
        Example(f"i-{k}", "police may refused", "警方拒绝", source="inference", relation=k % 3,
                tagged=False, misrepresents=(0.0, None, 1.0)[k % len(RELATIONS)])
        for k in range(count)
    ]  # fmt: skip


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """Encode what `prepare` would."""
    pieces = cross_base.cutter(tmp_path_factory.mktemp("base"))
    sources = {source: twins(source, 40) for source in train.SHARES} | {"inference": inferences(90)}
    cases = twins("case", 24)
    glosses = [
        Example(f"{one.id}~{which}", one.post, one.retweet, misrepresents=bad, drifts=bad,
                group=f"{one.id}~", source="gloss")
        for one in cases for which, bad in (("own", 0.0), ("twin", 0.9))
    ]  # fmt: skip
    return Prepared(
        {source: grouped(items(pieces, found)) for source, found in sources.items()},
        items(pieces, twins("held", 10)),
        items(pieces, cases),
        items(pieces, glosses),
        {one.id: f"post-{number // 6}" for number, one in enumerate(cases)},
    )


@pytest.fixture
def work(tmp_path, prepared, monkeypatch):
    """Make a work folder, small batches and rounds, and a clock that ticks once a batch."""
    network = cross_base.network(tmp_path)
    config = network.body.config.to_dict()
    torch.save({"network": network.state_dict(), "config": config}, tmp_path / "start.pt")
    (tmp_path / "prepared.pickle").write_bytes(pickle.dumps(prepared))
    monkeypatch.setattr(train, "PIECES", 400)
    monkeypatch.setattr(train, "ROUND", 2_000)
    monkeypatch.setattr(train, "RATE", 3e-3)
    monkeypatch.setattr(train, "time", SimpleNamespace(monotonic=itertools.count().__next__))
    return tmp_path


def loss(network, chosen):
    network.eval()
    with torch.inference_mode():
        found = [float(train.loss_of(network, batch)) for batch in batches(chosen, 400, seed=1)]
    return sum(found) / len(found)


def state_of(work):
    return torch.load(work / "pretrained.pt")["state"]


def test_pretraining_lowers_the_loss_on_what_was_held_out(work, prepared):
    train.pretrain(work, seconds=30)
    before, after = (train.load_network(work / name) for name in ("start.pt", "pretrained.pt"))
    assert loss(after, prepared.held) < 0.8 * loss(before, prepared.held)


def test_a_training_that_was_stopped_goes_on_from_its_round(work, monkeypatch):
    rounds = []
    taken = train._round
    monkeypatch.setattr(train, "_round", lambda p, k: rounds.append(k) or taken(p, k))
    train.pretrain(work, seconds=8)
    first = state_of(work)
    assert (first["round"], first["spent"]) == (len(rounds), 8)
    train.pretrain(work, seconds=20)
    assert rounds == list(range(state_of(work)["round"]))
    assert state_of(work)["spent"] == 20
    train.pretrain(work, seconds=20)  # nothing is left to do
    assert len(rounds) == state_of(work)["round"]


def test_fine_tuning_lowers_the_loss_on_its_cases_and_finds_the_twins(work, prepared):
    train.pretrain(work, seconds=4)
    posts = set(prepared.posts.values())
    tuning = train.Tuning(epochs=4, rate=3e-3, dropout=0.0)
    after = train.finetune(work, prepared, posts, tuning, seed=1)
    before = train.load_network(work / "pretrained.pt")
    assert loss(after, prepared.cases) < 0.8 * loss(before, prepared.cases)
    assert twins_right(scores_of(after, prepared.cases)) > 0.8


def test_every_case_is_scored_by_a_fold_that_never_saw_its_post(work, prepared, monkeypatch):
    train.pretrain(work, seconds=2)
    seen = []
    tuned = train.finetune

    def finetune(work, prepared, posts, tuning, seed):
        seen.append(posts)
        return tuned(work, prepared, posts, tuning, seed)

    monkeypatch.setattr(train, "finetune", finetune)
    train.cross_validate(work, range(2), 2, train.Tuning(epochs=1))
    scored = Counter()
    for number, posts in enumerate(seen):
        lines = (work / f"oof-{number}.jsonl").read_text("utf-8").splitlines()
        ids = [json.loads(line)["id"] for line in lines]
        assert not posts & {prepared.posts[one] for one in ids}
        scored.update(ids)
    assert scored == Counter(one.id for one in prepared.cases)


def test_rounds_take_from_every_source_by_its_share(work):
    prepared = read_prepared(work)
    for number in range(3):
        pieces = Counter()
        for one in train._round(prepared, number):
            pieces[one.source] += one.length
        for source, share in train.SHARES.items():
            assert pieces[source] == pytest.approx(share * train.ROUND, abs=60)


def test_rounds_use_a_source_up_before_they_begin_it_anew(work):
    prepared = read_prepared(work)
    groups = prepared.sources["paraphrase"]
    share = train.SHARES["paraphrase"] * train.ROUND
    whole = sum(one.length for group in groups for one in group)
    used = Counter(
        one.id
        for number in range(int(whole / share))
        for one in train._round(prepared, number)
        if one.source == "paraphrase"
    )
    assert max(used.values()) <= 2  # where one round ends the next may begin
    assert len(used) > 0.9 * 2 * len(groups)


@pytest.mark.parametrize(("gone", "rate"), [(0, 0), (0.03, 0.485), (0.06, 0.94), (0.5, 0.5)])
def test_the_rate_rises_and_falls(gone, rate):
    assert train.scheduled(1.0, gone) == pytest.approx(rate)


def test_of_cases_that_the_start_has_seen_a_share_comes_back_each_epoch(prepared):
    seen = [one for group in prepared.sources["critical"] for one in group]
    more = replace(prepared, sources={train.SEEN: grouped(seen)})
    tuning = train.Tuning(epochs=2, glosses=0, others=0)
    first, second = train._epochs(more, set(more.posts.values()), tuning, seed=1)
    own = {one.id for one in more.cases}
    back = [{one.id for one in epoch} - own for epoch in (first, second)]
    assert [len(ids) for ids in back] == [int(train.AGAIN[train.SEEN] * len(seen))] * 2
    assert back[0] != back[1]
    assert {one.id for one in first} >= own
