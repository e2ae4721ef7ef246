"""Packed files read as if they were not, and torn ones say so."""

import io
import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from drift.errors import InputError
from drift.ingest.files import rows
from drift.ingest.packed import packed, unpacked
from drift.ingest.stores import partitions

KINDS = ("gzip", "zstd")


def read(data):
    with unpacked(io.BytesIO(data)) as content:
        return content.read()


@pytest.mark.parametrize("kind", [*KINDS, None])
@given(blocks=st.lists(st.binary(max_size=300), max_size=6))
@example(blocks=[b"\x28\xb5\x2f\xfd"])
def test_what_is_packed_is_unpacked(kind, blocks):
    whole = b"".join(blocks)
    if kind is None and whole.startswith((b"\x1f\x8b", b"\x28\xb5\x2f\xfd")):
        return  # what looks packed is taken for packed
    assert read(b"".join(packed(blocks, kind))) == whole


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_torn_or_damaged_data_is_an_input_error(kind, data):
    whole = b"".join(packed([b"some rows\n" * 50], kind))
    cut = data.draw(st.integers(5, len(whole) - 1))
    with pytest.raises(InputError, match="torn or damaged"):
        read(whole[:cut])


@pytest.mark.parametrize("kind", KINDS)
def test_a_bomb_is_read_in_pieces(kind, tmp_path):
    """Sixty megabytes without a line end come out of a few kilobytes, and cost one row."""
    import resource

    path = tmp_path / f"bomb.jsonl.{'gz' if kind == 'gzip' else 'zst'}"
    lines = [b'{"id": "a", "post": "p", "retweet": "', *([b"x" * 1_000_000] * 60), b'"}\n']
    good = json.dumps({"id": "b", "post": "p", "retweet": "r"}).encode()
    path.write_bytes(b"".join(packed([*lines, good], kind)))
    assert path.stat().st_size < 200_000
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found = list(rows(path))
    assert [row.error is None for row in found] == [False, True]
    assert "the limit is" in found[0].error
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 40_000


def test_parts_are_named_in_order(tmp_path):
    for name in ("b.jsonl", "a.csv.gz", ".hidden.jsonl", "_complete.json"):
        (tmp_path / name).write_bytes(b"")
    (tmp_path / "folder").mkdir()
    whole = [str(tmp_path / name) for name in ("a.csv.gz", "b.jsonl")]
    assert partitions(str(tmp_path)) == whole
    assert partitions(f"{tmp_path}/[ab].*") == whole
    assert partitions(whole[0]) == whole[:1]
    assert partitions("-") == ["-"]
    assert partitions("missing.jsonl") == ["missing.jsonl"]  # said where it is opened
    with pytest.raises(InputError, match="no file matches"):
        partitions(f"{tmp_path}/*.parquet")


def test_a_link_is_no_store():
    with pytest.raises(InputError, match="download the file first"):
        partitions("https://example.org/rows.jsonl")


def test_parts_of_a_store_are_addresses(tmp_path):
    pytest.importorskip("fsspec")
    for name in ("b.jsonl", "a.jsonl", "_complete.json"):
        (tmp_path / name).write_bytes(b"")
    whole = [f"file://{tmp_path}/{name}" for name in ("a.jsonl", "b.jsonl")]
    assert partitions(f"file://{tmp_path}") == whole
    assert partitions(f"file://{tmp_path}/*.jsonl") == whole
    with pytest.raises(InputError, match="cannot read"):
        list(rows(f"file://{tmp_path}/missing.jsonl"))
