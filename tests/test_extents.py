"""How much of a retweet a finding shows."""

import pytest

from drift.cli import tools
from drift.pipeline import check
from drift.records import Post, Retweet

POST = (
    "The ministry may cut ferry subsidies by 12 percent next year if the audit confirms the losses."
)


def shown(retweet, kind):
    report = check(Post("post", POST), [Retweet("r", retweet)], tools("gloss"))
    (verdict,) = report.verdicts
    return [
        finding.retweet_span.of(retweet) for finding in verdict.findings if finding.type == kind
    ]


@pytest.mark.parametrize(
    ("retweet", "words"),
    [
        ("明年渡輪補貼確定砍掉12%。", "明年渡輪補貼確定砍掉12%"),
        ("船長搖頭，明年渡輪補貼確定砍掉12%，居民抗議", "明年渡輪補貼確定砍掉12%"),
    ],
)
def test_a_cue_is_shown_with_what_it_is_said_of_in_its_clause(retweet, words):
    (found,) = shown(retweet, "conditional")
    assert found in words
    assert "砍掉" in found
