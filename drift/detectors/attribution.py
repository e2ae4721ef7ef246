"""Attribution: who says, thinks or claims it is another one than in the post, or the author.

Fires:  "Analysts at Brightmoor think the plant will never open." -> 诺威尔认为这厂再也开不了
Silent: "Analysts think it will never open." -> 分析师认为它再也开不了; 据分析，它再也开不了
Not ours: hearsay that is told as fact (certainty), who did what (role).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from drift import parties
from drift.contrasts import Contrast, contrasts
from drift.evidence import JUDGED, Evidence
from drift.frames import holder
from drift.lexicons import grammar
from drift.names import similarity
from drift.records import Finding, Hit, Kind, Segment, Severity, Span
from drift.speakers import (
    SPEAKING,
    Source,
    cues_over,
    is_anyone,
    is_speaker,
    keys_of,
    rendered_by,
    sources,
    speaker_of,
)

_MOST = 0.6  # share of the content that a voice of the post must govern
_SAME = 0.15  # link strength from which two holders may be one
_SOUND = 0.5  # the same for names written by their sound
_KNOWN = 0.7  # coverage from which the post is taken to speak of the holder
_ANSWERS = ("Q:", "Q.", "A:", "Reporter:", "Question:", "Journalist:")
_SURE = 0.8
_ENOUGH = 0.8  # strength that the links of the content must add up to


@dataclass(frozen=True, slots=True)
class Voice:
    """A voice of the post over the aligned words."""

    hit: Hit
    span: Span | None
    words: frozenset[str]
    clear: bool  # named, and by more than a pronoun


def detect(evidence: Evidence) -> Iterator[Finding]:
    """Yield a finding where the words that a voice governs have another voice in the post."""
    if not evidence.premises:
        return
    best = evidence.premises[0]
    pairs = tuple(pair for pair in contrasts(evidence) if pair.premise is best)
    for source in sources(evidence):
        other = _changed(evidence, source)
        if other:
            yield other
            return
        content = [
            pair
            for pair in pairs
            if source.scope.covers(pair.token.span) and pair.index not in source.words
        ]
        if sum(pair.link.strength for pair in content) < _ENOUGH:
            continue
        found = _compared(evidence, source, content)
        if found:
            yield found
            return


def _compared(evidence: Evidence, source: Source, content: Sequence[Contrast]) -> Finding | None:
    premise = evidence.premises[0]
    voices = [_voice(premise, hit) for hit in _over(content)]
    if not voices or _told_alike(evidence, source, content):
        return None
    if source.author:
        return _to_author(evidence, source, voices)
    if any(_own(voice) for voice in voices):
        return _from_author(evidence, source, voices)
    return None


def _own(voice: Voice) -> bool:
    """Tell whether a voice is the author's: "I think", "my own guess"."""
    mine = bool(voice.words) and voice.words <= _words("en_first_person")
    return voice.hit.value == "self" or mine


def _voice(premise: Segment, hit: Hit) -> Voice:
    """Read who is behind a cue of the post, and whether that is plain to see."""
    span = holder(premise, hit)
    tokens = [token for token in premise.tokens if span and span.touches(token.span)]
    words = frozenset(token.key for token in tokens)
    if not tokens or words <= _words("en_any_speaker") | _words("en_speaker_openers"):
        return Voice(hit, span, words, clear=False)
    if words & _words("en_unclear_speaker"):
        return Voice(hit, span, words, clear=False)
    first = tokens[0]
    named = first.kind is Kind.NAME or first.key in _words("en_speaker_openers")
    opening = first is next(iter(premise.tokens), None) and first.kind in JUDGED
    return Voice(hit, span, words, clear=named or opening)


def _over(content: Sequence[Contrast]) -> list[Hit]:
    """Give the cues of the post that govern most of the content."""
    hits = {hit.span: hit for pair in content for hit in pair.ours.of("attribution")}
    total = sum(pair.link.strength for pair in content)
    return [
        hit
        for hit in hits.values()
        if hit.value in SPEAKING | {"self", "hearsay"}
        and sum(
            pair.link.strength
            for pair in content
            if hit.scope.touches(pair.other.span) and not hit.span.touches(pair.other.span)
        )
        >= _MOST * total
    ]


def _told_alike(evidence: Evidence, source: Source, content: Sequence[Contrast]) -> bool:
    """Tell whether the post also says this in the voice of the claim, or in no voice."""
    indices = {pair.index for pair in content}
    best = evidence.pair.premises[0]
    other: dict[int, float] = {}
    for link in evidence.pair.links:
        if link.token in indices and link.segment != best:
            facts = evidence.post.facts[link.segment][link.other]
            whole = evidence.post.source.segments[link.segment].span
            if not facts.voices or _renders(evidence, source, link.segment, [whole]):
                other[link.token] = max(other.get(link.token, 0.0), link.strength)
    total = sum(pair.link.strength for pair in content)
    return sum(other.values()) >= _MOST * total


def _renders(evidence: Evidence, source: Source, number: int, places: Sequence[Span]) -> bool:
    """Tell whether the claim's holder renders a word in some places of a premise."""
    tokens = evidence.post.source.segments[number].tokens
    linked = {
        link.other
        for link in evidence.pair.links
        if link.segment == number and link.token in source.words and link.strength >= _SAME
    }
    words = [evidence.claim.tokens[index].text for index in source.words]
    for other, token in enumerate(tokens):
        if not any(place.touches(token.span) for place in places):
            continue
        if other in linked:
            return True
        if token.kind is Kind.NAME and _alike((*words, "".join(words)), token.text):
            return True
    return False


def _alike(words: Sequence[str], name: str) -> bool:
    return any(
        len(word) > 1 and not word.isascii() and similarity(word, name) >= _SOUND for word in words
    )


def _region(premise: Segment, hit: Hit) -> list[Span]:
    """Give where a voice may be named: before the cue, and behind it where the content is not."""
    stop = max(
        (t.span.end for t in premise.tokens if t.text == ";" and t.span.end <= hit.span.start),
        default=premise.span.start,
    )
    after = Span(max(hit.scope.end, hit.span.end), premise.span.end)
    if hit.scope.start < hit.span.start:  # "..., said X": the content comes first
        return [Span(hit.span.start, premise.span.end)]
    return (
        [Span(stop, hit.span.end), after]
        if hit.text.lower() == "according to"
        else [Span(stop, hit.span.end)]
    )


def _to_author(evidence: Evidence, source: Source, voices: Sequence[Voice]) -> Finding | None:
    """Report words of others that the claim makes the author's own."""
    hedged = any(hit.value == "hearsay" for f in evidence.facts for hit in f.of("attribution"))
    if hedged or any(_own(voice) or voice.words & {"i", "we"} for voice in voices):
        return None
    named = [voice for voice in voices if voice.clear or voice.hit.value == "hearsay"]
    if not named or _rendered(evidence, source, voices):
        return None
    return _finding(evidence, source, "to-author", named[-1])


def _from_author(evidence: Evidence, source: Source, voices: Sequence[Voice]) -> Finding | None:
    """Report the author's own view that the claim gives to somebody else."""
    premise = evidence.premises[0]
    if not all(_own(voice) for voice in voices) or is_anyone(evidence, source):
        return None
    if any(segment.text.startswith(_ANSWERS) for segment in evidence.post.source.segments):
        return None  # in an interview the first person is whoever answers
    if any(mark in premise.text for mark in '"“”') or not is_speaker(evidence, source):
        return None
    if _rendered(evidence, source, voices):
        return None
    return _finding(evidence, source, "from-author", voices[-1])


def _changed(evidence: Evidence, source: Source) -> Finding | None:
    """Report a holder unknown to the sentence that the content renders, which names another."""
    if not source.author and not (
        is_speaker(evidence, source)
        and not is_anyone(evidence, source)
        and max(evidence.pair.anywhere[index] for index in source.words) >= _KNOWN
    ):
        return None
    theirs = frozenset() if source.author else keys_of(evidence, source.words)
    number, words = rendered_by(evidence, source, theirs)
    voice = _voice_over(evidence, number, words) if number is not None else None
    if number is None or voice is None:
        return None
    segment = evidence.post.source.segments[number]
    if source.author:
        told = _mentions(evidence, segment, voice)
        return None if told else _finding(evidence, source, "to-author", voice)
    if theirs & parties.bases(segment, range(len(segment.tokens))):
        return None
    if _one_party(evidence, theirs, voice.words) or _heard(evidence, source, segment, voice):
        return None
    return _finding(evidence, source, "changed", voice)


def _one_party(evidence: Evidence, theirs: frozenset[str], ours: frozenset[str]) -> bool:
    """Tell whether two holders may be one: the firm, or a name that the post ties to an office."""
    segments = evidence.post.source.segments
    named = any(
        token.kind is Kind.NAME and parties.base(token) in theirs
        for segment in segments
        for token in segment.tokens
    )
    if parties.is_anyone(ours) or (named and parties.any_of(ours)):
        return True
    ties = parties.ties(segments)
    return any(ties.get(key, theirs) & ours for key in theirs) or any(
        ties.get(key, ours) & theirs for key in ours
    )


def _voice_over(evidence: Evidence, number: int, words: Sequence[int]) -> Voice | None:
    """Give the outermost voice over the content; None where any is the author's or a pronoun."""
    segment, found = evidence.post.source.segments[number], []
    for cue in cues_over(evidence, number, words):
        names = speaker_of(segment, cue) if cue.value in SPEAKING else None
        if cue.value not in SPEAKING or (names and parties.is_pronoun(segment, names)):
            return None
        if names and (keys := parties.bases(segment, names)):
            tokens = segment.tokens
            span = Span(tokens[names[0]].span.start, tokens[names[-1]].span.end)
            found.append(Voice(cue, span, keys, clear=True))
    return found[0] if found else None


def _mentions(evidence: Evidence, segment: Segment, voice: Voice) -> bool:
    """Tell whether the retweet names a voice anywhere, or the sentence is the author's as well."""
    mine = {token.key for token in segment.tokens} & {"i", "my", "me", "we", "our", "us"}
    numbers = {
        index
        for index, token in enumerate(segment.tokens)
        if voice.span and voice.span.touches(token.span) and token.kind in JUDGED
    }
    place = evidence.post.source.segments.index(segment)
    rendered = any(
        link.segment == place and link.other in numbers
        for pair in evidence.siblings
        for link in pair.links
    )
    return bool(mine) or rendered


def _heard(evidence: Evidence, source: Source, segment: Segment, voice: Voice) -> bool:
    """Tell whether the holder sounds like a name in the voice of the post."""
    words = [evidence.claim.tokens[index].text for index in source.words]
    return any(
        token.kind is Kind.NAME and _alike((*words, "".join(words)), token.text)
        for token in segment.tokens
        if voice.span and voice.span.touches(token.span)
    )


def _rendered(evidence: Evidence, source: Source, voices: Sequence[Voice]) -> bool:
    premise, number = evidence.premises[0], evidence.pair.premises[0]
    places = [place for voice in voices for place in _region(premise, voice.hit)]
    places += [voice.span for voice in voices if voice.span]
    return _renders(evidence, source, number, places)


@cache
def _words(name: str) -> frozenset[str]:
    return frozenset(map(str, grammar()[name]))


def _finding(evidence: Evidence, source: Source, kind: str, voice: Voice) -> Finding:
    tokens, premise = evidence.claim.tokens, evidence.premises[0]
    span = Span(tokens[source.words[0]].span.start, tokens[source.words[-1]].span.end)
    place = voice.span or voice.hit.span
    start = premise.span.start
    return Finding(
        type="attribution",
        severity=Severity.MAJOR,
        confidence=_SURE,
        retweet_span=span,
        post_span=Span(min(voice.hit.span.start, place.start), max(voice.hit.span.end, place.end)),
        reason=f"attribution.{kind}",
        details={
            "holder": Span(place.start - start, place.end - start).of(premise.text),
            "holder_to": span.of(evidence.document.text),
        },
    )
