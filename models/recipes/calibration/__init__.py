"""How the calibration was fitted: `python -m models.recipes.calibration --data DIR`.

Every training case goes through the pipeline once; the features are fitted by a logistic regression
with an L2 penalty (scikit-learn), chosen and reported by cross-validation over posts, so that no
post is judged by numbers that have seen it. The limits of the verdicts are set on those held-out
scores. The development set is never read here.

What is each part worth? `--ablate` prints AUC, precision, recall, false alarms and ordered minimal
pairs, all held out, for rules, cross-encoder and wording alone, together, and without each:

    python -m models.recipes.calibration --data DIR --opinions oof.jsonl --ablate
"""

import os

# The matrices are small: more threads wait for each other longer than they help. Counts until numpy
# loads.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
