"""Names and measures what the calibrator sees of a retweet."""

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from math import log

from drift.backends import Opinion
from drift.contrasts import contrasts, predicates
from drift.evidence import JUDGED, Evidence
from drift.records import Finding, Kind

_FIRM = 0.6
_LOOSE = 0.25
_WORDS = frozenset({Kind.CONTENT, Kind.FUNCTION})
TRAITS = ("w:", "f:")
KIND = "kind:"
_DIMENSIONS = (
    "polarity",
    "certainty",
    "condition",
    "aspect",
    "quantifier",
    "cause",
    "degree",
    "commitment",
)


def features(
    evidence: Sequence[Evidence], findings: Sequence[Finding], opinion: Opinion | None
) -> dict[str, float]:
    """Give the features of one retweet; a feature that is absent is nought."""
    seen: dict[str, float] = {}
    if opinion is not None:
        chance = min(0.999, max(0.001, opinion.probability))
        seen["pair"] = log(chance / (1 - chance))
        seen["pair:mark"] = max((mark.strength for mark in opinion.tags), default=0.0)
        seen |= {f"{KIND}{name}": log(max(0.001, one)) for name, one in opinion.kinds.items()}
    for finding in findings:
        name = f"reason:{finding.reason}"
        seen[name] = max(seen.get(name, 0.0), finding.confidence)
    seen["findings"] = min(4.0, float(len(findings)))
    for one in evidence:
        for name, share in _differences(one).items():
            seen[name] = max(seen.get(name, 0.0), share)
    cover = [
        one.anywhere[index]
        for one in evidence
        for index, token in enumerate(one.claim.tokens)
        if token.kind in JUDGED
    ]
    seen["length"] = min(5.0, len(cover) / 10)
    if cover:
        seen["cover"] = sum(cover) / len(cover)
        seen["uncovered"] = sum(value < 0.15 for value in cover) / len(cover)
    return seen | _topic(evidence) | dict.fromkeys(traits(evidence), 1.0)


def traits(evidence: Sequence[Evidence]) -> set[str]:
    """Give the wording of a retweet as names: single traits that say little, and much together.

    `w:已经:U` is a word that nothing in the premises accounts for, `w:已经:L` one that something
    does; `f:` tells under which facts accounted and unaccounted words stand.
    """
    return {
        name
        for one in evidence
        for index, token in enumerate(one.claim.tokens)
        if token.kind in _WORDS
        for name in traits_of(one, index)
    }


def traits_of(evidence: Evidence, index: int) -> set[str]:
    """Give the traits of one token of the claim."""
    token, facts = evidence.claim.tokens[index], evidence.facts[index]
    state = "U" if evidence.pair.coverage[index] < _LOOSE else "L"
    mood = f"{facts.polarity}{facts.certainty}|{facts.condition}|{facts.aspect}"
    return {f"w:{token.key}:{state}", f"f:{mood}:{state}"}


def _topic(evidence: Sequence[Evidence]) -> dict[str, float]:
    """Measure whether a retweet speaks about the post at all."""
    firm = [
        token.kind
        for one in evidence
        for index, token in enumerate(one.claim.tokens)
        if token.kind in JUDGED and one.anywhere[index] >= _FIRM
    ]
    text = "".join(one.claim.text for one in evidence)
    return {
        "topic:firm": log(1 + len(firm)),
        "topic:names": min(2.0, float(len(firm) - firm.count(Kind.CONTENT))),
        "topic:own": min(2.0, float(sum(text.count(word) for word in topic()["own"]))),
        "topic:author": float(any(word in text for word in topic()["author"])),
        "topic:strength": max((one.pair.strength for one in evidence), default=0.0),
    }


@cache
def topic() -> Mapping[str, Sequence[str]]:
    """Load the words that tell what a retweet speaks about."""
    return tomllib.loads((files("drift") / "lexicons" / "topic.toml").read_text("utf-8"))


def _differences(evidence: Evidence) -> dict[str, float]:
    """Give the share of a claim's linked words whose facts differ from the post's, by kind.

    `aspect:planned>done` says that the post has it planned and the claim has it done.
    """
    pairs = predicates(contrasts(evidence))
    counts: dict[str, float] = {}
    for pair in pairs:
        for dimension in _DIMENSIONS:
            ours, theirs = getattr(pair.ours, dimension), getattr(pair.theirs, dimension)
            if ours != theirs:
                name = f"{dimension}:{ours or 'plain'}>{theirs or 'plain'}"
                counts[name] = counts.get(name, 0.0) + 1 / max(2, len(pairs))
    return counts
