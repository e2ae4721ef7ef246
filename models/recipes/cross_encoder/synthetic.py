"""Makes faithful and drifted retweets from parallel text, in twins that differ by one edit."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from models.cross import TYPES
from models.recipes.cross_encoder import edits
from models.recipes.cross_encoder.clause_edits import CLAUSE_EDITS
from models.recipes.cross_encoder.data import Example, Row, normal
from models.recipes.cross_encoder.pieces import (
    CLAUSE_ENDS,
    STRONG,
    Piece,
    Sides,
    Stock,
    cut,
    joined,
)
from models.recipes.cross_encoder.words import FIRST_WORD

EDITS: tuple[tuple[edits.Edit, float], ...] = (
    (edits.drop_cue, 4.0),
    (edits.insert_cue, 3.0),
    (edits.exchange_cue, 4.0),
    (edits.antonym, 2.0),
    (edits.number, 1.5),
    (edits.same_kind, 3.0),
    (edits.latin_name, 0.7),
    (edits.swap_roles, 3.0),
    (edits.neighbour, 1.5),
    *CLAUSE_EDITS,
)
"""The edits with their weights; rare holds weigh more, so that the types come out balanced."""

_LONGEST_CHINESE = 110
_SYNONYMS = (
    ("如果", "要是", "倘若", "假如"),
    ("可能", "也许", "或许"),
    ("但", "但是", "不过", "然而"),
    ("因为", "由于"),
    ("表示", "称", "说"),
    ("所有", "全部"),
    ("没有", "没"),
    ("已经", "已"),
    ("非常", "十分"),
    ("一些", "有些"),
    ("大约", "约"),
    ("通常", "一般"),
)
_CARRIES_SENSE = frozenset({"if", "not", "may", "say", "because", "but", "only", "ask"})


def twins(rows: Sequence[Row], stock: Stock) -> Iterator[Example]:
    """Give a faithful and a drifted example for the rows that allow both; feed the stock."""
    for index in range(len(rows)):
        sides, around = _passage(rows, index, stock)
        if sides is None:
            continue
        if stock.chance.random() < 0.3:
            sides = _compressed(sides, stock)
        sides = _paraphrased(_reworded(sides, stock), stock)
        drifted = _drift(sides, stock)
        yield from _pair(f"synthetic-{index}", (sides, drifted), around, stock)
        _feed(sides, stock)


def _passage(rows: Sequence[Row], index: int, stock: Stock) -> tuple[Sides | None, tuple[str, str]]:
    """Take one or two rows as the rendered passage, and neighbours as the rest of the post."""
    count = stock.chance.choice((1, 1, 2))
    taken = [row for row in rows[index : index + count] if row.source == rows[index].source]
    chinese = normal("".join(row.chinese for row in taken))
    english = normal(" ".join(row.english for row in taken))
    if not 8 <= len(chinese) <= _LONGEST_CHINESE or not 4 <= len(english.split()) <= 70:
        return None, ("", "")
    sides = Sides(tuple(cut(stock.lexicon, chinese)), tuple(cut(stock.lexicon, english)))
    words = [piece for piece in sides.chinese if piece.id]
    linked = sum(stock.linked(piece, sides.english) > 0.1 for piece in words)
    if linked < 0.35 * len(words):
        return None, ("", "")
    before = rows[max(0, index - stock.chance.choice((0, 0, 1, 2))) : index]
    end = index + len(taken)
    after = rows[end : end + stock.chance.choice((0, 0, 1, 2))]
    left = " ".join(normal(row.english) for row in before if len(row.english) < 250)
    right = " ".join(normal(row.english) for row in after if len(row.english) < 250)
    return sides, (left, right)


def _compressed(sides: Sides, stock: Stock) -> Sides:
    """Leave out a clause on which nothing else hangs."""
    bounds = [i + 1 for i, piece in enumerate(sides.chinese) if piece.key in CLAUSE_ENDS]
    if len(bounds) < 3:
        return sides
    which = stock.chance.randrange(1, len(bounds))
    clause = sides.chinese[bounds[which - 1] : bounds[which]]
    if any(stock.class_of(piece) in _CARRIES_SENSE for piece in clause):
        return sides
    kept = sides.chinese[: bounds[which - 1]] + sides.chinese[bounds[which] :]
    return replace(sides, chinese=kept)


def _reworded(sides: Sides, stock: Stock) -> Sides:
    """Exchange some cue words for synonyms."""
    pieces: list[Piece] = []
    for piece in sides.chinese:
        group = next((group for group in _SYNONYMS if piece.text in group), None)
        if group and stock.chance.random() < 0.3:
            pieces += stock.new(stock.chance.choice(group), 0)
        else:
            pieces.append(piece)
    return replace(sides, chinese=tuple(pieces))


def _paraphrased(sides: Sides, stock: Stock) -> Sides:
    """Put other renderings of the same English words: odd Chinese, but nothing false."""
    pieces = []
    for piece in sides.chinese:
        other = None
        if len(piece.text) > 1 and stock.chance.random() < 0.12:
            other = _other_rendering(piece, sides.english, stock)
        pieces += stock.new(other, 0) if other else [piece]
    return replace(sides, chinese=tuple(pieces))


def _other_rendering(piece: Piece, english: Sequence[Piece], stock: Stock) -> str | None:
    table = stock.lexicon.translations(piece.id)
    tied = [other.id for other in english if table.get(other.id, 0.0) > STRONG]
    words = [word for identity in tied for word in stock.renderings.get(identity, ())]
    return stock.lexicon.words[stock.chance.choice(words) - FIRST_WORD] if words else None


def _disturbed(text: str, stock: Stock) -> str:
    """Change cue words in the part of the post that the retweet does not render."""
    rules = [rule.split() for listed in stock.cues["english"].values() for rule in listed]
    told = {rule[0]: " ".join(rule[1:]) for rule in rules}
    pieces = [
        replace(piece, text=told[piece.key])
        if piece.key in told and stock.chance.random() < 0.25
        else piece
        for piece in cut(stock.lexicon, text)
    ]
    return joined(pieces)[0]


def _drift(sides: Sides, stock: Stock) -> Sides | None:
    """Try edits in a weighted random order until one takes hold."""
    weighted = [(stock.chance.random() ** (1 / weight), edit) for edit, weight in EDITS]
    for _, edit in sorted(weighted, key=lambda item: -item[0]):
        drifted = edit(sides, stock)
        if drifted is not None:
            return drifted
    return None


def _pair(
    name: str, versions: tuple[Sides, Sides | None], around: tuple[str, str], stock: Stock
) -> Iterator[Example]:
    """Dress both twins alike and give them out; a few faithful ones stay alone."""
    prefix, suffix = _dress(stock, versions[0])
    around = (_disturbed(around[0], stock), _disturbed(around[1], stock))
    for sides, letter in zip(versions, "fd", strict=True):
        if sides is None:
            continue
        dressed = [*stock.new(prefix, 0), *sides.chinese, *stock.new(suffix, 0)]
        left = [Piece(around[0] + " ", "")] if around[0] else []
        right = [Piece(" " + around[1], "")] if around[1] else []
        retweet, marks = joined(dressed)
        post, post_marks = joined([*left, *sides.english, *right])
        yield Example(
            id=f"{name}-{letter}",
            post=post,
            retweet=retweet,
            marks=marks,
            post_marks=post_marks,
            misrepresents=0.95 * sides.weight if sides.tag else 0.02,
            drifts=0.97 if sides.tag else 0.03,
            group=name if versions[1] else "",
            source=TYPES[sides.tag - 1] if 0 < sides.tag <= len(TYPES) else "synthetic",
        )


def _dress(stock: Stock, sides: Sides) -> tuple[str, str]:
    """Choose what a retweeter may put around a claim without changing it."""
    chance, harmless = stock.chance, stock.cues["harmless"]
    words = [piece.text for piece in sides.chinese if len(piece.text) > 1] or ["转发"]
    latin = "".join(chance.choices("abcdefghjkmnpqrstuvwxyz", k=6))
    filled = {"name": latin, "word": chance.choice(words)}
    prefix = suffix = ""
    if chance.random() < 0.25:
        prefix = chance.choice(harmless["prefix"]).format(**filled)
    if chance.random() < 0.25:
        suffix = chance.choice(harmless["suffix"]).format(**filled)
    return prefix, suffix


def _feed(sides: Sides, stock: Stock) -> None:
    """Keep a clause and the Latin names of a passage for edits of later ones."""
    ends = [i for i, piece in enumerate(sides.chinese) if piece.key in CLAUSE_ENDS]
    if len(ends) > 1:
        clause = "".join(piece.text for piece in sides.chinese[ends[0] + 1 : ends[1]])
        if 4 <= len(clause) <= 16:
            stock.clauses.append(clause)
            del stock.clauses[:-500]
    for piece in sides.english[1:]:
        if piece.text[:1].isupper() and len(piece.text) > 3:
            stock.names.append(piece.text)
    del stock.names[:-500]
