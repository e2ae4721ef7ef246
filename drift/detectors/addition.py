"""Addition: a proposition about the post's subject that the post does not contain at all.

Fires:  "Two workers were hurt." -> 两名工人受伤，司机已停职
Silent: paraphrase, colour, and what the retweeter marks as comment
Not ours: an added reason (cause), figure (quantity) or name (entity).
"""

from collections.abc import Iterator

from drift.evidence import JUDGED, Evidence
from drift.records import Finding, Severity, Span

_LOW = 0.25
_ENOUGH = 2  # content words that a clause must have to be a proposition


def detect(evidence: Evidence) -> Iterator[Finding]:
    """Yield a finding for a clause whose content words nothing in the post accounts for."""
    tokens = evidence.claim.tokens
    for clause in evidence.claim.clauses or (evidence.claim.span,):
        inside = [i for i, token in enumerate(tokens) if clause.covers(token.span)]
        content = [i for i in inside if tokens[i].kind in JUDGED]
        if len(content) < _ENOUGH:
            continue
        cover = [evidence.anywhere[i] for i in content]
        if max(cover) >= 2 * _LOW or sum(cover) / len(cover) >= _LOW:
            continue
        yield Finding(
            type="addition",
            severity=Severity.MAJOR,
            confidence=round(1 - sum(cover) / len(cover), 3),
            retweet_span=Span(tokens[content[0]].span.start, tokens[content[-1]].span.end),
            post_span=None,
            reason="addition.unsupported",
        )
