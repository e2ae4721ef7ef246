"""Attribution: who says, thinks or claims it is another one than in the post, or the author.

Fires:  "Analysts at Brightmoor think the plant will never open." -> 诺威尔认为这厂再也开不了
Silent: "Analysts think it will never open." -> 分析师认为它再也开不了; 据分析，它再也开不了
Not ours: hearsay that is told as fact (certainty), who did what (role).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from drift.contrasts import Contrast, contrasts
from drift.evidence import JUDGED, Evidence
from drift.frames import holder
from drift.lexicons import grammar
from drift.names import similarity
from drift.records import Finding, Hit, Kind, Segment, Severity, Span

_SPEAKING = frozenset({"say", "claim", "admit", "think", "warn", "deny"})
_MOST = 0.6  # share of the content that a voice of the post must govern
_SAME = 0.15  # link strength from which two holders may be one
_SOUND = 0.5  # the same for names written by their sound
_KNOWN = 0.5  # coverage from which the post is taken to speak of the holder
_SURE = 0.8
_WELL_KNOWN = 0.9  # the same where the post's holder may be anybody
_ENOUGH = 0.8  # strength that the links of the content must add up to


@dataclass(frozen=True, slots=True)
class Source:
    """A voice of the claim: the words that name it, and what it governs."""

    words: tuple[int, ...]  # tokens of the claim
    scope: Span
    author: bool


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
    for source in _sources(evidence):
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


def _sources(evidence: Evidence) -> Iterator[Source]:
    """Give the voices that the claim itself names, each with the words up to the next voice."""
    claim = evidence.claim
    hits = {hit.span: hit for facts in evidence.facts for hit in facts.of("attribution")}
    own = [
        hit for hit in sorted(hits.values(), key=lambda h: h.span) if claim.span.covers(hit.span)
    ]
    verbs = [hit for hit in own if _speaks(hit)]
    ends = [hit.span.start for hit in verbs[1:]] + [claim.span.end] * bool(verbs)
    for hit, end in zip(verbs, ends, strict=True):
        author = hit.value == "self"
        span = hit.span if author else holder(claim, hit)
        words = _named(claim, span, hit.span.end if author else hit.span.start) if span else ()
        if words and span:
            met = author or any(h.value == "self" and span.touches(h.span) for h in own)
            yield Source(words, Span(hit.span.end, max(hit.span.end, end)), met)
    yield from _announced(claim, [hit for hit in own if hit.value in ("self", "holder")])


def _speaks(hit: Hit) -> bool:
    """Tell whether a cue is a verb of saying or thinking, or ends in one (作者认为)."""
    verbs = _words("zh_speech")
    if hit.value == "self":
        return any(hit.text.endswith(verb) for verb in verbs)
    return hit.value in _SPEAKING and hit.text in verbs


def _named(claim: Segment, span: Span, verb: int) -> tuple[int, ...]:
    """Give the tokens of a holder that stands right before its verb, adverbs left out."""
    words = [
        index
        for index, token in enumerate(claim.tokens)
        if span.touches(token.span) and token.text not in _words("zh_speaker_adverbs")
    ]
    between = [
        token.text
        for index, token in enumerate(claim.tokens)
        if words and index > words[-1] and token.span.end <= verb
    ]
    if not words or len(words) > 4 or len(between) > 2:
        return ()
    if any(text not in _words("zh_speaker_adverbs") for text in between):
        return ()
    return tuple(words) if all(claim.tokens[i].kind in JUDGED for i in words[-1:]) else ()


def _announced(claim: Segment, speakers: Sequence[Hit]) -> Iterator[Source]:
    """Give the speaker before a colon: 发言人：… or 作者的结论：… as one."""
    colon = next((i for i, token in enumerate(claim.tokens[:8]) if token.text in "：:"), 0)
    words: list[int] = []
    for index, token in enumerate(claim.tokens[:colon]):
        called = any(hit.span.touches(token.span) for hit in speakers)
        if not (called or token.kind is Kind.NAME or (words and _speaker_noun(token.text))):
            break
        words.append(index)
    rest = [token.text for token in claim.tokens[len(words) : colon]]
    if words and (not rest or rest[-1] in _words("zh_announcing")):
        first = claim.tokens[words[0]].span
        author = any(hit.value == "self" and hit.span.touches(first) for hit in speakers)
        yield Source(tuple(words), Span(claim.tokens[colon].span.end, claim.span.end), author)


def _speaker_noun(word: str) -> bool:
    return any(word.endswith(ending) for ending in _words("zh_speaker_endings"))


def _compared(evidence: Evidence, source: Source, content: Sequence[Contrast]) -> Finding | None:
    premise = evidence.premises[0]
    voices = [_voice(premise, hit) for hit in _over(content)]
    if not voices or _told_alike(evidence, source, content):
        return None
    if source.author:
        return _to_author(evidence, source, voices)
    if any(_own(voice) for voice in voices):
        return _from_author(evidence, source, voices)
    return _changed(evidence, source, voices)


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
        if hit.value in _SPEAKING | {"self", "hearsay"}
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
    if not all(_own(voice) for voice in voices) or _any_speaker(evidence, source):
        return None
    if any(mark in premise.text for mark in '"“”') or not _speaker(evidence, source):
        return None
    if _rendered(evidence, source, voices):
        return None
    return _finding(evidence, source, "from-author", voices[-1])


def _changed(evidence: Evidence, source: Source, voices: Sequence[Voice]) -> Finding | None:
    """Report another holder than the post's."""
    if _any_speaker(evidence, source) or not _speaker(evidence, source):
        return None
    named = [voice for voice in voices if voice.clear]
    if not named or any(voice.hit.value == "hearsay" for voice in voices):
        return None
    # "The bank" may stand for anyone named before: the claim's holder must be well known then.
    known = max(evidence.pair.anywhere[index] for index in source.words)
    if known < (_WELL_KNOWN if _anaphoric(evidence.premises[0], named[-1]) else _KNOWN):
        return None
    if _rendered(evidence, source, voices):
        return None
    return _finding(evidence, source, "changed", named[-1])


def _anaphoric(premise: Segment, voice: Voice) -> bool:
    tokens = [token for token in premise.tokens if voice.span and voice.span.touches(token.span)]
    definite = tokens[0].key in ("the", "its", "his", "her", "their")
    return definite and all(token.kind is not Kind.NAME for token in tokens)


def _rendered(evidence: Evidence, source: Source, voices: Sequence[Voice]) -> bool:
    premise, number = evidence.premises[0], evidence.pair.premises[0]
    places = [place for voice in voices for place in _region(premise, voice.hit)]
    places += [voice.span for voice in voices if voice.span]
    return _renders(evidence, source, number, places)


def _speaker(evidence: Evidence, source: Source) -> bool:
    """Tell whether the holder is a name or a noun for somebody who can speak."""
    tokens = evidence.claim.tokens
    last = tokens[source.words[-1]]
    return _speaker_noun(last.text) or any(tokens[i].kind is Kind.NAME for i in source.words)


def _any_speaker(evidence: Evidence, source: Source) -> bool:
    whole = "".join(evidence.claim.tokens[index].text for index in source.words)
    return whole in _words("zh_any_speaker") or whole.startswith(_words_in_order("zh_unnamed"))


@cache
def _words_in_order(name: str) -> tuple[str, ...]:
    return tuple(map(str, grammar()[name]))


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
