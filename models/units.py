"""Cuts a post into units for the translator, and puts the translated units together again.

What must stay as it is (links, @names, hashtags, emoji, text without Chinese) either stands
between units or, within a sentence, becomes a placeholder that the translator carries along.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from models.source_text import PLACEHOLDERS, has_chinese, kept_spans, simplified, tidied

LONGEST = 90
"""Characters that a unit may have; training saw few longer ones."""

# Each kept span is one private sign while the text is cut; the text's own ones are kept spans.
_FIRST_SIGN = 0xE000
_SIGN = re.compile("[\ue000-\uf8ff]")
_EDGE = re.compile("[\ue000-\uf8ff ]+")
_SENTENCE = re.compile(r"[^。！？!?；;]*[。！？!?；;]+[”’」』）)\"]*|[^。！？!?；;]+")
_CLAUSE = re.compile(r"[^，,、：:]*[，,、：:]|[^，,、：:]+")
_MARK = re.compile("|".join(PLACEHOLDERS))
_CARRIED = ("http", "www.", "@", "＠", "#", "＃", "<m")


@dataclass(frozen=True, slots=True)
class Unit:
    """A stretch of a post: Chinese to translate with its kept spans, or something verbatim."""

    text: str
    marks: tuple[str, ...] = ()
    verbatim: bool = False

    def carried_by(self, translation: str) -> bool:
        """Tell whether a translation holds each of the unit's placeholders exactly once."""
        return sorted(_MARK.findall(translation)) == list(PLACEHOLDERS[: len(self.marks)])

    def restored(self, translation: str) -> str:
        """Put the kept spans where a translation has their placeholders."""
        marks = dict(zip(PLACEHOLDERS, self.marks, strict=False))
        return _MARK.sub(lambda match: marks.get(match[0], ""), translation).strip()


def cut(text: str, *, within: bool = True) -> list[list[Unit]]:
    """Cut a text into lines of units; `within` lets sentences keep links and names inside.

    >>> [unit.text for unit in cut("转发 https://t.cn/a 涨了三成。不是我说的👍")[0]]
    ['转发 <m1> 涨了三成。', '不是我说的', '👍']
    """
    kept: list[str] = []
    lines = [_signed(line, kept) for line in text.splitlines() or [""]]
    return [
        [unit for sentence in _sentences(line, kept) for unit in _units(sentence, kept, within)]
        for line in lines
    ]


def joined(lines: list[list[Unit]], translations: Mapping[str, str]) -> str:
    """Put units together, with the translations of those that needed one."""
    return "\n".join(
        " ".join(filter(None, (_said(unit, translations) for unit in line))) for line in lines
    )


def _said(unit: Unit, translations: Mapping[str, str]) -> str:
    return unit.text if unit.verbatim else unit.restored(translations[unit.text])


def _signed(line: str, kept: list[str]) -> str:
    """Replace kept spans by private signs, and make the rest Simplified and tidy."""
    parts: list[str] = []
    end = 0
    for start, stop in kept_spans(line):
        parts += [line[end:start], chr(_FIRST_SIGN + len(kept))]
        kept.append(line[start:stop])
        end = stop
        if len(kept) > 6000:
            break
    return tidied(simplified("".join(parts) + line[end:]))


def _sentences(line: str, kept: list[str]) -> Iterator[str]:
    """Cut at sentence ends, and around what no sentence carries, such as emoji."""
    for sentence in _SENTENCE.findall(line):
        start = 0
        for match in _SIGN.finditer(sentence):
            if not kept[ord(match[0]) - _FIRST_SIGN].startswith(_CARRIED):
                yield sentence[start : match.start()]
                yield match[0]
                start = match.end()
        yield sentence[start:]


def _units(sentence: str, kept: list[str], within: bool) -> Iterator[Unit]:
    lead = _EDGE.match(sentence)
    if lead:
        yield from _verbatim(lead[0], kept)
        sentence = sentence[lead.end() :]
    body = _trimmed(sentence)
    for piece in _pieces(body, within=within):
        if has_chinese(piece):
            yield _unit(piece, kept)
        else:
            yield from _verbatim(piece, kept)
    yield from _verbatim(sentence[len(body) :], kept)


def _trimmed(sentence: str) -> str:
    end = len(sentence)
    while end and (sentence[end - 1] == " " or _SIGN.match(sentence[end - 1])):
        end -= 1
    return sentence[:end]


def _pieces(body: str, *, within: bool) -> Iterator[str]:
    """Cut a sentence further where it is too long or holds more than can be carried."""
    for piece in _packed(body):
        if within and len(_SIGN.findall(piece)) <= len(PLACEHOLDERS):
            yield piece
        else:
            yield from filter(None, re.split("([\ue000-\uf8ff])", piece))


def _packed(body: str) -> Iterator[str]:
    packed = ""
    for clause in _CLAUSE.findall(body):
        if packed and len(packed) + len(clause) > LONGEST:
            yield packed
            packed = ""
        packed += clause
        while len(packed) > LONGEST:
            yield packed[:LONGEST]
            packed = packed[LONGEST:]
    if packed:
        yield packed


def _unit(piece: str, kept: list[str]) -> Unit:
    marks = tuple(kept[ord(sign) - _FIRST_SIGN] for sign in _SIGN.findall(piece))
    numbers = iter(PLACEHOLDERS)
    return Unit(_SIGN.sub(lambda _: next(numbers), piece).strip(), marks)


def _verbatim(piece: str, kept: list[str]) -> Iterator[Unit]:
    text = _SIGN.sub(lambda match: f" {kept[ord(match[0]) - _FIRST_SIGN]} ", piece)
    text = " ".join(text.split())
    if text:
        yield Unit(text, verbatim=True)
