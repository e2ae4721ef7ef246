"""The pulled models in every command: who speaks, who fills in, and what the report says of it."""

import json
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")
pytest.importorskip("sentencepiece")
pytest.importorskip("ctranslate2")

import torch

import models
from drift.cli import backends, main
from drift.commands import batch
from drift.errors import BackendError
from drift.pipeline import check as judge
from drift.records import Post, Retweet
from models.hub import quiet, store
from models.hub.embedding import HubEmbedder
from models.hub.encoders import batches
from models.hub.entailment import HubEntailment
from models.hub.pull import Wish, pull
from models.hub.translators import HubTranslator
from tests.models import hub_world as world

pytestmark = pytest.mark.neural

POST = "If the second test fails, the company will withdraw the drug. About 4,000 people take it."
RETWEET = "大约四千人在服用这种药"
ROLES = {
    "opus-mt-zh-en": world.marian,
    "mdeberta": world.deberta,
    "labse": lambda at: world.encoder(at, dense=True),
}


@pytest.fixture(scope="module")
def pulled(tmp_path_factory):
    """Pull one model of each purpose, once."""
    root = tmp_path_factory.mktemp("hub")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(store.VARIABLE, str(root / "home"))
        patch.setenv("DRIFT_DEVICE", "cpu")
        for name, make in ROLES.items():
            pull(str(make(root / name)), Wish(), lambda _: None)
    return root / "home"


@pytest.fixture(autouse=True)
def home(pulled, monkeypatch):
    monkeypatch.setenv(store.VARIABLE, str(pulled))
    monkeypatch.setenv("DRIFT_DEVICE", "cpu")
    return pulled


@pytest.fixture
def check(capsys):
    def go(*args):
        status = main(["check", POST, RETWEET, "--format", "jsonl", *args])
        done = capsys.readouterr()
        return status, json.loads(done.out) if done.out else {}, done.err

    return go


def parts(signature):
    return dict(part.split(":", 1) for part in signature.split("|"))


def test_hub_asks_every_pulled_model(check):
    status, row, _ = check("--models", "hub")
    assert status == 0
    named = parts(row["signature"])
    assert named["bt"].startswith("hub-opus-mt-zh-en@")
    assert named["nli"].startswith("mdeberta@")
    assert named["emb"].startswith("labse@")
    assert row["back_translation"]
    assert [(one["about"], one["weighed"]) for one in row["opinions"]] == [
        ("entailment", False),
        ("similarity", False),
    ]
    assert 0 < row["opinions"][0]["figures"]["entailed"] < 1


def test_the_score_is_the_embedded_one_as_long_as_nothing_is_fitted(check):
    _, plain, _ = check("--models", "gloss")
    _, advised, _ = check("--models", "hub")
    assert advised["score"] == plain["score"]
    assert parts(advised["signature"])["cal"] == parts(plain["signature"])["cal"]


@pytest.mark.parametrize("name", ROLES)
@pytest.mark.parametrize("by", ["name", "path"])
def test_one_model_alone_and_the_embedded_ones_fill_the_gaps(check, home, name, by):
    given = name if by == "name" else str(home / name)
    status, row, _ = check("--models", given)
    assert status == 0
    named = parts(row["signature"])
    assert named["bt"].startswith("hub-") == (name == "opus-mt-zh-en")
    assert ("nli" in named) == (name == "mdeberta")
    assert ("emb" in named) == (name == "labse")


def test_a_folder_of_pulled_models_is_a_choice(check, home, tmp_path, monkeypatch):
    monkeypatch.setenv(store.VARIABLE, str(tmp_path / "empty"))
    status, row, _ = check("--models", str(home))
    assert status == 0
    assert "|emb:labse@" in row["signature"]


def test_the_report_says_who_spoke(capsys):
    for form in ("text", "md", "html"):
        main(["check", POST, RETWEET, "--models", "hub", "--format", form])
        out = capsys.readouterr().out
        for name in ("mdeberta@", "labse@", "not counted"):
            assert name in " ".join(out.split())
    main(["check", POST, RETWEET, "--models", "hub", "--lang", "zh"])
    assert "未计入" in capsys.readouterr().out


def test_with_nothing_pulled_the_remedy_is_named(check, tmp_path, monkeypatch):
    monkeypatch.setenv(store.VARIABLE, str(tmp_path))
    status, _, err = check("--models", "hub")
    assert status == 3
    assert "drift models pull fast" in err
    status, _, err = check("--models", str(tmp_path))
    assert status == 3
    assert "no pulled models" in err
    status, _, err = check("--models", "nobody")
    assert status == 3
    assert "nobody" in err


@pytest.mark.parametrize(
    ("name", "file", "words"),
    [
        ("mdeberta", "model.safetensors", "not the file that its manifest names"),
        ("opus-mt-zh-en", "model.bin", "is missing"),
    ],
)
def test_a_spoilt_model_is_status_3_and_never_loaded(
    check, pulled, tmp_path, monkeypatch, name, file, words
):
    spoilt = tmp_path / "home"
    shutil.copytree(pulled, spoilt)
    monkeypatch.setenv(store.VARIABLE, str(spoilt))
    path = spoilt / name / file
    content = path.read_bytes()
    path.unlink()
    if name == "mdeberta":
        path.write_bytes(content[:-1] + b"x")
    status, _, err = check("--models", "hub")
    assert status == 3
    assert words in err


def test_translate_evaluate_and_batch_take_them_too(tmp_path, capsys, monkeypatch):
    source = tmp_path / "zh.txt"
    source.write_text("他拒绝了\n\n四千人 https://a.b/c\n", encoding="utf-8")
    assert main(["translate", str(source), "--models", "hub"]) == 0
    lines = capsys.readouterr().out.split("\n")
    assert lines[0]
    assert lines[1] == ""
    assert "https://a.b/c" in lines[2]

    case = {"id": "x", "post": POST, "retweet": RETWEET, "verdict": "faithful", "findings": []}
    cases = tmp_path / "cases.jsonl"
    cases.write_text(json.dumps(case, ensure_ascii=False) + "\n", encoding="utf-8")
    assert main(["evaluate", str(cases), "--json", "--models", "hub"]) == 0
    capsys.readouterr()

    counts = []
    real = batch.run

    def run(chunks, load, processes):
        counts.append(processes)
        return real(chunks, load, processes)

    monkeypatch.setattr(batch, "run", run)
    target = tmp_path / "out.jsonl"
    assert main(["batch", str(cases), "-o", str(target), "--models", "hub"]) == 0
    assert counts == [1]
    row = json.loads(target.read_text("utf-8"))
    assert [one["about"] for one in row["opinions"]] == ["entailment", "similarity"]


def test_models_command_pulls_lists_verifies_and_removes(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv(store.VARIABLE, str(tmp_path / "home"))
    snapshot = world.encoder(tmp_path / "small", dense=False)
    assert main(["models", "pull", str(snapshot)]) == 0
    told = capsys.readouterr().err
    assert "licence   not stated" in told
    assert main(["models", "list"]) == 0
    assert "small" in capsys.readouterr().out
    assert main(["models", "verify", "small"]) == 0
    file = store.installed("small").folder / "config.json"
    file.write_text(file.read_text() + " ")
    assert main(["models", "verify", "small"]) == 3
    assert main(["models", "remove", "small"]) == 0
    assert main(["models", "remove", "small"]) == 3


def test_free_licences_and_larger_models_come_first(tmp_path, monkeypatch):
    monkeypatch.setenv(store.VARIABLE, str(tmp_path / "home"))
    for name in ("b-small", "a-large"):
        pull(str(world.encoder(tmp_path / name, dense=name == "a-large")), Wish(), lambda _: None)
    assert "a-large" in models.choose("hub").advisers.signature
    manifest = store.installed("a-large").folder / "manifest.toml"
    text = manifest.read_text().replace('licence = "not stated"', 'licence = "CC-BY-NC-4.0"')
    manifest.write_text(text)
    assert "b-small" in models.choose("hub").advisers.signature


def test_a_translator_out_of_chinese_alone_is_used(tmp_path, monkeypatch):
    monkeypatch.setenv(store.VARIABLE, str(tmp_path / "home"))
    pull(str(world.marian(tmp_path / "opus-mt-en-zh")), Wish(), lambda _: None)
    with pytest.raises(BackendError, match="none of its models translates Chinese"):
        models.choose("hub")


def test_a_verdict_does_not_depend_on_its_neighbours():
    tools = backends().tools("hub")
    texts = [RETWEET, "公司没有就这些报道作出评论。" * 3, "他们拒绝了这个计划"]
    together = judge(Post("p", POST), [Retweet(t, t) for t in texts], tools).verdicts
    for text, one in zip(texts, together, strict=True):
        alone = judge(Post("p", POST), [Retweet(text, text)], tools).verdicts[0]
        assert alone.said[0].figures == pytest.approx(one.said[0].figures, abs=2e-4)
        assert alone.score == one.score


def test_a_classifier_of_two_labels_and_a_long_post_are_read(tmp_path, monkeypatch):
    monkeypatch.setenv(store.VARIABLE, str(tmp_path / "home"))
    folder = world.deberta(tmp_path / "two", ("entailment", "not_entailment"))
    model = HubEntailment(pull(str(folder), Wish(), lambda _: None))
    rows = model.infer([(POST * 40, RETWEET), (POST, RETWEET)])
    for entailed, neutral, contradicted in rows:
        assert entailed + neutral == pytest.approx(1, abs=1e-5)
        assert contradicted == 0
    assert model.infer([]) == []


def test_shards_of_half_width_with_few_places_are_read(tmp_path, monkeypatch):
    monkeypatch.setenv(store.VARIABLE, str(tmp_path / "home"))
    folder = world.roberta(tmp_path / "xlm-r")
    assert len(list(folder.glob("*.safetensors"))) > 1
    model = HubEntailment(pull(str(folder), Wish(), lambda _: None))
    short, long = model.infer([(POST, RETWEET), (POST * 40, RETWEET)])
    assert sum(short) == pytest.approx(1, abs=1e-3)
    assert sum(long) == pytest.approx(1, abs=1e-3)
    assert short != long


def test_a_tokenizer_of_pieces_alone_is_read_or_its_reader_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv(store.VARIABLE, str(tmp_path / "home"))
    folder = world.pieces_alone(tmp_path / "pieces")
    try:
        there = find_spec("google.protobuf") is not None
    except ModuleNotFoundError:
        there = False
    if there:
        model = HubEntailment(pull(str(folder), Wish(), lambda _: None))
        assert sum(model.infer([(POST, RETWEET)])[0]) == pytest.approx(1, abs=1e-5)
    else:
        with pytest.raises(BackendError, match=r"need google\.protobuf"):
            pull(str(folder), Wish(), lambda _: None)


def test_batches_hold_all_numbers_once_and_keep_their_room():
    lengths = [5, 400, 3, 3, 512, 1, 90]
    found = list(batches(lengths, 512))
    assert sorted(number for group in found for number in group) == list(range(len(lengths)))
    assert all(len(g) * max(lengths[n] for n in g) <= 512 for g in found)


def fresh(name):
    """Give a model as a new process meets it: nothing loaded."""
    found = store.installed(name)
    make = {"translation": HubTranslator, "entailment": HubEntailment, "embedding": HubEmbedder}
    return make[found.role](found)


@pytest.mark.parametrize("name", ["opus-mt-zh-en", "mdeberta"])
def test_a_device_that_is_not_there_is_said(monkeypatch, name):
    ask = {
        "opus-mt-zh-en": lambda model: model.translate(["他"]),
        "mdeberta": lambda model: model.infer([("he", "他")]),
    }[name]
    if torch.cuda.is_available():
        pytest.skip("there is a GPU here")
    monkeypatch.setenv("DRIFT_DEVICE", "cuda")
    with pytest.raises(BackendError, match="no GPU"):
        ask(fresh(name))
    monkeypatch.setenv("DRIFT_DEVICE", "tpu")
    with pytest.raises(BackendError, match="write auto, cpu or cuda"):
        ask(fresh(name))


def test_without_the_extra_the_remedy_is_named(monkeypatch):
    monkeypatch.setattr(quiet, "find_spec", lambda n: None if n == "torch" else find_spec(n))
    with pytest.raises(BackendError, match=r"need torch: pip install 'tweet-drift\[hub\]'"):
        fresh("labse").similarities(["他"], ["he"])


def test_a_check_with_the_default_models_loads_none_of_this():
    code = (
        "import sys; from drift.cli import main; "
        f"main(['check', {POST!r}, {RETWEET!r}, '--models', 'gloss']); "
        "print(*sorted(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True,
        cwd=Path(__file__).parents[2],
    )  # fmt: skip
    heavy = {"torch", "transformers", "huggingface_hub", "tokenizers", "aiohttp", "pydantic"}
    loaded = set(done.stdout.split())
    assert not heavy & loaded
    assert not {name for name in loaded if name.startswith(("models.judge", "models.hub."))}
