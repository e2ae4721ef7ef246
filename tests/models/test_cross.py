"""The runtime computes what the trained network computes, and answers in text places."""

import importlib.util
import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from drift.errors import BackendError, InputError
from models import weights
from models.cross import CrossEncoder
from tests.models import cross_base

needs_torch = pytest.mark.skipif(
    any(importlib.util.find_spec(name) is None for name in ("torch", "transformers")),
    reason="torch and transformers are needed to train and export",
)
PAIRS = [
    ("部长可能拒绝,警方说31万。", "The minister may refuse, police said 310,000."),
    ("如果总统没有说", "the minister said. if the police refused? may!"),
    ("  也许 没有", "police"),
]


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """Export a random network in both precisions; give it and its folder."""
    from models.recipes.cross_encoder.export import export

    folder = tmp_path_factory.mktemp("cross")
    cross_base.cutter(folder)
    network = cross_base.network(folder)
    before = {name: array.clone() for name, array in network.state_dict().items()}
    for precision in ("float32", "int8"):
        export(network, folder / "pieces.spm", folder / precision, precision)
    return network, before, folder


@pytest.fixture
def encoder(exported):
    return CrossEncoder(exported[2] / "int8")


@pytest.fixture
def copied(exported, tmp_path):
    """Copy the weights, to be spoiled."""
    return shutil.copytree(exported[2] / "int8", tmp_path / "copied")


@pytest.mark.neural
@needs_torch
@pytest.mark.parametrize(("precision", "bound"), [("float32", 1e-3), ("int8", 0.05)])
def test_the_runtime_and_torch_agree(exported, precision, bound):
    import torch
    from sentencepiece import SentencePieceProcessor

    from models.recipes.cross_encoder.batches import collate, items
    from models.recipes.cross_encoder.data import Example

    network, _, folder = exported
    pieces = SentencePieceProcessor(model_file=str(folder / "pieces.spm"))
    examples = [Example(str(number), post, zh) for number, (zh, post) in enumerate(PAIRS)]
    with torch.inference_mode():
        _, _, verdicts, kinds = network(collate(items(pieces, examples)))
    wanted = verdicts.sigmoid().numpy()
    judged = CrossEncoder(folder / precision).score(PAIRS)
    ours = np.array([(one.probability, one.drifts) for one in judged])
    assert np.abs(ours - wanted).max() < bound
    assert np.ptp(wanted[:, 0]) > 0.05  # and the network does tell the pairs apart
    named = np.array([list(one.kinds.values()) for one in judged])
    assert np.abs(named - kinds.softmax(dim=1).numpy()).max() < bound
    assert np.ptp(named, axis=0).max() > 0.02


@pytest.mark.neural
@needs_torch
@pytest.mark.parametrize(("precision", "bound"), [("float32", 1e-3), ("int8", 0.02)])
def test_shipped_weights_are_read_back_as_the_network_that_they_were(exported, precision, bound):
    from models.recipes.cross_encoder.shipped import read_network

    network, _, folder = exported
    found, wanted = read_network(folder / precision).state_dict(), network.state_dict()
    assert found.keys() == wanted.keys()
    for name, array in wanted.items():
        assert (found[name] - array).abs().max() <= bound * array.abs().max() + 1e-3, name


@pytest.mark.neural
@needs_torch
@pytest.mark.parametrize("spoil", [lambda raw: raw[:4000], lambda raw: b"\0\0\0\0" + raw[4:]])
def test_a_file_that_is_no_network_is_refused_by_name(copied, spoil):
    from models.recipes.cross_encoder.shipped import read_network

    body = copied / "model.bin"
    body.write_bytes(spoil(body.read_bytes()))
    with pytest.raises(InputError, match=r"copied holds no cross-encoder .*models/weights/cross"):
        read_network(copied)


@pytest.mark.neural
@needs_torch
def test_an_export_leaves_the_network_as_it_was(exported):
    network, before, _ = exported
    after = network.state_dict()
    assert set(after) == set(before)
    assert all((after[name] == before[name]).all() for name in before)


@pytest.mark.neural
@needs_torch
def test_a_batch_changes_nothing(encoder):
    assert encoder.score(PAIRS) == [encoder.score([pair])[0] for pair in PAIRS]


@pytest.mark.neural
@needs_torch
def test_tags_lie_in_their_texts_and_do_not_touch(encoder):
    judged = encoder.score(PAIRS)
    assert any(one.tags for one in judged)
    assert any(one.post_tags for one in judged)
    for (retweet, post), judgement in zip(PAIRS, judged, strict=True):
        assert 0 <= judgement.probability <= 1
        for text, tags in ((retweet, judgement.tags), (post, judgement.post_tags)):
            ends = [0, *(tag.end for tag in tags)]
            assert all(tag.start >= end for tag, end in zip(tags, ends, strict=False))
            assert all(tag.start < tag.end <= len(text) for tag in tags)
            assert all(0.3 <= tag.strength <= 1 for tag in tags)


@pytest.mark.neural
@needs_torch
def test_empty_texts_are_judged_without_the_network(encoder, tmp_path):
    empty = [("", "police"), ("部长", " \n")]
    unread = CrossEncoder(tmp_path).score(empty)  # a folder without weights: nothing is loaded
    assert [(one.probability, one.tags) for one in unread] == [(0, ())] * 2
    mixed = encoder.score([empty[0], PAIRS[0], empty[1]])
    assert mixed == [unread[0], *encoder.score([PAIRS[0]]), unread[1]]


@pytest.mark.neural
@needs_torch
@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_forked_child_still_scores(encoder):
    expected = encoder.score(PAIRS)
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        same = False
        try:
            same = encoder.score(PAIRS) == expected
        finally:
            os.write(writing, b"same" if same else b"other")
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as answer:
        assert answer.read() == b"same"
    os.waitpid(child, 0)


def test_a_folder_without_a_network_is_refused(tmp_path):
    with pytest.raises(BackendError, match="no weights are installed there"):
        CrossEncoder(tmp_path).score(PAIRS)


@pytest.mark.neural
@needs_torch
@pytest.mark.parametrize("name", ["model.bin", "heads.npz", "pieces.spm"])
def test_a_changed_or_missing_file_is_refused(copied, name):
    path = copied / name
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    with pytest.raises(BackendError, match=name):
        CrossEncoder(copied).score(PAIRS)
    path.unlink()
    with pytest.raises(BackendError, match=f"{name} is missing"):
        CrossEncoder(copied).score(PAIRS)


@pytest.mark.neural
@needs_torch
@pytest.mark.parametrize("name", ["model.bin", "heads.npz", "pieces.spm"])
def test_a_listed_file_that_is_no_part_of_a_network_is_refused(copied, name):
    (copied / name).write_bytes(b"something else")
    weights.write_manifest(copied, {"name": "cross"})
    with pytest.raises(BackendError, match="no readable cross-encoder"):
        CrossEncoder(copied).score(PAIRS)


@pytest.fixture(scope="module")
def shipped():
    try:
        folder = weights.folder("cross")
    except BackendError:
        pytest.skip("the cross-encoder's weights are not installed")
    weights.verify(folder)
    return CrossEncoder(folder)


def test_the_shipped_weights_prefer_the_faithful_twin(shipped):
    post = (
        "If the Americans had turned him away, it would have been a serious embarrassment for "
        "the ambassador. The ministry has not commented. Two residents said police cars "
        "surrounded the building on Tuesday."
    )
    twins = [
        ("外交部没有回应", "外交部已作出回应"),
        ("两位居民说周二警车包围了大楼", "两位居民说周五警车包围了大楼"),
        ("要是美国人拒绝了他,大使会很尴尬", "美国人拒绝了他,大使很尴尬"),
    ]
    right = 0
    for faithful, drifted in twins:
        good, bad = shipped.score([(faithful, post), (drifted, post)])
        right += good.probability < bad.probability
    assert right >= 2


def test_all_shipped_weights_together_are_small():
    root = Path(weights.__file__).parent / "weights"
    sizes = [path.stat().st_size for path in root.rglob("*") if path.is_file()]
    assert sum(sizes) <= 90_000_000
