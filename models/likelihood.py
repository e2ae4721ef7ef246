"""How likely given English is as the translation of given Chinese, a piece at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from drift.records import Span
from models.source_text import clean_english


@dataclass(frozen=True, slots=True)
class Likely:
    """One piece of the English: where it stands in the text as given, and its log-probability."""

    span: Span
    logprob: float


@dataclass(frozen=True, slots=True)
class Likelihood:
    """The log-probabilities of an English text given a Chinese one, in nats."""

    pieces: tuple[Likely, ...]
    ending: float  # of the text being over after them
    mean: float  # of all pieces and the ending: what length does not change

    def within(self, span: Span) -> float | None:
        """Give the mean over the pieces that touch a span; None where there are none.

        >>> heard = Likelihood((Likely(Span(0, 2), -1.0), Likely(Span(2, 7), -3.0)), -0.5, -1.5)
        >>> heard.within(Span(3, 5)), heard.within(Span(0, 7)), heard.within(Span(7, 9))
        (-3.0, -2.0, None)
        """
        inside = [piece.logprob for piece in self.pieces if piece.span.touches(span)]
        return sum(inside) / len(inside) if inside else None


@dataclass(frozen=True, slots=True)
class Cut:
    """An English text in the pieces of a vocabulary, each with its place in the text as given."""

    pieces: tuple[str, ...]
    spans: tuple[Span, ...]


def cut(processor: Any, english: str, longest: int) -> Cut:  # noqa: ANN401 -- no types
    """Cut a text into at most so many pieces; what comes after them is left out."""
    cleaned, places = _cleaned(english)
    found = processor.encode(cleaned, return_type="offset_mapping")
    return Cut(
        tuple(found["pieces"][:longest]),
        tuple(_span(start, end, cleaned, places) for start, end in found["offsets"][:longest]),
    )


def heard(part: Cut, logprobs: Sequence[float]) -> Likelihood:
    """Put the pieces of a text together with their log-probabilities; the last is the ending's."""
    return Likelihood(
        tuple(map(Likely, part.spans, logprobs[:-1])),
        logprobs[-1],
        sum(logprobs) / len(logprobs),
    )


def _cleaned(text: str) -> tuple[str, list[int]]:
    """Clean a text as training did, and say where each of its characters came from."""
    signs: list[str] = []
    places: list[int] = []
    for place, sign in enumerate(text):
        # One sign at a time, between letters: cleaning drops white space at the ends.
        for new in clean_english(f"a{sign}a")[1:-1]:
            if new != " " or (signs and signs[-1] != " "):
                signs.append(new)
                places.append(place)
    if signs and signs[-1] == " ":
        signs.pop()
        places.pop()
    return "".join(signs), [*places, len(text)]


def _span(start: int, end: int, cleaned: str, places: list[int]) -> Span:
    """Give the place of a piece in the text as given, without the white space at its ends."""
    while start < end and cleaned[start] == " ":
        start += 1
    while end > start and cleaned[end - 1] == " ":
        end -= 1
    if start == end:
        return Span(places[start], places[start])
    return Span(places[start], places[end - 1] + 1)
