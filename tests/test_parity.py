"""What changes no meaning changes no verdict: script, emoji, hashtag, RT, link."""

import pytest

from drift.cli import backends
from tests.benchmarks.parity import CHANGES, compared, other_script, summed

POST = (
    "If the second test fails, Lumo will withdraw the drug. About 4,000 people take it. "
    "Reportedly some officials had asked for a meeting; it has not been granted."
)
RETWEETS = (
    "如果第二次测试失败，Lumo将撤回这种药。",
    "Lumo已经撤回这种药，4万人受害！",
    "官員全部獲准會面，因為害怕鬧事。",
    "據說有些官員請求會面，還沒有得到批准。",
    "大约四千人在服用这种药",
)


def test_the_other_script_goes_both_ways():
    assert other_script("这种药没有问题") == "這種藥沒有問題"
    assert other_script("這種藥沒有問題") == "这种药没有问题"


@pytest.fixture(scope="module")
def pairs():
    cases = [
        {"id": str(at), "post": POST, "retweet": text, "verdict": "faithful", "findings": []}
        for at, text in enumerate(RETWEETS)
    ]
    return compared(cases, backends().tools("gloss"))


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_without_meaning_changes_no_verdict(pairs, change):
    mine = [pair for pair in pairs if pair["change"] == change]
    assert len(mine) == len(RETWEETS)
    assert [pair["verdicts"][0] for pair in mine] == [pair["verdicts"][1] for pair in mine]


def test_the_sum_counts_what_changed(pairs):
    one = dict(pairs[0], same=False, scores=(0.2, 0.5))
    row = summed([one, *pairs[1:]])[one["change"]]
    assert row["same"] == pytest.approx(1 - 1 / len(RETWEETS))
    assert row["most moved"] == pytest.approx(0.3)
