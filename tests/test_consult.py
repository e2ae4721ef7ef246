"""What the models beside the rules are asked, and what becomes of their answers."""

from dataclasses import replace

import pytest

from drift.backends import Advisers, SecondOpinion
from drift.cli import backends
from drift.consult import WINDOWS, windows
from drift.pipeline import check
from drift.records import Post, Retweet

POST = Post(
    "p",
    "Lumo tests a drug. About 4,000 people take it. If the second test fails, Lumo will withdraw "
    "the drug. The minister has not commented. Shops are closed on Sunday.",
)


class Entailment:
    """Entails by a rule that a test gives; keeps what it was asked."""

    signature = "fake-nli@1"

    def __init__(self, rule=lambda premise, hypothesis: (0.2, 0.7, 0.1)):
        self.rule = rule
        self.asked = []

    def infer(self, pairs):
        self.asked += pairs
        return [self.rule(*pair) for pair in pairs]


class Embedder:
    """Finds texts near by the characters that they share; the same in every test."""

    signature = "fake-emb@1"

    def similarities(self, lefts, rights):
        return [[1.0 if "Sunday" in right else 0.3 for right in rights] for _ in lefts]


class Judge:
    """Says what a test tells it to."""

    signature = "fake-judge"

    def __init__(self, *said):
        self.said = said
        self.asked = []

    def opinions(self, pairs):
        self.asked += pairs
        return list(self.said)


def judged(*texts, **advisers):
    tools = replace(backends().tools("gloss"), advisers=Advisers(**advisers))
    return check(POST, [Retweet(f"r{n}", text) for n, text in enumerate(texts)], tools)


CHINESE = "如果第二次测试失败，Lumo将撤回这种药"


def test_whole_chinese_sentences_are_asked_against_windows_of_one_to_three():
    nli = Entailment()
    judged(CHINESE, entailment=nli)
    forth = [(premise, claim) for premise, claim in nli.asked if claim == CHINESE]
    back = [(premise, claim) for premise, claim in nli.asked if premise == CHINESE]
    assert len(forth) + len(back) == len(nli.asked)
    assert len(back) == 1
    assert back[0][1] in {premise for premise, _ in forth}
    assert 1 < len(forth) <= WINDOWS
    counts = {premise.count(".") for premise, _ in forth}
    assert counts <= {1, 2, 3}
    assert "If the second test fails, Lumo will withdraw the drug." in {p for p, _ in forth}


def test_similarity_brings_a_sentence_that_the_alignment_did_not_find():
    nli = Entailment()
    judged(CHINESE, entailment=nli, embedder=Embedder())
    assert "Shops are closed on Sunday." in {premise for premise, _ in nli.asked}


def test_the_weakest_sentence_is_what_counts():
    def rule(premise, hypothesis):
        if "4,000" in premise and "四千" in hypothesis:
            return (0.9, 0.05, 0.05)
        return (0.1, 0.2, 0.7) if "部长" in hypothesis else (0.3, 0.6, 0.1)

    said = (
        judged("大约四千人在服用这种药。部长已经评论。", entailment=Entailment(rule))
        .verdicts[0]
        .said
    )
    assert said[0].figures["entailed"] == 0.1
    assert said[0].figures["contradicted"] == 0.7
    assert said[0].weighed is False


def test_advice_without_numbers_of_its_own_moves_no_score():
    plain = judged(CHINESE).verdicts[0]
    advised = judged(CHINESE, entailment=Entailment(), embedder=Embedder()).verdicts[0]
    assert (advised.score, advised.label, advised.findings) == (
        plain.score, plain.label, plain.findings
    )  # fmt: skip
    assert plain.said == ()
    assert [one.about for one in advised.said] == ["entailment", "similarity"]


def test_advice_with_numbers_of_its_own_moves_the_score():
    class Fitted:
        def __init__(self, inner):
            self._inner = inner
            self.signature = "fitted"
            self.limits = inner.limits

        def misrepresents(self, features):
            return 0.99 if features.get("nli:contradicted", 0) > 0.5 else 0.01

        def __getattr__(self, name):
            return getattr(self._inner, name)

    tools = backends().tools("gloss")
    for rule, score in (((0.1, 0.2, 0.7), 0.99), ((0.9, 0.1, 0.0), 0.01)):
        nli = Entailment(lambda *_, said=rule: said)
        fitted = replace(
            tools,
            advisers=Advisers(entailment=nli, weighed=True),
            calibrator=Fitted(tools.calibrator),
        )
        verdict = check(POST, [Retweet("r", CHINESE)], fitted).verdicts[0]
        assert verdict.score == score
        assert verdict.said[0].weighed is True


def test_answers_go_to_the_retweet_that_they_are_about():
    def rule(premise, hypothesis):
        return (0.9, 0.1, 0.0) if "四千" in hypothesis else (0.1, 0.8, 0.1)

    texts = ("大约四千人在服用这种药", "😀", "部长没有评论")
    report = judged(*texts, entailment=Entailment(rule))
    figures = [verdict.said[0].figures for verdict in report.verdicts]
    assert figures[0]["entailed"] == 0.9
    assert figures[1] == {}
    assert figures[2]["entailed"] == 0.1
    assert "|nli:fake-nli@1|" in report.signature


@pytest.mark.parametrize("count", [0, 1, 2, 7])
def test_windows_stay_inside_the_post(count):
    premises = list(range(min(3, count)))
    found = windows(premises, [0.5] * count, count)
    assert len(found) == len(set(found)) <= WINDOWS
    for window in found:
        assert 1 <= len(window) <= 3
        assert all(0 <= number < count for number in window)


def test_a_judge_sees_only_what_is_judged_and_its_word_is_shown():
    judge = Judge(SecondOpinion(0.9), SecondOpinion(None, note="it refused"))
    report = judged("RT @x: 大约4万人在服用 https://t.co/a", "他", judge=judge)
    assert "t.co" not in judge.asked[0][0]
    assert "4万人" in judge.asked[0][0]
    assert report.verdicts[0].said[0].weighed is True
    assert report.verdicts[1].said[0].note == "it refused"


def test_a_judge_alone_accuses_nobody():
    """However sure it is: without a finding of the rules there is no accusation."""
    judge = Judge(SecondOpinion(1.0))
    verdict = judged("大约四千人在服用这种药", judge=judge).verdicts[0]
    assert verdict.findings == ()
    assert verdict.label != "misrepresents"
