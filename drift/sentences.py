"""Cuts texts of both languages into sentences and clauses. Spans only: no words are read here."""

import functools
import re
import tomllib
from collections.abc import Iterator
from importlib import resources
from itertools import pairwise
from typing import Any

from drift.records import Lang, Span

_CLOSERS = "\"'”’」』)）\\]］》〉】"
# A place where a sentence may end: marks, then what closes over them, or a line break.
_STOP = re.compile(rf"(?P<line>\n+)|(?P<marks>[.!?。！？；…]+)(?P<closers>[{_CLOSERS}]*)")
_WORD_BEFORE = re.compile(r"[A-Za-z.]*[A-Za-z]$")
_WORD_AFTER = re.compile(r"[\s\"'“‘(\[「『]*([A-Za-z]+|[^\s\"'“‘(\[「『])")
_INITIALS = re.compile(r"(?:[A-Z]\.)*[A-Z]")
_HAN = re.compile(r"[\u3400-\u9fff]")
_LISTED = re.compile(
    r"\s*(?:[•·▪◦*●■–—-]+\s+|[(（]?\d{1,3}[.)）、](?!\d)\s*|\d{1,3}/(?:\d{1,3}\b)?\s*(?=\D)|[①-⑳]\s*)"
)
_BULLET = re.compile(r"\s*(?:[•·▪◦*●■–—-]|\d{1,3}[./)）、]|[①-⑳])")
_TAGGED_SPEECH = re.compile(
    r"[^，。！？；\s]{0,6}(?:说|称|表示|回应|问|答|道|写道|指出|坦言|喊|笑)"
)
# A line shorter than this was broken by its author, a longer one perhaps by a program.
_WRAPPED_LINE = 50
_ITEM_DIGITS = 3  # of the number before a listed item
_MAX_RUN_ON = 2000  # code points; a "sentence" longer than this is cut at white space


@functools.cache
def connectives() -> dict[str, dict[str, frozenset[str]]]:
    """Read the words that join and part clauses, and the abbreviations."""
    path = resources.files("drift") / "lexicons" / "connectives.toml"
    tables = tomllib.loads(path.read_text(encoding="utf-8"))
    return {
        table: {name: frozenset(words.split()) for name, words in entries.items()}
        for table, entries in tables.items()
    }


def sentences(text: str) -> list[Span]:
    """Cut a normalised text into sentences; list signs and blank lines belong to none.

    >>> [span.of("Mr. Li left. He said 1.5. 他说：“走。”然后走了。") for span in
    ...  sentences("Mr. Li left. He said 1.5. 他说：“走。”然后走了。")]
    ['Mr. Li left.', 'He said 1.5.', '他说：“走。”', '然后走了。']
    """
    spans: list[Span] = []
    start = 0
    for end in _boundaries(text):
        spans.extend(_trimmed(text, start, end))
        start = end
    spans.extend(_trimmed(text, start, len(text)))
    return spans


def _boundaries(text: str) -> Iterator[int]:
    for match in _STOP.finditer(text):
        end = match.end()
        if match["line"]:
            if not _is_wrapped(text, match.start(), end):
                yield end
        elif end < len(text) and _ends_sentence(text, match):
            yield end


def _is_wrapped(text: str, at: int, end: int) -> bool:
    """Tell whether a single line break only fills the line, as in plain-text mail."""
    line_start = text.rfind("\n", 0, at) + 1
    following = text[end : end + 1]
    return (
        end - at == 1
        and at - line_start > _WRAPPED_LINE
        and following.islower()
        and text[at - 1] not in ".!?:;。！？"
    )


def _ends_sentence(text: str, match: re.Match[str]) -> bool:
    marks, end = match["marks"], match.end()
    if any(mark in "。！？；" for mark in marks):
        return not (match["closers"] and _TAGGED_SPEECH.match(text, end))
    after = _WORD_AFTER.match(text, end)
    following = after[1] if after else ""
    if marks[-1] == "…" or _HAN.match(following):
        return bool(_HAN.match(following)) or (text[end].isspace() and not following.islower())
    if not text[end].isspace():
        return _lacks_blank(text, match)
    if following[:1].islower() and not (following[0] in "ie" and following[1:2].isupper()):
        return marks[0] != "." and not match["closers"]
    return marks != "." or not _is_abbreviated(text, match.start(), following)


def _lacks_blank(text: str, match: re.Match[str]) -> bool:
    """Tell whether a sentence ends although no blank follows ("it ended.The next")."""
    before, after = text[: match.start()][-3:], text[match.end() :][:2]
    if match["marks"][-1] in "!?":
        return after[:1].isupper() or not after.isascii()
    return len(before) == 3 and before.islower() and after[:1].isupper() and after[1:2].islower()


def _is_abbreviated(text: str, at: int, following: str) -> bool:
    """Tell whether the full stop at `at` belongs to an abbreviation or to a numbered item."""
    line = text[text.rfind("\n", 0, at) + 1 : at]
    if line.strip(" (").isdigit() and len(line.strip()) <= _ITEM_DIGITS:
        return True
    found = _WORD_BEFORE.search(text, max(0, at - 24), at)
    if not found:
        return False
    word, known = found[0], connectives()["abbreviations"]
    if word in known["inside"]:
        return True
    if word in known["numbered"]:
        return following[:1].isdigit()
    if word in known["either"] or (_INITIALS.fullmatch(word) and word != "I"):
        return following not in known["starters"]
    return False


def _trimmed(text: str, start: int, end: int) -> Iterator[Span]:
    """Give the sentence without blanks and list signs around it, cut where it never ends."""
    at_line_start = start == 0 or text[start - 1] == "\n"
    listed = _LISTED.match(text, start, end) if at_line_start else None
    start = listed.end() if listed and listed.end() < end else start
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    while end - start > _MAX_RUN_ON:
        cut = text.rfind(" ", start + 1, start + _MAX_RUN_ON)
        cut = cut if cut > start else start + _MAX_RUN_ON
        yield Span(start, cut)
        start = cut + (text[cut] == " ")
    if start < end:
        yield Span(start, end)


def is_listed(text: str, start: int) -> bool:
    """Tell whether the line that holds `start` begins with a list sign."""
    return _BULLET.match(text, text.rfind("\n", 0, start) + 1) is not None


def clauses(text: str, span: Span, lang: Lang) -> list[Span]:
    """Cut a sentence into clauses that together cover it.

    >>> sentence = "If the US refused him, it would be a PR loss, but who knows?"
    >>> [clause.of(sentence) for clause in clauses(sentence, Span(0, len(sentence)), "en")]
    ['If the US refused him,', 'it would be a PR loss,', 'but who knows?']
    """
    cuts = _chinese_cuts(text, span) if lang == "zh" else _english_cuts(text, span)
    edges = [span.start, *sorted(set(cuts)), span.end]
    pieces = []
    for start, end in pairwise(edges):
        piece = _strip(text, start, end)
        if piece.start < piece.end:
            pieces.append(piece)
    return pieces


def _strip(text: str, start: int, end: int) -> Span:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return Span(start, end)


_ENGLISH_CUT = re.compile(
    r"(?P<hard>[;:](?=\s)|\s[—-]+(?=\s)|—+|(?=\s\()|(?<=\))(?=\s))"
    r"|(?P<comma>,[\"”']?(?=\s+(?P<next>[A-Za-z']+)))"
    r"|(?<=[A-Za-z,])(?<!\bas)(?<!\bonly)(?<!\beven)(?<!\band)(?<!\bbut)\s+(?P<bare>[a-z]+)(?=\s)"
)


def _english_cuts(text: str, span: Span) -> Iterator[int]:
    known = connectives()["english"]
    first = re.compile("[\"“'(]*([A-Za-z]+)").match(text, span.start, span.end)
    opened = first is not None and first[1].lower() in known["opening"]
    for match in _ENGLISH_CUT.finditer(text, span.start + 1, span.end):
        if match["hard"] is not None:
            yield match.end()
        elif match["comma"]:
            if opened or match["next"].lower() in known["after_comma"]:
                yield match.end()
            opened = match["next"].lower() in known["opening"]
        elif match["bare"] in known["anywhere"] and " " in text[span.start : match.start()].strip():
            yield match.start()


_CHINESE_CUT = re.compile(
    r"[，；：,;]+[”」』]*|(?<=[\u3400-\u9fff])\s+(?=[\u3400-\u9fff])|——+"
    r"|(?<=[\u2600-\u27bf\U0001f000-\U0001faff])\s+(?=[\u3400-\u9fff])"
)
_OPENING_QUOTES = tuple("“「『（(《")
_MIN_BEFORE = 4  # code points that must stand before a connective without a comma


@functools.cache
def _chinese_connective() -> re.Pattern[str]:
    known = connectives()["chinese"]
    pseudo = "|".join(sorted(known["pseudo"], key=len, reverse=True))
    words = "|".join(sorted(known["anywhere"], key=len, reverse=True))
    return re.compile(f"(?:{pseudo})|(?P<word>{words})")


def _chinese_cuts(text: str, span: Span) -> list[int]:
    cuts = [match.end() for match in _CHINESE_CUT.finditer(text, span.start, span.end)]
    edges = sorted({span.start, span.end, *cuts})
    for match in _chinese_connective().finditer(text, span.start, span.end):
        at = match.start()
        before = max(edge for edge in edges if edge <= at)
        after = min(edge for edge in edges if edge > at)
        quoted = text[at - 1 : at] in _OPENING_QUOTES
        if (
            match["word"]
            and not quoted
            and at - before >= _MIN_BEFORE
            and after - at >= _MIN_BEFORE
        ):
            cuts.append(at)
    return cuts


@functools.cache
def section_signs() -> dict[str, re.Pattern[str]]:
    """Read what opens comments, updates and speeches on a page."""
    path = resources.files("drift") / "lexicons" / "sections.toml"
    tables: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    return {
        name: re.compile("|".join(f"(?:{opener})" for opener in table["openers"]), re.IGNORECASE)
        if name == "comments"
        else re.compile("|".join(table["openers"]))
        for name, table in tables.items()
    }
