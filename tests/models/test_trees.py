"""The trees that ship say what the library's ensemble says."""

import numpy as np
import pytest

from drift.expected import LIKELY
from models.trees import Trees

ensemble = pytest.importorskip("sklearn.ensemble", reason="scikit-learn fits the trees")


def test_written_trees_answer_like_the_ensemble():
    from models.recipes.calibration import fit
    from models.recipes.calibration.cases import Seen

    dice = np.random.default_rng(3)
    rows = dice.normal(size=(600, 3)).round(2)
    labels = (rows[:, 0] * rows[:, 1] > 0).astype(int)
    seen = [
        Seen({}, (), {LIKELY + name: float(v) for name, v in zip("abc", row, strict=True)}, 1.0)
        for row in rows
    ]
    written = Trees(**fit.trees(seen, labels))
    library = ensemble.HistGradientBoostingClassifier(
        max_iter=80, learning_rate=0.05, max_leaf_nodes=6, min_samples_leaf=40, l2_regularization=5
    ).fit(rows, labels)
    said = [written.total(one.features) / fit.WEIGHTED for one in seen]
    assert said == pytest.approx(library.decision_function(rows).tolist(), abs=2e-3)
    right = (np.array(said) > 0) == (labels == 1)
    assert right.mean() > 0.9  # neither feature alone tells anything
