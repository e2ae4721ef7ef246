"""What the core asks of a model; `models/` answers it, tests fake it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from drift.records import Finding, Limits


class Translator(Protocol):
    """Translates Chinese into English; same length and order as its input; no hidden state."""

    @property
    def signature(self) -> str:
        """Name and version of what speaks, for the result's signature."""
        ...

    def translate(self, texts: Sequence[str]) -> list[str]:
        """Translate every Chinese text into English; an empty text gives an empty text."""
        ...


class TranslationTable(Protocol):
    """Word translations with probabilities, in both directions; hashable, so answers are cached."""

    def __hash__(self) -> int:
        """Identify the table."""
        ...

    @property
    def signature(self) -> str:
        """Name and version of the table."""
        ...

    def english(self, word: str) -> Sequence[tuple[str, float]]:
        """Give the English words for a Simplified Chinese word with p(en|zh), best first."""
        ...

    def chinese(self, word: str) -> Sequence[tuple[str, float]]:
        """Give the Chinese words for a lower-case English word with p(zh|en), best first."""
        ...

    def pieces(self, word: str) -> Sequence[str]:
        """Cut a Chinese word that the table lacks into the longest words that it has."""
        ...

    def gloss(self, words: Sequence[str]) -> list[str]:
        """Give one English gloss a Chinese word, for the interlinear line."""
        ...


class Mark(Protocol):
    """A stretch of one text in which a scorer sees something wrong (normalised offsets)."""

    @property
    def start(self) -> int:
        """Where it begins."""
        ...

    @property
    def end(self) -> int:
        """Where it ends."""
        ...

    @property
    def type(self) -> str:
        """The likeliest of the 14 finding types."""
        ...

    @property
    def strength(self) -> float:
        """How strongly it is marked, from 0 to 1."""
        ...


class Opinion(Protocol):
    """What a scorer says of one retweet beside its post."""

    @property
    def probability(self) -> float:
        """How likely the retweet misrepresents the post, by the scorer's own lights."""
        ...

    @property
    def tags(self) -> Sequence[Mark]:
        """Where in the retweet, strongest type first in each stretch."""
        ...

    @property
    def post_tags(self) -> Sequence[Mark]:
        """Where in the post."""
        ...


class PairScorer(Protocol):
    """Reads a retweet and its post together; a voice beside the rules, without hidden state."""

    @property
    def signature(self) -> str:
        """Name and version of the scorer."""
        ...

    def score(self, pairs: Sequence[tuple[str, str]]) -> Sequence[Opinion]:
        """Judge every (retweet, post) pair of normalised texts; same length and order."""
        ...


class Calibrator(Protocol):
    """Turns what the detectors saw into probabilities."""

    @property
    def signature(self) -> str:
        """Name and version of the fitted numbers."""
        ...

    @property
    def limits(self) -> Limits:
        """Where one verdict ends and the next begins."""
        ...

    def misrepresents(self, features: Mapping[str, float]) -> float:
        """Give the probability that a careful annotator says `misrepresents`."""
        ...

    def unrelated(self, features: Mapping[str, float]) -> float:
        """Give the probability that the retweet says nothing checkable about the post."""
        ...

    def suspicion(self, traits: Iterable[str]) -> float:
        """Give what single traits of the wording add to the log-odds of `misrepresents`."""
        ...

    def likeliest(self, features: Mapping[str, float]) -> str:
        """Give the finding type that the wording speaks for most."""
        ...

    def weigh(self, finding: Finding) -> Finding:
        """Give the finding the confidence that its kind has earned, and its severity."""
        ...
