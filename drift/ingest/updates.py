"""Tells what an author added later from the article as it first stood."""

import re
from dataclasses import replace
from functools import cache

from drift.ingest.dom import RULE, names
from drift.ingest.records import Block

MAX_GAP = 3  # paragraphs that may belong to an unnumbered update before the next one
DAY = r"(?:[A-Z][a-z]{2,8}\.?\s\d{1,2}|\d{1,2}\s[A-Z][a-z]{2,8}\.?)"
YEAR = r"(?:,?\s\d{4})?"
HOUR = r"(?:,?\s(?:at\s)?\d{1,2}[:.]\d\d(?:\s?[ap]\.?m\.?)?)?"
LATE = 0.65  # an update after this share of the text runs to its end


@cache
def _marker() -> re.Pattern[str]:
    """Build the pattern of an update's first words: `UPDATE 3 (Feb. 9):`, `[Updated]`, `更新：`."""
    words = sorted(names().update_words, key=len, reverse=True)
    forms = "|".join(
        re.escape(form) for word in words for form in dict.fromkeys((word, word.upper()))
    )
    note = rf"(?:\s?\([^()]{{1,60}}\)|\s?\[[^\[\]]{{1,60}}\]|,?\s{DAY}{YEAR}{HOUR})?"
    return re.compile(
        rf"[\[(*—–-]{{0,2}}\s?(?P<word>{forms})\s?(?:\#?(?P<number>\d{{1,2}}))?{note}\s?"
        r"(?:[:：\])]|[—–-]\s|$)"
    )


@cache
def _inner() -> re.Pattern[str]:
    """Build the pattern of an update that begins inside a paragraph, after a sentence's end."""
    return re.compile(rf"(?<=[.!?。！？)”\"’])\s+(?={_marker().pattern})")


def split_updates(blocks: list[Block]) -> list[Block]:
    """Mark every block that is an update, and cut those that only end in one."""
    cut = [part for block in blocks for part in _cut(block)]
    marked = [_number(block) for block in cut]
    starts = [index for index, number in enumerate(marked) if number is not None]
    taken: set[int] = set()
    for place, start in enumerate(starts):
        following = starts[place + 1] if place + 1 < len(starts) else None
        taken.update(range(start, _end(cut, marked, start, following)))
    return [
        replace(block, kind="update") if index in taken and block is not RULE else block
        for index, block in enumerate(cut)
    ]


def _cut(block: Block) -> list[Block]:
    """Cut a paragraph at an update that begins inside it; that update ends with the paragraph."""
    if block.kind not in ("paragraph", "item", "quote"):
        return [block]
    found = _inner().search(block.text)
    if not found:
        return [block]
    head, tail = block.text[: found.start()], block.text[found.end() :]
    return [replace(block, text=head), Block("update", tail)]


def _number(block: Block) -> int | None:
    """Give the number of the update that a block begins, 0 where it has none."""
    if block is RULE or block.kind in ("update", "code", "table"):
        return None
    found = _marker().match(block.text)
    return int(found.group("number") or 0) if found else None


def _end(blocks: list[Block], marked: list[int | None], start: int, following: int | None) -> int:
    """Find where an update ends: at a line, the next update, or by where it stands."""
    stop = following if following is not None else len(blocks)
    line = next((i for i in range(start + 1, stop) if blocks[i] is RULE), None)
    if line is not None:
        return line
    if blocks[start].kind == "heading":
        heads = (i for i in range(start + 1, stop) if blocks[i].kind == "heading")
        return next(heads, stop)
    before = sum(len(block.text) for block in blocks[:start] if block.kind != "update")
    whole = sum(len(block.text) for block in blocks) or 1
    if following is None:
        late = before / whole >= LATE or (before > 0 and (marked[start] or 0) > 1)
        return stop if late else start + 1
    # Counted down at the top of the page (7, 6, 5 ...) or up at its end, each runs to the next.
    in_row = abs((marked[following] or 0) - (marked[start] or 0)) == 1 and marked[start] != 0
    close = following - start - 1 <= MAX_GAP and before == 0
    return following if in_row or close or before / whole >= LATE else start + 1
