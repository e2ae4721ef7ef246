"""Every detector's own examples, through the whole pipeline with the shipped table.

`expect` is `fires` (the detector finds something), `silent` (a near miss: it must not) or
`known-failure`: what it should find and does not, or finds and should not (`wants` says which of
the two is right). A cured failure fails the test, so that it is moved.
"""

import tomllib
from functools import cache
from pathlib import Path

import pytest

import models
from drift.detectors import DETECTORS, detect
from drift.pipeline import Tools, listen, read
from drift.records import Post, Retweet

FOLDER = Path(__file__).parent / "cases"
NAMES = [name for name in DETECTORS if (FOLDER / f"{name}.toml").exists()]
KINDS = {"fires", "silent", "known-failure"}


def load(name):
    return tomllib.loads((FOLDER / f"{name}.toml").read_text("utf-8"))["case"]


@cache
def table():
    return models.table()


def findings(name, case):
    """Run one detector over one retweet of one post."""
    tools = Tools(
        translator=None,
        table=table(),
        calibrator=None,
        detectors=(DETECTORS[name],),
    )
    reading = read(Post("post", case["post"]), tools)
    heard = listen(reading, Retweet("retweet", case["retweet"]), tools)
    return detect(heard.evidence, tools.detectors)


def marks(case):
    failing = case["expect"] == "known-failure"
    reason = case.get("why", "known failure")
    return [pytest.mark.xfail(strict=True, reason=reason)] if failing else []


@pytest.mark.parametrize(
    ("name", "case"),
    [
        pytest.param(name, case, marks=marks(case), id=f"{name}: {case['label']}")
        for name in NAMES
        for case in load(name)
    ],
)
def test_case(name, case):
    wanted = case.get("wants", "fires") if case["expect"] == "known-failure" else case["expect"]
    found = findings(name, case)
    assert all(finding.type == name for finding in found)
    if wanted == "silent":
        assert not found
        return
    assert found
    if "span" in case:
        text = case["retweet"]
        spans = [finding.retweet_span.of(text) for finding in found if finding.retweet_span]
        assert case["span"] in spans
    if "post_span" in case:
        text = case["post"]
        spans = [finding.post_span.of(text) for finding in found if finding.post_span]
        assert case["post_span"] in spans


@pytest.mark.parametrize("name", NAMES)
def test_cases_are_well_made_and_of_every_kind(name):
    cases = load(name)
    labels = [case["label"] for case in cases]
    assert len(labels) == len(set(labels))
    assert all(case["expect"] in KINDS and case["post"] and case["retweet"] for case in cases)
    assert {"fires", "silent"} <= {case["expect"] for case in cases}


@pytest.mark.parametrize(
    ("retweet", "reason", "factor"),
    [("周日有4万人上街。", "quantity.far", "10"), ("周日有4500人上街。", "quantity.changed", None)],
)
def test_a_figure_off_by_a_factor_of_two_or_more_has_a_reason_of_its_own(retweet, reason, factor):
    case = {"post": "Some 4,000 people marched on Sunday.", "retweet": retweet}
    (found,) = findings("quantity", case)
    assert found.reason == reason
    assert found.details.get("factor") == factor


def test_a_large_factor_is_written_out():
    case = {"post": "The repair cost £3,000.", "retweet": "维修花了三千万英镑。"}
    (found,) = findings("quantity", case)
    assert found.details["factor"] == "10,000"
