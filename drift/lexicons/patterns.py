"""The records that forms and texts become, before the one is looked for in the other."""

from collections.abc import Mapping
from dataclasses import dataclass, field

GAP = "…"
Element = frozenset[str]


@dataclass(frozen=True, slots=True)
class Words:
    """A text as its matcher sees it: English words with places, or Chinese with boundaries."""

    lang: str
    text: str
    words: tuple[str, ...] = ()
    places: tuple[tuple[int, int], ...] = ()
    starts: frozenset[int] = frozenset()
    ends: frozenset[int] = frozenset()
    inner: Mapping[int, tuple[int, int]] = field(default_factory=dict)  # the long word around


@dataclass(frozen=True, slots=True)
class Found:
    """An occurrence of a form (offsets in the text given) and the number of what it belongs to."""

    start: int
    end: int
    item: int
    first: int = 0  # English: number of the first word


@dataclass(frozen=True, slots=True)
class Pattern:
    """A form made ready: what it is made of, and the number of what it belongs to."""

    item: int
    elements: tuple[Element | str, ...] = ()  # English
    pieces: tuple[str, ...] = ()  # Chinese
    anchored: bool = False
    left: bool = False
    right: bool = False
    wide: bool = False
