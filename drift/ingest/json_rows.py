"""Reads JSON that strangers wrote: JSON Lines, arrays, and the export of an X account.

Stricter than `json` where it is lax (NaN, duplicate keys), calmer where it fails (depth, digits).
"""

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import NoReturn

from drift.errors import InputError
from drift.ingest.lines import Line
from drift.ingest.rows import Number, Row, bad_row, clean, make_row

MAX_DIGITS = 1_000  # of one number; no id or count needs more
MAX_ARRAY = 256 << 20  # characters of a file that is one array and must be held whole

ID_FIELD = re.compile(r'"id"\s*:\s*(?:"([^"\\]{1,200})"|(\d{1,200})(?!\d))')
ARRAY_HEAD = re.compile(r"\s*(?:window\.YTD\.[\w.]{1,60}\s*=\s*)?\[")


class _NotOurJsonError(ValueError):
    """Well-formed to the letter, but not something a row may hold."""


def parse(text: str) -> object:
    """Read one JSON value; numbers come as `Number`.

    >>> parse('{"id": 12345678901234567890}')
    {'id': '12345678901234567890'}
    """
    try:
        return _DECODER.decode(text)
    except _NotOurJsonError as error:
        raise InputError(f"bad JSON: {error}") from error
    except json.JSONDecodeError as error:
        raise InputError(f"bad JSON at character {error.pos + 1}: {_plain(error)}") from error
    except RecursionError as error:
        raise InputError("bad JSON: nested too deep") from error


def json_line_rows(lines: Iterator[Line], needs_post: bool) -> Iterator[Row]:
    """Read one row a line; blank lines are none."""
    for line in lines:
        if line.problem:
            yield bad_row(line.number, line.problem, line.text, _salvaged_id(line.text))
        elif line.text.strip():
            yield _one(line.number, line.text, needs_post)


def array_rows(text: str, needs_post: bool) -> Iterator[Row]:
    """Read a file that is one array of objects; a broken element costs only itself."""
    head = ARRAY_HEAD.match(text)
    if head is None:
        raise InputError("not a JSON array: the file must begin with [")
    archive = "window.YTD" in head.group()
    for number, value, raw in _elements(text, head.end()):
        if isinstance(value, InputError):
            yield bad_row(number, str(value), raw, _salvaged_id(raw))
        elif archive:
            yield _archived(number, value, raw, needs_post)
        elif isinstance(value, dict):
            yield make_row(number, value, raw, needs_post)
        else:
            yield bad_row(number, "not an object with named fields", raw)


def _one(number: int, text: str, needs_post: bool) -> Row:
    """Read one line of JSON."""
    try:
        value = parse(text.lstrip("\ufeff"))
    except InputError as error:
        return bad_row(number, str(error), text, _salvaged_id(text))
    if isinstance(value, str) and not isinstance(value, Number) and not needs_post:
        return make_row(number, {"retweet": value}, text, needs_post)
    if not isinstance(value, dict):
        return bad_row(number, 'not an object; write {"id": ..., "retweet": ...}', text)
    return make_row(number, value, text, needs_post)


def _archived(number: int, value: object, raw: str, needs_post: bool) -> Row:
    """Read one post of an X archive (`tweets.js`)."""
    tweet = value.get("tweet", value) if isinstance(value, dict) else None
    if not isinstance(tweet, dict):
        return bad_row(number, "no tweet in this entry of the archive", raw)
    fields = {"id": tweet.get("id_str") or tweet.get("id"), "created_at": tweet.get("created_at")}
    text = tweet.get("full_text") or tweet.get("text")
    note = tweet.get("note_tweet")
    if isinstance(note, dict) and isinstance(note.get("text"), str):
        text = note["text"]
    # The archive escapes &, < and > as the old API did.
    fields["retweet"] = _unescaped(text) if isinstance(text, str) else text
    return make_row(number, fields, raw, needs_post)


def _unescaped(text: str) -> str:
    """Undo the three entities of the old API, the ampersand last."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _elements(text: str, at: int) -> Iterator[tuple[int, object, str]]:
    """Walk through an array, resuming at the next element that starts like the first one."""
    line, counted = 1, 0
    opening = re.compile(r"\s*").match(text, at)
    indent = text[at : opening.end()] if opening else ""
    while True:
        at = _skip(text, at)
        line, counted = line + text.count("\n", counted, at), at
        if at >= len(text) or text[at] == "]":
            return
        try:
            value, end = _DECODER.raw_decode(text, at)
            yield line, value, text[at : min(end, at + 4_000)]
        except (json.JSONDecodeError, _NotOurJsonError, RecursionError) as error:
            end = _next_element(text, at + 1, indent)
            fault = InputError(f"bad JSON: {_reason(error)}{_lost(end)}")
            yield line, fault, text[at : min(end if end > 0 else len(text), at + 4_000)]
            if end < 0:
                return
        at = end


def _skip(text: str, at: int) -> int:
    """Step over white space and the commas between elements."""
    while at < len(text) and text[at] in " \t\r\n,":
        at += 1
    return at


def _next_element(text: str, at: int, indent: str) -> int:
    """Find the next element that starts on its own line as the first did, or -1."""
    return text.find(indent + "{", at) if "\n" in indent else -1


def _lost(end: int) -> str:
    """Say that the rest of an array is lost when no next element was found."""
    return "; the rest of the file could not be read: use JSON Lines" if end < 0 else ""


def _reason(error: Exception) -> str:
    """Give the reason of a fault in words."""
    if isinstance(error, json.JSONDecodeError):
        return _plain(error)
    return "nested too deep" if isinstance(error, RecursionError) else str(error)


def _plain(error: json.JSONDecodeError) -> str:
    """Give the parser's message in lower case, with the remedy for the commonest fault."""
    message = error.msg[:1].lower() + error.msg[1:]
    if "quotes" in message or "control character" in message or "xpecting ',' delimiter" in message:
        message += ' (inside a text write \\" for " and \\n for a new line)'
    return message


def _salvaged_id(text: str) -> str | None:
    """Find the id of a row that cannot be read."""
    found = ID_FIELD.search(text[: MAX_DIGITS * 4])
    return clean(found.group(1) or found.group(2)) if found else None


def _number(digits: str) -> Number:
    """Keep a number as it was written, unless it is absurdly long."""
    if len(digits) > MAX_DIGITS:
        raise _NotOurJsonError(f"a number of {len(digits):,} digits; the limit is {MAX_DIGITS:,}")
    return Number(digits)


def _constant(name: str) -> NoReturn:
    """Refuse NaN and Infinity, which are not JSON."""
    raise _NotOurJsonError(f"{name} is not JSON; leave the field out")


def _pairs(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Build an object; a key that stands twice leaves open which value is meant."""
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = Counter(name for name, _ in pairs).most_common(1)[0][0]
        raise _NotOurJsonError(f'the key "{clean(twice)[:60]}" stands twice')
    return found


_DECODER = json.JSONDecoder(
    object_pairs_hook=_pairs,
    parse_int=_number,
    parse_float=_number,
    parse_constant=_constant,
)
