"""Adds findings and features up to one verdict, or to `uncertain` where the evidence is thin."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from drift.opinions import SUSPICION
from drift.records import Finding, Label, Limits, Severity


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict with the probability of misrepresentation, and that of the verdict itself."""

    label: Label
    score: float
    confidence: float


def judge(findings: Sequence[Finding], score: float, unrelated: float, limits: Limits) -> Judgement:
    """Label one retweet.

    `unrelated` is the probability that it says nothing checkable about the post.
    Precision first: an accusation needs a high score *and* a major finding that shows where.
    """
    heavy = any(_accuses(finding, score, limits) for finding in findings)
    if unrelated >= limits.unrelated:
        return Judgement(Label.UNRELATED, min(score, 1 - unrelated), unrelated)
    if score >= limits.accuse and heavy:
        return Judgement(Label.MISREPRESENTS, score, score)
    if score >= limits.doubt:
        return Judgement(Label.UNCERTAIN, score, min(score, 1 - score))
    if findings:
        return Judgement(Label.DRIFTED, score, 1 - score)
    return Judgement(Label.FAITHFUL, score, 1 - score)


def _accuses(finding: Finding, score: float, limits: Limits) -> bool:
    if finding.reason == SUSPICION and score < limits.suspect:
        return False
    return finding.severity is not Severity.MINOR


def shown(findings: Sequence[Finding], score: float, limits: Limits) -> tuple[Finding, ...]:
    """Keep the findings that are sure enough to show, the weightiest and surest first.

    Where the score leaves a doubt, the surest major finding is kept in any case: the reader is to
    see what it rests on.
    """
    order: Mapping[Severity, int] = {
        Severity.CRITICAL: 0,
        Severity.MAJOR: 1,
        Severity.MINOR: 2,
    }
    kept = [finding for finding in findings if finding.confidence >= limits.keep]
    heavy = [finding for finding in findings if finding.severity is not Severity.MINOR]
    if score >= limits.doubt and heavy and not any(finding in heavy for finding in kept):
        kept.append(max(heavy, key=lambda finding: finding.confidence))
    return tuple(sorted(kept, key=lambda f: (order[f.severity], -f.confidence)))
