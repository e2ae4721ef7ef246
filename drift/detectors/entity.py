"""Entity: a person, place, organisation or thing is named that the post does not name here.

Fires:  "The coastguard stopped two men." -> 警方拦下两人; "a factory in Poland" -> 捷克工厂
Silent: "Lindqvist's office" -> 林奎斯特办公室; "the State Department" -> 国务院
Not ours: the same two names in each other's place (role); who said it (attribution).
"""

from collections.abc import Iterator, Mapping
from functools import cache

from drift.contrasts import FIRM, accounted, places_of
from drift.evidence import Evidence
from drift.lexicons import entries
from drift.lexicons.knowledge import Sense, senses
from drift.records import Finding, Segment, Severity, Span

_RESTS = 0.3  # strength below which the claim may speak of something else
_WHOLE = 2  # characters of a name; 欧, 美 and 中 alone are parts of other words
_RENDERED = 0.3  # strength from which a word of the post accounts for the name
_FILES = ("aliases", "kinds")
_ROLES = frozenset({"role", "person", "unit", "thing"})
_BODIES = frozenset({"institution", "media", "organisation"})
# Kinds whose members exclude each other. Roles do not: the author teaches, blogs and rents.
_NAMES = frozenset({"institution", "place", "country", "media", "organisation"})


def detect(evidence: Evidence) -> Iterator[Finding]:
    """Yield a finding for a known name of the claim where the post has another of its kind."""
    if not evidence.premises or evidence.pair.strength < _RESTS:
        return
    named = _by_span(_known(evidence.claim))
    if not named:
        return  # the post is searched only where there is something to look for
    everywhere = {
        sense.entry for segment in evidence.post.source.segments for sense in _known(segment)
    }
    for span, meant in named.items():
        kinds = {_kinds()[sense.entry] for sense in meant} - _ROLES
        if not kinds or (span.end - span.start < _WHOLE and kinds & _NAMES):
            continue
        if everywhere & {sense.entry for sense in meant} or _rendered(evidence, span):
            continue
        spare = _spare(evidence, span, kinds)
        if spare:
            yield _finding(span, meant[0], spare, _reason(kinds))


def _reason(kinds: set[str]) -> str:
    """Name bodies apart: a body has many names, so that another one proves less."""
    return "entity.body" if kinds & _BODIES else "entity.replaced"


def _finding(span: Span, meant: Sense, spare: Sense, reason: str) -> Finding:
    return Finding(
        type="entity",
        severity=Severity.MAJOR,
        confidence=0.7,
        retweet_span=span,
        post_span=spare.span,
        reason=reason,
        details={"from": spare.text, "to": meant.text},
    )


def _known(segment: Segment) -> tuple[Sense, ...]:
    """Give what the lists of names and of kinds know in a segment."""
    return tuple(sense for file in _FILES for sense in senses(segment, file))


def _by_span(found: tuple[Sense, ...]) -> Mapping[Span, list[Sense]]:
    grouped: dict[Span, list[Sense]] = {}
    for sense in found:
        grouped.setdefault(sense.span, []).append(sense)
    return grouped


@cache
def _kinds() -> Mapping[str, str]:
    return {entry.name: entry.kind for file in _FILES for entry in entries(file)}


def _rendered(evidence: Evidence, span: Span) -> bool:
    return any(
        accounted(evidence, index) >= _RENDERED
        for index, token in enumerate(evidence.claim.tokens)
        if token.span.touches(span)
    )


def _spare(evidence: Evidence, span: Span, kinds: set[str]) -> Sense | None:
    """Give a name of the same kind in the aligned clauses that no word of the claim renders."""
    linked = {(link.segment, link.other) for link in evidence.pair.links if link.strength >= FIRM}
    for number, place in places_of(evidence, span).items():
        segment = evidence.post.source.segments[number]
        for sense in _known(segment):
            words = [i for i, token in enumerate(segment.tokens) if sense.span.touches(token.span)]
            if (
                _kinds()[sense.entry] in kinds
                and place.touches(sense.span)
                and not any((number, index) in linked for index in words)
            ):
                return sense
    return None
