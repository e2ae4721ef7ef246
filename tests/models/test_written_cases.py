"""The cases that were written for training keep to the guidelines' form and apart from others."""

import json
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from models.cross import TYPES
from models.recipes.cases import SETS, written

SEVERE = {"major", "critical"}
OWN = Path(__file__).parents[1] / "data" / "own-cases.jsonl"


@pytest.fixture(scope="module")
def cases():
    return written(*SETS)


def test_what_the_network_learns_and_what_it_never_sees_share_no_post():
    unseen = ("held", "fresh")
    learned, held = (
        {case["post"] for case in written(*names)} for names in (set(SETS) - set(unseen), unseen)
    )
    assert learned
    assert held
    assert not learned & held


def test_every_case_has_its_post_and_an_id_of_its_own(cases):
    assert len(cases) > 1000
    assert len({case["id"] for case in cases}) == len(cases)
    posts = defaultdict(set)
    for case in cases:
        assert case["id"].startswith(case["post_id"])
        posts[case["post_id"]].add(case["post"])
    assert all(len(texts) == 1 for texts in posts.values())


def test_verdicts_follow_from_the_findings(cases):
    for case in cases:
        found = {finding["severity"] for finding in case["findings"]}
        wanted = {
            "faithful": not found,
            "unrelated": not found,
            "drifted": found == {"minor"},
            "misrepresents": bool(found & SEVERE),
        }
        assert wanted[case["verdict"]], case["id"]


def test_spans_are_quoted_from_the_texts(cases):
    for case in cases:
        for finding in case["findings"]:
            assert finding["type"] in TYPES
            assert finding["retweet_span"] in case["retweet"], case["id"]
            assert finding["post_span"] in case["post"], case["id"]
            assert finding["retweet_span"] or finding["type"] == "omission", case["id"]


def test_twins_are_two_with_different_verdicts(cases):
    twins = defaultdict(list)
    for case in cases:
        if case.get("pair"):
            twins[case["pair"]].append(case["verdict"])
    assert all(len(pair) == 2 and len(set(pair)) == 2 for pair in twins.values())


def test_all_types_occur_and_neither_verdict_prevails(cases):
    kinds = Counter(f["type"] for case in cases for f in case["findings"])
    assert set(kinds) == set(TYPES)
    verdicts = Counter(case["verdict"] for case in cases)
    assert 0.7 < verdicts["faithful"] / verdicts["misrepresents"] < 1.4


def test_no_post_is_one_that_accuracy_is_reported_on(cases):
    ours = {case["post"] for case in cases}
    reported = {json.loads(line)["post"] for line in OWN.read_text("utf-8").splitlines()}
    assert not ours & reported
