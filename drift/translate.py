"""Back-translates all claims of a run in one batch; identical texts are translated once."""

from collections.abc import Sequence

from drift.backends import Translator
from drift.records import Segment


def back_translate(claims: Sequence[Segment], translator: Translator) -> list[str]:
    """Give every claim's English; shown to the reader, never the only evidence."""
    texts = list(dict.fromkeys(claim.text for claim in claims))
    english = dict(zip(texts, translator.translate(texts), strict=True))
    return [english[claim.text] for claim in claims]
