"""The command as its users meet it: results, exit status, one clear sentence for each mistake."""

import csv
import json

import pytest

from drift.cli import main

POST = "If the second test fails, Lumo will withdraw the drug. About 4,000 people take it."


@pytest.fixture
def run(capsys):
    def go(*args):
        status = main([str(arg) for arg in args])
        done = capsys.readouterr()
        return status, done.out, done.err

    return go


def test_check_prints_a_report(run):
    status, out, err = run("check", POST, "大约四千人在服用这种药")
    assert status == 0
    assert "四千人" in out
    assert not err


def test_check_accuses_a_changed_figure_with_status_1(run):
    status, out, _ = run("check", POST, "大约4万人在服用这种药", "--format", "jsonl")
    row = json.loads(out)
    assert "quantity" in {finding["type"] for finding in row["findings"]}
    assert status == (row["verdict"] == "misrepresents")


def test_spans_point_into_the_raw_text(run):
    text = "ＲＴ @x：大約４萬人\u200b在服用這種藥"
    _, out, _ = run("check", POST, text, "--format", "jsonl")
    row = json.loads(out)
    for claim in row["claims"]:
        assert text[claim["span"]["start"] : claim["span"]["end"]] == claim["span"]["text"]
    for finding in row["findings"]:
        span = finding["retweet_span"]
        assert text[span["start"] : span["end"]] == span["text"]


def test_output_ending_chooses_the_format(run, tmp_path):
    for ending in ("html", "json", "jsonl", "md", "csv", "txt"):
        target = tmp_path / f"report.{ending}"
        run("check", POST, "大约四千人在服用这种药", "-o", target)
        assert target.stat().st_size > 50


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["check", "missing.txt", "他"], "no file missing.txt"),
        (["check", "", "他"], "post is empty"),
        (["check", POST], "no retweets; give at least one text"),
        (
            ["check", "http://127.0.0.1:9/post", "他"],
            "http://127.0.0.1:9/post: this link could not",
        ),
        (["check", POST, " "], "retweet 1 is empty"),
        (["check", ".", "他"], "is a folder"),
        (["check", POST, "他", "-o", "report.xyz"], "cannot tell the format"),
        (["batch", "missing.jsonl", "-o", "out.jsonl"], "missing.jsonl"),
        (["batch", "missing.jsonl", "-o", "out.exe"], "must end in"),
        (["evaluate", "missing.jsonl"], "missing.jsonl"),
    ],
)
def test_mistakes_end_in_one_clear_sentence_and_status_2(run, args, words):
    status, out, err = run(*args)
    assert status == 2
    assert words in err
    assert err.count("\n") == 1
    assert not out


def test_an_empty_file_is_named(run, tmp_path):
    empty = tmp_path / "empty.txt"
    empty.touch()
    assert run("check", POST, empty)[2].startswith(f"drift: no retweets in {empty}; give ")
    assert run("check", empty, "他")[2] == f"drift: {empty} is empty; give a text\n"


def test_an_unknown_model_is_status_3(run):
    status, _, err = run("check", POST, "他", "--models", "nobody")
    assert status == 3
    assert "nobody" in err


def test_retweets_in_gbk_are_read(run, tmp_path):
    path = tmp_path / "gbk.txt"
    path.write_bytes("大约四千人在服用这种药\n大约4万人在服用这种药\n".encode("gb18030"))
    _, out, _ = run("check", POST, path, "--format", "jsonl")
    assert [json.loads(line)["id"] for line in out.splitlines()] == ["r1", "r2"]


def test_english_retweets_are_uncertain_and_flagged(run):
    status, out, _ = run("check", POST, "Lumo will withdraw the drug.")
    assert status == 0
    assert "no Chinese" in out


def test_batch_loses_no_row(run, tmp_path):
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    rows = [
        json.dumps({"id": "a", "post": POST, "retweet": "大约四千人在服用这种药"}),
        '{"id": "b", "post": ',
        json.dumps({"id": "c", "post": "  ", "retweet": "大约四千人"}),
        json.dumps({"id": "d", "post": POST, "retweet": "\ud800大约四千人"}),
    ]
    source.write_text("\n".join(rows) + "\n", encoding="utf-8")
    status, _, err = run("batch", source, "-o", target)
    out = [json.loads(line) for line in target.read_text("utf-8").splitlines()]
    assert status == 0
    assert len(out) == 4
    assert out[0]["id"] == "a"
    assert "error" in out[1]
    assert "error" in out[2]
    assert out[3]["verdict"]
    assert "4 rows" in err


def test_batch_csv_defuses_formulas(run, tmp_path):
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text(f'id,post,retweet\n=1+1,"{POST}",大约四千人\n', encoding="utf-8")
    run("batch", source, "-o", target)
    rows = list(csv.reader(target.read_text("utf-8").splitlines()))
    assert rows[1][0] == "'=1+1"


def test_batch_fail_on(run, tmp_path):
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text("{broken\n", encoding="utf-8")
    assert run("batch", source, "-o", target)[0] == 0
    assert run("batch", source, "-o", target, "--fail-on", "error")[0] == 1


def test_translate_gives_a_line_a_line(run, tmp_path):
    source = tmp_path / "zh.txt"
    source.write_text("他拒绝了\n\n四千人\n", encoding="utf-8")
    status, out, _ = run("translate", source, "--models", "gloss")
    assert status == 0
    assert len(out.splitlines()) == 3
    assert out.splitlines()[1] == ""


def test_translate_names_the_numbers_that_it_changed(run, tmp_path, monkeypatch):
    source = tmp_path / "zh.txt"
    source.write_text("罚了他四千美元\n四千人\n", encoding="utf-8")
    monkeypatch.setattr(
        "models.glossary.Glossary.translate", lambda _, texts: ["Fined 40,000 dollars", "4,000"]
    )
    status, out, err = run("translate", source, "--models", "gloss")
    assert status == 0
    assert out == "Fined 40,000 dollars\n4,000\n"
    assert err == "line 1: differs in the Chinese: 四千美元\n"


def test_models_are_listed_and_verified(run):
    assert "lexical" in run("models", "list")[1]
    assert run("models", "verify")[0] == 0
    assert run("models", "verify", "nobody")[0] == 3


def test_evaluate_prints_the_figures(run, tmp_path):
    case = {
        "id": "x", "post": POST, "retweet": "大约4万人在服用这种药", "verdict": "misrepresents",
        "findings": [{"type": "quantity", "severity": "major", "retweet_span": "4万人"}],
    }  # fmt: skip
    path = tmp_path / "cases.jsonl"
    path.write_text(json.dumps(case, ensure_ascii=False) + "\n", encoding="utf-8")
    figures = json.loads(run("evaluate", path, "--json")[1])
    assert figures["cases"] == 1
    assert figures["types"]["quantity"]["hits"] + figures["types"]["quantity"]["missed"] == 1
    assert "verdict accuracy" in run("evaluate", path)[1]


def test_demo_writes_a_page(run, tmp_path):
    status, out, _ = run("demo", "-o", tmp_path / "demo.html")
    assert status == 0
    assert "胆怯" in out
    assert "<html" in (tmp_path / "demo.html").read_text("utf-8")
