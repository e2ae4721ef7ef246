"""Quantity: a number, amount, unit, share, date, time or rank is not the post's.

Fires:  "4,000 people marched." -> 4万人上街
Silent: "2,311 tickets" -> 两千多张票; "a third" -> 三成多; "within 8 minutes" -> 8分钟到场
Not ours: all, most, some (quantifier); a figure that the post has nothing to set beside.
"""

from collections.abc import Iterator

from drift.evidence import Evidence
from drift.quantities import Match, compare_all, follows, ratio
from drift.quantities.lexicon import numerals
from drift.records import Finding, Quantity, Severity

_AGREES = {"same", "rounded"}
_FAR = 2  # times the post's figure: so far off, half of the training cases call it major
# Bounds that contradict each other. A bound that is only dropped or added is ordinary shortening.
_UPPER, _LOWER = {"<", "<="}, {">", ">="}


def detect(evidence: Evidence) -> Iterator[Finding]:
    """Yield a finding for a figure that neither the premises nor the rest of the post give."""
    near = [q for number in evidence.pair.premises for q in evidence.post.quantities[number]]
    everywhere = [q for row in evidence.post.quantities for q in row]
    wide = dict(compare_all(evidence.quantities, everywhere))
    for quantity, match in compare_all(evidence.quantities, near):
        if match.relation in _AGREES or quantity.kind == "article":
            continue
        far = wide.get(quantity)
        if far is not None and far.relation in _AGREES:
            continue
        if match.post is None and far is not None and far.post is not None:
            match = far  # noqa: PLW2901 -- the nearest figure of its kind stands further off
        if match.relation == "absent" or (
            match.relation == "weaker" and not _contradicts(quantity, match.post)
        ):
            continue
        if not follows(quantity, everywhere, rest=_speaks_of_rest(evidence, quantity)):
            yield _finding(quantity, match)


def _speaks_of_rest(evidence: Evidence, quantity: Quantity) -> bool:
    """Tell whether the clause says that a figure is what is left, lacks, exceeds or adds up."""
    around = [one for one in evidence.claim.clauses if one.touches(quantity.span)]
    text = "".join(one.of(evidence.document.text) for one in around)
    return any(word in text for word in numerals()["zh"]["worked_out"]["words"])


def _contradicts(theirs: Quantity, ours: Quantity | None) -> bool:
    """Tell whether one bound says "more than" where the other says "less than"."""
    signs = {theirs.comparator, ours.comparator if ours else ""}
    return bool(signs & _UPPER) and bool(signs & _LOWER)


def _finding(quantity: Quantity, match: Match) -> Finding:
    reason = {
        "weaker": "quantity.comparator",
        "unit": "quantity.unit",
    }.get(match.relation, "quantity.changed")
    if match.relation == "different" and quantity.kind in {"date", "time"}:
        reason = "quantity.date"
    if match.relation == "different" and quantity.kind == "ordinal":
        reason = "quantity.rank"
    details = {"to": quantity.text}
    if match.post is not None:
        details["from"] = match.post.text
        factor = ratio(quantity, match.post)
        if reason == "quantity.changed" and factor >= _FAR:
            reason = "quantity.far"
            details["factor"] = f"{round(float(factor), 1):,.15g}"
    return Finding(
        type="quantity",
        severity=Severity.MINOR if match.relation == "weaker" else Severity.MAJOR,
        confidence=match.confidence,
        retweet_span=quantity.span,
        post_span=match.post.span if match.post else None,
        reason=reason,
        details=details,
    )
