"""Back-translates all claims of a run in one batch; identical texts are translated once."""

from collections.abc import Sequence

from drift.backends import Translator
from drift.quantities import compare_all, quantities
from drift.records import Segment

_CHANGED = frozenset({"different", "unit", "absent"})


def back_translate(claims: Sequence[Segment], translator: Translator) -> list[str]:
    """Give every claim's English; shown to the reader, never the only evidence.

    Where a translation changed a number of the Chinese or left it out, it says so at its end.
    """
    texts = list(dict.fromkeys(claim.text for claim in claims))
    english = dict(zip(texts, translator.translate(texts), strict=True))
    return [flagged(claim.text, english[claim.text]) for claim in claims]


def flagged(chinese: str, english: str) -> str:
    """Add the quantities of the Chinese that a translation changed or left out.

    >>> flagged("罚了1.5万美元。", "It was fined 150 million.")
    'It was fined 150 million. [differs in the Chinese: 1.5万美元]'
    """
    changed = changed_numbers(chinese, english)
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
