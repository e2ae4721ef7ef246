"""Omission: the retweet stops before the caveat that stands in the very sentence it renders.

Fires:  "The state has no evidence, though part of its filing is sealed." -> 州里没有任何证据
Silent: a caveat rendered anywhere in the retweet, or any turn of its own (不过, 虽然)
Not ours: what is left out from other sentences: a summary is no error.
"""

from collections.abc import Iterator

from drift.contrasts import cues_near
from drift.cues import find
from drift.evidence import JUDGED, Evidence
from drift.records import Finding, Hit, Segment, Severity, Span

# A sentence is rendered but for its caveat when its words before the turn reach the first figure
# on average and those after it stay under the second.
_SAID = {"although": 0.45, "but": 0.5}
_LEFT = {"although": 0.15, "but": 0.1}
_REASON = {"although": "caveat", "but": "contrast"}
_ENOUGH = 2  # words of weight that either part must have


def detect(evidence: Evidence) -> Iterator[Finding]:
    """Yield a finding for a caveat beside rendered words that no claim of the retweet renders."""
    if not evidence.premises or _turns(evidence):
        return
    number, premise = evidence.pair.premises[0], evidence.premises[0]
    rendered = _rendered(evidence, number)
    for hit in cues_near(evidence, "contrast"):
        if hit.value not in _SAID or not premise.span.covers(hit.span):
            continue
        said = _words(premise, Span(premise.span.start, hit.span.start))
        left = _words(premise, Span(hit.span.end, min(hit.scope.end, premise.span.end)))
        if min(len(said), len(left)) < _ENOUGH:
            continue
        before, after = _mean(rendered, said), _mean(rendered, left)
        if before < _SAID[hit.value] or after >= _LEFT[hit.value]:
            continue
        if hit.value == "although" or _denies(evidence, number, left):
            yield _finding(premise, hit, left, before - after)
            return


def _turns(evidence: Evidence) -> bool:
    """Tell whether the retweet turns anywhere itself."""
    return any(
        hit.value in _SAID for pair in evidence.siblings for hit in find(pair.claim, "contrast")
    )


def _rendered(evidence: Evidence, number: int) -> dict[int, float]:
    """Give how well any claim of the retweet renders each word of a premise."""
    best: dict[int, float] = {}
    for pair in evidence.siblings:
        for link in pair.links:
            if link.segment == number:
                best[link.other] = max(best.get(link.other, 0.0), link.strength)
    return best


def _words(premise: Segment, part: Span) -> list[int]:
    return [
        index
        for index, token in enumerate(premise.tokens)
        if part.covers(token.span) and token.kind in JUDGED
    ]


def _mean(rendered: dict[int, float], words: list[int]) -> float:
    return sum(rendered.get(index, 0.0) for index in words) / len(words)


def _denies(evidence: Evidence, number: int, words: list[int]) -> bool:
    """Tell whether something in the caveat is denied: what a "but" takes back."""
    return any(evidence.post.facts[number][index].polarity != "+" for index in words)


def _finding(premise: Segment, hit: Hit, left: list[int], confidence: float) -> Finding:
    return Finding(
        type="omission",
        severity=Severity.MAJOR,
        confidence=round(min(1.0, confidence), 3),
        retweet_span=None,
        post_span=Span(hit.span.start, premise.tokens[left[-1]].span.end),
        reason=f"omission.{_REASON[hit.value]}",
        details={},
    )
