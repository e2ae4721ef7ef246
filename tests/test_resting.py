"""Of a long post a scorer is shown what the claims rest on; the rest is blank."""

from functools import cache

import pytest

import models
from drift.pipeline import Tools, listen, read
from drift.records import Post, Retweet
from drift.resting import MOST, resting

SHORT = "If the second test fails, Lumo will withdraw the drug.\nAbout 4,000 people take it."
FILLER = [f"Nothing of note happened at the garden party in village {k}." for k in range(60)]
PREMISE = "About 4,000 people take the drug."
RETWEET = "大约四千人在服用这种药"


@cache
def tools():
    return Tools(
        translator=models.translator("gloss"), table=models.table(), calibrator=models.calibrator()
    )


@cache
def laid(post, retweet):
    reading = read(Post("p", post), tools())
    return reading, listen(reading, Retweet("r", retweet), tools()).evidence


def shown(post, retweet=RETWEET, **limit):
    """Give the post as it was read, and as a scorer of the retweet is shown it."""
    reading, evidence = laid(post, retweet)
    return reading.document.text, resting(reading, evidence, **limit)


def long(at):
    """Make a long post with the premise at some place."""
    return " ".join([*FILLER[:at], PREMISE, *FILLER[at:]])


def test_a_short_post_is_shown_whole():
    text, seen = shown(SHORT)
    assert seen.split() == text.split()
    assert len(seen) == len(text)


@pytest.mark.parametrize("at", [0, 31, 60])
def test_of_a_long_post_the_premise_and_what_stands_around_it_are_shown(at):
    text, seen = shown(long(at))
    assert PREMISE in seen
    assert FILLER[max(0, at - 1)] in seen
    assert FILLER[(at + 30) % 60] not in seen
    assert MOST / 2 < len("".join(seen.split())) < MOST < len(text)


def test_what_is_shown_keeps_its_place():
    text, seen = shown(long(31))
    assert len(seen) == len(text)
    assert all(there in {" ", one} for one, there in zip(text, seen, strict=True))


@pytest.mark.parametrize("most", [1, 40, 100, 200, 400])
def test_never_more_is_shown_than_allowed_but_for_a_lone_sentence(most):
    _, seen = shown(long(20), most=most)
    kept = [sentence for sentence in (*FILLER, PREMISE) if sentence in seen]
    assert sum(map(len, kept)) <= most or kept == [PREMISE]


def test_a_premise_that_is_too_long_is_shown_alone():
    sentence = PREMISE[:-1] + ", " + "and so it went on " * 60 + "until the evening."
    _, seen = shown(" ".join([*FILLER[:5], sentence, *FILLER[5:]]))
    assert seen.strip() == sentence


def test_premises_of_all_claims_are_shown():
    other = "The minister said on Friday that Lumo will withdraw the drug."
    post = " ".join([PREMISE, *FILLER, other])
    _, seen = shown(post, "大约四千人在服用这种药。部长周五说，Lumo将撤回这种药。")
    assert PREMISE in seen
    assert other in seen


def test_without_claims_the_beginning_is_shown():
    text, seen = shown(long(40), "https://t.co/abc")
    assert seen.startswith(FILLER[0])
    assert seen.rstrip() == text[: len(seen.rstrip())]
