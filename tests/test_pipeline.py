"""What a retweet carries beside its claims changes no verdict; what it claims does."""

import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from drift.cli import backends
from drift.errors import InputError
from drift.pipeline import check
from drift.records import Post, Retweet

POST = Post(
    "p", "If the second test fails, Lumo will withdraw the drug. About 4,000 people take it."
)
CLAIMS = (
    "大约四千人在服用这种药",
    "大约4万人在服用这种药，Lumo已经撤回",
    "要是第二次测试失败，Lumo就撤回这种药",
)


@cache
def verdict(text):
    return check(POST, [Retweet("r", text)], backends().tools("gloss")).verdicts[0]


@pytest.mark.parametrize("claim", CLAIMS)
@pytest.mark.parametrize(
    "carrier",
    ["{} https://t.co/abc123", "RT @someone: {}", "{} #健康", "{}😀", "{} //我觉得不好说"],
)
def test_carriers_and_comments_change_nothing(claim, carrier):
    plain, carried = verdict(claim), verdict(carrier.format(claim))
    assert carried.label is plain.label
    assert [f.type for f in carried.findings] == [f.type for f in plain.findings]


@pytest.mark.parametrize("claim", CLAIMS)
def test_an_emoji_hardly_moves_the_score(claim):
    assert verdict(f"{claim}😂👍🏽").score == pytest.approx(verdict(claim).score, abs=0.03)


def test_a_verdict_does_not_depend_on_its_neighbours():
    together = check(POST, [Retweet(c, c) for c in CLAIMS], backends().tools("gloss"))
    assert [v.score for v in together.verdicts] == [verdict(claim).score for claim in CLAIMS]


def test_the_signature_names_everything_that_can_change_a_verdict():
    signature = check(POST, [], backends().tools("gloss")).signature
    assert all(part in signature for part in ("bt:", "lex:", "pair:cross:", "cal:", "v:"))


def test_a_share_is_glossed_as_a_figure():
    glosses = {
        word.zh: word.en
        for claim in verdict("约三成的人在服用这种药，五成五已经停药，三分之一没有").claims
        for word in claim.gloss
    }
    assert (glosses["三成"], glosses["三分之一"]) == ("30%", "1/3")


def test_an_empty_post_is_refused():
    with pytest.raises(InputError, match="empty"):
        check(Post("p", " \n"), [Retweet("r", "他")], backends().tools("gloss"))


ALIGNING = """
import json, sys
from drift.pipeline import Tools, listen, read
from drift.records import Post, Retweet
import models
tools = Tools(translator=None, table=models.table(), calibrator=None)
for line in open(sys.argv[1], encoding="utf-8").readlines()[:12]:
    case = json.loads(line)
    heard = listen(read(Post("p", case["post"]), tools), Retweet("r", case["retweet"]), tools)
    print([evidence.pair.links for evidence in heard.evidence])
"""


def test_what_is_aligned_does_not_hang_on_the_hashes_of_one_process():
    """Of equal links the first one wins: in sets, each process has an order of its own."""
    cases = Path(__file__).parent / "data" / "own-cases.jsonl"
    told = {
        subprocess.run(
            [sys.executable, "-c", ALIGNING, cases],
            env={**os.environ, "PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    (links,) = told
    assert b"Link(" in links
