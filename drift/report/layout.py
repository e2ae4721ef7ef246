"""Arranges a report for human eyes: numbered findings, marked stretches of text, headline.

The terminal, Markdown and HTML reports all show this; it knows nothing of how they look.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from drift.catalogue import label, messages
from drift.catalogue import text as words
from drift.explain import by_weight, correction, evidence, explanation, with_gloss, wording
from drift.passages import sentences, shorten
from drift.records import (
    Claim,
    Finding,
    Label,
    Lang,
    Post,
    Report,
    Severity,
    Span,
    Verdict,
    Voice,
)

TELLING = 0.5  # share of the best strength from which a sentence is shown too
LONG_SENTENCE = 700  # a sentence longer than this is shown around its marked places only
MARGIN = 160
OPENING = 200
EVEN = 0.5  # from this score on a retweet is likelier to misrepresent than not
ROUGH = ("lexical", "lex", "table", "gloss", "word")  # makers that put words side by side


@dataclass(frozen=True, slots=True)
class Mark:
    """A numbered place in a text."""

    number: int
    span: Span
    severity: Severity


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text that lies under the same findings; `ends` are those that end with it."""

    text: str
    numbers: tuple[int, ...] = ()
    ends: tuple[int, ...] = ()
    severity: Severity | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """A sentence of the post, marked; `gap` says that something was left out before it."""

    runs: tuple[Run, ...]
    gap: bool


@dataclass(frozen=True, slots=True)
class Word:
    """A column of the interlinear gloss."""

    zh: str
    en: str
    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """A claim of the retweet as shown: its words in columns, and its back-translation."""

    voice: Voice
    words: tuple[Word, ...]
    back: str


@dataclass(frozen=True, slots=True)
class Note:
    """A finding as shown."""

    number: int
    finding: Finding
    explanation: dict[str, str]
    wording: str | None


@dataclass(frozen=True, slots=True)
class Card:
    """All that is shown of one retweet."""

    number: int
    verdict: Verdict
    runs: tuple[Run, ...]
    lines: tuple[Line, ...]
    passages: tuple[Passage, ...]
    notes: tuple[Note, ...]
    correction: dict[str, str] | None


@dataclass(frozen=True, slots=True)
class Hot:
    """A sentence of the post that findings fall on, with the retweets that changed it."""

    span: Span
    text: str
    cards: tuple[int, ...]


def cards(report: Report) -> tuple[Card, ...]:
    """Arrange every retweet, in the order given."""
    return tuple(
        card(number, verdict, report.post) for number, verdict in enumerate(report.verdicts, 1)
    )


def card(number: int, verdict: Verdict, post: Post) -> Card:
    """Arrange one retweet with its evidence."""
    findings = by_weight(verdict.findings)
    retweet = verdict.retweet.text
    theirs = [
        Mark(at, one.retweet_span, one.severity)
        for at, one in enumerate(findings, 1)
        if one.retweet_span
    ]
    ours = [
        Mark(at, one.post_span, one.severity) for at, one in enumerate(findings, 1) if one.post_span
    ]
    return Card(
        number=number,
        verdict=verdict,
        runs=runs(retweet, Span(0, len(retweet)), theirs),
        lines=tuple(_line(claim, theirs) for claim in verdict.claims),
        passages=_passages(post.text, ours, verdict.claims),
        notes=tuple(_notes(findings, verdict, post.text)),
        correction=correction(verdict, post),
    )


def runs(text: str, span: Span, marks: Sequence[Mark]) -> tuple[Run, ...]:
    """Cut a stretch of text wherever a mark begins or ends.

    >>> mark = Mark(1, Span(2, 5), Severity.MAJOR)
    >>> [(run.text, run.numbers) for run in runs("官员因胆怯拒绝", Span(0, 7), [mark])]
    [('官员', ()), ('因胆怯', (1,)), ('拒绝', ())]
    """
    inside = [mark for mark in marks if mark.span.touches(span)]
    cuts = {span.start, span.end}
    for mark in inside:
        cuts.update((max(mark.span.start, span.start), min(mark.span.end, span.end)))
    edges = sorted(cuts)
    found = []
    for start, end in pairwise(edges):
        here = [mark for mark in inside if mark.span.touches(Span(start, end))]
        found.append(
            Run(
                text[start:end],
                tuple(mark.number for mark in here),
                tuple(mark.number for mark in here if min(mark.span.end, span.end) == end),
                max((mark.severity for mark in here), key=list(Severity).index, default=None),
            )
        )
    return tuple(found)


def headline(report: Report, lang: Lang) -> str:
    """Say in one sentence what the report found."""
    counts = Counter(verdict.label for verdict in report.verdicts)
    total, bad, undecided = (
        len(report.verdicts),
        counts[Label.MISREPRESENTS],
        counts[Label.UNCERTAIN],
    )
    if total == 0:
        key = "none"
    elif total == 1:
        key = f"only_{report.verdicts[0].label.value}"
    elif bad == 0:
        key = "open" if undecided else "clean"
    else:
        key = "all" if bad == total else "one" if bad == 1 else "some"
    return words("interface", key, lang).format(total=total, bad=bad, open=undecided)


def tally(report: Report) -> list[tuple[Label, int]]:
    """Count the verdicts, worst first, leaving out those that do not occur."""
    counts = Counter(verdict.label for verdict in report.verdicts)
    order = (Label.MISREPRESENTS, Label.DRIFTED, Label.UNCERTAIN, Label.FAITHFUL, Label.UNRELATED)
    return [(label, counts[label]) for label in order if counts[label]]


def opening(text: str) -> str:
    """Give the first sentence of the post, by which its readers know it again."""
    for sentence in sentences(text):
        return shorten(sentence.of(text), OPENING)
    return ""


def flag_names(flags: Iterable[str], lang: Lang) -> str:
    """Say what was found in a text that its reader should know; other flags are for programs."""
    known = [label("flag", flag, lang) for flag in flags if flag in messages()["flag"]]
    return ("、" if lang == "zh" else ", ").join(known)


def unchanged(verdict: Verdict, lang: Lang) -> str:
    """Say why a retweet has no findings: it is faithful, or it could not be judged.

    Where the score says that more such retweets mislead than not, that is no all-clear.
    """
    if verdict.label in (Label.UNCERTAIN, Label.UNRELATED):
        return words("interface", f"only_{verdict.label.value}", lang)
    return words("interface", "no_findings" if verdict.score < EVEN else "nothing_shown", lang)


def maker(signature: str) -> tuple[str, bool]:
    """Read from a signature what made the back-translation, and whether it is a rough one.

    >>> maker("bt:lexical-1|lex:1|v:0.1.0")
    ('lexical-1', True)
    """
    for part in signature.split("|"):
        if part.startswith(("bt:", "tr:")):
            name = part.partition(":")[2]
            return name, name.startswith(ROUGH)
    return "", False


def hot_sentences(report: Report, limit: int = 3) -> tuple[Hot, ...]:
    """Find the sentences of the post that most retweets changed."""
    text = report.post.text
    found: dict[Span, set[int]] = {}
    spots = [
        (number, place)
        for number, verdict in enumerate(report.verdicts, 1)
        for finding in verdict.findings
        if (place := evidence(finding, verdict.claims))
    ]
    for sentence in sentences(text) if spots else ():
        numbers = {number for number, place in spots if place.touches(sentence)}
        if numbers:
            found[sentence] = numbers
    ranked = sorted(found.items(), key=lambda item: (-len(item[1]), item[0]))[:limit]
    return tuple(Hot(span, span.of(text), tuple(sorted(numbers))) for span, numbers in ranked)


def _line(claim: Claim, marks: Iterable[Mark]) -> Line:
    """Arrange a claim, its words numbered like the findings that they lie under."""
    marked = list(marks)
    return Line(
        claim.voice,
        tuple(
            Word(
                gloss.zh,
                gloss.en,
                tuple(mark.number for mark in marked if mark.span.touches(gloss.span)),
            )
            for gloss in claim.gloss
        ),
        claim.back_translation,
    )


def _notes(findings: Sequence[Finding], verdict: Verdict, post_text: str) -> Iterator[Note]:
    """Put the findings into words; a sentence of the post is given as the wording once."""
    given: set[str | None] = set()
    for number, finding in enumerate(findings, 1):
        told = explanation(with_gloss(finding, verdict.claims), post_text, verdict.retweet.text)
        faithful = wording(finding, post_text)
        yield Note(number, finding, told, None if faithful in given else faithful)
        given.add(faithful)


def _passages(text: str, marks: Sequence[Mark], claims: Iterable[Claim]) -> tuple[Passage, ...]:
    """Choose the sentences of the post that the findings and the claims rest on."""
    best = [
        piece.span
        for claim in claims
        for piece in claim.aligned
        if piece.strength >= TELLING * max(other.strength for other in claim.aligned)
    ]
    wanted = [mark.span for mark in marks] + best
    shown: list[Passage] = []
    before: int | None = None
    for index, sentence in enumerate(sentences(text) if wanted else ()):
        touched = [span for span in wanted if span.touches(sentence)]
        if touched:
            gap = bool(shown) and before != index - 1
            shown.append(Passage(runs(text, _clip(sentence, touched), marks), gap))
            before = index
    return tuple(shown)


def _clip(sentence: Span, touched: Sequence[Span]) -> Span:
    """Keep a very long sentence to the neighbourhood of its marked places."""
    if sentence.end - sentence.start <= LONG_SENTENCE:
        return sentence
    start = max(sentence.start, min(span.start for span in touched) - MARGIN)
    end = min(sentence.end, max(span.end for span in touched) + MARGIN)
    return Span(start, end)
