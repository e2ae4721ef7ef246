"""Tells who speaks in each stretch of a retweet: the post rendered, quoted, or the retweeter.

The text is painted, one voice a code point: everything is claim at first, and marked pieces are
painted over. So an unmarked clause stays a claim, and nothing is painted without a sign.
"""

import functools
import re
import tomllib
from collections.abc import Iterator
from importlib import resources
from itertools import pairwise
from typing import Any

from drift.records import Normalised, Part, Span, Voice

_SLASHES = re.compile(r"(?<![:/])//+(?!/)")
_LINK = re.compile(r"https?://[^\s\u3000-\uffef]+")
_HANDLE = re.compile(r"\s*(?:@[\w·.-]+\s*[:：]?|[:：])\s*")
_TOPIC = re.compile(r"#(?P<pair>[^#\n]{1,40})#|#(?P<single>[\w·]{1,30})")
_HEADLINE = re.compile(r"【(?P<title>[^【】\n]{1,60})】")
_QUOTED = re.compile(
    r"“[^“”\n]{1,300}”|「[^「」\n]{1,300}」|『[^『』\n]{1,300}』|\"[^\"\n]{1,300}\""
)
_BRACKET = re.compile(r"[(（][^()（）\n]*$")
_WORD = re.compile(r"[^\W_]")
_CLAUSE = re.compile(r"[^，,。！？!?；;\s]+")
_SENTENCE_END = re.compile(r"[。！？!?\n]+[”」』)）]*|$")
_ATTRIBUTED = re.compile(r"[:：][^。！？!?]*$")
_BEFORE_NOTE = frozenset(" \n。！？!?…~”」;；")
_LONGEST_SENTENCE = 120  # code points in which a colon is looked for
_MIN_CLAIM = 6  # letters that a piece of a // chain must have to be taken for the rendering
_MIN_QUOTE = 8  # letters from which a quotation is more than a word in quotation marks
_MIN_TOPIC_CLAIM = 7  # ideographs from which a #topic# says something
_SHORT = 10  # letters: a remark before a // that is followed by a much longer text
_LONGER = 3


@functools.cache
def _signs() -> dict[str, dict[str, Any]]:
    path = resources.files("drift") / "lexicons" / "voices.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


@functools.cache
def _pattern(table: str, name: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{sign})" for sign in _signs()[table][name]))


def voices(document: Normalised) -> tuple[Part, ...]:
    """Give the parts of a retweet in order; blanks between them belong to none.

    >>> from drift.normalise import normalise
    >>> text = normalise("RT @li: 如果他被拒绝，形象受损。//我觉得不会")
    >>> [(part.voice.value, part.span.of(text.text)) for part in voices(text)]
    [('carrier', 'RT @li:'), ('claim', '如果他被拒绝，形象受损。'), ('comment', '//我觉得不会')]
    """
    text = document.text
    paint = [Voice.CLAIM] * len(text)
    for span in _paint_chain(text, paint):
        _paint_carriers(text, span, paint)
        _paint_comments(text, span, paint)
    _paint_signs(text, paint)
    _paint_quotes(text, paint)
    _paint_leftovers(text, paint)
    return tuple(_parts(text, paint))


def _fill(paint: list[Voice], start: int, end: int, voice: Voice) -> None:
    paint[start:end] = [voice] * (end - start)


def _letters(text: str, start: int = 0, end: int | None = None) -> int:
    return sum(1 for _ in _WORD.finditer(text, start, len(text) if end is None else end))


def _paint_chain(text: str, paint: list[Voice]) -> list[Span]:
    """Cut a chain of retweets at its slashes, paint what others added, give what renders the post.

    A //@name: B is Weibo's order: B is older, A remarks on it. A // B without a name is a rendering
    and its remark, unless A is next to nothing.
    """
    pieces: list[Span] = []
    start = 0
    named = False
    links = [link.span() for link in _LINK.finditer(text)]
    for slashes in _SLASHES.finditer(text):
        if any(left < slashes.start() < right for left, right in links):
            continue
        pieces.append(Span(start, slashes.start()))
        handle = _HANDLE.match(text, slashes.end())
        start = handle.end() if handle else slashes.end()
        named = named or handle is not None
        _fill(paint, slashes.start(), start, Voice.CARRIER)
    pieces.append(Span(start, len(text)))
    if len(pieces) == 1:
        return pieces
    weights = [_weight(text, piece) for piece in pieces]
    chosen = _rendering(weights, named)
    for at, piece in enumerate(pieces):
        if at == chosen:
            continue
        # A remark after the rendering owns its slashes.
        start = pieces[at - 1].end if at > chosen and not named else piece.start
        voice = Voice.COMMENT if weights[at] else Voice.CARRIER
        _fill(paint, start, piece.end, voice)
    return [pieces[chosen]]


def _rendering(weights: list[int], named: bool) -> int:
    """Choose the piece of a chain that renders the post."""
    heaviest = max(range(len(weights)), key=weights.__getitem__)
    if named:
        last = max(
            (at for at, weight in enumerate(weights) if weight >= _MIN_CLAIM), default=heaviest
        )
        # A long rendering before a short older remark.
        return heaviest if weights[heaviest] > _LONGER * weights[last] else last
    first = next((at for at, weight in enumerate(weights) if weight > 0), 0)
    overshadowed = weights[first] < _SHORT and weights[heaviest] > _LONGER * weights[first]
    return heaviest if overshadowed else first


def _weight(text: str, piece: Span) -> int:
    """Count the letters of a piece that are not carrier."""
    start = _after_openers(text, piece)
    body = _pattern("carriers", "anywhere").sub("", text[start : piece.end])
    return _letters(_TOPIC.sub("", body))


def _after_openers(text: str, piece: Span) -> int:
    opener, start = _pattern("carriers", "openers"), piece.start
    while start < piece.end:
        while start < piece.end and text[start].isspace():
            start += 1
        match = opener.match(text, start, piece.end)
        if not match or match.end() == start:
            break
        start = match.end()
    return start


def _paint_carriers(text: str, piece: Span, paint: list[Voice]) -> None:
    """Paint what stands before and after the text of a piece."""
    start = _after_openers(text, piece)
    _fill(paint, piece.start, start, Voice.CARRIER)
    for match in _pattern("carriers", "anywhere").finditer(text, start, piece.end):
        _fill(paint, *match.span(), Voice.CARRIER)
    end = piece.end
    tails = _pattern("carriers", "tails")
    for _ in range(4):  # a link, a source and a name may follow each other
        while end > start and (text[end - 1].isspace() or paint[end - 1] is Voice.CARRIER):
            end -= 1
        found = next((tail for tail in tails.finditer(text, max(start, end - 60), end)), None)
        if found is None or found.end() < end:
            break
        _fill(paint, *found.span(), Voice.CARRIER)
        end = found.start()


def _paint_comments(text: str, piece: Span, paint: list[Voice]) -> None:
    _paint_notes(text, piece, paint)
    inside_quotes = [quoted.span() for quoted in _QUOTED.finditer(text, piece.start, piece.end)]
    done = piece.start
    for match in _pattern("comments", "first_person").finditer(text, piece.start, piece.end):
        at = match.start()
        if at < done or not _begins_clause(text, piece, at):
            continue
        # After "某某：" the first person is the one who is quoted, as in a quotation.
        introduced = _ATTRIBUTED.search(text, max(piece.start, at - _LONGEST_SENTENCE), at)
        if not introduced and not any(start < at < end for start, end in inside_quotes):
            done = _sentence_end(text, at, piece.end)
            _fill(paint, at, done, Voice.COMMENT)
    _paint_reactions(text, piece, paint)


def _paint_notes(text: str, piece: Span, paint: list[Voice]) -> None:
    for bracket in _pattern("comments", "bracketed").finditer(text, piece.start, piece.end):
        _fill(paint, *bracket.span(), Voice.COMMENT)
    for note in _pattern("comments", "notes").finditer(text, piece.start, piece.end):
        at = note.start()
        opened = _BRACKET.search(text, piece.start, at)
        closed = re.compile(r"[)）]").search(text, at, piece.end) if opened else None
        if opened and closed:
            _fill(paint, opened.start(), closed.end(), Voice.COMMENT)
        elif at == piece.start or text[at - 1] in _BEFORE_NOTE:
            first = _letters(text, _after_openers(text, piece), at) == 0
            end = _sentence_end(text, note.end(), piece.end) if first else piece.end
            _fill(paint, at, end, Voice.COMMENT)


def _begins_clause(text: str, piece: Span, at: int) -> bool:
    return at == piece.start or _WORD.match(text[at - 1]) is None


def _sentence_end(text: str, at: int, limit: int) -> int:
    found = _SENTENCE_END.search(text, at, limit)
    return found.end() if found else limit


def _paint_reactions(text: str, piece: Span, paint: list[Voice]) -> None:
    """Paint the last clauses, as long as they only call or react."""
    reaction = _pattern("comments", "reactions")
    for clause in reversed(list(_CLAUSE.finditer(text, piece.start, piece.end))):
        if all(voice is not Voice.CLAIM for voice in paint[slice(*clause.span())]):
            continue
        words = clause[0].strip("".join(sign for sign in clause[0] if not _WORD.match(sign)))
        cut = _after_picture(clause[0])
        if words and reaction.fullmatch(words):
            _fill(paint, *clause.span(), Voice.COMMENT)
        elif cut and reaction.fullmatch(clause[0][cut:]):
            _fill(paint, clause.start() + cut, clause.end(), Voice.COMMENT)
        elif words:
            break


def _after_picture(clause: str) -> int:
    """Give the place after the last emoji inside a clause, 0 where there is none."""
    found = list(re.finditer(r"[\u2600-\u27bf\U0001f000-\U0001faff]", clause.rstrip()))
    return found[-1].end() if found and found[-1].end() < len(clause) else 0


def _paint_signs(text: str, paint: list[Voice]) -> None:
    """Paint topics and labels that claim nothing."""
    for topic in _TOPIC.finditer(text):
        words = topic["pair"] or topic["single"]
        inside = _is_letter(text, topic.start() - 1) and _is_letter(text, topic.end())
        speaks = _letters(words) >= _MIN_TOPIC_CLAIM and not words.isascii()
        if not (inside and topic["pair"]) and not speaks:
            _fill(paint, *topic.span(), Voice.CARRIER)
    labels = frozenset(_signs()["headlines"]["labels"].split())
    for headline in _HEADLINE.finditer(text):
        if headline["title"].strip() in labels:
            _fill(paint, *headline.span(), Voice.CARRIER)


def _is_letter(text: str, at: int) -> bool:
    return 0 <= at < len(text) and _WORD.match(text[at]) is not None


def _paint_quotes(text: str, paint: list[Voice]) -> None:
    """Paint quotations that are more than a word."""
    for quoted in _QUOTED.finditer(text):
        start, end = quoted.span()
        claimed = all(voice is Voice.CLAIM for voice in paint[start:end])
        if claimed and _letters(quoted[0]) >= _MIN_QUOTE:
            _fill(paint, start, end, Voice.QUOTE)


def _paint_leftovers(text: str, paint: list[Voice]) -> None:
    """Let stretches without a letter go with the stretch before them."""
    for start, end, voice in list(_runs(paint)):
        if voice in (Voice.CLAIM, Voice.QUOTE) and _letters(text, start, end) == 0:
            lonely = start == 0 or paint[start - 1] in (Voice.CARRIER, Voice.COMMENT)
            if lonely:
                _fill(paint, start, end, paint[start - 1] if start else Voice.CARRIER)


def _runs(paint: list[Voice]) -> Iterator[tuple[int, int, Voice]]:
    start = 0
    for at in range(1, len(paint) + 1):
        if at == len(paint) or paint[at] is not paint[start]:
            yield start, at, paint[start]
            start = at


def _parts(text: str, paint: list[Voice]) -> Iterator[Part]:
    """Give the painted stretches without their outer blanks; a headline is a part of its own."""
    edges = {edge for headline in _HEADLINE.finditer(text) for edge in headline.span()}
    for start, end, voice in _runs(paint):
        cuts = [start, *sorted(edge for edge in edges if start < edge < end), end]
        for left, right in pairwise(cuts):
            piece = text[left:right]
            inner = piece.strip()
            if inner:
                at = left + len(piece) - len(piece.lstrip())
                yield Part(voice, Span(at, at + len(inner)))
