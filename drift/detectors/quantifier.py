"""Quantifier: all, most, some, none; always, usually; one place or everywhere; only.

Fires:  "most of the markets" -> 所有市场; "two of the four species" -> 四种全都见效
Silent: 都 that only sums up a list; 每 of a rate; "every", "whole" or "no" beside the aligned words
Not ours: exact figures (quantity).
"""

from collections.abc import Iterator, Mapping, Sequence

from drift.contrasts import FIRM, accounted, cues_near, cues_of, places_of
from drift.cues import strength
from drift.evidence import Evidence
from drift.records import Finding, Hit, Severity, Span

_WHOLE = frozenset({"all", "none", "always", "never"})
_MANY = _WHOLE | {"most", "usually"}
_PART = frozenset({"most", "some", "usually", "only"})
_SURE = 0.9  # strength of a cue that means every single one
_RESTS = 0.25  # strength below which the claim may speak of something else
_RENDERED = 0.5  # strength from which a word of the post accounts for the cue itself
# Words of the whole that stand beside a part as often as not.
_FAINT = frozenset({"each", "each of", "both", "no", "never", "across the", "in full"})
_THEM = frozenset({"the", "them", "those", "these", "its", "their", "our", "us", "your"})
_VERBS = frozenset({"has", "is", "was", "had", "did", "does"})
_LOOSE = frozenset({"usually", "some"})  # too weak beside a 都, but for "some of"
_REACH = 4  # tokens between "most of" and its noun
_NEARLY = frozenset({"几乎", "近乎", "差不多", "并非", "不是", "未必", "不"})  # take the whole back


def detect(evidence: Evidence) -> Iterator[Finding]:
    """Yield a finding for a word that widens what the post says of a part, or of no whole."""
    if not evidence.premises or evidence.pair.strength < _RESTS:
        return
    near = cues_near(evidence, "quantifier")
    for hit in cues_of(evidence, "quantifier"):
        if not evidence.claim.span.covers(hit.span) or _excused(evidence, hit):
            continue
        here = places_of(evidence, hit.span)
        local = [cue for cue in near if any(place.touches(cue.span) for place in here.values())]
        counted = list(_counted(evidence, here))
        parts = [*counted, *(cue for cue in local if cue.value in _PART)]
        if hit.value == "most" and strength(hit, "zh") >= _SURE:
            yield from _majority(hit, near, local, counted)
        if hit.value in {"all", "none"}:
            yield from _whole(evidence, hit, local, parts)


def _majority(
    hit: Hit, near: Sequence[Hit], local: Sequence[Hit], counted: Sequence[Hit]
) -> Iterator[Finding]:
    """Judge 多数: the post must speak of a few, and give no count that may be most of them."""
    some = [cue for cue in local if cue.value == "some"]
    if some and not counted and not any(cue.value in _MANY for cue in near):
        yield _finding(hit, some, "quantifier.majority")


def _whole(
    evidence: Evidence, hit: Hit, local: Sequence[Hit], parts: list[Hit]
) -> Iterator[Finding]:
    """Judge 全部 and 无一: the post must not say so of the whole, nor do so by a plain "no"."""
    whole = [cue for cue in local if cue.value in _WHOLE]
    saying = [cue for cue in whole if cue.value == hit.value and cue.text.lower() not in _FAINT]
    if saying or (whole and not parts):
        return
    if strength(hit, "zh") >= _SURE:
        reason = "quantifier.widened" if parts else "quantifier.generalised"
        yield _finding(hit, parts, reason)
    elif hit.value == "all" and not whole and (narrow := _over_noun(evidence, hit, _firm(parts))):
        yield _finding(hit, [narrow], "quantifier.summed")


def _counted(evidence: Evidence, here: Mapping[int, Span]) -> Iterator[Hit]:
    """Give the counts of a part: "four of the six", "eleven of them", "one has apologised"."""
    for number, place in here.items():
        words = evidence.post.source.segments[number].tokens
        counts = {quantity.span.start for quantity in evidence.post.quantities[number]}
        for first, second, third in zip(words, words[1:], words[2:], strict=False):
            if not place.covers(first.span):
                continue
            counted = first.span.start in counts and second.key == "of"
            of_them = counted and (third.key in _THEM or third.span.start in counts)
            if of_them or (first.key == "one" and second.key in _VERBS):
                over = Span(first.span.start, second.span.end)
                yield Hit("quantifier", "some", over, over, f"{first.text} {second.text}")


def _excused(evidence: Evidence, hit: Hit) -> bool:
    """Tell whether 并非 or 几乎 takes the cue back, or a word of the post accounts for it."""
    tokens = evidence.claim.tokens
    before = [token.text for token in tokens if token.span.end <= hit.span.start]
    best = max(
        (accounted(evidence, i) for i, token in enumerate(tokens) if hit.span.touches(token.span)),
        default=0.0,
    )
    return best >= _RENDERED or (bool(before) and before[-1] in _NEARLY)


def _firm(parts: Sequence[Hit]) -> list[Hit]:
    return [cue for cue in parts if cue.value not in _LOOSE or cue.text.endswith(" of")]


def _over_noun(evidence: Evidence, hit: Hit, parts: list[Hit]) -> Hit | None:
    """Give the cue of a part that stands right before the noun that 都 sums up."""
    links = [
        link
        for link in evidence.pair.links
        if link.strength >= FIRM and evidence.claim.tokens[link.token].span.end <= hit.span.start
    ]
    if not links:
        return None
    last = max(link.token for link in links)
    for link in links:
        words = evidence.post.source.segments[link.segment].tokens
        lead = Span(words[max(0, link.other - _REACH)].span.start, words[link.other].span.end)
        for cue in parts:
            if link.token >= last - 1 and lead.covers(cue.span):
                return cue
    return None


def _finding(hit: Hit, parts: list[Hit], reason: str) -> Finding:
    return Finding(
        type="quantifier",
        severity=Severity.MAJOR,
        confidence=0.9 if parts else 0.6,
        retweet_span=hit.span,
        post_span=parts[0].span if parts else None,
        reason=reason,
        details={"cue": parts[0].text, "word": hit.text} if parts else {"word": hit.text},
    )
