"""Links names that no table knows: 林奎斯特 to Lindqvist, by their sound."""

from collections.abc import Collection, Iterator, Sequence

from drift.names import similarity, sounds_chinese, sounds_english
from models.cross_lexicon import Lexicon, Word

# Set by eye on driftbench-train: below `_ALIKE` the pairs are mostly chance, and so are those of
# Chinese words that are more frequent than these log probabilities.
_ALIKE = 0.72
_COMMON_CHARACTER = -7.5
_COMMON_WORD = -10.5
_MOST_CHARACTERS = 6
_VOWELS = frozenset("aeiou")
_NEAR_STARTS = {"J": "JSC", "C": "JCSK", "S": "SCJT", "W": "WF", "H": "HK", "K": "KHJ", "F": "FW"}


def name_links(
    lexicon: Lexicon, chinese: Sequence[Word], linked: Collection[int], english: Sequence[Word]
) -> Iterator[tuple[int, int, float]]:
    """Link runs of rare, unlinked Chinese words to the English names that sound alike.

    `linked` holds the places of the Chinese words that are linked already.
    """
    names = list(_names(lexicon, english))
    if not names:
        return
    free = [k not in linked and _rare(lexicon, word) for k, word in enumerate(chinese)]
    taken: set[int] = set()
    found = []
    for first, last in _runs(chinese, free):
        said = "".join(word.key for word in chinese[first:last])
        for places in names:
            spelled = " ".join(english[j].key for j in places)
            if _could_match(said, spelled):
                found.append((similarity(said, spelled), first, last, places))
    found.sort(key=lambda one: (-one[0] * (one[2] - one[1]) ** 0.3, one[1]))
    for alike, first, last, places in found:
        if alike < _ALIKE or taken & set(range(first, last)):
            continue
        taken.update(range(first, last))
        yield from ((i, j, 0.9 * alike) for i in range(first, last) for j in places)


def _names(lexicon: Lexicon, english: Sequence[Word]) -> Iterator[tuple[int, ...]]:
    """Give the capitalised words that the table cannot translate, and two in a row as one name."""
    seen: set[str] = set()
    before = -1
    for j, word in enumerate(english):
        if not word.capital or len(word.key) < 3 or word.id in lexicon.translatable:
            continue
        if word.key not in seen:
            seen.add(word.key)
            yield (j,)
        if 0 <= before == j - 1 and f"{english[before].key} {word.key}" not in seen:
            seen.add(f"{english[before].key} {word.key}")
            yield (before, j)
        before = j


def _runs(chinese: Sequence[Word], free: Sequence[bool]) -> Iterator[tuple[int, int]]:
    """Give the stretches of two to six characters of which no word is linked."""
    for first in range(len(chinese)):
        length = 0
        for last in range(first, len(chinese)):
            word = chinese[last]
            length += len(word.key)
            if length > _MOST_CHARACTERS or not free[last]:
                break
            if last > first and chinese[last - 1].end != word.start:
                break
            if length > 1:
                yield first, last + 1


def _rare(lexicon: Lexicon, word: Word) -> bool:
    if word.value or not "\u4e00" <= word.key[0] <= "\u9fff":
        return False
    log = lexicon.log_probability(word.id)
    return log < (_COMMON_CHARACTER if len(word.key) == 1 else _COMMON_WORD)


def _could_match(said: str, spelled: str) -> bool:
    """Compare lengths and first sounds, which is cheap, before the whole is compared."""
    letters = len(spelled)
    if not 1.2 * len(said) <= letters <= 6 * len(said):
        return False
    ours, theirs = sounds_chinese(said)[:1], sounds_english(spelled.split(maxsplit=1)[0])[:1]
    if " " in spelled and ours == sounds_english(spelled.split()[1])[:1]:
        return True
    if ours in _VOWELS or theirs in _VOWELS:
        return True
    return ours == theirs or theirs in _NEAR_STARTS.get(ours, "")
