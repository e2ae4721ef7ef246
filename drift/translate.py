"""Back-translates all claims of a run in one batch; identical texts are translated once."""

from collections.abc import Sequence

from drift.backends import Translator
from drift.cues import find, strength
from drift.quantities import compare_all, quantities
from drift.records import Hit, Lang, Segment, Span
from drift.segment import tokens

_CONDITIONS = frozenset({"protasis", "unless"})
_EMPTY = frozenset({"apodosis", "hypothetical", "backshifted"})  # "would" alone names no condition
_SURE = 0.9
_CHANGED = frozenset({"different", "unit", "absent"})


def back_translate(claims: Sequence[Segment], translator: Translator) -> list[str]:
    """Give every claim's English; shown to the reader, never the only evidence.

    Where a translation changed a number of the Chinese or lost an "if", it says so at its end.
    """
    texts = list(dict.fromkeys(claim.text for claim in claims))
    english = dict(zip(texts, translator.translate(texts), strict=True))
    return [flagged(claim.text, english[claim.text]) for claim in claims]


def flagged(chinese: str, english: str) -> str:
    """Add the quantities and conditions of the Chinese that a translation changed or left out.

    >>> flagged("罚了1.5万美元。", "It was fined 150 million.")
    'It was fined 150 million. [differs in the Chinese: 1.5万美元]'
    """
    changed = alterations(chinese, english)
    return f"{english} [differs in the Chinese: {', '.join(changed)}]" if changed else english


def changed_numbers(chinese: str, english: str) -> list[str]:
    """Name the quantities of the Chinese that a translation changed or left out.

    >>> changed_numbers("裁员1200人，占三成。", "It cut 1,200 jobs, 13 percent.")
    ['三成']
    """
    read = quantities(chinese, "zh")
    if not read:
        return []
    compared = compare_all(read, quantities(english, "en"))
    return [quantity.text for quantity, match in compared if match.relation in _CHANGED]


def lost_conditions(chinese: str, english: str) -> list[str]:
    """Name the conditions of the Chinese where a translation has none at all.

    >>> lost_conditions("如果证实，他就辞职。", "It is true, and he resigns.")
    ['如果']
    """
    said = [
        hit.text
        for hit in _conditions(chinese, "zh")
        if hit.value in _CONDITIONS and strength(hit, "zh") >= _SURE
    ]
    kept = said and any(hit.value not in _EMPTY for hit in _conditions(english, "en"))
    return [] if kept else list(dict.fromkeys(said))


def alterations(chinese: str, english: str) -> list[str]:
    """Name what a reader of the translation alone would get wrong: numbers, and ifs left out."""
    return [*changed_numbers(chinese, english), *lost_conditions(chinese, english)]


def _conditions(text: str, lang: Lang) -> tuple[Hit, ...]:
    whole = Span(0, len(text))
    return find(Segment(lang, text, whole, tokens(text, whole, lang)), "conditional")
