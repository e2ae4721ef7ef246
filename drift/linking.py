"""Finds, word by word, what in a post a claim's words may render.

The evidence for a link between a Chinese and an English word is, in this order: the same Latin
word or tag, the translation table in either direction, the sound of a name, and, at a discount, a
translation shared with a synonym or with a part of the word. Function words meet only function
words.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from drift.backends import TranslationTable
from drift.lemmas import lemma
from drift.names import similarity
from drift.records import Kind, Segment, Token

# The probability at which one direction of the table alone makes a link of half strength, and the
# discounts of indirect evidence. Set on driftbench-train by how often the sentence that a finding
# departs from is among a claim's premises.
HALF = 0.06
PIECE = 0.8
PIVOT = 0.55
SOUND = 0.62
HALVED = 0.9
_FUNCTION = "\0"

Place = tuple[int, int]  # segment, token
Matches = Mapping[Place, tuple[float, str]]


@dataclass(frozen=True, slots=True)
class Source:
    """A post made ready for alignment: its sentences, and where every lemma stands."""

    segments: tuple[Segment, ...]
    places: Mapping[str, tuple[Place, ...]]
    backward: Mapping[str, Mapping[str, float]]  # Chinese word -> lemma in the post -> p(zh|en)
    names: tuple[tuple[str, Place], ...]


def prepare(segments: Sequence[Segment], table: TranslationTable) -> Source:
    """Index the sentences of a post, once for all its retweets."""
    places: dict[str, list[Place]] = defaultdict(list)
    backward: dict[str, dict[str, float]] = defaultdict(dict)
    names = []
    for number, segment in enumerate(segments):
        for index, token in enumerate(segment.tokens):
            if token.kind is Kind.PUNCTUATION:
                continue
            base = _entry(token)
            if base not in places:
                for chinese, chance in table.chinese(token.key):
                    row = backward[chinese]
                    row[base] = max(row.get(base, 0.0), chance)
            places[base].append((number, index))
            if token.kind is Kind.NAME and len(token.text) > 2:
                names.append((token.text, (number, index)))
    frozen = {key: tuple(where) for key, where in places.items()}
    return Source(tuple(segments), frozen, backward, tuple(names))


def _entry(token: Token) -> str:
    """Give the key of the index: function words meet only function words."""
    return (_FUNCTION if token.kind is Kind.FUNCTION else "") + lemma(token.key)


def strength(forward: float, backward: float) -> float:
    """Join the two directions' probabilities into one strength between 0 and 1.

    >>> strength(0.0, 0.0)
    0.0
    >>> strength(0.06, 0.0)
    0.5
    """
    return 1 - (1 - forward / (forward + HALF)) * (1 - backward / (backward + HALF))


def matches_of(
    source: Source, claim: Segment, table: TranslationTable
) -> list[dict[Place, tuple[float, str]]]:
    """Give, for every token of a claim, where in the post it may come from, and how surely."""
    matches = [_matches(source, token, table) for token in claim.tokens]
    _add_names(source, claim, matches, table)
    return matches


def _matches(
    source: Source, token: Token, table: TranslationTable
) -> dict[Place, tuple[float, str]]:
    if token.kind is Kind.PUNCTUATION:
        return {}
    mark = _FUNCTION if token.kind is Kind.FUNCTION else ""
    found: dict[Place, tuple[float, str]] = {}
    if token.text.isascii():
        for where in source.places.get(lemma(token.key), ()):
            found[where] = (1.0, "latin")
        return found
    back = source.backward.get(token.key, {})
    forward = expand(table, token.key)
    for base in dict.fromkeys((*forward, *back)):  # in an order of its own: of ties the first wins
        if (base[:1] == _FUNCTION) != bool(mark) and base in back:
            continue
        entry = base if base in back else mark + base
        if entry not in source.places:
            continue
        value = strength(forward.get(entry.removeprefix(_FUNCTION), 0.0), back.get(entry, 0.0))
        for where in source.places[entry]:
            found[where] = (value, "lexical")
    return found


@lru_cache(maxsize=1 << 13)
def expand(table: TranslationTable, word: str) -> Mapping[str, float]:
    """Give the English lemmas of a Chinese word with a forward probability each.

    A word that the table lacks is read piece by piece; a synonym's translations come at a discount.
    """
    own = _lemmas(table.english(word))
    pieces = [piece for piece in table.pieces(word) if piece != word]
    if len(word) > 2 and all(len(piece) == 1 for piece in pieces):
        pieces = []  # most often a name, whose characters mean nothing here
    for piece in pieces:
        for base, chance in _lemmas(table.english(piece)).items():
            own[base] = max(own.get(base, 0.0), PIECE * chance * (0.5 if own else 1.0))
    for base, chance in _through_synonyms(table, word).items():
        own[base] = max(own.get(base, 0.0), PIVOT * chance)
    return {base: chance for base, chance in own.items() if chance >= 0.003}


def _through_synonyms(table: TranslationTable, word: str) -> dict[str, float]:
    shared: dict[str, float] = defaultdict(float)
    for english, chance in table.english(word)[:6]:
        for chinese, back in table.chinese(english)[:6]:
            if chinese == word:
                continue
            for other, again in table.english(chinese)[:6]:
                shared[lemma(other)] += chance * back * again
    return shared


def _lemmas(row: Sequence[tuple[str, float]]) -> dict[str, float]:
    total: dict[str, float] = defaultdict(float)
    for english, chance in row:
        total[lemma(english)] += chance
    return dict(total)


def _add_names(
    source: Source,
    claim: Segment,
    matches: Sequence[dict[Place, tuple[float, str]]],
    table: TranslationTable,
) -> None:
    """Link stretches of the claim that the table cannot read to names that sound like them."""
    tokens = claim.tokens
    open_words = [
        index
        for index, token in enumerate(tokens)
        if token.kind in {Kind.NAME, Kind.CONTENT}
        and not token.text.isascii()
        and max((hit[0] for hit in matches[index].values()), default=0.0) < 0.5
        and _may_sound(token, table)
    ]
    for stretch in _runs(open_words):
        for first in range(len(stretch)):
            for last in range(first + 1, min(first + 4, len(stretch)) + 1):
                _hear(source, tokens, stretch[first:last], matches)


def _may_sound(token: Token, table: TranslationTable) -> bool:
    """Tell whether a word may be a name, or a piece of one, rather than a word of the language."""
    return token.kind is Kind.NAME or len(token.text) == 1 or not table.english(token.key)


def _runs(indices: Sequence[int]) -> list[list[int]]:
    runs: list[list[int]] = []
    for index in indices:
        if runs and index == runs[-1][-1] + 1:
            runs[-1].append(index)
        else:
            runs.append([index])
    return runs


def _hear(
    source: Source,
    tokens: Sequence[Token],
    run: Sequence[int],
    matches: Sequence[dict[Place, tuple[float, str]]],
) -> None:
    word = "".join(tokens[index].text for index in run)
    if not 2 <= len(word) <= 7:
        return
    for name, where in source.names:
        alike = similarity(word, name)
        if alike < SOUND:
            continue
        heard = {where: alike}
        if len(word) > 2:  # a whole name: elsewhere the post may use one half of it alone
            heard |= dict.fromkeys(_halves(source, where), HALVED * alike)
        for index in run:
            for place, value in heard.items():
                if value > matches[index].get(place, (0.0, ""))[0]:
                    matches[index][place] = (value, "name")


def _halves(source: Source, where: Place) -> list[Place]:
    """Give the other places of the names beside a name: Wang, where Lijun was heard."""
    number, index = where
    tokens = source.segments[number].tokens
    beside = [tokens[i] for i in (index - 1, index + 1) if 0 <= i < len(tokens)]
    return [
        place
        for token in beside
        if token.kind is Kind.NAME
        for place in source.places.get(_entry(token), ())
    ]
