"""Chooses the sentences of a long post that a second reader of both texts needs to see."""

from collections.abc import Sequence

from drift.evidence import Evidence, Reading, premises_of

MOST = 900
"""Characters that are kept, about 220 word pieces; most short posts have fewer."""


def resting(reading: Reading, claims: Sequence[Evidence], most: int = MOST) -> str:
    """Blank the sentences that the claims do not rest on; what is kept keeps its place.

    The premises come first, in the order of how much of the claims they account for; what room is
    left is filled with the sentences around the best of them.
    """
    text = reading.document.text
    segments = reading.source.segments
    ranked = premises_of(claims)
    best = ranked[0] if ranked else 0
    around = sorted(range(len(segments)), key=lambda number: (abs(number - best), number))
    kept: list[int] = []
    room = most
    for number in dict.fromkeys([*ranked, *around]):
        size = segments[number].span.end - segments[number].span.start
        if kept and size > room:
            continue
        kept.append(number)
        room -= size
    shown = [" "] * len(text)
    for number in kept:
        span = segments[number].span
        shown[span.start : span.end] = text[span.start : span.end]
    return "".join(shown)
