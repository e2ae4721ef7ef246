"""Reads the factuality of a text: who says it, how surely, under which condition, and so on.

`frames` gives every clause the cues that govern it; `facts` gives every word what holds of it, with
nested voices and double negation worked out; `holder` names the voice of a reporting cue.
"""

from collections.abc import Mapping

from drift.cues import find_all
from drift.frames.facts import Facts, facts_of
from drift.frames.holders import holder
from drift.records import Frame, Hit, Segment, Span

__all__ = ["Facts", "attributes", "cues", "facts", "frames", "holder"]


def frames(segment: Segment, sentence: Segment | None = None) -> tuple[Frame, ...]:
    """Give a frame a clause, with every cue that governs it.

    Give the whole sentence of a claim that was cut, so that a condition, a voice or a hedge that
    stands in another part of it is seen.

    >>> from drift.segment import clauses, tokens
    >>> text = "如果属实，他会辞职"
    >>> whole = Span(0, len(text))
    >>> parts = tuple(clauses(text, whole, "zh"))
    >>> one = Segment("zh", text, whole, tokens(text, whole, "zh"), parts)
    >>> [[hit.value for hit in frame.values("conditional")] for frame in frames(one)]
    [['protasis'], ['apodosis']]
    """
    hits = cues(segment, sentence)
    spans = segment.clauses or (segment.span,)
    return tuple(
        Frame(clause, tuple(hit for hit in hits if _governs(hit, clause))) for clause in spans
    )


def cues(segment: Segment, sentence: Segment | None = None) -> tuple[Hit, ...]:
    """Give every cue of a segment, or of its whole sentence, in the order of the text."""
    found = find_all(sentence or segment)
    return tuple(sorted((hit for hits in found.values() for hit in hits), key=lambda hit: hit.span))


def facts(segment: Segment, sentence: Segment | None = None) -> tuple[Facts, ...]:
    """Give what holds of every token of a segment, in order."""
    whole = sentence or segment
    return facts_of(segment, whole, cues(segment, sentence))


def attributes(segment: Segment, index: int) -> Mapping[str, str]:
    """Give what holds of one token by dimension; `facts` is the quicker way to many."""
    return facts(segment)[index].mapping()


def _governs(hit: Hit, clause: Span) -> bool:
    return clause.covers(hit.span) or hit.scope.touches(clause) or hit.span.touches(clause)
