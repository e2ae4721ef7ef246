"""The nouns of the domain, frozen, in the order in which they come to exist.

Offsets count Unicode code points. A span inside `Segment`, `Token`, `Hit`, `Quantity` or `Link`
points into the *normalised* text of its side; `Finding`, `Piece` and `Claim` carry spans of the
*raw* text, as its author wrote it. `drift.normalise` converts between the two.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from typing import Literal

Lang = Literal["en", "zh"]
Script = Literal["hans", "hant", "none"]


class Severity(StrEnum):
    """MQM severity of one finding."""

    MINOR = "minor"
    MAJOR = "major"
    CRITICAL = "critical"


class Label(StrEnum):
    """Verdict on one retweet; `uncertain` is the abstention."""

    FAITHFUL = "faithful"
    DRIFTED = "drifted"
    MISREPRESENTS = "misrepresents"
    UNRELATED = "unrelated"
    UNCERTAIN = "uncertain"


class Voice(StrEnum):
    """Who speaks in a piece of a retweet; only `claim` and `quote` are judged."""

    CLAIM = "claim"
    QUOTE = "quote"
    COMMENT = "comment"
    CARRIER = "carrier"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Half-open range of code points."""

    start: int
    end: int

    def of(self, text: str) -> str:
        """Cut the span out of its text.

        >>> Span(2, 3).of("不可能")
        '能'
        """
        return text[self.start : self.end]

    def covers(self, other: "Span") -> bool:
        """Tell whether the other span lies inside this one."""
        return self.start <= other.start and other.end <= self.end

    def touches(self, other: "Span") -> bool:
        """Tell whether the two spans share at least one code point."""
        return self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True)
class Post:
    """The English original: the body alone, without comments and navigation."""

    id: str
    text: str
    url: str | None = None
    author: str | None = None
    created_at: str | None = None


@dataclass(frozen=True, slots=True)
class Retweet:
    """A Chinese rendering of the post, as published."""

    id: str
    text: str
    url: str | None = None
    author: str | None = None
    created_at: str | None = None


@dataclass(frozen=True, slots=True)
class Normalised:
    """A text made comparable, with the way back to the text as its author wrote it.

    `offsets[i]` is the raw position of normalised code point i; it has one entry more than `text`
    has code points (the raw length). Several normalised code points may share a raw one.
    """

    raw: str
    text: str
    offsets: tuple[int, ...]
    script: Script = "none"
    flags: tuple[str, ...] = ()  # what was found on the way: "bidi", "invisible", "confusable" ...

    def to_raw(self, span: Span) -> Span:
        """Give the raw span of a normalised span; an empty span stays empty."""
        start = self.offsets[span.start]
        if span.end <= span.start:
            return Span(start, start)
        # The end is where the next raw character after the last covered one begins.
        last, end = self.offsets[span.end - 1], span.end
        while end < len(self.text) and self.offsets[end] == last:
            end += 1
        return Span(start, max(self.offsets[end], start + 1))


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a retweet in one voice (normalised span)."""

    voice: Voice
    span: Span


class Kind(StrEnum):
    """What a token is to the aligner."""

    CONTENT = "content"
    FUNCTION = "function"
    NAME = "name"
    NUMBER = "number"
    PUNCTUATION = "punctuation"


@dataclass(frozen=True, slots=True)
class Token:
    """A word with its place; `key` is what is looked up (lower case; lemma stays a step apart)."""

    text: str
    span: Span
    key: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Segment:
    """A sentence of the post (a premise) or a clause of the retweet (a claim).

    `clauses` are the spans of its clauses in order; a claim that was cut at ，keeps its sentence's
    other clauses in `context`, so that a condition stays tied to its consequence.
    """

    lang: Lang
    text: str
    span: Span
    tokens: tuple[Token, ...]
    clauses: tuple[Span, ...] = ()
    voice: Voice = Voice.CLAIM
    context: Span | None = None
    section: str = "body"  # of a post: body, heading, update, quote


@dataclass(frozen=True, slots=True)
class Quantity:
    """An exact amount: `low` <= amount <= `high`, both None-able for open comparators."""

    span: Span
    kind: (
        str  # "count", "percent", "money", "date", "time", "ordinal", "ratio", "times", "fraction"
    )
    low: Fraction | None
    high: Fraction | None
    unit: str | None = None
    comparator: str = "="  # "=", "~", ">", ">=", "<", "<=", "range"
    text: str = ""


@dataclass(frozen=True, slots=True)
class Hit:
    """A cue found in a text, with what it governs (both normalised spans)."""

    dimension: str  # the lexicon's name: conditional, certainty, polarity ...
    value: str
    span: Span
    scope: Span
    text: str


@dataclass(frozen=True, slots=True)
class Frame:
    """The factuality of one clause: every cue that governs it, by dimension (FactBank's terms)."""

    clause: Span
    hits: tuple[Hit, ...]

    def values(self, dimension: str) -> tuple[Hit, ...]:
        """Give the hits of one dimension."""
        return tuple(hit for hit in self.hits if hit.dimension == dimension)


@dataclass(frozen=True, slots=True)
class Link:
    """A claim token tied to a post token."""

    token: int  # index into the claim's tokens
    segment: int  # index into the post's segments
    other: int  # index into that segment's tokens
    strength: float
    kind: str = "lexical"  # lexical, name, number, latin, alias


@dataclass(frozen=True, slots=True)
class Pair:
    """A claim with the up to three premises that it rests on, or with none."""

    claim: Segment
    premises: tuple[int, ...]  # indices into the post's segments, best first
    links: tuple[Link, ...]
    coverage: tuple[float, ...]  # a claim token: how well the premises account for it, 0 to 1
    anywhere: tuple[float, ...]  # the same for the whole post
    strength: float
    back: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One typed difference, with the words that show it on each side (raw spans)."""

    type: str
    severity: Severity
    confidence: float
    retweet_span: Span | None
    post_span: Span | None
    reason: str  # key of the message that explains it
    details: Mapping[str, str] = field(default_factory=dict)  # what the message is filled with


@dataclass(frozen=True, slots=True)
class Limits:
    """Where one verdict ends and the next begins; fitted with the calibration, shipped with it."""

    accuse: float  # from this score on, with a major finding: misrepresents
    doubt: float  # from this score on, short of an accusation: uncertain
    suspect: float  # from this score on, the wording alone makes an accusation
    keep: float  # findings below this confidence are not shown
    unrelated: float  # from this probability on, the retweet says nothing about the post


@dataclass(frozen=True, slots=True)
class Gloss:
    """One Chinese word with its English gloss (raw span)."""

    zh: str
    en: str
    span: Span


@dataclass(frozen=True, slots=True)
class Piece:
    """A span of the post that a claim rests on (raw span)."""

    span: Span
    strength: float


@dataclass(frozen=True, slots=True)
class Claim:
    """What was judged: a claim as published, with gloss, back-translation and evidence."""

    span: Span
    voice: Voice
    back_translation: str
    gloss: tuple[Gloss, ...]
    aligned: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Said:
    """What a model beside the rules said of a retweet, and whether it counted for the score."""

    model: str
    about: str  # "entailment", "similarity" or "judge"
    figures: Mapping[str, float]
    weighed: bool
    note: str = ""  # why it kept silent


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the findings on one retweet add up to."""

    retweet: Retweet
    label: Label
    score: float  # calibrated probability of `misrepresents`
    confidence: float  # probability of the label given
    script: Script
    claims: tuple[Claim, ...]
    findings: tuple[Finding, ...]
    flags: tuple[str, ...] = ()
    said: tuple[Said, ...] = ()  # by models beside the rules, where some were asked


@dataclass(frozen=True, slots=True)
class Report:
    """The whole answer, with the signature that makes it repeatable."""

    post: Post
    verdicts: tuple[Verdict, ...]
    signature: str
