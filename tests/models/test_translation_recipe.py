"""The recipe: what it lets in, that it resumes alike, and that its export agrees."""

import dataclasses
import gzip
import itertools
import json
import lzma
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("torch")
pytest.importorskip("transformers")
pytest.importorskip("sentencepiece")
pytest.importorskip("ctranslate2")
pytest.importorskip("sacrebleu")

import numpy as np
import torch

from drift.errors import BackendError, InputError
from models import weights
from models.recipes.translation import __main__ as recipe
from models.recipes.translation import (
    augment,
    average,
    batches,
    card,
    cleaning,
    corpus,
    evaluate,
    export,
    network,
    start,
    train,
    vocabulary,
)
from models.recipes.translation.presets import PRESETS
from tests.models import translation_world as world

pytestmark = pytest.mark.neural


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


@pytest.mark.parametrize("moment", [2, 6, 9])
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


def test_validation_leaves_the_training_as_it_is(work, tmp_path):
    preset = dataclasses.replace(world.MICRO, dropout=0.2)
    seen = []

    def validate(snapshot, progress):
        mean = average.average([snapshot])
        export.export(export.load(watched, preset, mean), watched, tmp_path / "valid")
        seen.append(progress.step)

    alone, watched = (copy_of(work, tmp_path / name) for name in ("alone", "watched"))
    train.train(alone, preset, train.Budget(steps=6))
    train.train(watched, preset, train.Budget(steps=6, validate_every=2), validate)
    assert seen == [2, 4, 6]
    first, second = (
        torch.load(folder / "snapshots" / "step-0000006.pt", weights_only=True)
        for folder in (alone, watched)
    )
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_dropout_rolls_on_alike_after_a_stop(work, tmp_path):
    preset = dataclasses.replace(world.MICRO, dropout=0.2)
    straight, stopped = (copy_of(work, tmp_path / name) for name in ("straight", "stopped"))
    train.train(straight, preset, train.Budget(steps=6))
    train.train(stopped, preset, train.Budget(steps=3))
    torch.manual_seed(99)
    train.train(stopped, preset, train.Budget(steps=6))
    first, second = (
        torch.load(folder / "snapshots" / "step-0000006.pt", weights_only=True)
        for folder in (straight, stopped)
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


def test_a_slow_training_saves_by_the_clock_too(work, tmp_path, monkeypatch):
    folder = copy_of(work, tmp_path / "slow")
    saved = []
    monkeypatch.setattr(
        train, "save", lambda path, optimiser, progress: saved.append(progress.step)
    )
    train.train(folder, world.MICRO, train.Budget(steps=3, save_every=100, save_seconds=0.0))
    assert saved == [1, 2, 3, 3]


def test_training_learns_and_its_loss_is_logged(work, tmp_path):
    folder = copy_of(work, tmp_path / "learning")
    train.train(folder, world.MICRO, train.Budget(steps=60, log_every=10))
    rows = [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]
    assert [row["step"] for row in rows] == [10, 20, 30, 40, 50, 60]
    assert rows[-1]["loss"] < 0.8 * rows[0]["loss"]


def test_pad_rows_stay_zero_through_training(work, tmp_path):
    folder = copy_of(work, tmp_path / "pads")
    train.train(folder, world.MICRO, train.Budget(steps=5))
    found = average.average(average.snapshots(folder))
    assert not found["model.encoder.embed_tokens.weight"][-1].any()
    assert not found["model.decoder.embed_tokens.weight"][-1].any()


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


def test_a_start_from_alignments_knows_words(work, tmp_path):
    folder = copy_of(work, tmp_path / "start")
    sides = vocabulary.encode_corpus(folder, world.MICRO)
    source, target = (vocabulary.load(folder / name) for name in ("source.spm", "target.spm"))
    (tmp_path / "forward").write_text("0-0 1-1\n0-0 1-0\n")
    (tmp_path / "reverse").write_text("0-0 1-1\n0-0\n")
    counts = start.count_links(
        [([5, 6], [7, 8]), ([5, 6], [9, 8])], [tmp_path / "forward", tmp_path / "reverse"]
    )
    assert counts == {(5, 7): 1, (6, 8): 1, (5, 9): 1}
    np.savez(folder / start.TABLE, pairs=np.array(list(counts)), counts=np.array([9, 3, 1]))
    model = network.build(world.MICRO, source.get_piece_size() + 1, target.get_piece_size() + 1)
    before = model.model.encoder.embed_tokens.weight.detach().clone()
    start.start(model, folder / start.TABLE)
    chinese, english = (
        part.embed_tokens.weight.detach() for part in (model.model.encoder, model.model.decoder)
    )
    nearest = [int((english @ chinese[piece]).argmax()) for piece in (5, 6)]
    assert nearest == [7, 8]
    assert torch.equal(chinese[10], before[10])
    assert len(sides[0])


def test_poor_translations_are_not_shipped(tmp_path):
    place = tmp_path / "made"
    place.mkdir()
    (place / "model.bin").write_bytes(b"weights")
    export.describe(place, "step-7")
    with pytest.raises(BackendError, match=r"8\.9 BLEU"):
        export.ship(place, tmp_path / "shipped", 8.9)
    assert not (tmp_path / "shipped").exists()
    export.ship(place, tmp_path / "shipped", 9.0)
    weights.verify(tmp_path / "shipped")


def test_the_card_says_what_was_used_and_reached(tmp_path):
    (tmp_path / "counts.json").write_text(json.dumps({"tatoeba": 1234, "cedict": 0}))
    rows = [{"step": 50 * n, "tokens": 1000 * n, "hours": 0.1 * n, "loss": 9 - n} for n in (1, 2)]
    (tmp_path / "log.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    scores = [evaluate.Score("ours", 9.25, 40.0), evaluate.Score("google", 30.0, 60.0)]
    (tmp_path / "machine.txt").write_text("one borrowed abacus")
    (tmp_path / "train.tsv").write_text("一\tone\n" * 1500)
    (tmp_path / "finish.tsv").write_text("一\tone\n" * 70)
    text = card.written(tmp_path, dataclasses.replace(world.MICRO, blend=0.35), scores)
    for said in (
        "tatoeba | 1,234 | 2 | CC BY",
        "100 steps",
        "2,000",
        "| ours | 9.2 | 40.0 |",
        "abacus",
        "1,500 and 70 lines",
        "posts beside 35% of the bulk",
        "720 seconds",
    ):
        assert said in text
    assert "cedict" not in text
    assert "| 50 | 1000 | 0.1 | 8 |" in text
    assert "| 100 | 2000 | 0.2 | 7 |" in text
    (tmp_path / "remarks.txt").write_text("It rained.\n")
    curve = {"step": 100, "tokens": 2000, "flores bleu": 3.5}
    (tmp_path / "curve.jsonl").write_text(json.dumps(curve) + "\n")
    text = card.written(tmp_path, world.MICRO, scores)
    assert "| 100 | 2000 | 3.5 |" in text
    assert "averaged.\nIt rained.\n" in text


def test_the_table_puts_ours_beside_the_recorded_systems(work, tmp_path):
    made = world.shipped(tmp_path / "small", tmp_path / "zh-en", steps=4)
    row = {"zh": "汤姆看见报告。", "en": "Tom saw a report."}
    row |= dict.fromkeys(evaluate.PEERS, "Nothing alike here.") | {"google": row["en"]}
    with gzip.open(tmp_path / "flores.gz", "wt", encoding="utf-8") as out:
        out.write((json.dumps(row) + "\n") * 3)
    scores = evaluate.beside_peers(made, tmp_path / "flores.gz")
    assert {score.system for score in scores} == {"ours", *evaluate.PEERS}
    assert scores[-1].system == "google"
    assert scores[-1].bleu == pytest.approx(100)
    assert evaluate.table(scores).count("\n") == len(scores) + 1


def test_the_recipe_runs_from_its_command_line(tmp_path, monkeypatch):
    work = world.prepare(tmp_path / "work")
    monkeypatch.setitem(PRESETS, "tiny", world.MICRO)
    row = {"zh": "汤姆看见报告。", "en": "Tom saw a report."} | dict.fromkeys(evaluate.PEERS, "No.")
    with gzip.open(tmp_path / evaluate.FLORES, "wt", encoding="utf-8") as out:
        out.write(json.dumps(row) + "\n")
    (work / "counts.json").write_text(json.dumps({"tatoeba": 600}))
    shared = ["--work", str(work), "--data", str(tmp_path), "--output", str(tmp_path / "out")]
    learning = ["--steps", "4", "--fall", "2", "--validate-every", "2"]
    for step in ("train", "finish", "export", "evaluate"):
        assert recipe.main([step, *shared, *learning]) == 0
    assert [path.stem[-1] for path in average.snapshots(work)] == ["2", "4", "6"]
    curve = [json.loads(line) for line in (work / "curve.jsonl").read_text().splitlines()]
    assert [point["step"] for point in curve] == [2, 4, 6]
    with pytest.raises(BackendError, match="BLEU"):
        recipe.main(["ship", *shared])
    assert "600" in (work / "zh-en" / "CARD.md").read_text(encoding="utf-8")
    assert not (tmp_path / "out").exists()


def test_all_makes_text_and_vocabulary_once_and_ends_a_plateau_by_the_clock(tmp_path, monkeypatch):
    done = []
    steps = {name: lambda options, _, name=name: done.append(name) for name in recipe.STEPS}
    budgets = []
    monkeypatch.setattr(recipe, "_learn", lambda options, preset, budget: budgets.append(budget))
    steps["train"] = recipe.STEPS["train"]
    monkeypatch.setattr(recipe, "STEPS", steps)
    command = ["all", "--preset", "base", "--work", str(tmp_path), "--seconds", "190"]
    for name in ("counts.json", "target.spm", "pieces.npz"):
        recipe.main([*command, "--snapshot-every", "100"])
        (tmp_path / name).write_text("made")
    recipe.main(command)
    assert done[:3] == ["corpus", "vocabulary", "align"]
    assert done[-4:] == ["finish", "export", "evaluate", "ship"]
    assert [done.count(name) for name in ("corpus", "vocabulary", "align")] == [1, 2, 3]
    assert all(budget.seconds == 190 and budget.steps > 10**6 for budget in budgets)
    assert [budget.snapshot_every for budget in budgets] == [100, 100, 100, 500]


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
    counts = [int(lengths[i]) for i in (short, long)]
    with torch.no_grad():
        alone = [network.loss(model, batches.collate(sides, [i], pads), 0.1) for i in (short, long)]
        both = network.loss(model, batches.collate(sides, [short, long], pads), 0.1)
        fixed = network.loss(model, batches.collate(sides, [short, long], pads, (24, 48)), 0.1)
    expected = sum(map(math.prod, zip(map(float, alone), counts, strict=True))) / sum(counts)
    assert float(both) == pytest.approx(expected, rel=1e-4)
    assert float(fixed) == pytest.approx(expected, rel=1e-4)


def test_a_plan_of_fixed_shapes_has_only_these_and_no_sentence_twice(work):
    sides = vocabulary.encode_corpus(work, world.MICRO)
    shapes = (8, 12, 16, 96)
    plan = batches.fixed_plan(*sides, 96, shapes, seed=3)
    chosen = [index for batch in plan for index in batch]
    assert len(chosen) == len(set(chosen))
    longest = np.maximum(*(side.lengths() for side in sides))
    room = [next(one for one in shapes if one >= longest[index]) for index in range(len(sides[0]))]
    for shape in shapes:  # what fills no batch of its shape is less than one batch
        assert 0 <= room.count(shape) - sum(room[i] == shape for i in chosen) < 96 // shape
    for batch in plan:
        found = batches.collate(sides, batch, (500, 501), shapes)
        assert found.source.shape == found.target.shape == (96 // room[batch[0]], room[batch[0]])
        for row, index in enumerate(batch):
            kept = sides[0].row(index).tolist()
            assert found.source[row].tolist() == kept + [500] * (room[index] - len(kept))
            assert int(found.mask[row].sum()) == len(kept)
    assert plan == batches.fixed_plan(*sides, 96, shapes, seed=3)
    assert plan != batches.fixed_plan(*sides, 96, shapes, seed=4)


def test_text_that_fills_no_batch_is_refused_and_not_tried_for_ever(work):
    sides = vocabulary.encode_corpus(work, world.MICRO)
    with pytest.raises(InputError, match="fills no batch"):
        batches.fixed_plan(*sides, 10**6, (96,), seed=3)


def test_fixed_shapes_hold_the_longest_sentence_that_is_let_in():
    for preset in PRESETS.values():
        assert not preset.lengths or preset.lengths[-1] == preset.longest
        assert list(preset.lengths) == sorted(preset.lengths)


@pytest.mark.parametrize("moment", [3, 7])
def test_a_killed_training_of_fixed_shapes_goes_on_alike(work, tmp_path, monkeypatch, moment):
    preset = dataclasses.replace(world.MICRO, lengths=(8, 12, 16, 96), dropout=0.2)
    budget = train.Budget(steps=9, save_every=2, snapshot_every=9)
    whole, broken = (copy_of(work, tmp_path / name) for name in ("whole", "broken"))
    train.train(whole, preset, budget)
    real = train.learn

    def learn(optimiser, batch, preset, when):
        if when[0].step == moment:
            raise KilledError
        real(optimiser, batch, preset, when)

    monkeypatch.setattr(train, "learn", learn)
    with pytest.raises(KilledError):
        train.train(broken, preset, budget)
    monkeypatch.setattr(train, "learn", real)
    train.train(broken, preset, budget)
    first, second = (
        torch.load(folder / "snapshots" / "step-0000009.pt", weights_only=True)
        for folder in (whole, broken)
    )
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_seconds_end_a_plateau(work, tmp_path, monkeypatch):
    folder = copy_of(work, tmp_path / "seconds")
    clock = itertools.count(step=10.0)
    monkeypatch.setattr(train.time, "monotonic", lambda: next(clock))
    progress = train.train(folder, world.MICRO, train.Budget(steps=99, seconds=35.0))
    assert progress.step == 4
    assert train.train(folder, world.MICRO, train.Budget(steps=99, seconds=35.0)).step == 4
    assert train.train(folder, world.MICRO, train.Budget(steps=6)).step == 6


def test_asking_for_the_plateau_again_leaves_a_stopped_finish_where_it_is(work, tmp_path):
    folder = copy_of(work, tmp_path / "again")
    train.train(folder, world.MICRO, train.Budget(steps=3))
    train.train(folder, world.MICRO, train.Budget(fall=2))
    before = (folder / train.CHECKPOINT).read_bytes()
    assert train.train(folder, world.MICRO, train.Budget(steps=3)).step == 3
    assert (folder / train.CHECKPOINT).read_bytes() == before


def test_a_kill_while_the_text_is_encoded_leaves_no_half_file(work, tmp_path, monkeypatch):
    folder = copy_of(work, tmp_path / "encoding")

    def half(path, **rows):
        path.write_bytes(b"half")
        raise KilledError

    monkeypatch.setattr(vocabulary.np, "savez", half)
    with pytest.raises(KilledError):
        vocabulary.encode_corpus(folder, world.MICRO)
    monkeypatch.undo()
    assert len(vocabulary.encode_corpus(folder, world.MICRO)[0]) == 600


@pytest.mark.parametrize(("name", "least", "most"), [("tiny", 10e6, 15e6), ("base", 40e6, 48e6)])
def test_presets_have_the_size_that_may_ship(name, least, most):
    preset = PRESETS[name]
    with torch.device("meta"):
        model = network.build(preset, preset.source_pieces, preset.target_pieces)
    assert least < sum(weight.numel() for weight in model.parameters()) < most


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
    corpus.build(data, tmp_path / "blended", seed=1, blend=1.0)

    assert counts["hackernews"] == 2
    assert counts["cedict"] == 1
    written = (tmp_path / "work" / "train.tsv").read_text(encoding="utf-8")
    assert "测试集" not in written
    assert "另一个来源" not in written
    assert "该计划" in written
    assert "price" in written
    bulk, blended = (
        (tmp_path / folder / f"{name}.tsv").read_text(encoding="utf-8").splitlines()
        for folder, name in (("work", "train"), ("blended", "finish"))
    )
    assert {line.split("\t")[0] for line in bulk} <= {line.split("\t")[0] for line in blended}
