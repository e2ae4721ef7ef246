"""The recipe: what it lets in, that it resumes alike, and that its export agrees."""

import dataclasses
import gzip
import json
import lzma

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from models.recipes.translation import (
    augment,
    average,
    batches,
    cleaning,
    corpus,
    export,
    network,
    train,
    vocabulary,
)
from tests.models import translation_world as world


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    return world.prepare(tmp_path_factory.mktemp("work"))


def copy_of(work, target):
    target.mkdir()
    for name in ("train.tsv", "finish.tsv", "held-out.tsv", "source.spm", "target.spm"):
        (target / name).write_bytes((work / name).read_bytes())
    return target


class KilledError(Exception):
    """Stands for the power going off."""


@pytest.mark.parametrize("moment", [1, 6, 7, 8, 11])
def test_a_killed_training_goes_on_as_if_undisturbed(work, tmp_path, monkeypatch, moment):
    plateau = train.Budget(steps=8, save_every=3, snapshot_every=12)
    finish = train.Budget(fall=4, save_every=3, snapshot_every=12)
    whole = copy_of(work, tmp_path / "whole")
    train.train(whole, world.MICRO, plateau)
    train.train(whole, world.MICRO, finish)

    broken = copy_of(work, tmp_path / "broken")
    real = train.learn

    def learn(optimiser, batch, preset, when):
        if when[0].step == moment:
            raise KilledError
        real(optimiser, batch, preset, when)

    monkeypatch.setattr(train, "learn", learn)
    with pytest.raises(KilledError):
        train.train(broken, world.MICRO, plateau)
        train.train(broken, world.MICRO, finish)
    monkeypatch.setattr(train, "learn", real)
    if moment < 8:
        train.train(broken, world.MICRO, plateau)
    progress = train.train(broken, world.MICRO, finish)

    assert progress.step == 12
    first, second = (
        torch.load(folder / "snapshots" / "step-0000012.pt", weights_only=True)
        for folder in (whole, broken)
    )
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_a_finished_training_goes_on_from_its_plateau(work, tmp_path):
    straight, detour = (copy_of(work, tmp_path / name) for name in ("straight", "detour"))
    for folder in (straight, detour):
        train.train(folder, world.MICRO, train.Budget(steps=4))
        if folder == detour:
            train.train(folder, world.MICRO, train.Budget(fall=3))
        train.train(folder, world.MICRO, train.Budget(steps=8, snapshot_every=8))
    first, second = (
        torch.load(folder / "snapshots" / "step-0000008.pt", weights_only=True)
        for folder in (straight, detour)
    )
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_a_kill_while_saving_leaves_the_last_checkpoint(work, tmp_path, monkeypatch):
    folder = copy_of(work, tmp_path / "saving")
    train.train(folder, world.MICRO, train.Budget(steps=2))
    before = (folder / train.CHECKPOINT).read_bytes()

    def half(state, out):
        out.write(b"half a checkpoint")
        raise KilledError

    monkeypatch.setattr(torch, "save", half)
    with pytest.raises(KilledError):
        train.train(folder, world.MICRO, train.Budget(steps=4, save_every=1))
    assert (folder / train.CHECKPOINT).read_bytes() == before


def test_training_learns_and_its_loss_is_logged(work, tmp_path):
    folder = copy_of(work, tmp_path / "learning")
    train.train(folder, world.MICRO, train.Budget(steps=60, log_every=10))
    rows = [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]
    assert [row["step"] for row in rows] == [10, 20, 30, 40, 50, 60]
    assert rows[-1]["loss"] < 0.8 * rows[0]["loss"]


def test_pad_rows_stay_zero_through_training(work, tmp_path):
    folder = copy_of(work, tmp_path / "pads")
    train.train(folder, world.MICRO, train.Budget(steps=5))
    weights = average.average(average.snapshots(folder))
    assert not weights["model.encoder.embed_tokens.weight"][-1].any()
    assert not weights["model.decoder.embed_tokens.weight"][-1].any()


@pytest.mark.parametrize(("quantization", "margin"), [("float32", 1e-4), ("int8", 0.2)])
def test_the_export_scores_as_pytorch_does(work, tmp_path, quantization, margin):
    folder = copy_of(work, tmp_path / "export")
    train.train(folder, world.MICRO, train.Budget(steps=10))
    model = export.load(folder, world.MICRO, average.average(average.snapshots(folder)))
    export.export(model, folder, tmp_path / "out", quantization)
    found = export.agreement(model, tmp_path / "out", world.sentences(16))
    assert found.worst < margin


def test_the_check_sees_a_pad_row_that_is_not_zero(work, tmp_path):
    folder = copy_of(work, tmp_path / "bad")
    train.train(folder, world.MICRO, train.Budget(steps=10))
    model = export.load(folder, world.MICRO, average.average(average.snapshots(folder)))
    export.export(model, folder, tmp_path / "out", "float32")
    with torch.no_grad():
        model.model.decoder.embed_tokens.weight[-1].normal_()
    assert export.agreement(model, tmp_path / "out", world.sentences(16)).worst > 0.05


def test_the_average_of_two_snapshots_is_their_mean(tmp_path):
    paths = [tmp_path / "a.pt", tmp_path / "b.pt"]
    for path, value in zip(paths, (1.0, 3.0), strict=True):
        torch.save({"w": torch.full((2,), value)}, path)
    assert average.average(paths)["w"].tolist() == [2.0, 2.0]


def test_a_plan_holds_every_sentence_once_within_its_size(work):
    source, target = vocabulary.encode_corpus(work, world.MICRO)
    plan = batches.plan(source, target, 256, seed=3)
    assert sorted(index for batch in plan for index in batch) == list(range(len(source)))
    lengths = [max(pair) for pair in zip(source.lengths(), target.lengths(), strict=True)]
    assert all(max(lengths[i] for i in batch) * len(batch) <= 256 for batch in plan)
    assert plan == batches.plan(source, target, 256, seed=3)
    assert plan != batches.plan(source, target, 256, seed=4)


def test_loss_ignores_padding(work):
    sides = vocabulary.encode_corpus(work, world.MICRO)
    sizes = [
        vocabulary.load(work / name).get_piece_size() + 1 for name in ("source.spm", "target.spm")
    ]
    model = network.build(world.MICRO, *sizes).eval()
    pads = network.pads(model)
    lengths = sides[1].lengths()
    short, long = int(lengths.argmin()), int(lengths.argmax())
    with torch.no_grad():
        alone = [network.loss(model, batches.collate(sides, [i], pads), 0.1) for i in (short, long)]
        both, count = network.loss(model, batches.collate(sides, [short, long], pads), 0.1)
    assert count == sum(tokens for _, tokens in alone)
    expected = sum(float(value) * tokens for value, tokens in alone) / count
    assert float(both) == pytest.approx(expected, rel=1e-4)


def test_the_rate_warms_up_stays_and_falls_only_when_asked():
    preset = dataclasses.replace(world.MICRO, warmup_steps=10, peak_rate=1.0)
    assert network.rate(0, preset, None) == pytest.approx(0.1)
    assert network.rate(5000, preset, None) == 1.0
    assert network.rate(150, preset, (100, 100)) == pytest.approx(0.5)
    assert network.rate(300, preset, (100, 100)) == 0.0


@pytest.mark.parametrize(
    ("chinese", "english"),
    [
        ("他昨天在北京说，价格上涨了。", "He said in Beijing yesterday that prices had risen."),
        ("公司裁员1200人。", "The company cut 1,200 jobs."),
        ("利润达到3万元。", "Profit reached 30,000 yuan."),
        ("会议定于11月5日举行。", "The meeting is set for November 5."),
    ],
)
def test_fit_pairs_are_kept(chinese, english):
    assert cleaning.fit(chinese, english)


@pytest.mark.parametrize(
    ("chinese", "english"),
    [
        ("您总共等待了314年，大约3年。", "And you wait a total of pi years, around 3 years."),
        ("价格上涨了。", "Prices rose, and then the long story of how they rose was told again."),
        ("var x = 1; 打印", "var x = 1; print"),
        ("他说 hello world and more words", "He said hello world and more words"),
        ("价格上涨了。", "价格 rose."),
        ("", "Nothing."),
        ("价格上涨了。", ""),
    ],
)
def test_unfit_pairs_are_dropped(chinese, english):
    assert not cleaning.fit(chinese, english)


@settings(max_examples=200)
@given(st.randoms(use_true_random=False), st.sampled_from(["他用 Python 写 Linux 程序。", "好。"]))
def test_noise_keeps_placeholders_on_both_sides(dice, chinese):
    english = "He writes Linux programs in Python."
    said = augment.noisy((chinese, english), dice)
    marks = [sorted(m for m in augment.PLACEHOLDERS if m in side) for side in said]
    assert marks[0] == marks[1]
    assert all(side.count(mark) == 1 for side in said for mark in marks[0])


def test_the_corpus_leaves_out_what_is_for_measuring(tmp_path):
    data = tmp_path / "data"
    (data / "parallel").mkdir(parents=True)
    (data / "lexicon").mkdir()
    rows = [
        ("He said that prices rose.", "他说价格上涨了。", "hackernews"),
        ("He said that prices rose.", "他表示价格上涨。", "hackernews"),
        ("This line is in the test.", "这一句在测试集里。", "hackernews"),
        ("The mayor rejected the plan.", "市长否决了該計畫。", "hackernews"),
        ("Another source said so too.", "另一个来源也这么说。", "unlisted"),
    ]
    text = "".join("\t".join(row) + "\n" for row in rows)
    for source in corpus.sources():
        if source.file.startswith("parallel"):
            with lzma.open(data / source.file, "wt", encoding="utf-8") as out:
                out.write(text)
    cedict = "# note\n價格 价格 [jia4 ge2] /price/CL:個|个[ge4]/\n沈 沈 [Shen3] /surname Shen/\n"
    with lzma.open(data / "lexicon" / "cc-cedict.u8.xz", "wt", encoding="utf-8") as out:
        out.write(cedict)
    (data / "driftbench-train.jsonl").write_text("", encoding="utf-8")
    with gzip.open(data / "mt-dev-flores-dev.jsonl.gz", "wt", encoding="utf-8") as out:
        out.write(json.dumps({"zh": "这一句在测试集里！", "en": "Whatever."}) + "\n")

    counts = corpus.build(data, tmp_path / "work", seed=1)

    assert counts["hackernews"] == 2
    assert counts["cedict"] == 1
    written = (tmp_path / "work" / "train.tsv").read_text(encoding="utf-8")
    assert "测试集" not in written
    assert "另一个来源" not in written
    assert "该计划" in written
    assert "price" in written
