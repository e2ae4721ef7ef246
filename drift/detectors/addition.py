"""Addition: a proposition about the post's subject that the post does not contain at all.

Fires:  "Two workers were hurt." -> 两名工人受伤，司机已停职
Silent: paraphrase, colour, and what the retweeter marks as comment
Not ours: an added reason (cause), figure (quantity) or name (entity).

That no word of a clause has a counterpart says next to nothing: paraphrase is free. So only events
of a list are looked for, each under all its names in the whole post.
"""

from collections.abc import Iterator

from drift.contrasts import accounted
from drift.evidence import Evidence
from drift.frames import Facts
from drift.lexicons.knowledge import Sense, senses
from drift.records import Finding, Severity

_RENDERED = 0.3  # strength from which a word of the post accounts for the event
_RESTS = 0.3  # strength of some claim of the retweet, below which it is about something else
_REASONS = frozenset({"cause", "motive", "purpose"})
_OPEN = frozenset({"asked", "unknown", "possible", "hearsay"})


def detect(evidence: Evidence) -> Iterator[Finding]:
    """Yield a finding for an event that is told as done and that the post has under no name."""
    if max((pair.strength for pair in evidence.siblings), default=0.0) < _RESTS:
        return
    events = [sense for sense in senses(evidence.claim, "events") if _told(evidence, sense)]
    if not events:
        return  # the post is searched only where there is something to look for
    known = {
        sense.entry
        for segment in evidence.post.source.segments
        for sense in senses(segment, "events")
    }
    for sense in events:
        if sense.entry not in known:
            yield Finding(
                type="addition",
                severity=Severity.MAJOR,
                confidence=0.6,
                retweet_span=sense.span,
                post_span=None,
                reason="addition.detail",
                details={"word": sense.text},
            )
            return


def _told(evidence: Evidence, sense: Sense) -> bool:
    """Tell whether the event is stated in words that nothing in the post accounts for."""
    inside = [
        index for index, token in enumerate(evidence.claim.tokens) if sense.span.touches(token.span)
    ]
    return all(
        accounted(evidence, index) < _RENDERED and _stated(evidence.facts[index])
        for index in inside
    )


def _stated(facts: Facts) -> bool:
    """Tell whether the word stands as plain fact, and for itself: no condition, cause or doubt."""
    plain = facts.polarity == "+" and not facts.condition and facts.certainty not in _OPEN
    return plain and facts.cause not in _REASONS
