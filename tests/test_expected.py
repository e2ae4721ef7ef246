"""What a translator's likelihoods tell of a claim and its premise."""

from dataclasses import dataclass

import pytest

import models
from drift.expected import expected
from drift.pipeline import Tools, listen, read
from drift.records import Post, Retweet, Span
from models.trees import Trees

POST = "Officials said the bridge does not threaten the town. It may reopen in May."


@dataclass(frozen=True)
class Piece:
    span: Span
    logprob: float


@dataclass(frozen=True)
class Scored:
    pieces: tuple[Piece, ...]


class Fake:
    """Finds every word likelier under a claim than alone, but for those it is told to doubt."""

    def __init__(self, *doubted: str) -> None:
        self.doubted = doubted
        self.asked: list[tuple[str, str]] = []

    def likelihoods(self, pairs):
        self.asked += pairs
        return [self._scored(chinese, english) for chinese, english in pairs]

    def _scored(self, chinese, english):
        pieces, start = [], 0
        for word in english.split(" "):
            gain = 0.0 if not chinese else -3.0 if word in self.doubted else 2.0
            pieces.append(Piece(Span(start, start + len(word)), -4.0 + gain))
            start += len(word) + 1
        return Scored(tuple(pieces))


def features(scorer, *retweets):
    tools = Tools(translator=None, table=models.table(), calibrator=None)
    reading = read(Post("post", POST), tools)
    heard = [listen(reading, Retweet(str(n), text), tools) for n, text in enumerate(retweets)]
    return expected(reading, [one.evidence for one in heard], scorer)


def test_a_word_that_the_claim_makes_unlikely_amid_what_it_says_is_seen():
    (kept,) = features(Fake(), "官员说这座桥没有威胁到小镇")
    (lost,) = features(Fake("not"), "官员说这座桥威胁到小镇")
    assert kept["like:neg.gain"] == 2.0
    assert lost["like:neg.gain"] == lost["like:neg.low"] == -3.0
    assert lost["like:neg.support"] > 0
    assert lost["like:dip"] < kept["like:dip"]


def test_every_premise_is_asked_once_alone_and_once_a_claim():
    scorer = Fake()
    features(scorer, "官员说这座桥没有威胁到小镇", "官员说这座桥没有威胁到小镇")
    assert len(scorer.asked) == len(set(scorer.asked))
    assert {english for chinese, english in scorer.asked if not chinese} == {
        english for chinese, english in scorer.asked if chinese
    }


def test_without_a_translator_there_is_nothing_to_tell():
    assert features(None, "官员说这座桥没有威胁到小镇") == [{}]


def test_a_retweet_without_claims_has_no_features():
    assert features(Fake(), "@someone http://t.cn/abc") == [{}]


@pytest.mark.parametrize(("value", "total"), [(0.0, 0.5), (1.0, 0.5), (1.5, 3.5)])
def test_trees_go_left_up_to_the_threshold(value, total):
    trees = Trees(1.0, ["x"], [[[0, 1.0, 1, 2], [-0.5], [2.5]]])
    assert trees.total({"x": value}) == total
    assert trees.total({}) == 0.5
