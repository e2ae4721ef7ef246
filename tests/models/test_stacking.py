"""How the cross-encoder's opinion joins what the other features give."""

from random import Random

import numpy as np
import pytest

pytest.importorskip("sklearn")

from models.recipes.calibration import fit
from models.recipes.calibration.cases import Seen


def cases(opinion, count=400):
    """Give cases of 100 posts, half of them distorted, with an opinion of each."""
    chance, found = Random(5), []
    for number in range(count):
        bad = number % 2
        case = {"post_id": str(number // 4), "verdict": "misrepresents" if bad else "faithful"}
        features = {"cover": bad + chance.gauss(0, 1), **opinion(bad, chance)}
        found.append(Seen(case, (), features, 0.5))
    return found


def telling(bad, chance):
    return {"pair": 2 * bad - 1 + chance.gauss(0, 1), "pair:mark": chance.random()}


def silent(_bad, _chance):
    return {}


def test_an_opinion_that_tells_is_given_weight_and_betters_the_scores():
    seen = cases(telling)
    held = fit.held_out(fit.without_opinion(seen), 1.0)
    joint = fit.join(seen, held)
    assert joint.weights["pair"] > 1
    assert abs(joint.weights["pair:mark"]) < 1
    labels = fit.truth(seen)
    right = lambda scores: float(((scores > 0.5) == labels).mean())  # noqa: E731
    assert right(fit.joined(seen, held)) > right(held) + 0.05


def test_without_opinions_the_scores_are_only_stretched():
    seen = cases(silent)
    held = fit.held_out(seen, 0.01)  # a strong penalty shrinks them
    joint = fit.join(seen, held)
    assert set(joint.weights.values()) == {0.0}
    assert joint.slope > 1
    assert np.ptp(joint.scores(seen, held)) > np.ptp(held)


def test_the_fitted_numbers_add_the_opinion_to_the_rest():
    seen = cases(telling)
    bare = fit.without_opinion(seen)
    joint = fit.Joint(2.0, 0.5, {"pair": 0.25, "pair:mark": 0.0})
    plain, made = fit.final(bare, 1.0), fit.final(bare, 1.0, joint=joint)
    assert made["weights"]["pair"] == 0.25
    assert "pair:mark" not in made["weights"]
    assert made["weights"]["cover"] == pytest.approx(2 * plain["weights"]["cover"], abs=1e-3)
    assert made["bias"] == pytest.approx(2 * plain["bias"] + 0.5, abs=1e-3)
