"""Figures of merit over labelled cases and the result rows that Drift gave for them, joined by id.

The definitions are those of the project's benchmark:

* a verdict is right when it equals the annotator's; `uncertain` is wrong but no false alarm;
* AUC ranks `misrepresents` above `faithful` by `score`;
* precision at a recall is that of ranking all cases by `score`;
* a type is wanted where a finding of it is major or critical, is hit where one is given, and is a
  false alarm only where the annotator saw no finding of that type at all, not even a minor one;
* spans are compared by code points of the retweet, over major and critical findings;
* the false-alarm rate is the share of faithful retweets called `misrepresents`;
* the calibration error is the expected one (ten equal bins, Guo et al. 2017) of `score`, over all
  cases, against the event that the annotator said `misrepresents`;
* a minimal pair (field `pair`) is ordered when its drifted twin scores higher; a tie is not.

Intervals are percentiles of a bootstrap over posts: retweets of one post are not independent.
"""

from drift.evaluate.figures import Figures, figures, measure
from drift.evaluate.intervals import intervals
from drift.evaluate.measures import Counts, auc, calibration_error, mcc, precision_at_recall
from drift.evaluate.outcomes import BAD, VERDICTS, Outcome, outcomes

__all__ = [
    "BAD",
    "VERDICTS",
    "Counts",
    "Figures",
    "Outcome",
    "auc",
    "calibration_error",
    "figures",
    "intervals",
    "mcc",
    "measure",
    "outcomes",
    "precision_at_recall",
]
