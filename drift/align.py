"""Ties every claim to the sentences of the post that it rests on.

A claim takes up to three sentences, each of which must explain words that the others do not. Words
that stand in many sentences say little; the claims of one sentence lean on each other.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from math import log

from drift.linking import Matches, Source
from drift.records import Kind, Link, Pair, Segment, Span

# Set on driftbench-train by how often the sentence that a finding departs from is among the
# premises of its claim (0.84) and the first of them (0.70), at 1.9 premises a claim.
MAX_PREMISES = 3
GAIN = 0.06  # share of a claim's weight that a further sentence must explain
FAINT = 0.15
FLOOR = 0.3  # weight that a word keeps however many sentences it is in
BORROW = 0.4  # share of its best gain from which a claim takes a neighbour's premise
SHARED = 3  # sentences that a whole sentence of the claim rests on most
LEAN = 0.3  # weight of what the rest of the sentence rests on
WEIGHT = {Kind.NAME: 1.6, Kind.NUMBER: 1.2, Kind.CONTENT: 1.0, Kind.FUNCTION: 0.4}


def align(
    source: Source, claims: Sequence[Segment], heard: Sequence[Sequence[Matches]]
) -> tuple[Pair, ...]:
    """Give claims their premises, their links to them, and how well each word is accounted for.

    `heard` is what `matches_of` finds for every claim. Claims of one sentence tend to rest on the
    same premises: each leans on what its neighbours of the sentence find.
    """
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


def _weights(claim: Segment) -> list[float]:
    """Weigh the tokens; a word that is said again adds nothing."""
    keys = [token.key for token in claim.tokens]
    return [
        WEIGHT.get(token.kind, 0.0) if keys.index(token.key) == index else 0.0
        for index, token in enumerate(claim.tokens)
    ]


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
