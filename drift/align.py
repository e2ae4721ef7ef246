"""Ties every claim to the sentences of the post that it rests on, word by word.

The evidence for a link between a Chinese and an English word is, in this order: the same Latin
word or tag, a listed alias, the translation table in either direction, the sound of a name, and,
at a discount, a translation shared with a synonym or with a part of the word. A claim takes up to
three sentences, each of which must explain words that the others do not.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import log

from drift.backends import TranslationTable
from drift.lemmas import lemma
from drift.names import similarity
from drift.records import Kind, Link, Pair, Segment, Span, Token

# The probability at which one direction of the table alone makes a link of half strength, and the
# discounts of indirect evidence. Set on driftbench-train by how well true pairs of sentences are
# told from random ones; `python -m models.recipes.calibration` reports it.
HALF = 0.06
PIECE = 0.8
PIVOT = 0.55
SOUND = 0.62
MAX_PREMISES = 3
GAIN = 0.06
FAINT = 0.15
FLOOR = 0.3  # weight that a word keeps however many sentences it is in
BORROW = 0.4  # share of its best gain from which a claim takes a neighbour's premise
SHARED = 3  # sentences that a whole sentence of the claim rests on most
LEAN = 0.3  # weight of what the rest of the sentence rests on
_FUNCTION = "\0"
WEIGHT = {Kind.NAME: 1.6, Kind.NUMBER: 1.2, Kind.CONTENT: 1.0, Kind.FUNCTION: 0.4}

Place = tuple[int, int]
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


def align(source: Source, claims: Sequence[Segment], table: TranslationTable) -> tuple[Pair, ...]:
    """Give claims their premises, their links to them, and how well each word is accounted for.

    Claims of one sentence tend to rest on the same premises: each leans on what its neighbours of
    the sentence find.
    """
    heard = [_hear_claim(source, claim, table) for claim in claims]
    informative = [_informative(source, matches) for matches in heard]
    gains = [
        _gains(by_segment, _weights(claim))
        for claim, by_segment in zip(claims, informative, strict=True)
    ]
    together: dict[Span | None, dict[int, float]] = defaultdict(lambda: defaultdict(float))
    for claim, own in zip(claims, gains, strict=True):
        for number, gain in own.items():
            together[claim.context][number] += gain
    own_premises = [
        _choose(by_segment, _weights(claim), together[claim.context])
        for claim, by_segment in zip(claims, informative, strict=True)
    ]
    premises = _borrow(claims, gains, own_premises, together)
    return tuple(
        _pair(claim, matches, chosen)
        for claim, matches, chosen in zip(claims, heard, premises, strict=True)
    )


def _borrow(
    claims: Sequence[Segment],
    gains: Sequence[Mapping[int, float]],
    premises: Sequence[tuple[int, ...]],
    together: Mapping[Span | None, Mapping[int, float]],
) -> list[tuple[int, ...]]:
    """Let a claim rest on what its whole sentence rests on too, where that fits the claim."""
    extended = []
    for index, (claim, own) in enumerate(zip(claims, premises, strict=True)):
        best = max(gains[index].values(), default=0.0)
        others = {
            number
            for other, theirs in zip(claims, premises, strict=True)
            if other.context == claim.context
            for number in theirs
            if number not in own and gains[index].get(number, 0.0) >= BORROW * best > 0
        }
        whole = together[claim.context]
        others |= {
            number
            for number in sorted(whole, key=lambda n: (-whole[n], n))[:SHARED]
            if number not in own and gains[index].get(number, 0.0) >= BORROW * best > 0
        }
        ranked = sorted(
            [*own[1:], *others], key=lambda n: (-gains[index][n] - LEAN * whole.get(n, 0.0), n)
        )
        extended.append((*own[:1], *ranked)[:MAX_PREMISES])
    return extended


def _hear_claim(
    source: Source, claim: Segment, table: TranslationTable
) -> list[dict[Place, tuple[float, str]]]:
    matches = [_matches(source, token, table) for token in claim.tokens]
    _add_names(source, claim, matches, table)
    return matches


def _weights(claim: Segment) -> list[float]:
    return [WEIGHT.get(token.kind, 0.0) for token in claim.tokens]


def _informative(source: Source, matches: Sequence[Matches]) -> list[dict[int, float]]:
    """Give each token's best strength a segment, the less the more sentences have its partner."""
    count = len(source.segments)
    found = []
    for row in matches:
        best = _best_by_segment(row)
        spread = log(1 + count / max(1, len(best))) / log(1 + count) if count > 1 else 1.0
        found.append(
            {number: value * (FLOOR + (1 - FLOOR) * spread) for number, value in best.items()}
        )
    return found


def _gains(by_segment: Sequence[Mapping[int, float]], weights: Sequence[float]) -> dict[int, float]:
    gains: dict[int, float] = defaultdict(float)
    for weight, found in zip(weights, by_segment, strict=True):
        for number, value in found.items():
            gains[number] += weight * value
    return gains


def _pair(claim: Segment, matches: Sequence[Matches], premises: tuple[int, ...]) -> Pair:
    weights = _weights(claim)
    links = []
    coverage = []
    for index, found in enumerate(matches):
        chosen = [(where, hit) for where, hit in found.items() if where[0] in premises]
        best = max((hit[0] for _, hit in chosen), default=0.0)
        coverage.append(best)
        links += [
            Link(index, where[0], where[1], hit[0], hit[1])
            for where, hit in chosen
            if hit[0] >= max(FAINT, 0.6 * best)
        ]
    total = sum(weights)
    share = sum(w * c for w, c in zip(weights, coverage, strict=True)) / total if total else 0.0
    anywhere = tuple(max((hit[0] for hit in found.values()), default=0.0) for found in matches)
    return Pair(claim, premises, tuple(links), tuple(coverage), anywhere, share)


def _choose(
    by_segment: Sequence[Mapping[int, float]],
    weights: Sequence[float],
    together: Mapping[int, float],
) -> tuple[int, ...]:
    chosen: list[int] = []
    covered = [0.0] * len(weights)
    total = sum(weights) or 1.0
    while len(chosen) < MAX_PREMISES:
        gains: dict[int, float] = defaultdict(float)
        for index, found in enumerate(by_segment):
            for number, value in found.items():
                if value > covered[index]:
                    gains[number] += weights[index] * (value - covered[index])
        # Neighbours of a chosen sentence come first where the words do not decide.
        ranked = sorted(
            (number for number in gains if number not in chosen),
            key=lambda n: (
                -gains[n]
                - LEAN * (together.get(n, 0.0) - gains[n])
                - 0.05 * total * any(abs(n - c) == 1 for c in chosen),
                n,
            ),
        )
        if not ranked or gains[ranked[0]] / total < (GAIN if chosen else FAINT / 2):
            break
        chosen.append(ranked[0])
        for index, found in enumerate(by_segment):
            covered[index] = max(covered[index], found.get(ranked[0], 0.0))
    return tuple(chosen)


def _best_by_segment(found: Matches) -> dict[int, float]:
    best: dict[int, float] = {}
    for (number, _), (value, _) in found.items():
        best[number] = max(best.get(number, 0.0), value)
    return best


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
    for base in forward.keys() | back.keys():
        if (base[:1] == _FUNCTION) != bool(mark) and base in back:
            continue
        entry = base if base in back else mark + base
        if entry not in source.places:
            continue
        value = strength(forward.get(entry.removeprefix(_FUNCTION), 0.0), back.get(entry, 0.0))
        for where in source.places[entry]:
            found[where] = (value, "lexical")
    return found


@lru_cache(maxsize=100_000)
def expand(table: TranslationTable, word: str) -> Mapping[str, float]:
    """Give the English lemmas of a Chinese word with a forward probability each.

    A word that the table lacks is read piece by piece; a synonym's translations come at a discount.
    """
    own = _lemmas(table.english(word))
    pieces = [piece for piece in table.pieces(word) if piece != word]
    for piece in pieces:
        for base, chance in _lemmas(table.english(piece)).items():
            own[base] = max(own.get(base, 0.0), PIECE * chance * (0.5 if own else 1.0))
    shared: dict[str, float] = defaultdict(float)
    for english, chance in table.english(word)[:6]:
        for chinese, back in table.chinese(english)[:6]:
            if chinese == word:
                continue
            for other, again in table.english(chinese)[:6]:
                shared[lemma(other)] += chance * back * again
    for base, chance in shared.items():
        own[base] = max(own.get(base, 0.0), PIVOT * chance)
    return {base: chance for base, chance in own.items() if chance >= 0.003}


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
        if alike >= SOUND:
            for index in run:
                if alike > matches[index].get(where, (0.0, ""))[0]:
                    matches[index][where] = (alike, "name")
