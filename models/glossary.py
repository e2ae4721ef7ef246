"""A back-translation word by word: not fluent, but it shows what the Chinese says and its cues.

Every word gets its candidates from the lexical table, with the fixed glosses of `glossary.toml`
in front; a bigram model of English chooses among them from left to right. Word order stays
Chinese. It is labelled as a gloss in every signature: a neural translator reads far better.
"""

import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from models.lexical import LexicalTable, grammar, load, spelt

_KEPT = re.compile(
    r"https?://\S{1,2000}|@[\w\-]{1,60}|#[^#\s]{1,60}#?|[A-Za-z0-9][\w.,:%+\-/'’]{0,80}"
)
_HAN = re.compile(r"[\u3400-\u9fff]+")
_PUNCTUATION = str.maketrans("，。！？；：、（）“”‘’「」『』《》【】", ",.!?;:,()\"\"''\"\"\"\"\"\"[]")
_CANDIDATES = 6
_PHRASE_SHARE = 0.35  # below it a phrase is a chance neighbour more often than a meaning
_UNSEEN = math.log(1e-5)  # a bigram that the model lacks
_OMITTED = math.log(0.05)  # price of leaving a word out, so that 's stays where English has it
_LANGUAGE = 0.35  # weight of the bigrams beside the table; by eye on retweets of the training set


@dataclass(frozen=True, slots=True)
class _State:
    """The best way found so far to end in one candidate."""

    score: float
    units: tuple[str, ...]


class Glossary:
    """Translates Chinese into word-by-word English with the lexical table."""

    signature = "gloss-lexical-1"

    def __init__(self, table: LexicalTable, cut: Callable[[str], Sequence[str]]) -> None:
        self._table = table
        self._cut = cut
        self._followers: dict[str, dict[str, float]] = {}

    def translate(self, texts: Sequence[str]) -> list[str]:
        """Translate every Chinese text into English; an empty text gives an empty text."""
        return [self._translate(text) for text in texts]

    def gloss(self, words: Sequence[str]) -> list[str]:
        """Give one English gloss a Chinese word, for the interlinear line."""
        return self._table.gloss(words)

    def _translate(self, text: str) -> str:
        states = {"<s>": _State(0.0, ())}
        for choices in self._choices(text):
            states = self._step(states, choices)
        return _joined(max(states.values(), key=lambda state: state.score).units)

    def _choices(self, text: str) -> Iterator[list[tuple[str, float]]]:
        """Yield the candidates of every word, and one sure candidate for what is not Chinese."""
        for part in _parts(text):
            if _HAN.fullmatch(part):
                for word in self._cut(part):
                    yield from self._candidates(word)
            else:
                yield [(part.translate(_PUNCTUATION), 1.0)]

    def _candidates(self, word: str) -> Iterator[list[tuple[str, float]]]:
        fixed = grammar().glosses.get(word)
        if fixed is not None:
            choices = [choice for choice in fixed.split("/") if not choice.startswith("[")]
            if choices and choices != [""]:
                yield [(choice, 1.0) for choice in choices]
            return
        words = list(self._table.english(word)[:_CANDIDATES])
        words += [link for link in self._table.phrases(word) if link[1] >= _PHRASE_SHARE]
        if words:
            yield words
            return
        pieces = self._table.pieces(word)
        if len(pieces) == 1 or all(len(piece) == 1 for piece in pieces):
            yield [(spelt(word), 1.0)]
            return
        for piece in pieces:
            yield from self._candidates(piece)

    def _step(
        self, states: dict[str, _State], choices: list[tuple[str, float]]
    ) -> dict[str, _State]:
        following: dict[str, _State] = {}
        for unit, probability in choices:
            if not unit:  # a word that English may leave out
                for previous, state in states.items():
                    _keep(following, previous, state.score + _OMITTED, state.units)
                continue
            first, last = unit.split(" ")[0].lower(), unit.rsplit(" ", 1)[-1].lower()
            best = max(
                (
                    _State(state.score + self._fits(previous, first), (*state.units, unit))
                    for previous, state in states.items()
                ),
                key=lambda state: state.score,
            )
            score = best.score + math.log(max(probability, 1e-4))
            _keep(following, last, score, best.units)
        return following

    def _fits(self, previous: str, unit: str) -> float:
        followers = self._followers.get(previous)
        if followers is None:
            followers = self._followers[previous] = self._table.follows(previous)
        probability = followers.get(unit)
        return _LANGUAGE * (_UNSEEN if probability is None else math.log(probability))


def shipped(cut: Callable[[str], Sequence[str]]) -> Glossary:
    """Give the glossary on the shipped table; `cut` splits Chinese into words."""
    return Glossary(load(), cut)


def _keep(states: dict[str, _State], last: str, score: float, units: tuple[str, ...]) -> None:
    if last not in states or states[last].score < score:
        states[last] = _State(score, units)


def _parts(text: str) -> Iterator[str]:
    start = 0
    while start < len(text):
        match = _KEPT.match(text, start) or _HAN.match(text, start)
        end = match.end() if match else start + 1
        if not text[start:end].isspace():
            yield text[start:end]
        start = end


_NO_SPACE_BEFORE = frozenset(",.!?;:)]'")


def _joined(units: Sequence[str]) -> str:
    text = ""
    for unit in units:
        glued = unit == "'s" or (len(unit) == 1 and unit in _NO_SPACE_BEFORE)
        text += unit if glued or not text or text.endswith(("(", "[")) else f" {unit}"
    return text
