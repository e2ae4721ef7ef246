"""Asks a translator how likely the post's own words are under what a retweet claims.

A premise is scored word by word as if it were the translation of the claims, and once more as if it
were said out of nothing. Where the claims make a word likelier than nothing does, they express it;
a `not`, an `if` or a `may` that they make unlikely amid words that they support is one that they
may have dropped. These are features of the score, never a finding.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from statistics import fmean

from drift.backends import Likelihood, Likelihoods
from drift.evidence import Evidence, Reading, premises_of
from drift.spoken import spoken

LIKELY = "like:"
PREMISES = 1  # of a retweet, the one that says most of it; more cost time and added nothing
_AROUND = (4, 7)  # pieces before and after that tell whether the claim speaks of this place
_SUPPORTED = 0.4  # mean gain of these from which it does, in nats
_WIDEST = 5.0
_DIP = -1.0


@dataclass(frozen=True, slots=True)
class _Gain:
    """What the claim adds to the log-probability of one piece, and how it supports those around."""

    word: str
    gain: float
    support: float


def expected(
    reading: Reading, retweets: Sequence[Sequence[Evidence]], scorer: Likelihoods | None
) -> list[dict[str, float]]:
    """Give each retweet's features; what is asked of all is scored in one batch."""
    if scorer is None:
        return [{} for _ in retweets]
    asked = [_asked(each) for each in retweets]
    texts = [segment.text for segment in reading.source.segments]
    numbers = list(dict.fromkeys(number for each in asked for _, number in each))
    pairs = list(dict.fromkeys(pair for each in asked for pair in each))
    said = scorer.likelihoods(
        [("", texts[number]) for number in numbers]
        + [(claim, texts[number]) for claim, number in pairs]
    )
    alone = dict(zip(numbers, said, strict=False))
    given = dict(zip(pairs, said[len(numbers) :], strict=True))
    return [
        _features([_gains(texts[n], given[claimed, n], alone[n]) for claimed, n in each])
        for each in asked
    ]


def _asked(claims: Sequence[Evidence]) -> list[tuple[str, int]]:
    """Pair the claims of a retweet, as one text, with the premises that say most of them."""
    text = " ".join(spoken(evidence.claim.text).strip() for evidence in claims)
    return [(text, number) for number in premises_of(claims)[:PREMISES]]


def _gains(text: str, given: Likelihood, alone: Likelihood) -> list[_Gain]:
    """Compare two readings of one premise, piece by piece."""
    gains = [
        max(-_WIDEST, min(_WIDEST, one.logprob - other.logprob))
        for one, other in zip(given.pieces, alone.pieces, strict=True)
    ]
    calm = [max(-1.0, min(3.0, gain)) for gain in gains]
    found = []
    for place, (piece, gain) in enumerate(zip(given.pieces, gains, strict=True)):
        start, end = max(0, place - _AROUND[0]), min(len(gains), place + _AROUND[1])
        beside = calm[start:place] + calm[place + 1 : end]
        word = piece.span.of(text).casefold()
        found.append(_Gain(word, gain, fmean(beside) if beside else 0.0))
    return found


def _features(premises: Sequence[Sequence[_Gain]]) -> dict[str, float]:
    every = [gain for gains in premises for gain in gains]
    if not every:
        return {}
    supported = [one for one in every if one.support > _SUPPORTED]
    found = {
        "tot": fmean(one.gain for one in every),
        "cov": len(supported) / len(every),
    }
    if supported:
        lowest = sorted(one.gain for one in supported)
        found["dip"] = fmean(lowest[:2])
        found["dips"] = float(sum(gain < _DIP for gain in lowest))
    for name, words in _classes().items():
        own = [one for one in supported if one.word in words]
        if own:
            best = max(own, key=lambda one: one.support)
            found[f"{name}.low"] = min(one.gain for one in own)
            found[f"{name}.gain"] = best.gain
            found[f"{name}.support"] = best.support
    return {LIKELY + name: round(value, 4) for name, value in found.items()}


@cache
def _classes() -> Mapping[str, frozenset[str]]:
    """Read the classes of words that are looked at one by one."""
    text = files("drift.lexicons").joinpath("likelihood.toml").read_text("utf-8")
    return {name: frozenset(words) for name, words in tomllib.loads(text).items()}
