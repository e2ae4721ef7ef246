"""Cuts texts of both languages into words, and a post into sentences with their words."""

import functools
import math
import re
import tomllib
from bisect import bisect_right
from collections.abc import Iterator
from importlib import resources
from itertools import pairwise
from typing import Any

from drift.records import Kind, Lang, Normalised, Segment, Span, Token
from drift.sentences import clauses, is_listed, section_signs, sentences

__all__ = ["chinese_words", "clauses", "sentences", "split_post", "tokens"]

_HAN = "\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_LETTERS = rf"(?:(?![{_HAN}①-⓿])[^\W\d_])+"
_PICTURE = "[\u2600-\u27bf\U0001f000-\U0001faff]"
_PIECE = re.compile(
    rf"(?P<han>[{_HAN}]+)"
    r"|(?P<link>(?:https?://|www\.)[!-~]+|\b(?:t\.co|t\.cn|bit\.ly|youtu\.be|goo\.gl)/[\w/-]+)"
    rf"|(?P<handle>@[\w-]+|#[A-Za-z][A-Za-z0-9_]*)"
    r"|(?P<number>\d+(?:[,.:]\d+)*(?:(?:st|nd|rd|th|s|bn|tn|[mkKMB]|[ap]m)(?![A-Za-z\d]))?%?)"
    rf"|(?P<word>(?:[A-Z]\.){{2,}}|{_LETTERS}(?:[.'&]{_LETTERS})*\d*(?:-\d+)*)"
    rf"|(?P<picture>[\U0001f1e6-\U0001f1ff]{{2}}|{_PICTURE}(?:\u200d?{_PICTURE})*)"
    r"|(?P<sign>——|……|\.\.\.|[^\s])"
)
_CONTRACTION = re.compile(r"(?i)(?P<stem>.*?[a-z])(?P<tail>n't|'(?:s|re|ve|ll|d|m))$")
_CAPITALISED = re.compile(r"(?<=[a-z0-9,;)] )[A-Z][\w'-]*")
_FIRST_OF_NAME = re.compile(r"[\"'“(]*([A-Z][a-z'-]+)(?= [A-Z])")
_FULL_STOPS = frozenset(".!?:\"”')")
_TITLE_WORDS = 3  # capitalised words with none but closed words between them are a title
_LONGEST_NAME = 6  # words
_RARE = 100  # occurrences in words.txt up to which a word may be part of an unknown name
_HEADING_WORDS = 14  # a line with more words is a sentence that lacks its full stop


@functools.cache
def _closed() -> dict[str, Any]:
    return _table("closed")


@functools.cache
def _english(name: str) -> frozenset[str]:
    return frozenset(_closed()["english"][name].split())


@functools.cache
def _chinese_closed() -> frozenset[str]:
    return frozenset(_closed()["chinese"]["words"].split())


@functools.cache
def _names() -> dict[str, frozenset[str]]:
    table = _table("names")
    signs = {name: frozenset("".join(table[name].split())) for name in ("strong", "weak", "given")}
    listed = ("ordinary", "not_first", "not_last", "surnames", "doubtful", "titles")
    words = {name: frozenset(table[name].split()) for name in listed}
    return {**signs, **words, "signs": signs["strong"] | signs["weak"]}


def _table(name: str) -> dict[str, Any]:
    path = resources.files("drift") / "lexicons" / f"{name}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def tokens(text: str, span: Span, lang: Lang) -> tuple[Token, ...]:
    """Cut a sentence or clause of a normalised text into words.

    >>> [word.key for word in tokens("Wang's lawyer didn't say 4.2%", Span(0, 29), "en")]
    ['wang', 'lawyer', 'did', 'not', 'say', '4.2%']
    """
    found: list[Token] = []
    named = _named(text, span) if lang == "en" else frozenset()
    for match in _PIECE.finditer(text, span.start, span.end):
        kind, piece = match.lastgroup, Span(*match.span())
        if kind == "han":
            found.extend(_chinese(text, piece))
        elif kind == "word":
            found.extend(_latin(text, piece, named, lang))
        else:
            found.append(_plain(text, piece, str(kind)))
    return tuple(_dotted(text, found))


def _dotted(text: str, found: list[Token]) -> Iterator[Token]:
    """Join a first name and a family name at their dot: 罗莎·帕克斯."""
    joined: list[Token] = []
    for word in found:
        before = joined[-2:]
        dotted = (
            len(before) == 2 and before[1].text == "·" and before[0].kind is not Kind.PUNCTUATION
        )
        if dotted and word.span.start == before[0].span.end + 1:
            span = Span(before[0].span.start, word.span.end)
            joined[-2:] = [Token(span.of(text), span, span.of(text), Kind.NAME)]
        else:
            joined.append(word)
    return iter(joined)


def _plain(text: str, piece: Span, kind: str) -> Token:
    word = piece.of(text)
    kinds = {"number": Kind.NUMBER, "handle": Kind.NAME, "link": Kind.PUNCTUATION}
    return Token(word, piece, word.lower(), kinds.get(kind, Kind.PUNCTUATION))


def _named(text: str, span: Span) -> frozenset[str]:
    """Give the words that the text capitalises where no sentence begins, without their 's."""
    sentence = span.of(text)
    words = re.findall(r"[A-Za-z][\w'-]*", sentence)
    small = [word for word in words if word[0].islower()]
    if len(words) - len(small) >= _TITLE_WORDS and _english("words").issuperset(small):
        return _capitalised_inside(text)
    first = _FIRST_OF_NAME.match(sentence)
    opening = {first[1]} if first and first[1].lower() not in _english("roles") else set()
    inside = {_bare(word) for word in _CAPITALISED.findall(sentence)}
    return _capitalised_inside(text) | inside | opening


@functools.lru_cache(maxsize=64)
def _capitalised_inside(text: str) -> frozenset[str]:
    """Give the words that are capitalised inside the sentences of a text, titles left out."""
    lines = (line for line in text.split("\n") if line.rstrip()[-1:] in _FULL_STOPS)
    return frozenset(_bare(word) for line in lines for word in _CAPITALISED.findall(line))


def _bare(word: str) -> str:
    return word.removesuffix("'s").removesuffix("'")


def _latin(text: str, piece: Span, named: frozenset[str], lang: Lang) -> Iterator[Token]:
    """Give a word, or the parts of a contraction."""
    word = piece.of(text)
    match = _CONTRACTION.match(word)
    stem, tail = (match["stem"], match["tail"]) if match else (word, "")
    kind = _latin_kind(stem, named, lang)
    if tail.lower() in ("", "'s"):
        key = "u.s" if stem.rstrip(".") in ("US", "USA", "U.S") else stem.lower().rstrip(".")
        yield Token(word, piece, key, kind)
        return
    cut = piece.start + len(stem)
    key = _closed()["english"]["contractions"].get(stem.lower(), stem.lower())
    yield Token(stem, Span(piece.start, cut), key, kind)
    key = "not" if tail.lower() == "n't" else tail.lower()
    yield Token(tail, Span(cut, piece.end), key, Kind.FUNCTION)


def _latin_kind(word: str, named: frozenset[str], lang: Lang) -> Kind:
    if word in _english("acronyms"):
        return Kind.NAME
    if word.lower() in _english("words"):
        return Kind.FUNCTION
    if word in _english("capitalised"):
        return Kind.CONTENT
    # A Latin word in a Chinese text is a name or a term: it is looked for as it is.
    known = lang == "zh" or word in named or (word[:1].isupper() and word.isupper())
    return Kind.NAME if known or any(sign.isupper() for sign in word[1:]) else Kind.CONTENT


def _chinese(text: str, piece: Span) -> Iterator[Token]:
    """Give the words of a run of ideographs."""
    run = piece.of(text)
    start = piece.start
    for word, is_name in _joined_names(chinese_words(run)):
        span = Span(start, start + len(word))
        start = span.end
        yield Token(word, span, word, Kind.NAME if is_name else _chinese_kind(word))


def _chinese_kind(word: str) -> Kind:
    if word in _chinese_closed():
        return Kind.FUNCTION
    if all(sign in "零〇一二三四五六七八九十百千万亿兆两廿卅半" for sign in word):
        return Kind.NUMBER
    return Kind.CONTENT


def _joined_names(words: list[str]) -> Iterator[tuple[str, bool]]:
    """Join the pieces of names that the dictionary does not know."""
    at = 0
    while at < len(words):
        size = _transliterated(words, at) or _surnamed(words, at)
        yield "".join(words[at : at + max(size, 1)]), size > 0
        at += max(size, 1)


def _transliterated(words: list[str], at: int) -> int:
    """Count the words from `at` on that make up a transliterated name."""
    names = _names()
    size = 0
    while at + size < len(words) and size < _LONGEST_NAME and _carries_on(words, at, size):
        size += 1
    while size and words[at + size - 1] in names["not_last"] | _chinese_closed():
        size -= 1
    run = "".join(words[at : at + size])
    # Dictionary words alone (里约, 巴黎 伦敦) are no unknown name.
    unknown = any(len(word) == 1 for word in words[at : at + size])
    strong = sum(sign in names["strong"] for sign in run)
    fits = unknown and len(run) >= 2 and 2 * strong >= len(run) and run not in names["ordinary"]
    return size if fits else 0


def _carries_on(words: list[str], at: int, size: int) -> bool:
    """Tell whether the next word can belong to the name that began at `at`."""
    names, word = _names(), words[at + size]
    if not names["signs"].issuperset(word) or word in names["ordinary"]:
        return False
    if size == 0 and word in names["not_first"]:
        return False
    if len(word) > 1 and _count(word) > _RARE and not names["strong"].issuperset(word):
        return False
    if word not in _chinese_closed():
        return True
    following = words[at + size + 1 : at + size + 2]
    return size > 0 and bool(following) and names["strong"].issuperset(following[0])


def _count(word: str) -> int:
    return int(_dictionary()[0].get(word, 0))


def _surnamed(words: list[str], at: int) -> int:
    """Count the words from `at` on that are a family name with a given name or a title."""
    names, surname = _names(), words[at]
    following = words[at + 1 : at + 3]
    if surname not in names["surnames"] or not following:
        return 0
    doubtful = surname in names["doubtful"]
    given = 0
    for part in following:
        common = doubtful and len(part) > 1 and _count(part) > _RARE
        if common or not names["given"].issuperset(part) or given + len(part) > 2:
            break
        given += len(part)
    size = len(following[:given]) if len(following[0]) == 1 else min(given, 1)
    # 万 and 方 are words as well: only a full given name tells.
    if size and (given == 2 or not doubtful):
        return 1 + size
    return int(following[0] in names["titles"])


def chinese_words(run: str) -> list[str]:
    """Cut a run of ideographs by the most probable path through the dictionary.

    This is the unigram model of jieba without its hidden Markov model for what the dictionary
    lacks: that one joins 没退, 仍会 and 方称, and hides the negation and the verb.
    """
    return list(_best_path(run))


def _best_path(run: str) -> Iterator[str]:
    frequency, longest, log_total = _dictionary()
    size = len(run)
    best: list[tuple[float, int]] = [(0.0, size)] * (size + 1)
    for at in range(size - 1, -1, -1):
        reach = min(size, at + longest.get(run[at], 1))
        options = [
            (math.log(float(frequency[run[at:end]])) - log_total + best[end][0], end)
            for end in range(at + 1, reach + 1)
            if run[at:end] in frequency
        ]
        best[at] = max(options, default=(best[at + 1][0] - log_total, at + 1))
    at = 0
    while at < size:
        yield run[at : best[at][1]]
        at = best[at][1]


@functools.cache
def _dictionary() -> tuple[dict[str, str], dict[str, int], float]:
    """Load the words with their counts, the longest word by first character, the log total."""
    path = resources.files("drift") / "lexicons" / "words.txt"
    rows = re.findall(r"^(\S+) (\d+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    frequency = dict(rows)
    longest: dict[str, int] = {}
    for word in frequency:
        if len(word) > longest.get(word[0], 0):
            longest[word[0]] = len(word)
    return frequency, longest, math.log(sum(map(int, frequency.values())))


def split_post(document: Normalised) -> tuple[Segment, ...]:
    """Cut an English post into sentences with words, clauses and section.

    Sections are body, heading, update, and comments for what readers wrote below a pasted article.
    """
    text = document.text
    cut = _comments_start(text)
    updates = _updates(text)
    starts = [update.start for update in updates]
    segments = []
    for span in sentences(text):
        words = tokens(text, span, "en")
        if all(word.kind is Kind.PUNCTUATION for word in words):
            continue
        if span.start >= cut:
            section = "comments"
        elif any(
            update.covers(span) for update in updates[: bisect_right(starts, span.start)][-1:]
        ):
            section = "update"
        else:
            section = "heading" if _is_heading(text, span, words) else "body"
        parts = tuple(clauses(text, span, "en"))
        segments.append(Segment("en", span.of(text), span, words, parts, section=section))
    return tuple(segments)


def _updates(text: str) -> list[Span]:
    """Find the blocks that were added later.

    A block reaches to the next one; nothing marks the end of the last, so it is one paragraph.
    """
    starts = [
        match.start()
        for match in re.finditer(r"(?<![^\n])\S", text)
        if section_signs()["updates"].match(text, match.start())
    ]
    if not starts:
        return []
    blank = text.find("\n\n", starts[-1])
    return [Span(*pair) for pair in pairwise([*starts, blank if blank > 0 else len(text)])]


def _comments_start(text: str) -> int:
    """Find where readers' comments begin; the whole text stays where nothing says so.

    Only a line that says nothing else counts, and only after a fair share of the text.
    """
    position = 0
    for line in text.split("\n"):
        stripped = line.strip()
        if position > 0 and stripped and section_signs()["comments"].fullmatch(stripped):
            return position
        position += len(line) + 1
    return len(text)


def _is_heading(text: str, span: Span, words: tuple[Token, ...]) -> bool:
    """Tell whether a sentence is a line of its own that closes with no full stop."""
    alone = (
        text[span.start - 1 : span.start] in ("", "\n") and text[span.end : span.end + 1] == "\n"
    )
    if not alone or is_listed(text, span.start) or section_signs()["speakers"].match(span.of(text)):
        return False
    return len(words) <= _HEADING_WORDS and span.of(text)[-1] not in '.!:;…"”'
