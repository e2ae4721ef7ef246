"""The figures of merit, against cases small enough to count by hand."""

import importlib.util
import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from drift.evaluate import (
    auc,
    calibration_error,
    figures,
    intervals,
    mcc,
    measure,
    outcomes,
    precision_at_recall,
)
from drift.evaluate.charts import accuracy, numbers
from drift.evaluate.curves import (
    accused,
    answered,
    histogram,
    mean_risk,
    precision_recall,
    reliability,
    score_risk,
    verdict_risk,
)
from drift.evaluate.mistakes import worst
from drift.report.accuracy import page


def gold(name, verdict, *findings, pair=None, post="p"):
    return {
        "id": name,
        "post_id": post,
        "retweet": "零一二三四五六七八九",
        "verdict": verdict,
        "findings": [
            {"type": kind, "severity": severity, "retweet_span": words, "post_span": "the post"}
            for kind, severity, words in findings
        ],
        "pair": pair,
    }


def row(name, verdict, score, *findings):
    return {
        "id": name,
        "verdict": verdict,
        "score": score,
        "confidence": max(score, 1 - score),
        "findings": [
            {
                "type": kind,
                "severity": severity,
                "retweet_span": {"start": start, "end": end, "text": "零一二三四五"[start:end]},
            }
            for kind, severity, start, end in findings
        ],
    }


def some(*triples):
    """Give outcomes of (wanted, given, score), each about a post of its own."""
    cases = [gold(str(at), wanted, post=str(at)) for at, (wanted, _, _) in enumerate(triples)]
    rows = [row(str(at), given, score) for at, (_, given, score) in enumerate(triples)]
    return outcomes(cases, rows)


def test_a_right_accusation_counts_for_verdict_type_and_span():
    out = figures(
        [gold("a", "misrepresents", ("cause", "major", "三四"))],
        [row("a", "misrepresents", 0.9, ("cause", "major", 3, 5))],
    )
    assert out.accuracy == 1.0
    assert out.all_types.f1 == 1.0
    assert out.spans.f1 == 1.0


def test_a_major_finding_where_the_annotator_saw_a_minor_one_is_no_false_alarm():
    out = figures(
        [gold("a", "drifted", ("quantity", "minor", "三"))],
        [row("a", "misrepresents", 0.9, ("quantity", "major", 3, 4))],
    )
    assert out.types["quantity"].false == 0
    assert out.misrepresents.false == 1


def test_uncertain_is_wrong_but_no_false_alarm():
    out = figures([gold("a", "faithful")], [row("a", "uncertain", 0.4)])
    assert out.accuracy == 0.0
    assert out.false_alarm == 0.0


def test_rows_that_failed_count_as_missing():
    out = figures([gold("a", "faithful")], [{"id": "a", "error": "no text"}])
    assert (out.cases, out.missing) == (0, 1)


def test_a_minimal_pair_is_ordered_when_the_drifted_twin_scores_higher():
    cases = [gold("a", "faithful", pair="p"), gold("b", "misrepresents", pair="p")]
    assert figures(cases, [row("a", "faithful", 0.1), row("b", "faithful", 0.3)]).pairs_ordered == 1
    assert figures(cases, [row("a", "faithful", 0.3), row("b", "faithful", 0.3)]).pairs_ordered == 0


def test_a_twin_without_its_other_half_is_no_pair():
    cases = [gold("a", "misrepresents", pair="p"), gold("b", "faithful", pair="q")]
    out = figures(cases, [row("a", "faithful", 0.1), row("b", "faithful", 0.3)])
    assert (out.pairs, out.pairs_ordered) == (0, None)
    assert "minimal pairs ordered" not in out.named()


def test_ranking_measures():
    assert auc([0.9, 0.8], [0.1, 0.2]) == 1.0
    assert auc([0.5], [0.5]) == 0.5
    assert mcc([True, True, False, False], [False, False, True, True]) == -1.0
    assert precision_at_recall([0.9, 0.8, 0.7], [True, False, True], 0.5) == 1.0
    assert precision_at_recall([0.9, 0.8, 0.7], [True, False, True], 1.0) == pytest.approx(2 / 3)


def test_calibration_error_is_nought_when_scores_are_frequencies():
    scores, truth = [0.25] * 4, [True, False, False, False]
    assert calibration_error(scores, truth) == pytest.approx(0.0)
    assert calibration_error([0.95] * 4, truth) == pytest.approx(0.7)


def share(items):
    return {"share": sum(value for _, value in items) / len(items)}


def test_an_interval_holds_the_figure_and_is_the_same_each_time():
    items = [(post, post % 2) for post in range(40)]
    low, high = intervals(items, lambda item: item[0], share)["share"]
    assert low < 0.5 < high
    assert 0.2 < high - low < 0.4  # the normal approximation says 0.31
    assert intervals(items, lambda item: item[0], share)["share"] == (low, high)


def test_retweets_of_one_post_count_as_one_draw():
    alone = [(at, at % 2) for at in range(40)]
    in_fours = [(at // 4, at // 4 % 2) for at in range(40)]
    wide, narrow = (
        intervals(items, lambda item: item[0], share)["share"] for items in (in_fours, alone)
    )
    assert wide[1] - wide[0] > 1.5 * (narrow[1] - narrow[0])


def test_one_post_has_no_interval_and_undefined_draws_are_left_out():
    assert intervals([(1, 0), (1, 1)], lambda item: item[0], share) == {}
    found = some(("misrepresents", "faithful", 0.6), ("faithful", "faithful", 0.3))
    low, high = intervals(found, lambda one: one.post, lambda few: measure(few).named())["AUC"]
    assert low == high == 1.0  # of the draws with both verdicts; the others have no AUC


def test_reliability_compares_scores_with_shares():
    (one,) = reliability(some(("misrepresents", "faithful", 0.22), ("faithful", "faithful", 0.28)))
    assert (one.start, one.end, one.cases, one.hits) == (0.2, 0.3, 2, 1)
    assert (one.score, one.share) == (pytest.approx(0.25), 0.5)


def test_the_bins_are_those_of_the_calibration_error():
    found = some(
        *(("misrepresents" if at % 3 else "faithful", "faithful", at / 40) for at in range(41))
    )
    bins = reliability(found)
    gap = sum(one.cases * abs(one.score - one.share) for one in bins) / len(found)
    assert gap == pytest.approx(measure(found).calibration_error)


def test_a_score_of_one_falls_into_the_last_slice():
    counts = histogram(some(("misrepresents", "misrepresents", 1.0), ("faithful", "faithful", 0)))
    assert counts[-1]["misrepresents"] == counts[0]["faithful"] == 1
    assert sum(sum(each.values()) for each in counts) == 2


def test_what_is_uncertain_is_answered_last():
    found = some(
        ("faithful", "uncertain", 0.01),  # confidence 0.99, and still last
        ("faithful", "faithful", 0.1),
        ("faithful", "drifted", 0.4),
    )
    assert [point.risk for point in verdict_risk(found)] == [0, 0.5, pytest.approx(2 / 3)]
    assert answered(found).coverage == pytest.approx(2 / 3)
    assert answered(found).risk == 0.5
    assert answered(some(("faithful", "uncertain", 0.5))) is None


def test_risk_of_the_score_and_its_mean():
    found = some(("misrepresents", "drifted", 0.9), ("faithful", "drifted", 0.8))
    assert [(one.coverage, one.risk) for one in score_risk(found)] == [(0.5, 0), (1, 0.5)]
    assert mean_risk(score_risk(found)) == 0.25


def test_precision_and_recall_at_every_score_and_of_the_verdict():
    found = some(
        ("misrepresents", "misrepresents", 0.9),
        ("faithful", "misrepresents", 0.8),
        ("misrepresents", "drifted", 0.7),
    )
    assert [(cut.recall, cut.precision) for cut in precision_recall(found)] == [
        (0.5, 1), (0.5, 0.5), (1, pytest.approx(2 / 3))
    ]  # fmt: skip
    assert (accused(found).recall, accused(found).precision) == (0.5, 0.5)
    assert accused(some(("faithful", "faithful", 0.1))) is None


def test_the_worst_mistakes_are_sure_and_wrong():
    found = some(
        ("misrepresents", "faithful", 0.1),
        ("faithful", "misrepresents", 0.95),
        ("misrepresents", "misrepresents", 0.51),  # right
        ("faithful", "uncertain", 0.99),  # an abstention
        ("drifted", "faithful", 0.2),
    )
    listed = worst(found, 9)
    assert [(one["id"], one["mistake"]) for one in listed] == [
        ("1", "wrongly accused"), ("0", "missed"), ("4", "mixed up")
    ]  # fmt: skip
    assert [one["id"] for one in worst(found, 1)] == ["1"]


def test_a_mistake_tells_both_sides():
    (one,) = worst(
        outcomes(
            [gold("a", "misrepresents", ("cause", "major", "三四"))],
            [row("a", "faithful", 0.1, ("role", "minor", 0, 2))],
        ),
        1,
    )
    assert one["post_words"] == ["the post"]
    assert one["findings_wanted"][0]["retweet_span"] == "三四"
    assert one["findings_given"][0]["retweet_span"] == "零一"


def test_without_findings_a_mistake_shows_what_the_claims_were_tied_to():
    answer = row("a", "misrepresents", 0.9) | {
        "claims": [{"aligned": [{"span": {"start": 0, "end": 3, "text": "One"}, "strength": 1}]}]
    }
    assert worst(outcomes([gold("a", "faithful")], [answer]), 1)[0]["post_words"] == ["One"]


VERDICT = st.sampled_from(("faithful", "drifted", "misrepresents", "unrelated"))
GIVEN = st.one_of(VERDICT, st.just("uncertain"))


@drawn(st.lists(st.tuples(VERDICT, GIVEN, st.floats(0, 1)), min_size=1, max_size=30))
def test_every_set_of_outcomes_can_be_drawn(triples):
    found = some(*triples)
    made = measure(found)
    html = page(accuracy(found, made, {}, "<title> \u202e"))
    assert "<title> \u202e" not in html
    assert "NaN" not in json.dumps(numbers(found))
    assert verdict_risk(found)[-1].risk == pytest.approx(1 - made.accuracy)
    cuts = precision_recall(found)
    assert [cut.recall for cut in cuts] == sorted(cut.recall for cut in cuts)
    assert sum(one.cases for one in reliability(found)) == len(found)


def test_the_page_shows_figures_and_intervals():
    found = some(("misrepresents", "misrepresents", 0.9), ("faithful", "faithful", 0.1))
    made = replace(measure(found), missing=3)
    html = page(accuracy(found, made, {"AUC": (0.25, 1.0)}, "cases.jsonl"))
    assert "0.25–1.00" in html
    assert "3 not judged" in html
    assert html.count("<svg") >= 5
    assert "<script" not in html
    assert "http" not in html.split("</style>")[1]


def benchmark():
    """Load the benchmark's own script, where the data folder lies beside the checkout."""
    data = Path(os.environ.get("DRIFT_DATA", Path(__file__).parents[2] / "shared/data"))
    path = data.parent / "tools/driftbench_metrics.py"
    if not path.is_file():
        pytest.skip("the benchmark's script is not here")
    spec = importlib.util.spec_from_file_location("driftbench_metrics", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


KIND = st.sampled_from(("cause", "role", "stance"))
SEVERITY = st.sampled_from(("minor", "major", "critical"))
WANTED = st.tuples(KIND, SEVERITY, st.sampled_from(("三四", "四五六", "九", None)))
TOLD = st.tuples(KIND, SEVERITY, st.integers(0, 4), st.integers(5, 9))


@drawn(
    st.lists(
        st.tuples(
            VERDICT, st.lists(WANTED, max_size=3), GIVEN, st.integers(0, 20),
            st.lists(TOLD, max_size=3),
        ),
        max_size=25,
    )
)  # fmt: skip
def test_the_figures_are_those_of_the_benchmarks_own_script(drawn_cases):
    cases, rows = [], []
    for at, (wanted, findings, told, score, shown) in enumerate(drawn_cases):
        cases.append(gold(at, wanted, *findings))
        rows.append(row(at, told, score / 20, *shown))
    theirs, ours = benchmark().driftbench(cases, rows), figures(cases, rows)
    assert (ours.cases, ours.accuracy) == (theirs["n"], pytest.approx(theirs["accuracy"]))
    assert ours.macro_f1 == pytest.approx(theirs["macro_f1"])
    assert ours.auc == pytest.approx(theirs["auc"], nan_ok=True)
    assert ours.false_alarm == pytest.approx(theirs["false_alarm"])
    for key, counts in (
        ("misrepresents_prf", ours.misrepresents),
        ("type_prf", ours.all_types),
        ("span_prf", ours.spans),
    ):
        assert theirs[key] == pytest.approx((counts.precision, counts.recall, counts.f1))
    assert theirs["by_type_recall"] == {
        name: (c.hits, c.hits + c.missed, c.false) for name, c in ours.types.items()
    }
