"""Ties conditions to their consequences across the clauses of a sentence."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate, islice

from drift.lexicons import Cue, Reach, grammar
from drift.lexicons.patterns import Found
from drift.scopes import Ground, Place, since

Reading = tuple[str, Place, Place]  # value, place of the cue, scope

_TIED = frozenset({"protasis", "necessary", "unless", "counterfactual"})
_LEAST = 3  # characters of a condition before 才


@cache
def _marks(name: str) -> frozenset[str]:
    return frozenset(grammar()[name])


@dataclass(frozen=True, slots=True)
class _Field:
    """The conditional cues of a sentence, sorted by what they are."""

    ground: Ground
    marks: tuple[Place, ...]  # consequence markers
    strong: tuple[Place, ...]  # those among them that open a consequence wherever they stand
    stops: tuple[Place, ...]

    def text(self, place: Place) -> str:
        """Give the lower-case text at a place."""
        return self.ground.words.text[place[0] : place[1]].lower()

    def first_mark(self, start: int, end: int, among: frozenset[str] | None = None) -> Place | None:
        """Give the first consequence marker between two places."""
        within = islice(self.marks, since(self.marks, start), since(self.marks, end))
        return next((one for one in within if among is None or self.text(one) in among), None)

    def stop_after(self, start: int) -> int:
        """Give where the next terminator with something before it stands."""
        later = islice(self.stops, since(self.stops, start + 1), None)
        return next((a for a, _ in later if not self.ground.blank(start, a)), self.ground.end)


def conditions(ground: Ground, found: Sequence[Found], cues: Sequence[Cue]) -> list[Reading]:
    """Give protases with their apodoses, and the other conditional cues with their clauses."""
    silent = (Reach.PSEUDO, Reach.TERMINATE)
    marks = tuple((one.start, one.end) for one in found if cues[one.item].value == "apodosis")
    strong = _marks("zh_strong_consequence")
    field = _Field(
        ground,
        marks,
        tuple(place for place in marks if ground.words.text[slice(*place)] in strong),
        tuple((one.start, one.end) for one in found if cues[one.item].reach is Reach.TERMINATE),
    )
    readings: list[Reading] = []
    for one in found:
        cue, place = cues[one.item], (one.start, one.end)
        if cue.reach in silent or cue.value == "apodosis":
            continue
        if cue.value in _TIED:
            readings.extend(_tied(field, cue, place))
        else:
            readings.append((cue.value, place, _clause(field, place)))
    readings += list(_only_then(field, readings))
    readings += list(_hypothetical(field, readings))
    return sorted(readings, key=lambda reading: reading[1])


def _tied(field: _Field, cue: Cue, place: Place) -> Iterator[Reading]:
    if cue.reach is Reach.BACKWARD:
        split = _backward(field, place)
    elif field.ground.lang == "zh":
        split = _chinese(field, place)
    else:
        split = _english(field, place)
    protasis, apodosis = split
    yield cue.value, place, protasis
    if apodosis and not field.ground.blank(*apodosis):
        mark = field.first_mark(*apodosis) or place
        value = "counterfactual" if cue.value == "counterfactual" else "apodosis"
        yield value, mark, apodosis


def _clause(field: _Field, place: Place) -> Place:
    end = field.ground.clauses[field.ground.clause(place[1] - 1)][1]
    return place[1], max(end, place[1])


def _backward(field: _Field, place: Place) -> tuple[Place, Place | None]:
    """Read 下雨的话，取消: the condition is the clause up to the marker."""
    ground = field.ground
    number = ground.clause(place[0])
    start, end = ground.clauses[number]
    if not ground.blank(place[1], end):
        return (start, place[0]), (place[1], field.stop_after(place[1]))
    if number + 1 < len(ground.clauses):
        return (start, place[0]), (end, field.stop_after(end))
    before = ground.clauses[number - 1] if number else None
    return (start, place[0]), before


def _chinese(field: _Field, place: Place) -> tuple[Place, Place | None]:
    ground = field.ground
    number = ground.clause(place[0])
    start, end = ground.clauses[number]
    last = field.stop_after(place[1])
    following = ground.clauses[number + 1] if number + 1 < len(ground.clauses) else None
    inside = field.first_mark(place[1] + 2, end, _marks("zh_inner_consequence"))
    if following and following[0] < last and not (inside and not field.first_mark(*following)):
        boundary = _opening(field, following[0], last)
        return (place[1], boundary), (boundary, last)
    if inside:
        return (place[1], inside[0]), (inside[0], last)
    # 比赛取消，如果下雨的话: the consequence came first.
    before: Place | None = (start, place[0]) if not ground.blank(start, place[0]) else None
    if number and (before is None or place[0] - start < 4):
        before = ground.clauses[number - 1]
    return (place[1], min(end, last)), before


def _opening(field: _Field, start: int, end: int) -> int:
    """Give where the clause of the first strong marker opens, of those that open before the end."""
    marked = next(islice(field.strong, since(field.strong, start), None), None)
    opening = field.ground.clauses[field.ground.clause(marked[0])][0] if marked else start
    return opening if opening < end else start


def _english(field: _Field, place: Place) -> tuple[Place, Place | None]:
    ground = field.ground
    number = ground.clause(place[0])
    start, end = ground.clauses[number]
    last = field.stop_after(end)
    following = ground.clauses[number + 1] if number + 1 < len(ground.clauses) else None
    leads = following is not None and following[0] < field.stop_after(place[1])
    ahead = leads and following is not None and field.first_mark(*following) is not None
    has_before = since(ground.words.places, place[0]) - since(ground.words.places, start) > 2
    marked_before = field.first_mark(start, place[0]) is not None
    if leads and ((ahead and not marked_before) or (not has_before and number == 0)):
        return (place[1], end), (end, last)
    if has_before:
        return (place[1], end), (start, place[0])
    if number:
        return (place[1], end), ground.clauses[number - 1]
    mark = field.first_mark(place[1], end)
    if mark:  # one clause: "Without it, we would leave", "If it rains we will stay"
        comma = ground.words.text.find(",", place[1], mark[0])
        cut = comma + 1 if comma >= 0 else mark[0]
        return (place[1], cut), (cut, end)
    return (place[1], end), None


def _only_then(field: _Field, readings: Sequence[Reading]) -> Iterator[Reading]:
    """Give the condition that only 才 marks: 用户不授权才不出手机."""
    text = field.ground.words.text
    governed = 0  # up to here by markers before
    for place in _unbound(field, readings):
        mark = field.text(place)
        after_event = mark == "才" and text[place[0] - 1 : place[0]] in _marks("zh_before_then")
        if place[0] < governed or not (mark in _marks("zh_only_then") or after_event):
            continue
        number = field.ground.clause(place[0])
        start, end = field.ground.clauses[number]
        if place[0] - start < _LEAST and number:
            start = field.ground.clauses[number - 1][0]
        if place[0] - start >= _LEAST:
            yield "necessary", place, (start, place[0])
            yield "apodosis", place, (place[1], end)
            governed = end


def _hypothetical(field: _Field, readings: Sequence[Reading]) -> Iterator[Reading]:
    """Give "would" without a condition: It would be a loss."""
    if field.ground.lang != "en":
        return
    told = _told(field.ground)
    governed = 0  # up to here by one before
    for place in _unbound(field, readings):
        if place[0] >= governed and field.text(place) in _marks("en_hypothetical"):
            scope = field.ground.clauses[field.ground.clause(place[0])]
            yield "backshifted" if told <= place[0] else "hypothetical", place, scope
            governed = scope[1]


def _told(ground: Ground) -> int:
    """Give from where on "would" is a future told later: She said that she would go."""
    words = zip(ground.words.words, ground.words.places, strict=True)
    return next((end for word, (_, end) in words if word in _marks("en_backshift")), ground.end)


def _unbound(field: _Field, readings: Sequence[Reading]) -> Iterator[Place]:
    """Give the consequence markers that lie in no scope."""
    scopes = sorted(scope for _, _, scope in readings)
    reached = [0, *accumulate((end for _, end in scopes), max)]
    for place in field.marks:
        if reached[bisect_right(scopes, place[0], key=lambda scope: scope[0])] <= place[0]:
            yield place
