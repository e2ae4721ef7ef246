"""The figures of merit, against cases small enough to count by hand."""

import pytest

from drift.evaluate import auc, calibration_error, figures, mcc, precision_at_recall


def gold(name, verdict, *findings, pair=None):
    return {
        "id": name,
        "retweet": "零一二三四五六七八九",
        "verdict": verdict,
        "findings": [
            {"type": kind, "severity": severity, "retweet_span": words}
            for kind, severity, words in findings
        ],
        "pair": pair,
    }


def row(name, verdict, score, *findings):
    return {
        "id": name,
        "verdict": verdict,
        "score": score,
        "findings": [
            {
                "type": kind,
                "severity": severity,
                "retweet_span": {"start": start, "end": end},
            }
            for kind, severity, start, end in findings
        ],
    }


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
