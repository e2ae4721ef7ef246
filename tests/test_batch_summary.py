"""What a batch adds up to: exact counts, whatever the chunks; a page that runs nothing."""

import csv
import json
import re
from collections import Counter
from html.parser import HTMLParser

import pytest
from hypothesis import given as generated
from hypothesis import strategies as st

from drift.batch.days import day_of
from drift.batch.wordings import clusters
from drift.catalogue import messages
from drift.cli import main
from drift.report.overview import page
from drift.report.plots import STACK, binned, timeline, wilson
from drift.report.summary import VERDICTS, Cluster, Distortion, Summary, Tally, TypeTally

BATCH = ("batch", "--models", "gloss")  # the translator is tested on its own
POSTS = (
    "If the second test fails, Lumo will withdraw the drug. About 4,000 people take it.",
    "The mayor may resign on Friday, according to two newspapers. Her office has not commented.",
)
RETWEETS = (
    "Lumo已经撤回这种药",
    "大约4万人在服用这种药",
    "市长已经辞职",
    "据两家报纸，市长可能周五辞职",
)
NASTY = '"><script>alert(1)</script>\u202e=cmd()'


@pytest.fixture
def judged(tmp_path, capsys):
    """Judge rows of which everything is known, and give them with all that was written."""
    rows = [
        {
            "id": f"r{i}",
            "post": POSTS[i % 2],
            "retweet": RETWEETS[i % 4] + "！" * (i % 3),
            "author": "" if i % 7 == 0 else f"@a{i % 5}",
            "created_at": "" if i % 11 == 0 else f"2012-02-{1 + i % 9:02}T10:00:00+08:00",
        }
        for i in range(60)
    ]
    rows[3]["author"] = NASTY
    rows.append({"id": "bad", "post": POSTS[0]})
    source = tmp_path / "in.jsonl"
    source.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    named = {name: tmp_path / name for name in ("out.jsonl", "s.json", "s.csv", "page.html")}
    args = [*BATCH, str(source), "-o", str(named["out.jsonl"]), "--chunk", "7", "-j", "1"]
    args += ["--overview", str(named["page.html"])]
    assert main([*args, "--summary", str(named["s.csv"])]) == 0
    assert main([*args, "--summary", str(named["s.json"])]) == 0
    texts = {name: path.read_text("utf-8") for name, path in named.items()}
    texts["terminal"] = capsys.readouterr().out
    return rows, texts


def counted(rows, results, key):
    found = {}
    for row, result in zip(rows, results, strict=True):
        if key(row):
            found.setdefault(key(row), Counter())[result.get("verdict", "error")] += 1
    return found


def test_counts_are_those_of_the_rows(judged):
    rows, texts = judged
    results = [json.loads(line) for line in texts["out.jsonl"].splitlines()]
    summary = json.loads(texts["s.json"])
    assert summary["rows"] == 61
    assert summary["verdict"]["error"] == 1
    assert [(one["rows"], one["first"]) for one in summary["faults"]] == [(1, "bad")]
    assert "no retweet" in summary["faults"][0]["reason"]
    assert summary["signature"] == results[0]["signature"]
    keys = {
        "author": lambda row: row.get("author"),
        "day": lambda row: row.get("created_at", "")[:10],
    }
    for by, key in keys.items():
        told = {one[by]: {k: n for k, n in one["verdict"].items() if n} for one in summary[by]}
        assert told == counted(rows, results, key)
    openings = counted(rows[:-1], results[:-1], lambda row: row["post"])
    assert {one["opening"]: one["rows"] for one in summary["post"]} == {
        opening: counts.total() for opening, counts in openings.items()
    }
    findings = Counter(f["type"] for row in results for f in row.get("findings", ()))
    assert {one["type"]: one["findings"] for one in summary["type"]} == findings


def test_a_distortion_is_counted_with_its_wordings(judged):
    _, texts = judged
    results = [json.loads(line) for line in texts["out.jsonl"].splitlines()]
    wrong = Counter(
        f["type"]
        for row in results
        if row.get("verdict") == "misrepresents"
        for f in row["findings"]
        if f["severity"] != "minor"
    )
    told = json.loads(texts["s.json"])["distortions"]
    assert wrong
    assert sum(one["rows"] for one in told) == wrong.total()
    worst = told[0]
    assert sum(cluster["rows"] for cluster in worst["clusters"]) == worst["rows"]
    assert sum(worst["days"].values()) <= worst["rows"]
    assert worst["opening"] in POSTS


def test_the_table_says_the_same(judged):
    _, texts = judged
    table = list(csv.DictReader(texts["s.csv"].splitlines()))
    summary = json.loads(texts["s.json"])
    assert table[0]["by"] == "all"
    assert {kind: int(table[0][kind]) for kind in VERDICTS} == summary["verdict"]
    for by in ("post", "author", "day", "type"):
        assert [int(r["rows"]) for r in table if r["by"] == by] == [
            one["rows"] for one in summary[by]
        ]


def test_the_terminal_names_verdicts_types_posts_and_days(judged):
    _, texts = judged
    told = texts["terminal"]
    for word in (
        "could not be judged",
        "no retweet",
        "misrepresents",
        "author (most of",
        "post (most of 2)",
        "day (most of 9)",
    ):
        assert word in told
    assert "\u202e" not in told


class _Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.seen = []

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))


def test_the_page_runs_and_fetches_nothing(judged):
    _, texts = judged
    parser = _Tags()
    parser.feed(texts["page.html"])
    tags = Counter(tag for tag, _ in parser.seen)
    assert not {"script", "img", "iframe", "link", "object", "form"} & tags.keys()
    assert tags["svg"] >= 5
    for _, attrs in parser.seen:
        assert not [name for name in attrs if name.startswith("on") or name in {"src", "style"}]
        assert not attrs.get("href", "").startswith("http")
    assert "<script>alert" not in texts["page.html"]
    assert "url(" not in texts["page.html"]


def tally(key, **verdicts):
    whole = dict.fromkeys(VERDICTS, 0) | verdicts
    return Tally(key, sum(whole.values()), whole, 0.5)


def summary_of(days):
    spread = Distortion(
        "certainty", "p", "How it begins", "https://example.org/", "may resign", 9, 2,
        tuple((day.key, day.rows) for day in days), (Cluster(9, (("已经辞职", 8), ("已辞职", 1))),),
    )  # fmt: skip
    return Summary(
        whole=tally("", faithful=90, misrepresents=10),
        types=(TypeTally("certainty", 9, 0, 8, 1), TypeTally("quantity", 3, 3, 0, 0)),
        days=tuple(days),
        undated=2,
        posts=(tally("p", faithful=90, misrepresents=10),),
        authors=(tally("@a", misrepresents=2),),
        distinct={"post": 400, "author": 1, "day": len(days)},
        distortions=(spread,),
        faults=(),
        signature="bt:x",
    )


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("days", [[], ["2012-02-01"], ["2012-02-01", "2019-05-05"]])
def test_the_page_in_both_languages(lang, days):
    shown = page(summary_of([tally(day, faithful=3, misrepresents=1) for day in days]), lang)
    assert ("10 of 100" in shown) is (lang == "en")
    assert (messages()["overview"][f"over_time_{lang}"] in shown) is (len(days) > 1)
    assert "已经辞职" in shown
    assert "{" not in re.sub(r"<style>.*?</style>", "", shown, flags=re.DOTALL)


@pytest.mark.parametrize(
    ("last", "unit"),
    [
        ("2012-02-20", "day"),
        ("2012-06-01", "week"),
        ("2014-01-01", "month"),
        ("2040-01-01", "year"),
    ],
)
def test_bins_hold_everything_and_are_few(last, unit):
    days = [tally(day, faithful=2, error=1) for day in ("2012-02-01", "2012-02-02", last)]
    found, bins = binned(days)
    assert found == unit
    assert sum(one.rows for one in bins) == 9
    assert len(bins) < 125


def test_a_wrong_date_does_not_hide_the_plot():
    days = [tally(f"2012-02-{day:02}", faithful=100) for day in range(1, 29)]
    drawn = timeline([tally("0203-01-01", faithful=1), *days, tally("1970-01-01", faithful=1)])
    assert (drawn.unit, len(drawn.columns), drawn.hidden) == ("day", 28, 2)


@generated(st.lists(st.dates(), unique=True, min_size=1, max_size=8), st.integers(0, 50))
def test_plots_stay_in_their_frame(dates, bad):
    days = [tally(day.isoformat(), misrepresents=bad, faithful=i) for i, day in enumerate(dates, 1)]
    drawn = timeline(days)
    if drawn is None:
        return
    for column in drawn.columns:
        assert all(block.y >= -0.1 and block.kind in STACK for block in column.blocks)
        assert column.share is None or -0.1 <= column.high <= column.share <= column.low
    shown = sum(column.bin.rows for column in drawn.columns)
    assert shown + drawn.hidden == sum(day.rows for day in days)
    assert len(drawn.columns) < 125


@generated(st.integers(0, 400), st.integers(1, 400))
def test_an_interval_holds_its_share(hits, more):
    low, high = wilson(hits, hits + more)
    assert 0 <= low <= hits / (hits + more) <= high <= 1


@generated(st.lists(st.tuples(st.text(max_size=12), st.integers(1, 9)), max_size=40))
def test_clusters_lose_no_leader_and_invent_nothing(wordings):
    wordings = sorted(dict(wordings).items(), key=lambda one: -one[1])
    found = clusters(wordings)
    told = [wording for cluster in found for wording in cluster.wordings]
    assert set(told) <= set(wordings)
    assert len(told) == len(set(told))
    assert all(cluster.rows == sum(n for _, n in cluster.wordings) for cluster in found)
    assert not wordings or wordings[0] in told


def test_copies_with_small_edits_meet_and_others_do_not():
    found = clusters(
        [("市长已经辞职了", 5), ("市長已經辭職了！", 3), ("市长拒绝辞职", 2), ("药被撤回", 1)]
    )
    assert found[0].rows == 8
    assert "药被撤回" in {cluster.wordings[0][0] for cluster in found[1:]}


@generated(st.text(max_size=70))
def test_any_date_gives_a_day_or_nothing(text):
    found = day_of(text)
    assert found == "" or re.fullmatch(r"\d{4}-\d\d-\d\d", found)


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2012-02-08", "2012-02-08"),
        ("2012-02-08T23:30:00-08:00", "2012-02-08"),
        ("2012/2/8 10:00", "2012-02-08"),
        ("2012年2月8日", "2012-02-08"),
        ("Wed Feb 08 12:00:00 +0000 2012", "2012-02-08"),
        ("Wed, 08 Feb 2012 12:00:00 GMT", "2012-02-08"),
        ("1328702400000", "2012-02-08"),
        ("2012-13-40", ""),
        ("99999999999999", ""),
        (None, ""),
    ],
)
def test_dates_of_networks(written, day):
    assert day_of(written) == day
