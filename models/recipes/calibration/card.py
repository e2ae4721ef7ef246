"""Writes the model card of the calibration from what was measured."""

from collections.abc import Mapping
from typing import Any

_CARD = """\
# Calibration

Turns what the detectors, the wording and the cross-encoder say of a retweet into the probability
that a careful annotator calls it `misrepresents`, and into the confidence of each finding. It is no
judge of truth: it compares a retweet with its post.

* **Made by** `{command}`
* **Data** driftbench-train and `models/recipes/cases`: {cases} labelled cases about {posts} posts,
  written for this project by language models that followed its annotation guidelines. Nothing of
  the development set, nothing of `tests/data`.
* **Method** a logistic regression with an L2 penalty (C = {penalty}) over the features of
  `drift/features.py`. One feature, the wording, is the log-odds of a naive-Bayes-scaled logistic
  regression over words and facts; another is the sum of small boosted trees over what the shipped
  translator finds likely (`drift/expected.py`). These and the cross-encoder's opinion were made
  for each case by models that had not seen its post.
  Where no detector found anything, the type named is the likeliest by wording and cross-encoder
  together (a conditional logit, fitted on cases that the cross-encoder had not seen).
* **Models beside the rules** {models}
* **Licence** {licence}

## Held-out figures

Ten-fold cross-validation over posts, on the training cases. Limits were chosen on these scores, so
precision and recall at the limits are a little optimistic; report accuracy with `drift evaluate` on
other cases.

| figure | value |
| --- | --- |
{figures}

## What each reason earned

`seen`: cases of the training set in which a finding of that reason was given; `agreed`: share of
them (shrunk towards the average) in which the annotator saw a finding of that type too. Fitted and
counted on the same cases.

| reason | seen | agreed | usual severity |
| --- | --- | --- | --- |
{reasons}

## Known weaknesses

* The wording is style as much as content: it knows how distortions are usually written, not what
  the post says. It raises or lowers a score; it accuses nobody: an accusation needs a finding.
* The cases were written by one language model in one style; natural retweets are messier.
* About {alarms:.0%} of faithful training retweets score above the limit; they are accused only
  where a finding is shown.
"""


def card(facts: Mapping[str, Any]) -> str:
    """Fill the card: command, cases, posts, penalty, licence, figures, reasons, alarms."""
    figures = "\n".join(f"| {name} | {value} |" for name, value in facts["figures"].items())
    reasons = "\n".join(
        f"| {name} | {row['seen']} | {row['confidence']:.2f} | {row['severity']} |"
        for name, row in facts["reasons"].items()
    )
    return _CARD.format(**{**facts, "figures": figures, "reasons": reasons})
