"""The ablation table, on features made here: one group that tells, one that is noise."""

from random import Random

import pytest

pytest.importorskip("sklearn")

from models.recipes.calibration import ablation
from models.recipes.calibration.cases import Seen


def cases():
    """Give 60 posts with a faithful and a distorted twin each."""
    chance, found = Random(3), []
    for number in range(120):
        bad = number % 2
        case = {
            "id": str(number),
            "post_id": str(number // 2),
            "pair": str(number // 2),
            "verdict": "misrepresents" if bad else "faithful",
            "findings": [],
        }
        features = {
            "pair": bad + chance.gauss(0, 0.4),
            "reason:cause.invented": chance.random(),
            "polarity:+>-": chance.random() * 0.1,
            "nli:most": 0.2 * bad + chance.gauss(0, 1),
            "topic:firm": 1.0,
            "w:已经:U": 1.0,
        }
        found.append(Seen(case, (), features, 0.5))
    return found


def test_groups_are_those_that_speak_for_the_verdict():
    assert ablation.groups(cases()) == ["findings", "contrasts", "cross-encoder", "nli"]


def test_every_group_is_tried_alone_and_left_out():
    found = ablation.choices(["findings", "contrasts", "cross-encoder", "nli"])
    assert found["together"] == ["findings", "contrasts", "cross-encoder", "nli"]
    assert found["rules alone"] == ["findings", "contrasts"]
    assert found["cross-encoder alone"] == ["cross-encoder"]
    assert found["without rules"] == ["cross-encoder", "nli"]
    assert found["without nli"] == ["findings", "contrasts", "cross-encoder"]
    assert "without rules" not in ablation.choices(["findings"])


def test_only_the_kept_groups_are_left_and_what_speaks_for_other_verdicts():
    (one, *_) = ablation.only(cases(), ["cross-encoder"])
    assert set(one.features) == {"pair", "topic:firm", "w:已经:U"}


def test_the_group_that_tells_carries_the_ranking():
    seen = cases()
    found = ablation.choices(ablation.groups(seen))
    chosen = ("together", "rules alone", "cross-encoder alone", "without cross-encoder")
    kept = {name: ablation.only(seen, found[name]) for name in chosen}
    rows = [
        ablation.measured(name, some, ablation.fit.held_out(some, 0.1), 0.1)
        for name, some in kept.items()
    ]
    by_name = {row.name: row for row in rows}
    assert rows[0].name == "together"
    assert by_name["cross-encoder alone"].auc > 0.9
    assert by_name["rules alone"].auc < 0.65
    assert by_name["without cross-encoder"].auc < 0.75
    assert by_name["cross-encoder alone"].pairs > by_name["rules alone"].pairs
    assert by_name["cross-encoder alone"].alarms <= 0.1
    printed = ablation.table(rows, seen).splitlines()
    assert len(printed) == len(rows) + 1
    assert "(" in next(line for line in printed if line.startswith("rules alone"))


def test_a_tied_pair_is_not_ordered():
    faithful, bad = cases()[:2]
    assert ablation.pairs_ordered([faithful, bad], [0.2, 0.3]) == 1
    assert ablation.pairs_ordered([faithful, bad], [0.3, 0.3]) == 0
    assert ablation.pairs_ordered([bad], [0.3]) != ablation.pairs_ordered([bad], [0.3])  # no pair
