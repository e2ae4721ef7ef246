"""Asks the models beside the rules whether the post says what a retweet's sentences say.

Entailment is asked on the Chinese itself, against windows of one to three sentences of the post,
and back from the sentence to its best window. Whole sentences are asked, not single claims: a
condition stays with its consequence.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import TypeVar

from drift.backends import Advisers, Embedder, Entailment
from drift.evidence import Evidence, Reading
from drift.records import Said, Span

# What a model may be asked for a retweet; beyond it a check would take minutes on a processor.
SENTENCES = 12
WINDOWS = 8
NEAREST = 2  # sentences that similarity adds to those that the alignment found

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Advice:
    """What the models said of one retweet: features for the calibration, and their own words."""

    features: Mapping[str, float]
    said: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class _Asked:
    """A sentence of a retweet, with the sentences of the post that it rests on, best first."""

    retweet: int
    text: str
    premises: tuple[int, ...]


def consult(
    reading: Reading, retweets: Sequence[Sequence[Evidence]], advisers: Advisers
) -> list[Advice]:
    """Ask entailment and similarity about all retweets of a post at once."""
    if advisers.entailment is None and advisers.embedder is None:
        return [Advice({}, ()) for _ in retweets]
    asked = [one for number, each in enumerate(retweets) for one in _sentences(number, each)]
    texts = [segment.text for segment in reading.source.segments]
    near = _near(asked, texts, advisers.embedder)
    stances = _stances(asked, texts, near, advisers.entailment)
    return [
        Advice(
            _features(number, asked, near, stances),
            tuple(_said(number, asked, near, stances, advisers)),
        )
        for number in range(len(retweets))
    ]


def _sentences(number: int, evidence: Sequence[Evidence]) -> list[_Asked]:
    """Join the claims of one sentence: its text, and what its claims rest on."""
    by_sentence: dict[Span, list[Evidence]] = defaultdict(list)
    for one in evidence:
        by_sentence[one.claim.context or one.claim.span].append(one)
    return [
        _Asked(
            number,
            span.of(claims[0].document.text),
            tuple(dict.fromkeys(n for one in claims for n in one.pair.premises)),
        )
        for span, claims in list(by_sentence.items())[:SENTENCES]
    ]


def _near(
    asked: Sequence[_Asked], texts: Sequence[str], embedder: Embedder | None
) -> list[Sequence[float]]:
    if embedder is None or not asked or not texts:
        return [() for _ in asked]
    return list(embedder.similarities([one.text for one in asked], texts))


def _stances(
    asked: Sequence[_Asked],
    texts: Sequence[str],
    near: Sequence[Sequence[float]],
    entailment: Entailment | None,
) -> list[tuple[float, float, float] | None]:
    """Give for each sentence how far it is entailed, contradicted, and entails in its turn."""
    if entailment is None:
        return [None for _ in asked]
    places = [windows(one.premises, row, len(texts)) for one, row in zip(asked, near, strict=True)]
    forth = iter(
        entailment.infer(
            [
                (_text(texts, window), one.text)
                for one, those in zip(asked, places, strict=True)
                for window in those
            ]
        )
    )
    given = [[(window, next(forth)) for window in those] for those in places]
    best = [max(rows, key=lambda row: row[1][0])[0] if rows else () for rows in given]
    back = iter(
        entailment.infer(
            [
                (one.text, _text(texts, window))
                for one, window in zip(asked, best, strict=True)
                if window
            ]
        )
    )
    found: list[tuple[float, float, float] | None] = []
    for rows in given:
        if not rows:
            found.append(None)
            continue
        entailed = max(stance[0] for _, stance in rows)
        # Beside the point a model says neutral: contradiction counts where it says that least.
        contradicted = min((stance for _, stance in rows), key=lambda stance: stance[1])[2]
        found.append((entailed, contradicted, next(back)[0]))
    return found


def windows(
    premises: Sequence[int], near: Sequence[float], count: int
) -> tuple[tuple[int, ...], ...]:
    """Choose windows of one to three sentences around what a sentence rests on.

    >>> windows([4], [], 5)
    ((4,), (3, 4))
    """
    nearest = sorted(range(len(near)), key=lambda n: (-near[n], n))[:NEAREST]
    centres = list(dict.fromkeys([*premises, *nearest]))
    chosen = [(centre,) for centre in centres]
    found: dict[tuple[int, ...], None] = dict.fromkeys(chosen)
    if 1 < len(premises) <= 3:
        found[tuple(sorted(premises))] = None
    for before, after in ((1, 1), (1, 0), (0, 1)):
        for centre in centres:
            window = tuple(range(centre - before, centre + after + 1))
            if window[0] >= 0 and window[-1] < count:
                found[window] = None
    return tuple(found)[:WINDOWS]


def _text(texts: Sequence[str], window: Sequence[int]) -> str:
    return " ".join(texts[number] for number in window)


def _features(
    number: int,
    asked: Sequence[_Asked],
    near: Sequence[Sequence[float]],
    stances: Sequence[tuple[float, float, float] | None],
) -> dict[str, float]:
    """Name what was said, for the calibration; a feature that is absent is nought."""
    found: dict[str, float] = {}
    rows = _own(number, asked, stances)
    if rows:
        entailed = [row[0] for row in rows]
        found["nli:entailed"] = min(entailed)
        found["nli:entailed:mean"] = fmean(entailed)
        found["nli:contradicted"] = max(row[1] for row in rows)
        found["nli:back"] = fmean(row[2] for row in rows)
        found["topic:entailed"] = max(entailed)
    best = [max(row) for row in _own(number, asked, near) if row]
    if best:
        found["emb:near"] = min(best)
        found["emb:near:mean"] = fmean(best)
        found["topic:near"] = max(best)
    return found


def _own(number: int, asked: Sequence[_Asked], rows: Sequence[_T | None]) -> list[_T]:
    """Keep what was said of one retweet."""
    return [
        row
        for one, row in zip(asked, rows, strict=True)
        if one.retweet == number and row is not None
    ]


def _said(
    number: int,
    asked: Sequence[_Asked],
    near: Sequence[Sequence[float]],
    stances: Sequence[tuple[float, float, float] | None],
    advisers: Advisers,
) -> Iterator[Said]:
    """Say it for the reader: the weakest sentence is what a retweet stands or falls with."""
    features = _features(number, asked, near, stances)
    shown = (
        ("entailment", advisers.entailment, ("nli:entailed", "nli:contradicted", "nli:back")),
        ("similarity", advisers.embedder, ("emb:near",)),
    )
    for about, model, names in shown:
        if model is not None:
            figures = {
                name.partition(":")[2]: round(features[name], 4)
                for name in names
                if name in features
            }
            note = "" if figures else "nothing to ask it about"
            yield Said(model.signature, about, figures, advisers.weighed and bool(figures), note)
