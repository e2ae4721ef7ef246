"""What the core asks of a model; `models/` answers it, tests fake it."""

from collections.abc import Mapping, Sequence
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
    """Word translations with probabilities, in both directions."""

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

    def weigh(self, finding: Finding) -> Finding:
        """Give the finding the confidence that its kind has earned, and its severity."""
        ...
