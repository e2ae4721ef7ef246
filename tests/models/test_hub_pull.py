"""Pulling models: what is taken, what is refused, and what happens when the way breaks off."""

import json
import shutil
import socket
from dataclasses import replace
from importlib.util import find_spec

import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")
pytest.importorskip("sentencepiece")
pytest.importorskip("ctranslate2")

import torch
import transformers

from drift.errors import BackendError
from models import shelf, weights
from models.hub import store
from models.hub.catalogue import known, presets
from models.hub.pull import Wish, pull
from models.hub.remote import Hub
from tests.models import hub_world as world
from tests.models.hub_server import COMMIT, World, serving

pytestmark = pytest.mark.neural

MAKERS = {
    "opus-mt-zh-en": (world.marian, "translation", "marian"),
    "nllb": (world.m2m, "translation", "m2m"),
    "m2m100": (lambda at: world.m2m(at, ("__zh__", "__en__")), "translation", "m2m"),
    "mdeberta": (world.deberta, "entailment", "classifier"),
    "labse": (lambda at: world.encoder(at, dense=True), "embedding", "encoder"),
    "multilingual-e5-tiny": (lambda at: world.encoder(at, dense=False), "embedding", "encoder"),
}
MARIAN = "Helsinki-NLP/opus-mt-zh-en"
LABSE = "sentence-transformers/LaBSE"


@pytest.fixture(scope="module")
def snapshots(tmp_path_factory):
    root = tmp_path_factory.mktemp("snapshots")
    return {name: make(root / name) for name, (make, *_) in MAKERS.items()}


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv(store.VARIABLE, str(tmp_path / "home"))
    monkeypatch.setenv("DRIFT_DEVICE", "cpu")
    monkeypatch.delenv("HF_TOKEN", raising=False)
    return tmp_path / "home"


@pytest.fixture
def hub(snapshots, monkeypatch):
    made = World()
    for name, model in (("labse", LABSE), ("opus-mt-zh-en", MARIAN)):
        made.folders[model] = {known(model).revision: snapshots[name], COMMIT: snapshots[name]}
    made.branches["main"] = COMMIT
    with serving(made) as address:
        monkeypatch.setenv("HF_ENDPOINT", address)
        yield made


def quiet(_):
    pass


def copy_of(snapshot, target, *, without=()):
    shutil.copytree(snapshot, target)
    for name in without:
        (target / name).unlink()
    return target


@pytest.mark.parametrize("name", MAKERS)
def test_each_architecture_is_taken_in_from_a_folder(snapshots, name):
    done = pull(str(snapshots[name]), Wish(), quiet)
    assert (done.id, done.role, done.family) == (name, *MAKERS[name][1:])
    weights.verify(done.folder)
    assert done.size == sum(
        path.stat().st_size for path in done.folder.iterdir() if path.name != "manifest.toml"
    )
    assert not list(store.root().glob(".partial/*"))


def test_the_hubs_own_cache_tells_name_and_commit(snapshots, tmp_path):
    place = world.cached(snapshots["opus-mt-zh-en"], tmp_path / "cache", MARIAN, COMMIT)
    for named in (place, place.parent.parent):
        done = pull(str(named), Wish(), quiet)
        assert (done.id, done.commit) == (MARIAN, COMMIT)
        assert done.licence == "CC-BY-4.0"
    origin = json.loads((done.folder / "origin.json").read_text())
    original = snapshots["opus-mt-zh-en"] / "model.safetensors"
    assert origin["files"]["model.safetensors"]["sha256"] == weights.sha256(original)


def test_a_folder_without_a_commit_is_named_by_its_content(snapshots, tmp_path):
    one = pull(str(snapshots["labse"]), Wish(), quiet).commit
    assert pull(str(snapshots["labse"]), Wish(), quiet).commit == one
    other = copy_of(snapshots["labse"], tmp_path / "other")
    (other / "README.md").write_text("changed")
    assert pull(str(other), Wish(), quiet).commit != one


@pytest.mark.parametrize(
    ("name", "gone"),
    [
        ("opus-mt-zh-en", "vocab.json"),
        ("opus-mt-zh-en", "source.spm"),
        ("nllb", "sentencepiece.bpe.model"),
        ("mdeberta", "tokenizer.json"),
        ("mdeberta", "model.safetensors"),
        ("labse", "2_Dense/model.safetensors"),
        ("labse", "config.json"),
    ],
)
def test_a_missing_file_is_named_and_nothing_is_installed(snapshots, tmp_path, name, gone):
    folder = copy_of(snapshots[name], tmp_path / name, without=[gone])
    with pytest.raises(BackendError, match=gone.rpartition("/")[2].partition(".")[2]):
        pull(str(folder), Wish(), quiet)
    assert store.listing() == []


def test_a_missing_shard_is_named(snapshots, tmp_path):
    folder = copy_of(snapshots["mdeberta"], tmp_path / "sharded")
    (folder / "model.safetensors").rename(folder / "model-00001-of-00002.safetensors")
    named = {"weight_map": {"a": "model-00001-of-00002.safetensors", "b": "model-2.safetensors"}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(named))
    with pytest.raises(BackendError, match=r"model-2\.safetensors"):
        pull(str(folder), Wish(), quiet)


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"]}, "GPT2LMHeadModel"),
        ({"model_type": "gpt2", "architectures": ["GPT2Model"]}, "GPT2Model"),
        ({"model_type": "t5", "architectures": ["T5ForConditionalGeneration"]}, "T5For"),
        ({"model_type": "bert", "architectures": ["BertForSequenceClassification"],
          "id2label": {"0": "POSITIVE", "1": "NEGATIVE"}}, "positive, negative, not entailment"),
        ({"model_type": "x", "auto_map": {"AutoModel": "code.X"}}, "never run"),
        ([], "no JSON object"),
    ],
)  # fmt: skip
def test_a_wrong_architecture_is_refused(snapshots, tmp_path, config, words):
    folder = copy_of(snapshots["labse"], tmp_path / "wrong")
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(BackendError, match=words):
        pull(str(folder), Wish(), quiet)
    assert store.listing() == []


def test_weights_of_another_model_are_refused(snapshots, tmp_path):
    """Without a check the library would make up the missing head and say nothing."""
    folder = copy_of(snapshots["mdeberta"], tmp_path / "headless")
    config = transformers.AutoConfig.from_pretrained(folder)
    transformers.DebertaV2Model(config).save_pretrained(tmp_path / "body")
    shutil.copyfile(tmp_path / "body" / "model.safetensors", folder / "model.safetensors")
    with pytest.raises(BackendError, match="no weights for classifier"):
        pull(str(folder), Wish(), quiet)


def test_broken_weights_are_refused(snapshots, tmp_path):
    for name in ("mdeberta", "opus-mt-zh-en"):
        folder = copy_of(snapshots[name], tmp_path / name)
        (folder / "model.safetensors").write_bytes(b"\0" * 100)
        with pytest.raises(BackendError, match="cannot be loaded"):
            pull(str(folder), Wish(), quiet)


def test_a_conversion_that_says_something_else_is_refused(snapshots, tmp_path):
    """The converter starts from nothing where the model starts from its padding."""
    folder = copy_of(snapshots["opus-mt-zh-en"], tmp_path / "padded")
    model = transformers.MarianMTModel.from_pretrained(folder)
    shared = model.model.shared.weight
    with torch.no_grad():
        shared.mul_(100)  # a model that is sure of what it says, as trained ones are
    model.save_pretrained(folder)
    pull(str(folder), Wish(), quiet)
    shelf.remove("padded")
    torch.manual_seed(5)
    with torch.no_grad():
        shared[model.config.pad_token_id].normal_(std=3.0)
    model.save_pretrained(folder)
    with pytest.raises(BackendError, match="nats a token"):
        pull(str(folder), Wish(), quiet)
    assert store.listing() == []


def test_pickles_are_never_taken(snapshots, tmp_path):
    folder = copy_of(snapshots["labse"], tmp_path / "pickled", without=["model.safetensors"])
    (folder / "pytorch_model.bin").write_bytes(b"cos\nsystem\n")
    with pytest.raises(BackendError, match="pickled ones, which are never loaded"):
        pull(str(folder), Wish(), quiet)


def test_a_changed_byte_is_found_before_anything_is_loaded(snapshots):
    from models.hub.embedding import HubEmbedder

    done = pull(str(snapshots["labse"]), Wish(), quiet)
    file = done.folder / "model.safetensors"
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    with pytest.raises(BackendError, match=r"remove it and run `drift models pull labse`"):
        weights.verify(done.folder)
    with pytest.raises(BackendError, match="not the file that its manifest names"):
        HubEmbedder(done).similarities(["他"], ["he"])


def test_a_pull_from_the_hub_is_pinned_shown_and_checked(hub):
    told = []
    done = pull(LABSE, Wish(), lambda words: told.append((words, hub.sent)))
    assert done.commit == known(LABSE).revision
    assert all(known(LABSE).revision in path for path, *_ in hub.asked)
    weights.verify(done.folder)
    before = "".join(words for words, sent in told if sent < 2000)  # config.json has come
    for part in ("embedding", "Apache-2.0", " MB in 7 files", done.commit):
        assert part in before


def test_a_branch_is_resolved_to_its_commit_and_told(hub):
    told = []
    done = pull(LABSE, Wish(revision="main"), told.append)
    assert done.commit == COMMIT
    assert f"main is commit {COMMIT}" in "".join(told)
    assert all(COMMIT in path for path, *_ in hub.asked if "/resolve/" in path)


def test_another_commit_than_the_pinned_one_is_refused(hub):
    hub.lies = "b" * 40
    with pytest.raises(BackendError, match="the hub gives bbbb"):
        pull(LABSE, Wish(), quiet)


def test_a_download_that_broke_off_goes_on_from_there(hub, snapshots):
    size = (snapshots["labse"] / "model.safetensors").stat().st_size
    hub.breaks["model.safetensors"] = 50_000
    with pytest.raises(BackendError, match="goes on from there"):
        pull(LABSE, Wish(), quiet)
    assert store.listing() == []
    hub.asked.clear()
    hub.sent = 0
    pull(LABSE, Wish(), quiet)
    ranges = {path.rpartition("/")[2]: asked for path, asked, _ in hub.asked}
    assert ranges["model.safetensors"] == "bytes=50000-"
    assert hub.sent < size
    weights.verify(store.installed(LABSE).folder)


def test_a_server_without_ranges_sends_it_all_again(hub):
    hub.breaks["model.safetensors"] = 50_000
    hub.ranges = False
    with pytest.raises(BackendError):
        pull(LABSE, Wish(), quiet)
    weights.verify(pull(LABSE, Wish(), quiet).folder)


@pytest.mark.parametrize("name", ["model.safetensors", "1_Pooling/config.json"])
def test_a_checksum_that_differs_is_refused_and_the_file_removed(hub, name):
    hub.spoilt.add(name)
    with pytest.raises(BackendError, match="differs"):
        pull(LABSE, Wish(), quiet)
    assert store.listing() == []
    hub.spoilt.clear()
    weights.verify(pull(LABSE, Wish(), quiet).folder)


def test_without_a_network_a_pull_fails_and_what_is_pulled_works(hub, monkeypatch):
    from models.hub.embedding import HubEmbedder

    done = pull(LABSE, Wish(), quiet)
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{closed.getsockname()[1]}")
        with pytest.raises(BackendError, match="already pulled work without it"):
            pull(MARIAN, Wish(), quiet)

    def refused(*_):
        raise AssertionError("a pulled model needs no network")

    monkeypatch.setattr(socket.socket, "connect", refused)
    monkeypatch.setattr(socket, "getaddrinfo", refused)
    rows = HubEmbedder(done).similarities(["他"], ["he", "she"])
    assert len(rows[0]) == 2


def test_the_token_goes_to_the_hub_alone(hub, snapshots, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    other = World(folders=hub.folders)
    with serving(other) as address:
        hub.elsewhere = address
        pull(LABSE, Wish(), quiet)
    assert {token for *_, token in hub.asked} == {"Bearer hf_secret"}
    assert other.asked
    assert {token for *_, token in other.asked} == {""}


@pytest.mark.parametrize("address", ["http://example.org", "ftp://example.org", "file:///etc"])
def test_only_https_is_spoken_with_strangers(monkeypatch, address):
    monkeypatch.setenv("HF_ENDPOINT", address)
    with pytest.raises(BackendError, match="not https"):
        pull(LABSE, Wish(), quiet)


@pytest.mark.parametrize("name", ["../../evil.json", "/etc/passwd", "a\\b"])
def test_a_list_that_leads_out_of_the_folder_is_refused(hub, name):
    hub.extra.append({"rfilename": name, "size": 1})
    with pytest.raises(BackendError, match="cannot be read"):
        pull(LABSE, Wish(), quiet)


def test_a_file_that_has_no_end_is_cut_off(hub, monkeypatch):
    small = World(folders=hub.folders)
    with serving(small) as address:
        monkeypatch.setenv("HF_ENDPOINT", address)
        listing = Hub().listing(LABSE, known(LABSE).revision)
        weights_file = next(file for file in listing.files if file.name == "model.safetensors")
        lie = replace(weights_file, size=1000)
        with pytest.raises(BackendError, match="more of model"):
            Hub().download(LABSE, listing.commit, lie, store.root() / "x", quiet)


def test_without_the_extra_nothing_is_downloaded(hub, monkeypatch):
    monkeypatch.setattr(
        "models.hub.quiet.find_spec", lambda name: None if name == "torch" else find_spec(name)
    )
    with pytest.raises(BackendError, match="need torch"):
        pull(LABSE, Wish(), quiet)
    assert hub.asked == []


def test_an_unknown_model_is_refused(hub):
    with pytest.raises(BackendError, match="does not exist"):
        pull("nobody/nothing", Wish(), quiet)
    with pytest.raises(BackendError, match="no model's name"):
        pull("not a name", Wish(), quiet)


@pytest.fixture
def converted(hub, snapshots, tmp_path):
    """Offer safetensors in a pull request of a model whose owner has a pickle alone."""
    own = copy_of(snapshots["labse"], tmp_path / "own", without=["model.safetensors"])
    (own / "pytorch_model.bin").write_bytes(b"pickle")
    offered = copy_of(snapshots["labse"], tmp_path / "offered")
    (offered / "pytorch_model.bin").write_bytes(b"pickle")
    hub.folders[LABSE] = {known(LABSE).revision: own, "c" * 40: offered}
    hub.requests[LABSE] = ["c" * 40]
    return offered


def test_safetensors_of_others_are_named_and_taken_only_when_asked(converted):
    with pytest.raises(BackendError, match="--revision refs/pr/1"):
        pull(LABSE, Wish(), quiet)
    told = []
    done = pull(LABSE, Wish(conversions=True), told.append)
    assert done.commit == "c" * 40
    assert "offered by others" in "".join(told)


def test_an_offer_that_changes_more_than_the_weights_is_passed_over(converted):
    (converted / "1_Pooling" / "config.json").write_text("{}")
    with pytest.raises(BackendError, match="no safetensors weights") as refusal:
        pull(LABSE, Wish(conversions=True), quiet)
    assert "refs/pr" not in str(refusal.value)


def test_a_set_is_pulled_by_one_word_and_one_failure_spares_the_rest(hub):
    told = []
    with pytest.raises(BackendError, match="mDeBERTa"):
        shelf.pull("quality", "", False, told.append)
    assert {one.id for one in store.listing()} == {MARIAN, LABSE}
    with pytest.raises(BackendError, match="commit of one model"):
        shelf.pull("fast", COMMIT, False, quiet)


def test_a_non_commercial_licence_is_warned_of(hub, snapshots):
    nllb = "facebook/nllb-200-distilled-600M"
    hub.folders[nllb] = {known(nllb).revision: snapshots["nllb"]}
    told = []
    pull(nllb, Wish(), told.append)
    assert "WARNING   NON-COMMERCIAL" in "".join(told)
    listed = next(one for one in shelf.listing() if one.name == nllb)
    assert "NON-COMMERCIAL" in listed.summary
    hub.folders["some/body"] = {COMMIT: snapshots["labse"]}
    hub.licence = "cc-by-nc-sa-4.0"
    told.clear()
    pull("some/body", Wish(), told.append)
    assert "forbids commercial use" in "".join(told)


def test_what_is_pulled_is_listed_and_removed(snapshots):
    pull(str(snapshots["labse"]), Wish(), quiet)
    assert "labse" in {one.name for one in shelf.listing()}
    assert shelf.remove("labse") == "labse"
    assert store.listing() == []
    with pytest.raises(BackendError, match="no model 'labse' is pulled"):
        shelf.remove("labse")
    with pytest.raises(BackendError, match="came with the package"):
        shelf.remove("cross")


def test_every_set_names_models_that_are_pinned():
    for ids in presets().values():
        for identifier in ids:
            assert len(known(identifier).revision) == 40
            assert known(identifier).licence
