"""The case that Drift exists for: a blog post of February 2012 and the tweet that misquoted it."""

import json
from functools import cache
from importlib.resources import files

import pytest

from drift.cli import backends
from drift.pipeline import check
from drift.records import Label, Post, Retweet

DEMO = files("drift") / "demo"
ASSERTED = (
    "RT @uponsnow: 美国自媒体人 @ChinaGeeks Custer 发文表示,虽然事件扑朔迷离,"
    "美国外交官因胆怯而拒绝了王立军避难,重创了美国的国际形象。"
)


@cache
def verdicts():
    rows = [json.loads(line) for line in (DEMO / "retweets.jsonl").read_text("utf-8").splitlines()]
    retweets = [Retweet(row["id"], row["retweet"]) for row in rows]
    retweets.append(Retweet("condition dropped", ASSERTED))
    post = Post("demo", (DEMO / "post.txt").read_text("utf-8"))
    report = check(post, retweets, backends().tools("gloss"))
    return post, {verdict.retweet.id: verdict for verdict in report.verdicts}


def words(verdict, kind):
    return [
        finding.retweet_span.of(verdict.retweet.text)
        for finding in verdict.findings
        if finding.type == kind
    ]


def test_the_real_tweet_misrepresents_by_motive_and_strength_but_keeps_the_if():
    post, told = verdicts()
    real = told["real"]
    assert real.label is Label.MISREPRESENTS
    assert words(real, "cause") == ["因胆怯"]
    assert words(real, "intensity") == ["将重创美国的国际形象"]
    assert not words(real, "conditional")
    rests_on = [piece.span.of(post.text) for claim in real.claims for piece in claim.aligned]
    assert any("would be a PR loss internationally" in sentence for sentence in rests_on)


def test_motive_is_graver_than_strength():
    _, told = verdicts()
    grades = {finding.type: finding.severity for finding in told["real"].findings}
    assert grades["cause"] == "major"
    assert grades["intensity"] == "minor"


@pytest.mark.parametrize("name", ["condition dropped", "asserted"])
def test_the_condition_dropped_is_found(name):
    _, told = verdicts()
    assert told[name].label is Label.MISREPRESENTS
    assert words(told[name], "conditional")


@pytest.mark.parametrize("name", ["faithful", "traditional"])
def test_a_faithful_rendering_is_faithful(name):
    _, told = verdicts()
    assert told[name].label is Label.FAITHFUL
    assert not told[name].findings


def test_a_mere_comment_makes_no_claim():
    _, told = verdicts()
    assert told["comment"].label is Label.UNRELATED
