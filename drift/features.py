"""Names and measures what the calibrator sees of a retweet."""

from collections.abc import Sequence
from math import log

from drift.backends import Opinion
from drift.evidence import JUDGED, Evidence
from drift.records import Finding


def features(
    evidence: Sequence[Evidence], findings: Sequence[Finding], opinion: Opinion | None
) -> dict[str, float]:
    """Give the features of one retweet; a feature that is absent is nought."""
    seen: dict[str, float] = {}
    if opinion is not None:
        chance = min(0.999, max(0.001, opinion.probability))
        seen["pair"] = log(chance / (1 - chance))
        seen["pair:mark"] = max((mark.strength for mark in opinion.tags), default=0.0)
    for finding in findings:
        name = f"reason:{finding.reason}"
        seen[name] = max(seen.get(name, 0.0), finding.confidence)
    cover = [
        one.anywhere[index]
        for one in evidence
        for index, token in enumerate(one.claim.tokens)
        if token.kind in JUDGED
    ]
    seen["findings"] = min(4.0, float(len(findings)))
    seen["words"] = min(3.0, len(cover) / 10)
    if cover:
        seen["cover"] = sum(cover) / len(cover)
        seen["uncovered"] = sum(value < 0.15 for value in cover) / len(cover)
    return seen
