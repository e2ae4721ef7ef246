"""`drift evaluate` as its users meet it, over result rows that are given."""

import json

import pytest

from drift.cli import main


@pytest.fixture
def run(capsys):
    def go(*args):
        status = main(["evaluate", *(str(arg) for arg in args)])
        done = capsys.readouterr()
        return status, done.out, done.err

    return go


def write(path, rows):
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    return path


def finding(kind, words):
    return {
        "type": kind, "severity": "major", "retweet_span": words, "post_span": "asked for",
        "note": "asked, not granted",
    }  # fmt: skip


@pytest.fixture
def cases(tmp_path):
    """Give three posts with a faithful retweet and its distorted twin each."""
    rows = []
    for number in range(3):
        shared = {"post_id": f"p{number}", "post": f"He asked for a meeting {number}.",
                  "pair": f"t{number}"}  # fmt: skip
        rows += [
            shared | {"id": f"{number}-calm", "retweet": "他请求会面", "verdict": "faithful",
                      "findings": []},
            shared | {"id": f"{number}-bad", "retweet": "他获准会面\u202e",
                      "verdict": "misrepresents", "findings": [finding("aspect", "获准")]},
        ]  # fmt: skip
    return write(tmp_path / "cases.jsonl", rows)


def answer(name, verdict, score):
    return {"id": name, "verdict": verdict, "score": score, "confidence": 0.7, "findings": [],
            "signature": "other:1"}  # fmt: skip


@pytest.fixture
def given(tmp_path):
    """Give rows: right on the first post, a miss on the second, a false alarm on the third."""
    return write(
        tmp_path / "given.jsonl",
        [
            answer("0-calm", "faithful", 0.1), answer("0-bad", "misrepresents", 0.9),
            answer("1-calm", "faithful", 0.2), answer("1-bad", "faithful", 0.05),
            answer("2-calm", "misrepresents", 0.8), answer("2-bad", "misrepresents", 0.85),
        ],
    )  # fmt: skip


def test_every_figure_is_printed_with_its_interval(run, cases, given):
    status, out, _ = run(cases, "--given", given)
    assert status == 0
    for name in ("AUC", "precision at recall 0.35", "precision at recall 0.50",
                 "precision at recall 0.60", "false alarms on faithful", "type micro F1", "span F1",
                 "calibration error", "minimal pairs ordered"):  # fmt: skip
        (line,) = [line for line in out.splitlines() if line.startswith(name)]
        assert " to " in line
    found = json.loads(run(cases, "--given", given, "--json")[1])
    assert found["minimal pairs ordered"] == pytest.approx(2 / 3)
    assert found["minimal pairs"] == 3
    assert found["false alarms on faithful"] == pytest.approx(1 / 3)
    low, high = found["intervals"]["false alarms on faithful"]
    assert low == 0
    assert high == 1


def test_intervals_can_be_left_out(run, cases, given):
    found = json.loads(run(cases, "--given", given, "--json", "--resamples", 0)[1])
    assert found["intervals"] == {}


def test_posts_and_cases_can_be_left_out(run, cases, given):
    args = ("--given", given, "--json", "--resamples", 0)
    without = json.loads(run(cases, *args, "--without-posts", "p2", "p1")[1])
    assert (without["cases"], without["verdict accuracy"]) == (2, 1)
    one = json.loads(run(cases, *args, "--without-cases", "2-calm")[1])
    assert (one["cases"], one["false alarms on faithful"], one["minimal pairs"]) == (5, 0, 2)


def test_what_was_judged_before_can_be_compared_without_its_posts(run, cases, tmp_path):
    rows = tmp_path / "rows.jsonl"
    first = json.loads(run(cases, "--models", "gloss", "--rows", rows, "--json")[1])
    again = json.loads(run(cases, "--given", rows, "--json")[1])
    assert first == again


def test_the_worst_mistakes_are_listed(run, cases, given):
    _, out, _ = run(cases, "--given", given, "--errors", 5)
    assert out.index("1. missed, 1-bad") < out.index("2. wrongly accused, 2-calm")
    assert "wanted misrepresents, given faithful with score 0.05" in out
    assert "aspect, major: 获准 | asked for (asked, not granted)" in out
    assert "\u202e" not in out
    listed = json.loads(run(cases, "--given", given, "--errors", 1, "--json")[1])["errors"]
    assert [one["id"] for one in listed] == ["1-bad"]
    assert listed[0]["post_words"] == ["asked for"]


def test_plots_are_a_page_and_its_numbers(run, cases, given, tmp_path):
    run(cases, "--given", given, "--plots", tmp_path / "plots")
    page = (tmp_path / "plots/accuracy.html").read_text("utf-8")
    numbers = json.loads((tmp_path / "plots/accuracy.json").read_text("utf-8"))
    for title in ("Reliability", "Precision and recall", "Risk and coverage", "aspect"):
        assert title in page
    assert "<script" not in page
    assert sum(one["cases"] for one in numbers["curves"]["reliability"]) == numbers["cases"] == 6
    assert numbers["curves"]["risk_coverage"][-1] == {"coverage": 1, "risk": pytest.approx(1 / 3)}


def test_rows_that_failed_are_missing(run, cases, given):
    rows = [json.loads(line) for line in given.read_text("utf-8").splitlines()]
    write(given, [{"id": "0-bad", "error": "no text"}, *rows[2:]])
    found = json.loads(run(cases, "--given", given, "--json")[1])
    assert (found["cases"], found["missing"]) == (4, 2)


@pytest.mark.parametrize(
    ("label", "figure"),
    [
        ({"label": "ERR"}, "MCC of the verdict"),
        ({"score": 95, "spans": []}, "clean called misrepresents"),
    ],
)
def test_other_labels_have_intervals_and_no_plots(run, tmp_path, given, label, figure):
    shared = {"post": "He asked.", "retweet": "他问了"}
    other = label | ({"label": "NOT"} if "label" in label else {})
    rows = [shared | label | {"id": "0-bad", "post": "He."}, shared | other | {"id": "0-calm"}]
    path = write(tmp_path / "labelled.jsonl", rows)
    found = json.loads(run(path, "--given", given, "--json")[1])
    assert found[figure] is not None
    assert figure in found["intervals"]
    assert run(path, "--given", given, "--plots", tmp_path)[0] == 2


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("--without-posts", "p9"), "no case is called p9"),
        (("--without-cases", "0-bad", "nobody"), "no case is called nobody"),
        (("--without-posts", "p0", "p1", "p2"), "no case is left"),
        (("--given", "missing.jsonl"), "missing.jsonl"),
    ],
)
def test_mistakes_in_the_call_are_told(run, cases, args, words):
    status, _, err = run(cases, *args)
    assert status == 2
    assert words in err


@pytest.mark.parametrize("row", ['{"id": "0-bad", "score": 1}', "[]", "{", '{"score": 1}'])
def test_broken_rows_are_refused_with_their_line(run, cases, tmp_path, row):
    path = tmp_path / "broken.jsonl"
    path.write_text(row + "\n", "utf-8")
    status, _, err = run(cases, "--given", path)
    assert status == 2
    assert "line 1" in err


def test_rows_about_other_cases_are_no_answer(run, cases, tmp_path):
    path = write(tmp_path / "other.jsonl", [answer("x", "faithful", 0.1)])
    status, _, err = run(cases, "--given", path)
    assert (status, err) == (2, "drift: no case was judged\n")
