"""Works out what a cue governs: how far its scope reaches, and where it stops."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from operator import itemgetter

from drift.lexicons import Cue, Limit, Reach, grammar
from drift.lexicons.inflection import is_past
from drift.lexicons.patterns import Words
from drift.records import Lang

Place = tuple[int, int]

_SIGNS = frozenset(" \t\n,.;:?!\"'()，。；：？！、“”‘’（）《》【】「」…—-~·")
_MIN_CONTENT = 2  # words or characters that make what follows a reporting verb its content
_MAX_TAG = 4  # words or characters that a reporting clause has at most on either side of its verb
_START = itemgetter(0)


@dataclass(frozen=True, slots=True)
class Ground:
    """A segment made ready for cues; every place counts from the segment's own start."""

    lang: Lang
    words: Words
    tokens: tuple[Place, ...]
    clauses: tuple[Place, ...]
    offset: int
    text: str

    @property
    def end(self) -> int:
        """Length of the segment."""
        return len(self.words.text)

    def clause(self, at: int) -> int:
        """Give the number of the clause that holds a place."""
        return max(0, bisect_right(self.clauses, at, key=_START) - 1)

    def blank(self, start: int, end: int) -> bool:
        """Tell whether there is nothing but signs between two places."""
        return _SIGNS.issuperset(self.words.text[start:end])


def scope(ground: Ground, cue: Cue, place: Place, stops: Sequence[Place]) -> Place:
    """Give what a cue at a place governs."""
    if cue.limit is Limit.SELF:
        return place
    if cue.limit is Limit.WORD:
        return _neighbour(ground, place, cue.reach)
    if cue.limit is Limit.NP:
        return place[1], noun_phrase(ground, place[1])
    if cue.limit is Limit.CONTENT or (cue.limit is Limit.COMPLEMENT and _opens(ground, place)):
        return content(ground, place, stops)
    within = _between_stops(ground, place, _limits(ground, place, cue.limit), stops)
    return _directed(ground, cue, place, within)


def _directed(ground: Ground, cue: Cue, place: Place, within: Place) -> Place:
    """Cut a scope to the side on which its cue works."""
    left, right = within
    if cue.limit is Limit.OBJECT:
        return _object(ground, place, within)
    if cue.reach is Reach.FORWARD or cue.limit is Limit.COMPLEMENT:
        right = _before_noun(ground, place, right) if ground.lang == "zh" else right
        return (left if _is_passive(ground, place) else place[1]), right
    return (left, place[0]) if cue.reach is Reach.BACKWARD else within


def _limits(ground: Ground, place: Place, limit: Limit) -> Place:
    if limit is Limit.SENTENCE:
        return 0, ground.end
    start = ground.clauses[ground.clause(place[0])][0]
    return start, max(place[1], ground.clauses[ground.clause(place[1] - 1)][1])


def _between_stops(ground: Ground, place: Place, within: Place, stops: Sequence[Place]) -> Place:
    """Narrow a scope to the nearest terminators, but for one beside the cue ("not, however,")."""
    left, right = within
    first = since(stops, place[1])
    ends = (end for _, end in reversed(stops[:first]))
    starts = (start for start, _ in islice(stops, first, None))
    before = next((e for e in ends if e <= place[0] and not ground.blank(e, place[0])), left)
    after = next((s for s in starts if not ground.blank(place[1], s)), right)
    return min(max(left, before), place[0]), max(min(right, after), place[1])


def _before_noun(ground: Ground, place: Place, right: int) -> int:
    """End a scope at the 的 that makes its cue an attribute: 不舒服的学生 | 吃了素食."""
    first = since(ground.tokens, place[1])
    after = [one for one in ground.tokens[first : first + 5] if one[0] < right]
    texts = [ground.words.text[start:end] for start, end in after]
    goes_on = len(after) == 5 and not any(_SIGNS.issuperset(text) for text in texts)
    return after[1][0] if goes_on and texts[1] == "的" else right


def _is_passive(ground: Ground, place: Place) -> bool:
    """Tell whether "not" stands in a passive, whose subject it denies too: X was not approved."""
    if ground.lang == "zh" or ground.words.text[place[0] : place[1]].lower() not in ("not", "n't"):
        return False
    words, places = ground.words.words, ground.words.places
    at = since(places, place[0])
    forms, between = _words("en_be"), _words("en_be") | _words("en_in_passive")
    following = [word for word in words[at + 1 : at + 4] if word not in between]
    be = {words[at - 1] if at else "", *words[at + 1 : at + 3]} & forms
    return bool(be) and bool(following) and is_past(following[0])


def _object(ground: Ground, place: Place, within: Place) -> Place:
    """Give a negative verb's object: what follows, or the subject where nothing does (比赛取消)."""
    left, right = within
    if ground.lang == "en" and ground.words.text[place[0] : place[1]].lower().endswith("ing"):
        right = _before_finite(ground, place[1], right)
    if ground.blank(place[1], right):
        return left, place[0]
    return place[1], right


def _before_finite(ground: Ground, start: int, end: int) -> int:
    words, places = ground.words.words, ground.words.places
    within = range(since(places, start + 1), since(places, end))
    return next((places[n][0] for n in within if words[n] in _words("en_finite")), end)


@cache
def _words(name: str) -> frozenset[str]:
    return frozenset(grammar()[name])


def _neighbour(ground: Ground, place: Place, reach: Reach) -> Place:
    """Give the word beside a cue; in English the cue's own word carries what it negates."""
    if reach is Reach.BACKWARD:
        number = since(ground.tokens, place[0])
        if number and ground.tokens[number - 1][1] >= place[0]:
            return ground.tokens[number - 1][0], place[0]
        opens = number < len(ground.tokens) and ground.tokens[number][0] == place[0]
        return (place[0], place[0]) if opens else place
    after = next(islice(ground.tokens, since(ground.tokens, place[1]), None), None)
    return (place[0], after[1]) if after and not ground.blank(*after) else place


def since(places: Sequence[Place], at: int) -> int:
    """Give the number of the first piece that begins at a place or after it."""
    return bisect_left(places, at, key=_START)


def noun_phrase(ground: Ground, start: int) -> int:
    """Give the end of the noun phrase that begins at a place, at most the clause's end."""
    limit = ground.clauses[ground.clause(start)][1]
    ends = _words(f"{ground.lang}_np_end")
    pieces = ground.words.places if ground.lang == "en" else ground.tokens
    end, seen = start, 0
    for first, last in islice(pieces, since(pieces, start), None):
        word = ground.words.text[first:last].lower()
        if first >= limit or (seen and (word in ends or _SIGNS.issuperset(word))):
            break
        end, seen = last, seen + (word not in ends and not _SIGNS.issuperset(word))
    return max(end, start)


def _opens(ground: Ground, place: Place) -> bool:
    """Tell whether a sign or "that" introduces the content, as in 他承认，他去过."""
    if ground.words.text.endswith(" that", 0, place[1]):
        return True
    rest = ground.words.text[place[1] : place[1] + 6].lstrip(" ")
    return rest[:1] in ",，:：" or rest.startswith(("that ", '"'))


def content(ground: Ground, place: Place, stops: Sequence[Place] = ()) -> Place:
    """Give what is reported: what follows the verb in the sentence, or else what precedes it.

    The last is the English tag ("It will rain, she said.") and the Chinese one (……，他说。).
    """
    if _size(ground, place[1], ground.end) >= _MIN_CONTENT and not _is_tag(ground, place):
        return place[1], _between_stops(ground, place, (place[0], ground.end), stops)[1]
    start = ground.clauses[ground.clause(place[0])][0]
    if _size(ground, 0, start) < _MIN_CONTENT:  # "It will rain, she said": one clause
        start = max(ground.words.text.rfind(sign, 0, place[0]) for sign in ',，"”') + 1
    return (0, start) if _size(ground, 0, start) >= _MIN_CONTENT else (place[1], ground.end)


def takeovers(ground: Ground, voices: Sequence[Place]) -> list[int]:
    """Give where the clauses begin that hold a voice with a subject of its own, in order."""
    openings = ((ground.clauses[ground.clause(start)][0], start) for start, _ in voices)
    return sorted({opening for opening, start in openings if not ground.blank(opening, start)})


def yielded(ground: Ground, over: Place, place: Place, openings: Sequence[int]) -> Place:
    """End a voice's content where another voice with a subject of its own takes over.

    A表示X，B则称Y: Y is not what A says; in A表示，B说Y it is. `openings` are from `takeovers`.
    """
    if over[0] < place[1]:
        return over
    for opening in islice(openings, bisect_right(openings, place[1]), None):
        if opening >= over[1]:
            break
        if _size(ground, place[1], opening) >= _MIN_CONTENT:
            return over[0], opening
    return over


def _size(ground: Ground, start: int, end: int) -> int:
    """Count the words (English) or characters between two places, as far as any limit asks."""
    if ground.lang == "en":
        places = ground.words.places
        within = (places[n] for n in range(since(places, start), since(places, end)))
        counted = (1 for one in within if not ground.blank(*one))
    else:
        counted = (1 for at in range(start, end) if ground.words.text[at] not in _SIGNS)
    return sum(islice(counted, _MAX_TAG + 1))


def _is_tag(ground: Ground, place: Place) -> bool:
    """Tell whether the reporting clause comes last ("..., he said on Monday")."""
    text, number = ground.words.text, ground.clause(place[0])
    if number == 0 or number != len(ground.clauses) - 1:
        return False
    start = ground.clauses[number][0]
    if _size(ground, start, place[0]) > _MAX_TAG:
        return False
    quoted = text[:start].rstrip()[-1:] in '"”'
    return quoted or (ground.lang == "en" and _size(ground, place[1], ground.end) <= _MAX_TAG)
