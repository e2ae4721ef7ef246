"""Lets a judge's second opinion raise or lower what the rules found; it adds nothing of its own."""

from collections.abc import Sequence
from dataclasses import replace
from math import exp, log

from drift.backends import Judge, SecondOpinion
from drift.records import Finding, Said

# What the judge can add to or take from the log-odds, at most: enough to move a score of 0.5 to
# 0.73 or 0.27. Set by hand, so that a judge who was talked round turns no clear case.
LEAN = 1.0
_LEAST = 0.001


def moved(probability: float, opinion: SecondOpinion | None) -> float:
    """Shift a probability towards the judge's, within bounds.

    >>> round(moved(0.5, SecondOpinion(1.0)), 2), round(moved(0.5, SecondOpinion(0.0)), 2)
    (0.73, 0.27)
    >>> moved(0.4, SecondOpinion(None)), moved(0.4, None)
    (0.4, 0.4)
    """
    if opinion is None or opinion.probability is None:
        return probability
    bounded = min(1 - _LEAST, max(_LEAST, probability))
    odds = log(bounded / (1 - bounded)) + LEAN * (2 * opinion.probability - 1)
    return 1 / (1 + exp(-odds))


def weighed(findings: Sequence[Finding], opinion: SecondOpinion | None) -> tuple[Finding, ...]:
    """Raise the findings that the judge points at too; lower all where it sees no distortion."""
    if opinion is None or opinion.probability is None:
        return tuple(findings)
    against = opinion.probability < 0.5
    return tuple(
        replace(one, confidence=round(moved(one.confidence, opinion), 3))
        if against or _pointed_at(one, opinion)
        else one
        for one in findings
    )


def _pointed_at(finding: Finding, opinion: SecondOpinion) -> bool:
    span = finding.retweet_span
    return span is not None and any(span.touches(other) for other in opinion.spans)


def told(judge: Judge, opinion: SecondOpinion) -> Said:
    """Say for the reader what the judge said, or why it kept silent."""
    if opinion.probability is None:
        return Said(judge.signature, "judge", {}, weighed=False, note=opinion.note)
    figures = {
        "misrepresents": round(opinion.probability, 4),
        "pointed": float(len(opinion.spans)),
        "invented": float(opinion.invented),
    }
    return Said(judge.signature, "judge", figures, weighed=True)
