"""Reading the packed base: 4-bit blocks, names and shapes, and files that are something else."""

import struct

import numpy as np
import pytest

from drift.errors import InputError
from models.recipes.cross_encoder.base import read_base
from tests.models import cross_base


@pytest.fixture
def path(tmp_path):
    return tmp_path / "base.bin"


def block(scale, low, high):
    """Write one 4-bit block by hand: 16 low halves, 16 high halves."""
    return struct.pack("<e", scale) + bytes(a | b << 4 for a, b in zip(low, high, strict=True))


def test_a_block_is_a_scale_and_halves_less_eight(path, monkeypatch):
    by_hand = block(0.5, range(16), [15] * 16)
    monkeypatch.setattr(cross_base, "packed", lambda values: by_hand * (values.size // 32))
    cross_base.write(path)
    row = read_base(path).arrays["embeddings.word_embeddings.weight"][0]
    assert row.tolist() == [(k - 8) / 2 for k in range(16)] + [3.5] * 16


def test_the_base_comes_back_as_it_was_packed(path):
    written = cross_base.write(path)
    base = read_base(path)
    assert (base.width, base.layers, base.heads) == (32, 2, 4)
    assert (base.inner, base.positions, base.epsilon) == (64, 320, pytest.approx(1e-12))
    assert (base.pieces, base.scores) == (cross_base.PIECES, cross_base.SCORES)
    for short, long in {
        "emb.word": "embeddings.word_embeddings.weight",
        "l1.fi.w": "encoder.layer.1.intermediate.dense.weight",
        "l1.fo.w": "encoder.layer.1.output.dense.weight",
        "l0.q.b": "encoder.layer.0.attention.self.query.bias",
    }.items():
        found, wanted = base.arrays[long], written[short]
        assert found.shape == wanted.shape
        step = np.abs(wanted).max() / 7
        assert np.abs(found - wanted).max() <= 0.6 * step


def test_another_file_is_refused_with_a_remedy(path):
    path.write_bytes(b"GGUF" + bytes(400))
    with pytest.raises(InputError, match=r"base\.bin is no packed .*CARD\.md"):
        read_base(path)


@pytest.mark.parametrize("share", [0.0002, 0.001, 0.01, 0.05, 0.5, 0.99])
def test_a_file_that_is_cut_off_is_refused_with_a_remedy(path, share):
    cross_base.write(path)
    whole = path.read_bytes()
    path.write_bytes(whole[: max(4, int(share * len(whole)))])
    with pytest.raises(InputError, match=r"base\.bin is cut off or damaged .*CARD\.md"):
        read_base(path)


def test_a_file_that_lacks_an_array_is_refused(path):
    contents = cross_base.arrays()
    del contents["l1.aln.b"]
    cross_base.write(path, contents)
    with pytest.raises(InputError, match=r"l1\.aln\.b"):
        read_base(path)
