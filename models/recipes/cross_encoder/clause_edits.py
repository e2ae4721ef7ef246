"""Edits of whole clauses and of the English side; see `edits` for what an edit is."""

from models.recipes.cross_encoder.edits import Edit, clause_starts, tag_of
from models.recipes.cross_encoder.pieces import CLAUSE_ENDS, Piece, Sides, Stock
from models.recipes.cross_encoder.words import FIRST_WORD

_FIRST_PERSON = frozenset({"我", "我们", "作者", "博主"})


def change_speaker(sides: Sides, stock: Stock) -> Sides | None:
    """Put what one person says into another's mouth."""
    speakers = stock.cues["kinds"]["person"] + stock.cues["kinds"]["body"]
    places = [
        index
        for index in range(len(sides.chinese) - 1)
        if stock.class_of(sides.chinese[index + 1]) == "say"
        and (sides.chinese[index].text in speakers or sides.chinese[index].text in _FIRST_PERSON)
    ]
    if not places:
        return None
    at = stock.chance.choice(places)
    tag = tag_of("attribution")
    new = stock.new(stock.chance.choice(speakers), tag)
    if any(stock.linked(piece, sides.english) > 0.1 for piece in new):
        return None
    pieces = list(sides.chinese)
    pieces[at : at + 1] = new
    return Sides(tuple(pieces), sides.english, tag)


def drop_speaker(sides: Sides, stock: Stock) -> Sides | None:
    """State as fact what somebody says: drop `X 表示，` before the content."""
    if not stock.has(sides.english, "say"):
        return None
    pieces = list(sides.chinese)
    for at, piece in enumerate(pieces[:9]):
        if stock.class_of(piece) != "say" or any(p.text in _FIRST_PERSON for p in pieces[:at]):
            continue
        end = at + 1
        while end < len(pieces) and (pieces[end].key in CLAUSE_ENDS or pieces[end].text in '"“'):
            end += 1
        rest = pieces[end:]
        if at == 0 or len(rest) < 4:
            return None
        tag = tag_of("attribution")
        kept = [p.tagged(tag) if i < 3 else p for i, p in enumerate(rest)]
        english = tuple(p.tagged(tag) if stock.class_of(p) == "say" else p for p in sides.english)
        return Sides(tuple(kept), english, tag, 0.8)
    return None


def _inserted_clause(sides: Sides, stock: Stock, name: str, at: int) -> Sides:
    tag = tag_of(name)
    pieces = list(sides.chinese)
    pieces[at:at] = stock.new(stock.chance.choice(stock.cues["insert"][name]), tag)
    return Sides(tuple(pieces), sides.english, tag)


def invent_speaker(sides: Sides, stock: Stock) -> Sides | None:
    """Ascribe to somebody what the author says."""
    if stock.has(sides.english, "say"):
        return None
    return _inserted_clause(sides, stock, "attribution", 0)


def invent_cause(sides: Sides, stock: Stock) -> Sides | None:
    """Give a motive that nobody wrote."""
    if stock.has(sides.english, "because"):
        return None
    return _inserted_clause(
        sides, stock, "cause", stock.chance.choice(clause_starts(sides.chinese))
    )


def invent_stance(sides: Sides, stock: Stock) -> Sides | None:
    """Give the author an attitude."""
    if stock.has(sides.english, "judge"):
        return None
    return _inserted_clause(sides, stock, "stance", 0)


def add_template(sides: Sides, stock: Stock) -> Sides | None:
    """Add a sensational consequence before the last stop."""
    at = len(sides.chinese)
    while at > 1 and sides.chinese[at - 1].key in CLAUSE_ENDS | {""}:
        at -= 1
    return _inserted_clause(sides, stock, "addition", at)


def add_clause(sides: Sides, stock: Stock) -> Sides | None:
    """Splice in a clause from another text, or put it in a clause's place."""
    if len(stock.clauses) < 50:
        return None
    tag = tag_of("addition")
    new = stock.new(stock.chance.choice(stock.clauses) + "，", tag)
    starts = clause_starts(sides.chinese)
    at = stock.chance.choice(starts)
    pieces = list(sides.chinese)
    pieces[at:at] = new
    return Sides(tuple(pieces), sides.english, tag)


def edit_english(sides: Sides, stock: Stock) -> Sides | None:
    """Change a word of the post, so that the retweet's rendering of it no longer holds."""
    rules = [
        (index, kind, rule.split())
        for kind, listed in stock.cues["english"].items()
        for rule in listed
        for index, piece in enumerate(sides.english)
        if piece.key == rule.split()[0]
    ]
    rules += [
        (index, "polarity", [a, b] if piece.key == a else [b, a])
        for a, b in (pair.split() for pair in stock.cues["antonyms"]["en"])
        for index, piece in enumerate(sides.english)
        if piece.key in {a, b}
    ]
    if not rules:
        return None
    kind = stock.chance.choice(sorted({rule[1] for rule in rules}))
    at, _, rule = stock.chance.choice([rule for rule in rules if rule[1] == kind])
    return _english_changed(sides, stock, at, " ".join(rule[1:]), kind)


def english_number(sides: Sides, stock: Stock) -> Sides | None:
    """Change a figure of the post that the retweet repeats."""
    known = {piece.value for piece in sides.chinese if piece.value}
    places = [
        i
        for i, piece in enumerate(sides.english)
        if piece.value in known and piece.text[:1].isdigit()
    ]
    if not places:
        return None
    at = stock.chance.choice(places)
    text = sides.english[at].text
    other = stock.chance.choice([d for d in "123456789" if d != text[0]])
    return _english_changed(sides, stock, at, other + text[1:], "quantity")


def _english_changed(sides: Sides, stock: Stock, at: int, text: str, kind: str) -> Sides | None:
    tag = tag_of(kind)
    old = sides.english[at]
    pieces = list(sides.english)
    new = stock.new(text, tag) if text else []
    pieces[at : at + 1] = new
    if not text:
        for i in range(at, min(at + 3, len(pieces))):
            pieces[i] = pieces[i].tagged(tag)
    chinese = _answering(sides, stock, old, pieces[at : at + 5])
    if not chinese:
        return None
    tagged = tuple(p.tagged(tag) if i in chinese else p for i, p in enumerate(sides.chinese))
    return Sides(tagged, tuple(pieces), tag, 0.8)


def _answering(sides: Sides, stock: Stock, old: Piece, after: list[Piece]) -> list[int]:
    """Find the Chinese words that rendered a changed English one, or else what followed it."""
    strengths = [
        (stock.lexicon.translations(piece.id).get(old.id, 0.0), index)
        for index, piece in enumerate(sides.chinese)
    ]
    if old.value:
        strengths = [(float(p.value == old.value), i) for i, p in enumerate(sides.chinese)]
    if strengths and max(strengths)[0] > 0.08:
        return [max(strengths)[1]]
    name = stock.class_of(old)
    same = [i for i, p in enumerate(sides.chinese) if name and stock.class_of(p) == name]
    if len(same) == 1:
        return same
    near = [
        (stock.linked(piece, [p for p in after if p.id >= FIRST_WORD]), index)
        for index, piece in enumerate(sides.chinese)
    ]
    return [index for strength, index in sorted(near, reverse=True)[:2] if strength > 0.15]


CLAUSE_EDITS: tuple[tuple[Edit, float], ...] = (
    (change_speaker, 3.0),
    (drop_speaker, 2.0),
    (invent_speaker, 0.5),
    (invent_cause, 0.4),
    (invent_stance, 0.3),
    (add_template, 0.3),
    (add_clause, 0.8),
    (edit_english, 5.0),
    (english_number, 1.5),
)
