"""The runtime computes what the trained network computes, and answers in text places."""

import importlib.util

import numpy as np
import pytest

from drift.errors import BackendError
from models import weights
from models.cross import CrossEncoder
from models.cross_text import encode
from tests.models.cross_lexicon import small, write

needs_torch = pytest.mark.skipif(
    importlib.util.find_spec("torch") is None or importlib.util.find_spec("opencc") is None,
    reason="torch and opencc are needed to train and export",
)


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """Export a random network with large weights; give the torch module as well."""
    torch = pytest.importorskip("torch")
    from models.recipes.cross_encoder.export import export
    from models.recipes.cross_encoder.network import Network, Shape

    folder = tmp_path_factory.mktemp("cross")
    lexicon = small(folder / "lexicon")
    torch.manual_seed(3)
    shape = Shape(lexicon.size, 30, width=32, inner=48, layers=2, heads=4)
    network = Network(shape).eval()
    for parameter in network.parameters():
        parameter.data.add_(0.05 * torch.randn_like(parameter))
    torch.save({"network": network.state_dict(), "shape": shape.as_dict()}, folder / "final.pt")
    export(folder / "final.pt", folder / "lexicon", folder / "weights")
    return network, lexicon, folder / "weights"


PAIRS = [
    ("部长可能拒绝,警方说3.1万。", "The minister may have refused, police said 31,000."),
    ("如果总统没有说", "The president didn't. If the US government refused? Friday!"),
    ("也许", "police"),
]


@pytest.mark.neural
@needs_torch
def test_numpy_and_torch_agree(exported):
    import torch

    from models.recipes.cross_encoder.batches import collate, item
    from models.recipes.cross_encoder.data import Example

    network, lexicon, folder = exported
    judged = CrossEncoder.load(folder).score(PAIRS)
    items = [item(lexicon, Example(str(i), post, zh)) for i, (zh, post) in enumerate(PAIRS)]
    with torch.inference_mode():
        _, verdicts = network(collate(items))
    wanted = verdicts.sigmoid().numpy()
    ours = np.array([(one.probability, one.drifts) for one in judged])
    assert np.abs(ours - wanted).max() < 0.01  # words are bytes, the rest halves
    assert np.ptp(wanted[:, 0]) > 0.02  # and the network does tell the pairs apart


@pytest.mark.neural
@needs_torch
def test_a_batch_changes_nothing(exported):
    encoder = CrossEncoder.load(exported[2])
    together = encoder.score(PAIRS)
    assert together == [encoder.score([pair])[0] for pair in PAIRS]


@pytest.mark.neural
@needs_torch
def test_tags_lie_in_their_texts_and_do_not_touch(exported):
    encoder = CrossEncoder.load(exported[2])
    for (retweet, post), judgement in zip(PAIRS, encoder.score(PAIRS), strict=True):
        assert 0 <= judgement.probability <= 1
        for text, tags in ((retweet, judgement.tags), (post, judgement.post_tags)):
            ends = [0, *(tag.end for tag in tags)]
            assert all(tag.start >= end for tag, end in zip(tags, ends, strict=False))
            assert all(tag.start < tag.end <= len(text) for tag in tags)
            assert all(0.3 <= tag.strength <= 1 for tag in tags)


@pytest.mark.neural
@needs_torch
def test_empty_texts_are_judged_without_the_network(exported):
    encoder = CrossEncoder.load(exported[2])
    assert [one.probability for one in encoder.score([("", "Police."), ("部长", " ")])] == [0, 0]


def test_a_folder_without_a_network_is_refused(tmp_path):
    write(tmp_path)
    with pytest.raises(BackendError, match="no readable cross-encoder"):
        CrossEncoder.load(tmp_path)


@pytest.fixture(scope="module")
def shipped():
    try:
        folder = weights.folder("cross")
    except BackendError:
        pytest.skip("the cross-encoder's weights are not installed")
    weights.verify(folder)
    return CrossEncoder.load(folder)


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


def test_the_shipped_weights_are_small(shipped):
    folder = weights.folder("cross")
    assert sum(path.stat().st_size for path in folder.iterdir()) < 15_000_000


def test_encoding_is_deterministic(tmp_path):
    lexicon = small(tmp_path)
    first, second = (encode(lexicon, *PAIRS[0]) for _ in range(2))
    assert (first.ids == second.ids).all()
    assert (first.features == second.features).all()
