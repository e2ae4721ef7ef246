"""Entity: a person, place, organisation or thing is named that the post does not name here.

Fires:  "The US State Department confirmed it." -> 白宫证实此事
Silent: "Lindqvist's office" -> 林奎斯特办公室; "the State Department" -> 国务院
Not ours: the same two names in each other's place (role); who said it (attribution).
"""

from collections.abc import Iterator

from drift.evidence import Evidence
from drift.records import Finding, Kind, Severity, Span

_LOW = 0.2
_SOUND_CLAIM = 0.45  # below, the claim may be about something else altogether


def detect(evidence: Evidence) -> Iterator[Finding]:
    """Yield a finding for a name of the claim that nothing in the post accounts for."""
    if evidence.pair.strength < _SOUND_CLAIM:
        return
    spare = _unspoken_names(evidence)
    for index, token in enumerate(evidence.claim.tokens):
        if token.kind is not Kind.NAME or evidence.anywhere[index] >= _LOW:
            continue
        yield Finding(
            type="entity",
            severity=Severity.MAJOR,
            confidence=0.9 if spare else 0.5,
            retweet_span=token.span,
            post_span=spare[0] if spare else None,
            reason="entity.replaced" if spare else "entity.absent",
            details={"to": token.text},
        )


def _unspoken_names(evidence: Evidence) -> list[Span]:
    """Give the names of the best premise that the claim does not render."""
    if not evidence.pair.premises:
        return []
    number = evidence.pair.premises[0]
    linked = {link.other for link in evidence.pair.links if link.segment == number}
    tokens = evidence.post.source.segments[number].tokens
    return [
        token.span
        for index, token in enumerate(tokens)
        if token.kind is Kind.NAME and index not in linked
    ]
