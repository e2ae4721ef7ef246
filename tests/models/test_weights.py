"""Finding and checking the shipped weights."""

import pytest

from drift.errors import BackendError
from models import weights


@pytest.fixture
def made(tmp_path):
    (tmp_path / "a.bin").write_bytes(b"abc")
    (tmp_path / "CARD.md").write_text("# A card\n", "utf-8")
    facts = {"version": "1", "summary": 'a "quoted" summary', "recipe": "models.recipes.a"}
    weights.write_manifest(tmp_path, facts)
    return tmp_path


def test_an_untouched_folder_passes(made):
    weights.verify(made)


def test_a_changed_byte_is_found_and_the_remedy_named(made):
    (made / "a.bin").write_bytes(b"abd")
    with pytest.raises(BackendError, match=r"a\.bin.*models\.recipes\.a"):
        weights.verify(made)


def test_a_lost_file_is_found(made):
    (made / "a.bin").unlink()
    with pytest.raises(BackendError, match=r"a\.bin is missing"):
        weights.verify(made)


def test_a_folder_without_a_manifest_is_refused(tmp_path):
    with pytest.raises(BackendError, match="missing"):
        weights.verify(tmp_path)


@pytest.mark.parametrize(
    ("text", "message"),
    [("files = 3", "lists no files"), ("[files", "cannot be read"), ("", "lists no files"),
     ('[files]\n"../x" = { bytes = 1, sha256 = "" }', "outside")],
)  # fmt: skip
def test_a_broken_manifest_is_refused(made, text, message):
    (made / "manifest.toml").write_text(text, "utf-8")
    with pytest.raises(BackendError, match=message):
        weights.verify(made)


def test_an_unknown_name_is_answered_with_what_is_there():
    with pytest.raises(BackendError, match=r"'nothing'.*lexical"):
        weights.folder("nothing")


def test_every_shipped_weight_is_listed_with_its_size_and_is_whole():
    listed = weights.listing()
    assert "lexical" in [weight.name for weight in listed]
    for weight in listed:
        assert weight.size > 0
        assert weight.version
        assert weight.licence
        assert (weight.folder / "CARD.md").is_file()
        weights.verify(weight.folder)
