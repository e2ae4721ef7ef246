"""Files of every kind are read row by row; a bad row is reported where it stands, and kept."""

import io
import json
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drift.errors import InputError
from drift.ingest.files import read_text, rows, rows_of
from drift.ingest.json_rows import parse
from drift.ingest.lines import MAX_LINE

TWEET = "如果最终证实,美国外交官拒绝王立军避难,将重创美国的国际形象。"
POST = "If word gets out, rejecting Wang’s application would be a PR loss internationally."


def read(data: bytes | str, suffix=".jsonl", needs_post=True):
    raw = data.encode() if isinstance(data, str) else data
    return list(rows_of(io.BytesIO(raw), suffix, needs_post=needs_post))


def line(**fields):
    return json.dumps({"id": "a", "post": POST, "retweet": TWEET, **fields}, ensure_ascii=False)


def test_json_lines():
    found = read(line(id=7, author="uponsnow", created_at="2012-02-08") + "\n\n" + line(id="b"))
    assert [(row.line, row.id, row.error) for row in found] == [(1, "7", None), (3, "b", None)]
    assert (found[0].post, found[0].retweet, found[0].author) == (POST, TWEET, "uponsnow")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"id": "x1", "post": "p", "retweet": "王', "bad JSON at character"),
        ('{"id": "x1", "post": "p", "retweet": NaN}', "NaN is not JSON"),
        ('{"id": "x1", "id": "y", "post": "p", "retweet": "王"}', "stands twice"),
        ('{"id": "x1", "n": ' + "[" * 100_000 + "}", "nested too deep"),
        ('{"id": "x1", "n": ' + "9" * 100_000 + "}", "100,000 digits"),
        ('{"id": "x1", "n": 1.' + "9" * 100_000 + "}", "digits"),
        ('{"id": "x1", "post": "p"}', "no retweet"),
        ('{"id": "x1", "retweet": "王"}', "no post"),
        ('{"id": "x1", "post": "p", "retweet": 5}', '"retweet" is a number'),
        ('{"id": "x1", "post": ["p"], "retweet": "王"}', '"post" is a list'),
        ('{"id": "x1", "post": "p", "retweet": "' + "王" * 1_000_001 + '"}', "the limit is"),
        ('{"id": "x1", "post": "p", "retweet": "  "}', "no retweet"),
        ('["x1"]', "not an object"),
        ("null", "not an object"),
        ("not JSON", "bad JSON at character 1"),
    ],
)
def test_a_bad_line_costs_only_itself(text, words):
    found = read(line() + "\n" + text + "\n" + line(id="z"))
    assert [row.line for row in found] == [1, 2, 3]
    assert [row.error is None for row in found] == [True, False, True]
    assert words in found[1].error
    assert found[1].id == ("x1" if '"id"' in text else "line-2")
    assert found[1].raw
    assert text.startswith(found[1].raw[:10])


def test_endless_line_is_bounded():
    endless = b'{"id": "x1", "post": "' + b"p" * (MAX_LINE + 10) + b'"}'
    found = read(line().encode() + b"\n" + endless + b"\n" + line().encode())
    assert [row.error is None for row in found] == [True, False, True]
    assert "4,000,0" in found[1].error
    assert len(found[1].raw) <= 2_001
    assert found[1].id == "x1"


def test_nul_and_lone_surrogates():
    found = read('{"id": "a", "post": "p\\u0000", "retweet": "王\\ud800立"}')
    assert (found[0].post, found[0].retweet) == ("p\0", "王\ufffd立")
    json.dumps(found[0].retweet, ensure_ascii=False).encode()


@pytest.mark.parametrize("encoding", ["gb18030", "big5hkscs", "utf-16", "utf-16-le", "utf-8-sig"])
@pytest.mark.parametrize("suffix", [".jsonl", ".csv", ".tsv"])
def test_encodings_of_files(encoding, suffix):
    tweet, post = "美國外交官因膽怯而拒絕王立軍避難，將重創美國的國際形象。", "A PR loss."
    if suffix == ".jsonl":
        text = json.dumps({"post": post, "retweet": tweet}, ensure_ascii=False)
    else:
        text = "{1}{0}{2}\r\n{3}{0}{4}\r\n".format(
            "," if suffix == ".csv" else "\t", "post", "retweet", post, tweet
        )
    found = read(text.encode(encoding), suffix)
    assert [(row.post, row.retweet, row.error) for row in found] == [(post, tweet, None)]


def test_one_foreign_line_in_a_file():
    data = (line() + "\n").encode() * 3 + (line() + "\n").encode("gb18030") + line().encode()
    found = read(data)
    assert [row.error is None for row in found] == [True, True, True, False, True]
    assert "it looks like gb18030" in found[3].error
    assert TWEET in found[3].raw


def test_late_first_foreign_byte():
    ascii_line = json.dumps({"post": "p", "retweet": "x" * 900}) + "\n"
    found = read((ascii_line * 800).encode() + line(retweet=TWEET).encode("gb18030"))
    assert found[-1].retweet == TWEET


def test_csv_with_quotes_newlines_and_odd_rows():
    text = (
        "\ufeffID,Post,Retweet,other\r\n"
        'a,"He said ""no"", twice",王立军,x\r\n'
        'b,"two\r\nlines",王立军\r\n'
        "c,too,many,fields,here\r\n"
        '\r\nd,p,"never closed\r\n'
        "e,p,王立军,\r\n"
        'f,p,他说"不"行,\r\n'
    )
    found = {row.id: row for row in read(text, ".csv")}
    assert list(found) == ["a", "b", "c", "d", "e", "f"]
    assert found["a"].post == 'He said "no", twice'
    assert found["b"].post == "two\nlines"
    assert "5 fields where the header has 4" in found["c"].error
    assert "never closes" in found["d"].error
    assert found["e"].retweet == "王立军"
    assert found["f"].retweet == '他说"不"行'


def test_tsv_keeps_quotes_that_are_text():
    found = read('id\tpost\tretweet\na\tp\t"高层" 出逃\n', ".tsv")
    assert found[0].retweet == '"高层" 出逃'


def test_huge_fields_and_many_columns():
    post = "word " * 40_000
    found = read(f'id,post,retweet\na,"{post}",王立军\nb,{"," * 100_000}\nc,p,王立军\n', ".csv")
    assert [row.error is None for row in found] == [True, False, True]
    assert found[0].post == post.rstrip() + " "
    with pytest.raises(InputError, match="columns"):
        read("id,post,retweet" + ",x" * 100_000 + "\n", ".csv")


def test_semicolons_old_macintosh_and_missing_header():
    assert read("post;retweet\rp;王立军\r", ".csv")[0].retweet == "王立军"
    with pytest.raises(InputError, match="first line must name the columns"):
        read("p,王立军\n", ".csv")
    with pytest.raises(InputError, match="two columns"):
        read("post,post,retweet\np,q,r\n", ".csv")
    assert read("", ".csv") == []


def test_plain_lines():
    found = read(f"{TWEET}\r\n\n https://example.com/1 \n", ".txt", needs_post=False)
    assert [(row.line, row.retweet, row.retweet_url) for row in found] == [
        (1, TWEET, None),
        (3, None, "https://example.com/1"),
    ]
    with pytest.raises(InputError, match="name no post"):
        read(TWEET, ".txt")


def test_a_list_without_a_name_is_recognised():
    assert read(f"【快讯】{TWEET}", "", needs_post=False)[0].retweet.startswith("【")
    assert read(f"[转] {TWEET}", "", needs_post=False)[0].retweet.startswith("[转]")
    assert read(line(), "")[0].post == POST
    assert read("retweet\tauthor\n王立军\tx\n", "", needs_post=False)[0].author == "x"
    assert read('"王立军"\n', ".jsonl", needs_post=False)[0].retweet == "王立军"


def test_json_array_with_a_broken_element():
    text = "[\n  " + line() + ',\n  {"id": "b", oops},\n  ' + line(id="c") + "\n]"
    found = read(text, ".json")
    assert [(row.line, row.id, row.error is None) for row in found] == [
        (2, "a", True),
        (3, "b", False),
        (4, "c", True),
    ]
    assert read("[]", ".json") == []
    assert "rest of the file" in read("[{oops}, {}]", ".json")[0].error


def test_x_archive():
    tweets = [
        {"tweet": {"id_str": "1", "full_text": "王立军 &amp;lt; &lt;b&gt;", "created_at": "Wed"}},
        {"tweet": {"id_str": "2"}},
        {"deleted": True},
    ]
    text = "window.YTD.tweets.part0 = " + json.dumps(tweets, indent=2)
    found = read(text, ".js", needs_post=False)
    assert (found[0].id, found[0].retweet) == ("1", "王立军 &lt; <b>")
    assert [row.error is None for row in found] == [True, False, False]


def test_packed_files_are_refused_with_the_remedy():
    with pytest.raises(InputError, match=r"data/tweets\.js"):
        read(b"PK\x03\x04....", ".js")
    with pytest.raises(InputError, match="gzip"):
        read(b"\x1f\x8b....", ".jsonl")


def test_parquet(tmp_path):
    arrow = pytest.importorskip("pyarrow", reason="pyarrow is an extra")
    from pyarrow import parquet

    path = tmp_path / "rows.parquet"
    table = arrow.table(
        {
            "id": [1, 2, None],
            "post": [POST, None, POST],
            "retweet": [TWEET, TWEET, TWEET],
            "noise": [b"x", b"y", b"z"],
        }
    )
    parquet.write_table(table, path)
    found = list(rows(path))
    assert [(row.line, row.id, row.error is None) for row in found] == [
        (1, "1", True),
        (2, "2", False),
        (3, "line-3", True),
    ]
    data = bytearray(path.read_bytes())
    for cut in (4, 40, len(data) // 2, len(data) - 9):
        with pytest.raises(InputError, match="Parquet"):
            list(rows_of(io.BytesIO(bytes(data[:cut]) + b"PAR1"), ".parquet"))
    parquet.write_table(arrow.table({"x": [1]}), path)
    with pytest.raises(InputError, match="no column"):
        list(rows(path))


def test_parquet_bomb_is_refused_by_its_metadata(tmp_path, monkeypatch):
    arrow = pytest.importorskip("pyarrow", reason="pyarrow is an extra")
    from pyarrow import parquet

    path = tmp_path / "bomb.parquet"
    monkeypatch.setattr("drift.ingest.parquet_rows.MAX_GROUP", 20 << 20)
    column = arrow.array(["a" * (1 << 20)] * 30)
    table = arrow.table({"post": column, "retweet": ["b"] * 30})
    parquet.write_table(table, path, use_dictionary=False, compression="zstd")
    assert path.stat().st_size < 1 << 20
    with pytest.raises(InputError, match="unpacks to more than"):
        list(rows(path))


def test_read_text(tmp_path, monkeypatch):
    path = tmp_path / "post.txt"
    path.write_bytes("It’s true.\r\nReally.".encode("cp1252"))
    assert read_text(path) == "It’s true.\nReally."
    path.write_bytes(b" \n")
    with pytest.raises(InputError, match="is empty"):
        read_text(path)
    with pytest.raises(InputError, match="cannot read"):
        read_text(tmp_path / "absent")
    with pytest.raises(InputError, match="cannot read"):
        read_text("nul\0in it")

    class Stdin:
        buffer = io.BytesIO("王立军".encode("gb18030"))

    monkeypatch.setattr("sys.stdin", Stdin())
    assert read_text("-") == "王立军"


def test_missing_file_is_an_input_error(tmp_path):
    with pytest.raises(InputError, match="cannot read"):
        next(rows(tmp_path / "absent.jsonl"))


SUITE = Path(os.environ.get("DRIFT_DATA", "../shared/data")).parent / "security" / "json"


@pytest.mark.skipif(not SUITE.is_dir(), reason="JSONTestSuite is not at hand")
def test_json_suite():
    """Every valid document is read, every invalid one refused, and none does anything else."""
    seen = 0
    for path in sorted((SUITE / "test_parsing").iterdir()):
        data = path.read_bytes()
        try:
            text = data.decode()
        except UnicodeDecodeError:
            assert not path.name.startswith("y_"), path.name
            continue
        try:
            parse(text)
            accepted = True
        except InputError as error:
            accepted = False
            twice = "stands twice" in str(error)
        if path.name.startswith("y_"):
            assert accepted or twice, path.name
        if path.name.startswith("n_"):
            assert not accepted, path.name
        seen += 1
        found = read(data, ".jsonl")  # and as a file it is a handful of rows, never an exception
        assert all(row.error for row in found)
    assert seen > 250


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300), st.sampled_from([".jsonl", ".csv", ".tsv", ".txt", ".json", ""]))
def test_no_bytes_do_more_than_raise_an_input_error(data, suffix):
    try:
        found = read(data, suffix, needs_post=False)
    except InputError:
        return
    for row in found:
        assert row.error or row.retweet or row.retweet_url
        "".join(filter(None, (row.id, row.post, row.retweet, row.raw, row.error))).encode()


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(st.text(min_size=1), st.text(min_size=1)).filter(
            lambda pair: pair[0].strip() and pair[1].strip()
        ),
        min_size=1,
        max_size=5,
    )
)
def test_json_lines_return_what_was_written(pairs):
    text = "\n".join(json.dumps({"post": post, "retweet": retweet}) for post, retweet in pairs)
    assert [(row.post, row.retweet) for row in read(text)] == pairs


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.text(st.characters(blacklist_categories=["Cs"]), min_size=1).filter(
            lambda text: text.strip() and "\r" not in text
        ),
        min_size=1,
        max_size=5,
    )
)
def test_csv_returns_what_was_written(texts):
    quoted = [text.replace('"', '""') for text in texts]
    table = "retweet,author\n" + "".join(f'"{text}",x\n' for text in quoted)
    assert [row.retweet for row in read(table, ".csv", needs_post=False)] == texts
