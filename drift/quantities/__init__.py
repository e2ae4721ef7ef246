"""Quantities of both languages as exact bounds, and how those of a claim relate to the post's.

>>> [found.text for found in quantities("两千多人，近一半是学生", "zh")]
['两千多人', '近一半']
>>> compare(quantities("240万欧元", "zh")[0], quantities("2.4 million euros", "en")).relation
'same'
"""

from drift.quantities.chinese import chinese
from drift.quantities.compare import Match, axis, compare, compare_all, ratio
from drift.quantities.derived import follows
from drift.quantities.english import english
from drift.quantities.number_relations import Relation
from drift.records import Lang, Quantity

__all__ = ["Match", "Relation", "axis", "compare", "compare_all", "follows", "quantities", "ratio"]


def quantities(text: str, lang: Lang) -> tuple[Quantity, ...]:
    """Read every quantity of a text, in order of place.

    Spans point into `text`. A ratio ("one in five") comes beside the two counts that make it.
    """
    return chinese(text) if lang == "zh" else english(text)
