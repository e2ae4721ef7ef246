"""Makes clean pairs look like posts: kept spans, missing signs, several sentences in a row."""

import random
import re

from models.source_text import PLACEHOLDERS

Pair = tuple[str, str]

_WORD = re.compile(r"(?<![\w<.-])[A-Za-z][A-Za-z0-9.+-]*[A-Za-z0-9](?![\w>-])")
_STOPS = "。！？；，.!?;,"


def noisy(pair: Pair, dice: random.Random) -> Pair:
    """Give a pair, sometimes with a placeholder in it or with the marks of a hasty post."""
    roll = dice.random()
    if roll < 0.10:
        return _with_shared_word(pair, dice)
    if roll < 0.13:
        return _with_inserted_mark(pair, dice)
    if roll < 0.17:
        return pair[0].rstrip(_STOPS), pair[1]
    if roll < 0.19:
        return pair[0].replace("，", " ").rstrip(_STOPS), pair[1]
    return pair


def _with_shared_word(pair: Pair, dice: random.Random) -> Pair:
    """Replace Latin words that stand once on both sides by placeholders."""
    chinese, english = pair
    shared = [
        word
        for word in dict.fromkeys(_WORD.findall(chinese))
        if _count(word, chinese) == 1 and _count(word, english) == 1
    ]
    if not shared:
        return _with_inserted_mark(pair, dice) if dice.random() < 0.1 else pair
    marks = dice.sample(PLACEHOLDERS, min(len(PLACEHOLDERS), len(shared)))
    for word, mark in zip(shared, sorted(marks), strict=False):
        chinese = _replaced(word, mark, chinese)
        english = _replaced(word, mark, english)
    return chinese, english


def _with_inserted_mark(pair: Pair, dice: random.Random) -> Pair:
    """Put a placeholder before or after both sides, as a link or a name stands in a post."""
    mark = dice.choice(PLACEHOLDERS)
    if dice.random() < 0.5:
        sign = dice.choice(("", "：", " "))
        return f"{mark}{sign}{pair[0]}", f"{mark}{':' if sign == '：' else ''} {pair[1]}"
    return f"{pair[0]}{mark}", f"{pair[1]} {mark}"


def _count(word: str, text: str) -> int:
    return sum(found == word for found in _WORD.findall(text))


def _replaced(word: str, mark: str, text: str) -> str:
    return _WORD.sub(lambda match: mark if match[0] == word else match[0], text)


def joined(pairs: list[Pair], dice: random.Random) -> list[Pair]:
    """Join some short neighbours into one, so that several sentences stay in order."""
    result: list[Pair] = []
    for pair in pairs:
        last = result[-1] if result else ("", "")
        short = 0 < len(last[0]) < 22 and len(pair[0]) < 22
        if short and last[0][-1] in "。！？" and last[1][-1] in ".!?" and dice.random() < 0.25:
            result[-1] = last[0] + pair[0], f"{last[1]} {pair[1]}"
        else:
            result.append(pair)
    return result
