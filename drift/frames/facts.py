"""What holds of a word: polarity, certainty, condition, aspect, voice, quantity, cause, degree."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from drift.cues import strength
from drift.frames.holders import holder
from drift.records import Hit, Segment, Span

FAINT = 0.6  # strength below which a cue is listed and settles nothing ("can", 就是)
# From the least to the most committed: where several cues govern a word, the first one holds.
_CERTAINTY = ("unknown", "asked", "unverified", "hearsay", "possible", "probable", "certain")
_CONDITION = (
    "counterfactual",
    "protasis",
    "unless",
    "necessary",
    "apodosis",
    "question",
    "hypothetical",
    "concessive",
    "regardless",
    "realis",
)
_ASPECT = (
    "not-yet",
    "planned",
    "requested",
    "attempted",
    "stopped",
    "began",
    "ongoing",
    "done",
    "past",
)
_FALLBACK = ("past-form", "sequence")  # hold where nothing stronger does
_QUANTIFIER = (
    "none",
    "all",
    "most",
    "some",
    "only",
    "never",
    "rarely",
    "sometimes",
    "often",
    "usually",
    "always",
)
# What somebody asks for (他申请庇护) is no content that he vouches for.
_VOICES = frozenset({"say", "claim", "admit", "deny", "warn", "think", "hearsay", "self"})
_NEGATIONS = frozenset({"negation", "verb", "lexical"})


@dataclass(frozen=True, slots=True)
class Facts:
    """What holds of one token; an empty string or tuple where no cue says anything."""

    polarity: str = "+"  # "+", "-" by the parity of negations, "~" hardly
    certainty: str = ""  # the least committed value that governs the word
    condition: str = ""
    aspect: str = ""
    voices: tuple[str, ...] = ()  # holders, outermost first; "?" where the text names none
    commitment: str = ""  # of the innermost voice: say, claim, admit, deny, warn, think ...
    quantifier: str = ""
    cause: str = ""  # "cause", "effect", "purpose", "motive", "correlation"
    degree: str = ""  # "boost", "damp", "loaded", "mild"
    hits: tuple[Hit, ...] = ()  # all cues that govern the word

    def mapping(self) -> Mapping[str, str]:
        """Give the attributes by name; voices are joined by " > "."""
        return {
            "polarity": self.polarity,
            "certainty": self.certainty,
            "condition": self.condition,
            "aspect": self.aspect,
            "holder": " > ".join(self.voices),
            "commitment": self.commitment,
            "quantifier": self.quantifier,
            "cause": self.cause,
            "degree": self.degree,
        }

    def of(self, dimension: str) -> tuple[Hit, ...]:
        """Give the cues of one dimension that govern the word."""
        return tuple(hit for hit in self.hits if hit.dimension == dimension)


def facts_of(segment: Segment, whole: Segment, hits: Sequence[Hit]) -> tuple[Facts, ...]:
    """Give the facts of every token of a segment, whose cues stand in its whole sentence."""
    sides = _Sides(
        {id(hit): _voice(whole, hit) for hit in hits if hit.dimension == "attribution"},
        frozenset(
            id(hit)
            for hit in hits
            if strength(hit, whole.lang) < FAINT and hit.value not in _FALLBACK
        ),
    )
    return tuple(_facts(token.span, hits, sides) for token in segment.tokens)


@dataclass(frozen=True, slots=True)
class _Sides:
    """What is known of the cues of a sentence, by their identity."""

    names: Mapping[int, str]  # of the holders
    faint: frozenset[int]  # too weak to settle a fact


def _facts(word: Span, hits: Sequence[Hit], sides: _Sides) -> Facts:
    over = tuple(hit for hit in hits if hit.scope.touches(word))
    by: dict[str, list[Hit]] = {}
    for hit in over:
        if id(hit) not in sides.faint:
            by.setdefault(hit.dimension, []).append(hit)
    aspects = by.get("aspect", ())
    voices = sorted(by.get("attribution", ()), key=lambda hit: _breadth(hit.scope), reverse=True)
    speaking = [hit for hit in voices if hit.value in _VOICES and not hit.span.covers(word)]
    return Facts(
        polarity=_polarity(word, by.get("polarity", ())),
        certainty=_first(by.get("certainty", ()), _CERTAINTY),
        condition=_first(by.get("conditional", ()), _CONDITION),
        aspect=_nearest(aspects, word, _ASPECT) or _nearest(aspects, word, _FALLBACK),
        voices=tuple(dict.fromkeys(sides.names[id(hit)] for hit in speaking)),
        commitment=speaking[-1].value if speaking else "",
        quantifier=_nearest(by.get("quantifier", ()), word, _QUANTIFIER),
        cause=_cause(word, by.get("cause", ())),
        degree=_nearest(by.get("intensity", ()), word, ("loaded", "mild", "boost", "damp")),
        hits=over,
    )


def _voice(segment: Segment, hit: Hit) -> str:
    place = holder(segment, hit)
    if place is None:
        return "?"
    start = segment.span.start
    return Span(place.start - start, place.end - start).of(segment.text)


def _breadth(span: Span) -> int:
    return span.end - span.start


def _polarity(word: Span, hits: Iterable[Hit]) -> str:
    negations = weak = 0
    for hit in hits:
        if hit.value == "lexical" or not hit.span.covers(word):
            negations += hit.value in _NEGATIONS
            weak += hit.value == "weak"
    if negations % 2:
        return "-"
    return "~" if weak else "+"


def _first(hits: Iterable[Hit], order: Sequence[str]) -> str:
    values = {hit.value for hit in hits}
    return next((value for value in order if value in values), "")


def _nearest(hits: Iterable[Hit], word: Span, order: Sequence[str]) -> str:
    """Give the value of the cue that stands nearest to the word; of two, the stronger kind."""
    best = min(
        (
            (_distance(hit.span, word), order.index(hit.value), hit.value)
            for hit in hits
            if hit.value in order
        ),
        default=None,
    )
    return best[2] if best else ""


def _distance(cue: Span, word: Span) -> int:
    return max(0, cue.start - word.end, word.start - cue.end)


def _cause(word: Span, hits: Iterable[Hit]) -> str:
    """Tell on which side of a causal cue a word stands."""
    for hit in hits:
        if hit.span.covers(word):
            continue
        if hit.value == "link":
            return "cause" if word.end <= hit.span.start else "effect"
        return hit.value
    return ""
