"""The worst remaining cases: where Drift was sure, and wrong."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from drift.evaluate.curves import ABSTAINS
from drift.evaluate.outcomes import BAD, Outcome

Row = dict[str, Any]


def worst(found: Sequence[Outcome], count: int) -> list[Row]:
    """Describe the cases with a wrong verdict whose score lies farthest from the truth.

    An abstention is not sure, so it is none of them.
    """
    wrong = [one for one in found if one.given not in (one.wanted, ABSTAINS)]
    ranked = sorted(wrong, key=lambda one: (-_gap(one), str(one.case["id"])))
    return [_described(one) for one in ranked[:count]]


def _gap(one: Outcome) -> float:
    return abs(one.bad - one.score)


def _described(one: Outcome) -> Row:
    wanted = [_wanted(finding) for finding in one.case["findings"]]
    given = [_given(finding) for finding in one.row["findings"]]
    return {
        "id": one.case["id"],
        "post": one.post,
        "mistake": _name(one),
        "wanted": one.wanted,
        "given": one.given,
        "score": one.score,
        "off_by": round(_gap(one), 4),
        "post_words": _post_words(one.row, [*wanted, *given]),
        "retweet": one.case["retweet"],
        "findings_wanted": wanted,
        "findings_given": given,
    }


def _name(one: Outcome) -> str:
    if one.bad:
        return "missed"
    return "wrongly accused" if one.given == BAD else "mixed up"


def _wanted(finding: Mapping[str, Any]) -> Row:
    keys = ("type", "severity", "retweet_span", "post_span", "note")
    return {key: finding.get(key) for key in keys}


def _given(finding: Mapping[str, Any]) -> Row:
    return {
        "type": finding["type"],
        "severity": finding["severity"],
        "confidence": finding.get("confidence"),
        "retweet_span": _text(finding.get("retweet_span")),
        "post_span": _text(finding.get("post_span")),
        "note": (finding.get("explanation") or {}).get("en"),
    }


def _text(span: Mapping[str, Any] | None) -> str | None:
    return span.get("text") if span else None


def _post_words(row: Mapping[str, Any], findings: Iterable[Row]) -> list[str]:
    """Give what the post says there: the findings' words, else what the claims were tied to."""
    told = [one["post_span"] for one in findings if one["post_span"]]
    tied = [
        piece["span"]["text"]
        for claim in row.get("claims", ())
        for piece in claim.get("aligned", ())
    ]
    return list(dict.fromkeys(told or tied))
