"""Widens the words that a finding points at to what they are said of, for a reader to see.

Where mood, degree or voice has changed, a detector points at a cue (确定); what a reader must
compare is the cue with its predicate and what stands around it in its clause (补贴确定砍掉12%). A
cause, a name, a figure or two parties are pointed at whole already.
"""

from collections.abc import Sequence
from dataclasses import replace

from drift.evidence import Evidence
from drift.opinions import SUSPICION
from drift.records import Finding, Kind, Segment, Span

# Characters before and after. On driftbench-train the characters that are pointed at then agree
# with the annotators' nearly as well as whole clauses do (F1 0.22 each; 0.11 for bare cues), in
# shorter stretches; a Chinese cue stands before what it governs, so there is more behind.
_BEFORE, _AFTER = 4, 9
_BY_CUE = frozenset({
    "conditional", "certainty", "polarity", "aspect", "quantifier", "intensity", "attribution",
    "stance",
})  # fmt: skip


def widened(finding: Finding, evidence: Sequence[Evidence]) -> Finding:
    """Widen a finding's span in the retweet within its clause; the post's is left as it is."""
    if finding.type not in _BY_CUE and finding.reason != SUSPICION:
        return finding
    span = finding.retweet_span
    claim = next((one.claim for one in evidence if span and one.claim.span.touches(span)), None)
    if span is None or claim is None:
        return finding
    return replace(finding, retweet_span=extent(span, claim))


def extent(span: Span, claim: Segment) -> Span:
    """Give a span with the whole words around it that are near, and in the same clause.

    >>> from drift.segment import clauses, tokens
    >>> text = "议会开会，明年的渡轮补贴确定砍掉百分之十二，船长叹气。"
    >>> whole = Span(0, len(text))
    >>> cut = tuple(clauses(text, whole, "zh"))
    >>> claim = Segment("zh", text, whole, tokens(text, whole, "zh"), cut)
    >>> extent(Span(12, 14), claim).of(text)
    '渡轮补贴确定砍掉百分之十二'
    """
    around = [clause for clause in claim.clauses if clause.touches(span)]
    first = max(min((clause.start for clause in around), default=span.start), span.start - _BEFORE)
    last = min(max((clause.end for clause in around), default=span.end), span.end + _AFTER)
    near = [
        token.span
        for token in claim.tokens
        if token.kind is not Kind.PUNCTUATION
        and first <= token.span.start
        and token.span.end <= last
    ]
    return Span(
        min([span.start, *(one.start for one in near)]),
        max([span.end, *(one.end for one in near)]),
    )
