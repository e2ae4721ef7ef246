"""Pieces of a file, read apart, give the rows of the whole file with their true lines."""

import gzip
import json

import pytest

from drift.errors import InputError
from drift.ingest import pieces
from drift.ingest.files import rows as all_rows
from drift.ingest.pieces import Piece, cut_groups, cut_lines, stretches, survey

RETWEETS = ("要是第二次测试失败，Lumo就撤回这种药", "大约4万人在服用这种药", "市长已经辞职")


def lines_of(count, *, ascii=False):
    for i in range(count):
        row = {"post": "About 4,000 people take it.", "retweet": f"{RETWEETS[i % 3]}，第{i % 7}条"}
        yield json.dumps(row if i % 3 else row | {"id": f"r{i}"}, ensure_ascii=ascii)


def cut(name):
    found = [survey(name, *one) for one in stretches(name)]
    return cut_lines(0, name, found) if found else [Piece(0, name)]


CONTENTS = {
    "plain": "\n".join(lines_of(300)) + "\n",
    "no last end": "\n".join(lines_of(300)),
    "ascii": "\n".join(lines_of(300, ascii=True)),
    "windows": "\ufeff" + "\r\n".join(lines_of(300)) + "\r\n",
    "blank and broken": "\n\n".join([*lines_of(100), '{"id": "broken', *lines_of(100)]),
    "foreign late": "\n".join([*lines_of(200, ascii=True), *lines_of(100)]),
    "endless line": "\n".join([*lines_of(50), '{"id": "' + "x" * 9_000 + '"}', *lines_of(50)]),
}


@pytest.mark.parametrize("content", CONTENTS.values(), ids=CONTENTS)
@pytest.mark.parametrize("stretch", [700, 1_024, 40_000])
def test_pieces_of_lines_hold_every_row_with_its_line(content, stretch, tmp_path, monkeypatch):
    monkeypatch.setattr(pieces, "STRETCH", stretch)
    path = tmp_path / "in.jsonl"
    path.write_bytes(content.encode())
    found = cut(str(path))
    if stretch < 2_000:
        assert len(found) > 10
    assert [row for piece in found for row in piece.rows()] == list(all_rows(path))


def test_every_border_gives_the_same_rows(tmp_path, monkeypatch):
    path = tmp_path / "in.jsonl"
    path.write_text("".join(f'{{"post": "p", "retweet": "第{i}"}}\n' for i in range(4)))
    whole = list(all_rows(path))
    for stretch in range(1, path.stat().st_size + 2):
        monkeypatch.setattr(pieces, "STRETCH", stretch)
        assert [row for piece in cut(str(path)) for row in piece.rows()] == whole, stretch


def test_what_cannot_be_cut_at_line_ends_is_one_piece(tmp_path, monkeypatch):
    monkeypatch.setattr(pieces, "STRETCH", 1_000)
    text = "\n".join(lines_of(100))
    made = {
        "packed.jsonl.gz": gzip.compress(text.encode()),
        "packed.jsonl": gzip.compress(text.encode()),
        "chinese.jsonl": text.encode("gb18030"),
        "wide.jsonl": text.encode("utf-16"),
        "old.jsonl": text.replace("\n", "\r").encode(),
        "array.jsonl": f"[{','.join(lines_of(100))}]".encode(),
        "table.csv": b"post,retweet\n" + b"a,b\n" * 1_000,
    }
    for name, content in made.items():
        path = tmp_path / name
        path.write_bytes(content)
        found = cut(str(path))
        assert found == [Piece(0, str(path))], name
        assert list(found[0].rows()) == list(all_rows(path))


def test_parquet_is_cut_between_row_groups(tmp_path, monkeypatch):
    parquet = pytest.importorskip("pyarrow.parquet")
    import pyarrow

    monkeypatch.setattr(pieces, "GROUPED", 50)
    table = pyarrow.Table.from_pylist([json.loads(line) for line in lines_of(300)])
    path = str(tmp_path / "in.parquet")
    parquet.write_table(table, path, row_group_size=30)
    found = cut_groups(0, path)
    assert [(piece.start, piece.end) for piece in found] == [(i, i + 2) for i in range(0, 10, 2)]
    assert [row for piece in found for row in piece.rows()] == list(all_rows(path))
    (tmp_path / "torn.parquet").write_bytes(b"PAR1")
    with pytest.raises(InputError, match=r"torn.parquet: not a readable Parquet file"):
        cut_groups(0, str(tmp_path / "torn.parquet"))
