"""Second tries for a sentence whose translation changed a number or lost an "if".

A small translator reads 1.5万 wrong now and then. Often the next best wording has it right; where
none has, the quantity becomes a placeholder, which the translator carries to its place, and is
written in figures there. A condition that no wording keeps is safe where clauses are translated one
by one.
"""

import re
from collections.abc import Collection, Sequence

from drift.quantities import quantities
from drift.records import Kind, Span
from drift.segment import tokens
from drift.translate import alterations
from models.figures import written
from models.source_text import PLACEHOLDERS

# Kinds that stand in a sentence like a name; dates and ordinals bend to their place.
_CARRIED = frozenset({"money", "percent", "count"})
_MARK = re.compile("|".join(PLACEHOLDERS))


def faithful(chinese: str, wordings: Sequence[str]) -> str | None:
    """Give the first wording that keeps numbers, conditions and placeholders of the Chinese."""
    for english in wordings:
        if carries(chinese, english) and not alterations(chinese, english):
            return english
    return None


def carries(chinese: str, english: str) -> bool:
    """Tell whether a translation holds the placeholders of the Chinese, each as often."""
    return sorted(_MARK.findall(english)) == sorted(_MARK.findall(chinese))


def masked(chinese: str, changed: Collection[str]) -> tuple[str, dict[str, str]]:
    """Put placeholders for changed quantities; gives what each stands for, in English.

    >>> masked("球队照罚1.5万美元，<m1> 说", ["1.5万美元"])
    ('球队照罚<m2>，<m1> 说', {'<m2>': '15,000 USD'})
    """
    free = [mark for mark in PLACEHOLDERS if mark not in chinese]
    figures: dict[str, str] = {}
    parts: list[str] = []
    end = 0
    for quantity in quantities(chinese, "zh"):
        span = quantity.span
        figure = written(quantity) if quantity.kind in _CARRIED else None
        if figure and quantity.text in changed and span.start >= end and free:
            mark = free.pop(0)
            figures[mark] = figure
            parts += [chinese[end : span.start], mark]
            end = span.end
    return "".join(parts) + chinese[end:], figures


def clauses(chinese: str) -> list[str]:
    """Cut a sentence behind its commas.

    >>> clauses("如果证实，他就辞职。")
    ['如果证实，', '他就辞职。']
    """
    return re.findall(r"[^，,]+[，,]?", chinese)


def joined(parts: Sequence[str]) -> str:
    """Join translated clauses; a small word that began one stands inside a sentence now.

    >>> joined(["If it is true,", "The mayor goes."])
    'If it is true, the mayor goes.'
    """
    return " ".join([*parts[:1], *(_inside(part) for part in parts[1:])])


def _inside(clause: str) -> str:
    first, _, rest = clause.partition(" ")
    (token, *_) = tokens(first, Span(0, len(first)), "en") or (None,)
    small = token is not None and token.kind is Kind.FUNCTION and first != "I"
    return f"{first.lower()} {rest}".rstrip() if small else clause


def unmasked(english: str, figures: dict[str, str]) -> str:
    """Write the figures where their placeholders stand.

    >>> unmasked("The team fined<m2>.", {"<m2>": "15,000 USD"})
    'The team fined 15,000 USD.'
    """
    spaced = re.sub(r"(?<=\w)(?=<m)|(?<=>)(?=\w)", " ", english) if figures else english
    return _MARK.sub(lambda match: figures.get(match[0], match[0]), spaced)
