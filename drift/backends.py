"""What the core asks of a model; `models/` answers it, tests fake it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from drift.records import Finding, Limits, Span

THREADS = "DRIFT_THREADS"
"""Names the environment variable that says how many threads a model runs; default: one a core."""


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

    @property
    def kinds(self) -> Mapping[str, float]:
        """How likely each type is, should the retweet drift; nothing where it cannot tell."""
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


class Entailment(Protocol):
    """Tells whether one text says what another says, across languages."""

    @property
    def signature(self) -> str:
        """Name and version of the model."""
        ...

    def infer(self, pairs: Sequence[tuple[str, str]]) -> Sequence[tuple[float, float, float]]:
        """Give entailed, neutral and contradicted for every (premise, hypothesis)."""
        ...


class Embedder(Protocol):
    """Tells how near texts are in meaning, across languages."""

    @property
    def signature(self) -> str:
        """Name and version of the model."""
        ...

    def similarities(
        self, lefts: Sequence[str], rights: Sequence[str]
    ) -> Sequence[Sequence[float]]:
        """Give the cosine of every left text with every right one; a row a left text."""
        ...


@dataclass(frozen=True, slots=True)
class SecondOpinion:
    """What a judge says of a retweet; `spans` are of the normalised retweet and do exist."""

    probability: float | None  # of misrepresentation; None: it kept silent
    spans: tuple[Span, ...] = ()
    invented: int = 0  # quotations that stand nowhere, and so count for nothing
    note: str = ""  # why it kept silent


class Judge(Protocol):
    """Gives a second opinion on a retweet; never fails, but keeps silent."""

    @property
    def signature(self) -> str:
        """Name and version of the judge."""
        ...

    def opinions(self, pairs: Sequence[tuple[str, str]]) -> Sequence[SecondOpinion]:
        """Judge every (retweet, post) of normalised texts; same length and order."""
        ...


class Likely(Protocol):
    """One piece of an English text with its log-probability, in nats."""

    @property
    def span(self) -> Span:
        """Where it stands in the text as given."""
        ...

    @property
    def logprob(self) -> float:
        """Its log-probability after the pieces before it."""
        ...


class Likelihood(Protocol):
    """How likely an English text is as the translation of a Chinese one."""

    @property
    def pieces(self) -> Sequence[Likely]:
        """The text's pieces in order."""
        ...


class Likelihoods(Protocol):
    """Scores given English under given Chinese; no hidden state."""

    def likelihoods(self, pairs: Sequence[tuple[str, str]]) -> Sequence[Likelihood]:
        """Score every (Chinese, English) pair; empty Chinese asks for the English alone."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Advisers:
    """The models beside the rules that a run asks; none by default."""

    entailment: Entailment | None = None
    embedder: Embedder | None = None
    judge: Judge | None = None
    weighed: bool = False  # is the calibration fitted with what these models say?

    @property
    def signature(self) -> str:
        """Name those that are there, each behind a bar."""
        named = (("nli", self.entailment), ("emb", self.embedder), ("judge", self.judge))
        return "".join(f"|{part}:{model.signature}" for part, model in named if model)


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
