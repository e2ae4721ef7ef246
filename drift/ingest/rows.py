"""A row of input, whatever file it stood in: its columns, its line, and what is wrong with it."""

from collections.abc import Mapping
from dataclasses import dataclass

MAX_TEXT = 1_000_000  # code points of one post or retweet; a long essay has 50,000
MAX_SHORT = 4_096  # code points of an id, a link, a name or a date
MAX_KEPT = 20_000  # code points of a bad row that are kept for its reader

TEXTS = ("post", "retweet")
SHORTS = ("id", "post_url", "retweet_url", "author", "created_at")
COLUMNS = (*SHORTS, *TEXTS)

# What other programs call our columns. A column of our own name always wins.
ALIASES = {
    "text": "retweet",
    "full_text": "retweet",
    "tweet": "retweet",
    "content": "retweet",
    "url": "retweet_url",
    "link": "retweet_url",
    "id_str": "id",
    "tweet_id": "id",
    "date": "created_at",
    "timestamp": "created_at",
    "username": "author",
    "user": "author",
    "source_url": "post_url",
}


class Number(str):
    """A JSON number, kept digit by digit: an id of twenty digits must not become a float."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One retweet with the post that it is judged against, or what is wrong with the row.

    `error` names the fault and the remedy; such a row keeps its line, its id where one could be
    read, and as `raw` what stood in the file.
    """

    line: int
    id: str
    post: str | None = None
    retweet: str | None = None
    post_url: str | None = None
    retweet_url: str | None = None
    author: str | None = None
    created_at: str | None = None
    error: str | None = None
    raw: str | None = None


def bad_row(line: int, error: str, raw: str = "", row_id: str | None = None) -> Row:
    """Make the row that stands for one that cannot be used."""
    kept = clean(raw[:MAX_KEPT]) + ("…" if len(raw) > MAX_KEPT else "")
    return Row(line, row_id or f"line-{line}", error=error, raw=kept)


def make_row(
    line: int, fields: Mapping[str, object], raw: str = "", needs_post: bool = True
) -> Row:
    """Read a row out of named fields; whatever is wrong with them becomes its error."""
    named = _named(fields)
    row_id = named.get("id")
    name = clean(str(row_id)) if isinstance(row_id, str) and 0 < len(row_id) <= MAX_SHORT else None
    values: dict[str, str] = {}
    for column in COLUMNS:
        value = named.get(column)
        if value is None or (isinstance(value, str) and not value.strip()):
            continue
        fault = _fault(column, value)
        if fault:
            return bad_row(line, fault, raw, name)
        values[column] = clean(str(value))
    missing = _missing(values, needs_post)
    if missing:
        return bad_row(line, missing, raw, name)
    chosen = values.pop("id", f"line-{line}")
    return Row(line=line, id=chosen, **values)


def clean(text: str) -> str:
    r"""Put U+FFFD for every lone surrogate, which no UTF-8 file or database can hold.

    One code point stands for one, so that offsets stay true.

    >>> clean("a\ud800b")
    'a�b'
    """
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _named(fields: Mapping[str, object]) -> dict[str, object]:
    """Bring column names into our form; our own names win over those of other programs."""
    lowered = {str(name).strip().lower(): value for name, value in fields.items()}
    named = {ours: lowered[theirs] for theirs, ours in ALIASES.items() if theirs in lowered}
    named.update((name, lowered[name]) for name in COLUMNS if name in lowered)
    return named


def _fault(column: str, value: object) -> str | None:
    """Say what is wrong with one value, or nothing."""
    limit = MAX_TEXT if column in TEXTS else MAX_SHORT
    if isinstance(value, Number):
        fits = column == "id" or column == "created_at"
        kind = "a number"
    else:
        fits, kind = isinstance(value, str), _KINDS.get(type(value), "not text")
    if not fits:
        return f'"{column}" is {kind}; write it as text in quotation marks'
    if isinstance(value, str) and len(value) > limit:
        return f'"{column}" has {len(value):,} characters; the limit is {limit:,}'
    return None


_KINDS = {list: "a list", dict: "an object", bool: "true or false", float: "a number"}


def _missing(values: Mapping[str, str], needs_post: bool) -> str | None:
    """Say which of the needed columns has nothing in it."""
    if not {"retweet", "retweet_url"} & values.keys():
        return 'no retweet: fill in "retweet" (its text) or "retweet_url" (its link)'
    if needs_post and not {"post", "post_url"} & values.keys():
        return 'no post: fill in "post" (its text) or "post_url" (its link)'
    return None
