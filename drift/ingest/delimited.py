"""Reads comma, semicolon and tab separated tables as spreadsheets and databases write them.

The standard reader stops at a field of 128 KiB, and a quote that never closes makes it swallow
the rest of the file. Here both cost one row.
"""

from collections import deque
from collections.abc import Iterator

from drift.errors import InputError
from drift.ingest.lines import Line
from drift.ingest.rows import ALIASES, COLUMNS, Row, bad_row, clean, make_row

MAX_RECORD = 2_500_000  # code points of one record, over however many lines its quotes reach
MAX_COLUMNS = 1_000
DELIMITERS = (",", "\t", ";")

Record = tuple[int, str, str | None]  # first line, text, fault


def delimiter_of(header: str) -> str | None:
    """Find the delimiter under which a first line names our columns, or nothing.

    >>> delimiter_of("id;post;retweet")
    ';'
    >>> delimiter_of("他说，不会, not at all") is None
    True
    """
    known = {*COLUMNS, *ALIASES}
    best = max(DELIMITERS, key=lambda sign: len(known & set(_names(header, sign))))
    return best if known & set(_names(header, best)) else None


def table_rows(lines: Iterator[Line], delimiter: str, needs_post: bool) -> Iterator[Row]:
    """Read a table whose first line names its columns; one row a record, none lost."""
    records = _records(lines, delimiter)
    header = next((record for record in records if record[1].strip()), None)
    if header is None:
        return
    if header[2]:
        raise InputError(f"line {header[0]}: {header[2]}")
    names = _names(header[1], delimiter)
    if len(names) > MAX_COLUMNS:
        raise InputError(f"the table has {len(names):,} columns; the limit is {MAX_COLUMNS:,}")
    doubled = {name for name in names if names.count(name) > 1} & set(COLUMNS)
    if doubled:
        raise InputError(f'two columns are called "{min(doubled)}": rename one')
    for number, text, fault in records:
        if fault:
            yield bad_row(number, fault, text, _id_of(text, names, delimiter))
        elif text.strip():
            yield _row(number, text, names, delimiter, needs_post)


def split(text: str, delimiter: str) -> list[str]:
    r"""Split a record into fields.

    >>> split('a,"b ""c"", d",e', ",")
    ['a', 'b "c", d', 'e']
    >>> split('a\t"高层" 说', "\t")
    ['a', '"高层" 说']
    """
    if '"' not in text:
        return text.split(delimiter)
    fields: list[str] = []
    at = 0
    while True:
        field, at = _field(text, at, delimiter)
        fields.append(field)
        if at < 0 or len(fields) > MAX_COLUMNS:
            return fields


def _names(header: str, delimiter: str) -> list[str]:
    """Give the column names of a header in our spelling."""
    fields = split(header.removeprefix("\ufeff"), delimiter)
    return [field.strip().strip('"').lower() for field in fields]


def _row(number: int, text: str, names: list[str], delimiter: str, needs_post: bool) -> Row:
    """Read a record as the header says; one field too many means a shifted row."""
    fields = split(text, delimiter)
    extra = fields[len(names) :]
    if any(field.strip() for field in extra):
        sign = {",": "comma", "\t": "tab", ";": "semicolon"}[delimiter]
        fault = (
            f"{len(fields)} fields where the header has {len(names)}: "
            f'put a text that contains a {sign} in "quotation marks"'
        )
        return bad_row(number, fault, text, _id_of(text, names, delimiter))
    return make_row(number, dict(zip(names, fields, strict=False)), text, needs_post)


def _id_of(text: str, names: list[str], delimiter: str) -> str | None:
    """Find the id of a row that cannot be read, where the id stands first."""
    first = text.partition(delimiter)[0].strip().strip('"')
    return clean(first) if names[0] == "id" and 0 < len(first) < 200 else None


def _records(lines: Iterator[Line], delimiter: str) -> Iterator[Record]:
    """Join the lines that a quoted field spans; a quote that never closes costs its own line."""
    again: deque[Line] = deque()
    while True:
        line = again.popleft() if again else next(lines, None)
        if line is None:
            return
        if line.problem:
            yield line.number, line.text, line.problem
            continue
        if not _stays_open(line.text, delimiter, False):
            yield line.number, line.text, None
            continue
        taken, closed = _until_closed(line, again, lines, delimiter)
        if closed:
            yield line.number, "\n".join(part.text for part in taken), None
        else:
            yield line.number, line.text, "a quotation mark opens here and never closes"
            again.extendleft(reversed(taken[1:]))


def _until_closed(
    first: Line, again: deque[Line], lines: Iterator[Line], delimiter: str
) -> tuple[list[Line], bool]:
    """Take lines until the open quotation closes, within bounds."""
    taken, size = [first], len(first.text)
    while size <= MAX_RECORD:
        line = again.popleft() if again else next(lines, None)
        if line is None:
            break
        taken.append(line)
        size += len(line.text) + 1
        if line.problem:
            break
        if not _stays_open(line.text, delimiter, True):
            return taken, True
    return taken, False


def _stays_open(text: str, delimiter: str, inside: bool) -> bool:
    """Tell whether a quotation is open at the end of a line."""
    at = 0
    while True:
        if inside or text[at : at + 1] == '"':
            end = _closing(text, at if inside else at + 1, delimiter)
            if end < 0 and (inside or _lone(text, at + 1) < 0):
                return True
            inside, at = False, max(end + 1, at)
        at = text.find(delimiter, at)
        if at < 0:
            return False
        at += 1


def _closing(text: str, at: int, delimiter: str) -> int:
    """Find the quotation mark that closes: a lone one before a delimiter or the end, or -1."""
    while True:
        at = _lone(text, at)
        if at < 0 or text[at + 1 : at + 2] in ("", delimiter):
            return at
        at += 1


def _lone(text: str, at: int) -> int:
    """Find the next quotation mark that is not doubled, or -1."""
    while True:
        at = text.find('"', at)
        if at < 0 or text[at + 1 : at + 2] != '"':
            return at
        at += 2


def _field(text: str, at: int, delimiter: str) -> tuple[str, int]:
    """Read one field; give it and where the next begins, -1 after the last."""
    if text[at : at + 1] == '"':
        end = _closing(text, at + 1, delimiter)
        if end >= 0:
            value = text[at + 1 : end].replace('""', '"')
            return value, end + 2 if end + 1 < len(text) else -1
    # Not quoted, or a text that merely begins with a quotation: taken as it stands.
    end = text.find(delimiter, at)
    return (text[at:], -1) if end < 0 else (text[at:end], end + 1)
