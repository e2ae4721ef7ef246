"""Edits of the Chinese side that make it drift from its English, each of a known type.

An edit takes both sides and the stock and gives changed sides, or None where it finds no hold.
What an edit adds or leaves standing falsely is tagged on the side that shows it.
"""

from collections.abc import Callable, Sequence

from models.cross import TYPES
from models.recipes.cross_encoder.data import ANY
from models.recipes.cross_encoder.pieces import CLAUSE_ENDS, Piece, Sides, Stock, neighbours
from models.recipes.cross_encoder.words import FIRST_WORD

Edit = Callable[[Sides, Stock], Sides | None]

_DROPPED = ("if", "may", "not", "plan", "only", "most", "some", "about", "refuse")
_COMPANIONS = frozenset({"就", "会", "将", "的话", "那么", "便", "则"})
_WEAK = {"about": 0.4, "doing": 0.5, "slightly": 0.7, "very": 0.7, "over": 0.6, "under": 0.8}
_PRONOUNS = frozenset({"他", "她", "他们", "我", "我们", "你", "她们"})
_AFTER_NO_VERB = frozenset(
    {"的", "地", "得", "不", "没", "没有", "所", "被", "把", "和", "与", "或"}
)


def tag_of(name: str) -> int:
    """Give the number of a drift type's tag."""
    return TYPES.index(name) + 1


def drop_cue(sides: Sides, stock: Stock) -> Sides | None:
    """Drop a hedge, negation, condition, plan or restriction that the English has too."""
    places = [
        (index, name)
        for index, piece in enumerate(sides.chinese)
        if (name := stock.class_of(piece)) in _DROPPED and stock.has(sides.english, name)
    ]
    if not places:
        return None
    at, name = stock.chance.choice(places)
    tag = tag_of(stock.type_of(name))
    pieces = list(sides.chinese)
    del pieces[at]
    if name == "if":
        pieces = _without_companions(pieces, at, stock)
    pieces = _tag_after(pieces, at, tag, 4 if name == "if" else 2)
    english = tuple(
        piece.tagged(tag) if stock.class_of(piece) == name else piece for piece in sides.english
    )
    return Sides(tuple(pieces), english, tag, _WEAK.get(name, 1.0))


def _without_companions(pieces: list[Piece], at: int, stock: Stock) -> list[Piece]:
    if stock.chance.random() < 0.3:
        return pieces
    return [
        piece
        for index, piece in enumerate(pieces)
        if index < at or piece.text not in _COMPANIONS or index > at + 18
    ]


def _tag_after(pieces: list[Piece], at: int, tag: int, most: int) -> list[Piece]:
    """Tag the next few words of the clause, or the last ones where it ends."""
    reached = list(pieces)
    left = most
    for index in range(at, len(pieces)):
        if pieces[index].key in CLAUSE_ENDS or not left:
            break
        reached[index] = pieces[index].tagged(tag)
        left -= 1
    if left == most and at:
        reached[at - 1] = pieces[at - 1].tagged(tag)
    return reached


def insert_cue(sides: Sides, stock: Stock) -> Sides | None:
    """Put a hedge, negation, quantifier, aspect or degree before a verb that has none."""
    slots = verb_slots(sides.chinese, stock)
    free = [name for name in stock.cues["insertable"] if not stock.has(sides.english, name)]
    if not slots or not free:
        return None
    name = stock.chance.choice(free)
    word = stock.chance.choice(stock.cues["insertable"][name])
    at = stock.chance.choice(slots)
    if name in {"if", "because"}:
        starts = [i for i in clause_starts(sides.chinese) if i or name == "if"]
        if not starts:
            return None
        at = stock.chance.choice(starts)
    tag = tag_of(stock.type_of(name))
    pieces = list(sides.chinese)
    pieces[at:at] = stock.new(word, tag)
    return Sides(tuple(pieces), sides.english, tag, _WEAK.get(name, 1.0))


def verb_slots(pieces: Sequence[Piece], stock: Stock) -> list[int]:
    """Find the places before a verb where an adverb may stand."""
    return [
        index
        for index in range(1, len(pieces))
        if pieces[index].text in stock.verbs
        and pieces[index - 1].text not in _AFTER_NO_VERB
        and stock.class_of(pieces[index - 1]) not in {"not", "may", "will", "done", "plan"}
    ]


def clause_starts(pieces: Sequence[Piece]) -> list[int]:
    """Find where clauses begin."""
    starts = [0]
    starts += [i + 1 for i in range(len(pieces) - 3) if pieces[i].key in CLAUSE_ENDS]
    return starts


def exchange_cue(sides: Sides, stock: Stock) -> Sides | None:
    """Put a cue of another class in the place of one that the English has too."""
    places = [
        (index, rule)
        for index, piece in enumerate(sides.chinese)
        for rule in stock.cues["exchange"]
        if stock.class_of(piece) == rule["from"]
        and stock.has(sides.english, rule["from"])
        and not stock.has(sides.english, rule["to"])
    ]
    if not places:
        return None
    at, rule = stock.chance.choice(places)
    tag = tag_of(rule["type"])
    pieces = list(sides.chinese)
    forms = stock.cues["insertable"][rule["to"]]
    pieces[at : at + 1] = stock.new(stock.chance.choice(forms), tag)
    return Sides(tuple(pieces), sides.english, tag, _WEAK.get(rule["to"], 1.0))


def antonym(sides: Sides, stock: Stock) -> Sides | None:
    """Put a word's contrary in its place."""
    pairs = [pair.split() for pair in stock.cues["antonyms"]["zh"]]
    contrary = dict(pairs) | {b: a for a, b in pairs}
    places = [
        index
        for index, piece in enumerate(sides.chinese)
        if piece.text in contrary and stock.linked(piece, sides.english) > 0.05
    ]
    if not places:
        return None
    at = stock.chance.choice(places)
    return _replaced(sides, stock, at, contrary[sides.chinese[at].text], "polarity")


def _replaced(sides: Sides, stock: Stock, at: int, text: str, kind: str) -> Sides | None:
    """Replace one piece, unless what comes is linked to the English as well."""
    tag = tag_of(kind) if kind else ANY
    new = stock.new(text, tag)
    if any(stock.linked(piece, sides.english) > 0.1 for piece in new):
        return None
    pieces = list(sides.chinese)
    pieces[at : at + 1] = new
    return Sides(tuple(pieces), sides.english, tag)


def number(sides: Sides, stock: Stock) -> Sides | None:
    """Change a figure that both sides write."""
    known = {piece.value for piece in sides.english if piece.value}
    places = [
        index
        for index, piece in enumerate(sides.chinese)
        if piece.value and piece.value in known and any(char.isdigit() for char in piece.text)
    ]
    if not places:
        return None
    at = stock.chance.choice(places)
    text = sides.chinese[at].text
    digits = [i for i, char in enumerate(text) if char.isdigit()]
    which = stock.chance.choice(digits)
    other = stock.chance.choice([d for d in "123456789" if d != text[which]])
    changed = stock.chance.choice([text[:which] + other + text[which + 1 :], text + "0"])
    if "." in text and changed.endswith("0"):
        changed = text.replace(".", "")
    pieces = list(sides.chinese)
    pieces[at : at + 1] = stock.new(changed, tag_of("quantity"))
    return Sides(tuple(pieces), sides.english, tag_of("quantity"), 0.7)


def same_kind(sides: Sides, stock: Stock) -> Sides | None:
    """Put another place, person, body or day in the place of one."""
    places = [
        (index, kind)
        for index, piece in enumerate(sides.chinese)
        for kind, words in stock.cues["kinds"].items()
        if piece.text in words
    ]
    if not places:
        return None
    at, kind = stock.chance.choice(places)
    word = stock.chance.choice(stock.cues["kinds"][kind])
    drift = "quantity" if kind in {"time", "date", "year"} else "entity"
    return _replaced(sides, stock, at, word, drift)


def latin_name(sides: Sides, stock: Stock) -> Sides | None:
    """Replace a name in Latin letters by another one."""
    there = {piece.key for piece in sides.english}
    places = [
        index
        for index, piece in enumerate(sides.chinese)
        if piece.text[:1].isascii() and piece.text[:1].isupper() and piece.key in there
    ]
    if not places or len(stock.names) < 20:
        return None
    at = stock.chance.choice(places)
    name = stock.chance.choice(stock.names)
    return None if name.lower() in there else _replaced(sides, stock, at, name, "entity")


def swap_roles(sides: Sides, stock: Stock) -> Sides | None:
    """Exchange two names, persons or bodies of one sentence with a verb between them."""
    things = frozenset(
        word for kind in ("place", "person", "body") for word in stock.cues["kinds"][kind]
    )
    places = [
        index
        for index, piece in enumerate(sides.chinese)
        if piece.text in things
        or piece.text in _PRONOUNS
        or (piece.text[:1].isascii() and piece.text[:1].isupper())
    ]
    pairs = [
        (a, b)
        for a in places
        for b in places
        if 1 < b - a < 12
        and sides.chinese[a].text != sides.chinese[b].text
        and not any(piece.key in CLAUSE_ENDS or piece.text == "和" for piece in sides.chinese[a:b])
        and any(piece.text in stock.verbs for piece in sides.chinese[a + 1 : b])
    ]
    if not pairs:
        return None
    a, b = stock.chance.choice(pairs)
    tag = tag_of("role")
    pieces = list(sides.chinese)
    pieces[a], pieces[b] = pieces[b].tagged(tag), pieces[a].tagged(tag)
    return Sides(tuple(pieces), sides.english, tag)


def neighbour(sides: Sides, stock: Stock) -> Sides | None:
    """Replace a linked word by one that is used alike, but is linked to nothing here."""
    places = [
        index
        for index, piece in enumerate(sides.chinese)
        if len(piece.text) > 1 and stock.linked(piece, sides.english) > 0.25
    ]
    if not places:
        return None
    at = stock.chance.choice(places)
    near = neighbours(stock, sides.chinese[at].id, 12)
    old = set(sides.chinese[at].text)
    words = [stock.lexicon.words[k - FIRST_WORD] for k in near]
    words = [word for word in words if len(word) > 1 and not set(word) & old]
    return _replaced(sides, stock, at, stock.chance.choice(words), "") if words else None
