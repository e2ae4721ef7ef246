"""A back-translation word by word: not fluent, but it shows what the Chinese says and its cues.

Every word gets its candidates from the lexical table, with the fixed glosses of `glossary.toml`
in front and quantities written in figures; a bigram model of English chooses among them from left
to right. Word order stays Chinese. It is labelled as a gloss in every signature: a neural
translator reads far better.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from drift.normalise import normalise
from drift.quantities import quantities
from drift.records import Span
from drift.segment import tokens
from models.figures import written
from models.lexical import LexicalTable, grammar, load, spelt

_CANDIDATES = 6
_PHRASES = 2
# All set by eye on retweets of the training set.
_LANGUAGE = (
    0.2  # weight of the bigrams beside the table; more of it lowers chrF against the glosses
)
_BACKOFF = 0.4  # share of an unseen bigram's single word
_CORPUS = 2.5e7  # English words in the recipe's corpus, for the chance of a single word
_RAREST = 1e-7
_OMITTED = math.log(0.05)  # price of leaving a word out, so that 's stays where English has it
_LONGEST = 20_000  # characters; a longer text is cut there, as no retweet is
_PUNCTUATION = str.maketrans(
    dict(
        zip(
            "，。！？；：、（）“”‘’「」『』《》【】", ',.!?;:,()""' + "''" + '""""""[]', strict=True
        )
    )
)

Choices = list[tuple[str, float]]


@dataclass(frozen=True, slots=True)
class _State:
    """The best way found so far to end in one candidate."""

    score: float
    units: tuple[str, ...]


class Glossary:
    """Translates Chinese into word-by-word English with the lexical table."""

    signature = "gloss-lexical-1"

    def __init__(self, table: LexicalTable) -> None:
        self._table = table
        self._followers: dict[str, dict[str, float]] = {}

    def translate(self, texts: Sequence[str]) -> list[str]:
        """Translate every Chinese text into English; an empty text gives an empty text."""
        return [self._translate(text[:_LONGEST]) for text in texts]

    def gloss(self, words: Sequence[str]) -> list[str]:
        """Give one English gloss a Chinese word, for the interlinear line."""
        return self._table.gloss(words)

    def _translate(self, raw: str) -> str:
        text = normalise(raw).text
        states = {"<s>": _State(0.0, ())}
        for choices in self._choices(text):
            states = self._step(states, choices)
        return _joined(max(states.values(), key=lambda state: state.score).units)

    def _choices(self, text: str) -> Iterator[Choices]:
        """Yield the candidates of every word, and one sure candidate for what is not Chinese."""
        figures = _figures(text)
        done = 0
        for token in tokens(text, Span(0, len(text)), "zh"):
            if token.span.start < done:
                continue
            figure = figures.get(token.span.start)
            if figure is not None:
                done = figure[0]
                yield [(figure[1], 1.0)]
            elif _is_chinese(token.text):
                yield from self._candidates(token.key)
            else:
                yield [(token.text.translate(_PUNCTUATION), 1.0)]

    def _candidates(self, word: str) -> Iterator[Choices]:
        fixed = grammar().glosses.get(word)
        if fixed is not None:
            choices = [choice for choice in fixed.split("/") if not choice.startswith("[")]
            if choices and choices != [""]:
                yield [(choice, 1.0) for choice in choices]
            return
        words, phrases = self._table.english(word), self._table.phrases(word)
        if words or phrases:
            # A phrase is tried where it takes more than half of what the best word takes.
            least = 0.5 * words[0][1] if words else 0.0
            yield [
                *words[:_CANDIDATES],
                *(phrase for phrase in phrases[:_PHRASES] if phrase[1] > least),
            ]
            return
        pieces = self._table.name_or_pieces(word)
        if not pieces:
            yield [(spelt(word), 1.0)]
        for piece in pieces:
            yield from self._candidates(piece)

    def _step(self, states: dict[str, _State], choices: Choices) -> dict[str, _State]:
        following: dict[str, _State] = {}
        for unit, probability in choices:
            if not unit:  # a word that English may leave out
                for previous, state in states.items():
                    _keep(following, previous, _State(state.score + _OMITTED, state.units))
                continue
            first, last = unit.split(" ")[0].lower(), unit.rsplit(" ", 1)[-1].lower()
            score, units = max(
                (state.score + self._fits(previous, first), state.units)
                for previous, state in states.items()
            )
            score += math.log(max(probability, 1e-4))
            _keep(following, last, _State(score, (*units, unit)))
        return following

    def _fits(self, previous: str, unit: str) -> float:
        followers = self._followers.get(previous)
        if followers is None:
            followers = self._followers[previous] = self._table.follows(previous)
        probability = followers.get(unit)
        if probability is None:
            probability = max(_BACKOFF * self._table.seen_english(unit)[0] / _CORPUS, _RAREST)
        return _LANGUAGE * math.log(probability)


def shipped() -> Glossary:
    """Give the glossary on the shipped table."""
    return Glossary(load())


def _figures(text: str) -> dict[int, tuple[int, str]]:
    """Give the end and the English of every quantity by where it starts, the longest first."""
    figures: dict[int, tuple[int, str]] = {}
    for found in quantities(text, "zh"):
        english = written(found)
        known = figures.get(found.span.start)
        if english is not None and (known is None or known[0] < found.span.end):
            figures[found.span.start] = (found.span.end, english)
    return figures


def _keep(states: dict[str, _State], last: str, state: _State) -> None:
    if last not in states or states[last].score < state.score:
        states[last] = state


def _is_chinese(word: str) -> bool:
    return any("\u3400" <= char <= "\u9fff" for char in word)


_NO_SPACE_BEFORE = frozenset(",.!?;:)]")


def _joined(units: Sequence[str]) -> str:
    text = ""
    display = grammar().display
    for lower in units:
        unit = display.get(lower, lower)
        if not text or text.endswith((".", "!", "?")):
            unit = unit[:1].upper() + unit[1:]
        glued = unit == "'s" or unit in _NO_SPACE_BEFORE
        text += unit if glued or not text or text.endswith(("(", "[")) else f" {unit}"
    return text
