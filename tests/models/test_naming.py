"""Which type a drift is likeliest of: what the wording says and what the scorer says, joined."""

from random import Random

import numpy as np
import pytest

pytest.importorskip("sklearn")

from drift.features import KIND
from models.recipes.calibration import naming
from models.recipes.calibration.cases import Seen

TYPES = ("cause", "polarity", "role")
CUES = {"cause": "w:因:U", "polarity": "w:不:U", "role": "w:被:U"}


def cases(scorer, count=360, sure=0.6):
    """Give distorted cases of 60 posts: a cue of their type in most, and the scorer's word."""
    chance, found = Random(5), []
    for number in range(count):
        kind = TYPES[number % 3]
        cue = kind if chance.random() < sure else chance.choice(TYPES)
        case = {
            "post_id": str(number // 6),
            "verdict": "misrepresents",
            "findings": [{"type": kind, "severity": "major"}],
        }
        found.append(Seen(case, (), {CUES[cue]: 1.0, **scorer(kind, chance)}, 0.5))
    return found


def knows(kind, chance):
    """Give a scorer's word that is right in most cases."""
    named = kind if chance.random() < 0.8 else chance.choice(TYPES)
    return {KIND + one: float(np.log(0.8 if one == named else 0.1)) for one in TYPES}


def guesses(_kind, chance):
    named = chance.choice(TYPES)
    return {KIND + one: float(np.log(0.8 if one == named else 0.1)) for one in TYPES}


def fitted(scorer):
    seen = cases(scorer)
    return naming.fit(seen, TYPES, np.ones(len(seen), bool))


def test_two_voices_name_more_types_than_one():
    joined, right = fitted(knows)
    assert joined.scorer > 0.5 < joined.wording
    assert right > fitted(guesses)[1] + 0.05


def test_a_scorer_that_guesses_weighs_next_to_nothing():
    joined, right = fitted(guesses)
    assert abs(joined.scorer) < 0.15
    assert right > 0.6


def test_only_cases_that_the_scorer_was_asked_of_count():
    seen = cases(guesses) + cases(knows)
    told = np.arange(len(seen)) >= len(seen) // 2
    assert naming.fit(seen, TYPES, told)[0].scorer > 0.5


def test_the_line_of_a_type_adds_up_to_its_total():
    seen = cases(knows)
    models = naming.kinds(seen)
    joined = naming.Naming(0.5, 2.0, {"cause": 0.1, "polarity": -0.2, "role": 0.3})
    said = np.column_stack([models[name].log_odds(seen) for name in TYPES])
    scorer = np.array([[one.features[KIND + name] for name in TYPES] for one in seen])
    wanted = joined.totals(said, scorer)
    for column, name in enumerate(TYPES):
        line = joined.line(name, models[name], 0.0)
        for row, one in enumerate(seen[:20]):
            total = line["bias"] + sum(
                line["weights"].get(feature, 0.0) * value for feature, value in one.features.items()
            )
            assert total == pytest.approx(wanted[row, column], abs=0.01)
