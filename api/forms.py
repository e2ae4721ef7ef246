"""Reads the web form: a post, retweets one a line or in a file, what is wrong with them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import PurePath

from starlette.datastructures import FormData, UploadFile

from api.schemas import POST, RETWEET
from api.words import say
from drift.errors import InputError
from drift.ingest.addresses import looks_like_link
from drift.ingest.files import rows_of
from drift.ingest.rows import clean
from drift.records import Lang, Post, Retweet

MOST = 200  # retweets of one form; more belong to the API
FILE = 2_000_000
_PARQUET = b"PAR1"


class FormError(Exception):
    """What the person who filled the form in can do about it."""


@dataclass(frozen=True, slots=True)
class Filled:
    """The form as it was sent."""

    post: str
    retweets: str
    name: str
    file: bytes


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the form asks for; faults are the places that cannot be judged, and why."""

    post: Post
    retweets: tuple[Retweet, ...]
    faults: Mapping[int, str]


async def filled(form: FormData) -> Filled:
    """Take the fields out of a form that was received."""
    upload = form.get("file")
    held = isinstance(upload, UploadFile)
    data = await upload.read(FILE + 1) if isinstance(upload, UploadFile) else b""
    name = upload.filename or "" if isinstance(upload, UploadFile) and held else ""
    return Filled(_text(form, "post"), _text(form, "retweets"), name, data)


def _text(form: FormData, name: str) -> str:
    value = form.get(name)
    text = clean(value) if isinstance(value, str) else ""
    return text.replace("\0", "\ufffd").replace("\r\n", "\n").replace("\r", "\n")


def wanted(given: Filled, lang: Lang, *, links: bool) -> Wanted:
    """Read what is asked for, or say in the reader's language what to change."""
    post = _post(given.post, lang, links)
    lines = [line.strip() for line in given.retweets.split("\n") if line.strip()]
    found = [_line(number, line) for number, line in enumerate(lines, 1)]
    faults: dict[int, str] = {}
    if given.file:
        _add_file(given, found, faults)
    if not found:
        raise FormError(say("fault_retweets", lang))
    if len(found) > MOST:
        raise FormError(say("fault_many", lang).format(most=MOST))
    if any(len(one.text) > RETWEET for one in found):
        raise FormError(say("fault_long", lang).format(most=f"{RETWEET:,}"))
    if not links and not all(one.text or at in faults for at, one in enumerate(found)):
        raise FormError(say("fault_links", lang))
    return Wanted(post, tuple(found), faults)


def _post(text: str, lang: Lang, links: bool) -> Post:
    if not text.strip():
        raise FormError(say("fault_post", lang))
    if looks_like_link(text.strip()):
        if not links:
            raise FormError(say("fault_links", lang))
        return Post("post", "", text.strip())
    if len(text) > POST:
        told = say("fault_post_long", lang)
        raise FormError(told.format(given=f"{len(text):,}", most=f"{POST:,}"))
    return Post("post", text)


def _line(number: int, line: str) -> Retweet:
    link = re.fullmatch(r"https?://\S+", line)
    return Retweet(f"r{number}", "" if link else line, line if link else None)


def _add_file(given: Filled, found: list[Retweet], faults: dict[int, str]) -> None:
    """Add the rows of the file; a bad one keeps its place and says what is wrong."""
    if len(given.file) > FILE or given.file.startswith(_PARQUET):
        raise FormError(f"{FILE // 1_000_000} MB, .txt .csv .tsv .jsonl .json")
    suffix = PurePath(given.name.replace("\\", "/")).suffix.lower()[:8]
    try:
        for row in rows_of(BytesIO(given.file), suffix, needs_post=False):
            name = row.id if not row.id.startswith("line-") else f"r{len(found) + 1}"
            if row.error:
                faults[len(found)] = f"{row.line}: {row.error}"
            text = (row.retweet or "").replace("\0", "\ufffd")
            url, author, created = row.retweet_url, row.author, row.created_at
            found.append(
                Retweet(
                    name.replace("\0", "\ufffd"), text, _flat(url), _flat(author), _flat(created)
                )
            )
            if len(found) > MOST:
                return  # told of by the caller; the rest need not be read
    except InputError as error:
        raise FormError(str(error)) from error


def _flat(text: str | None) -> str | None:
    return text.replace("\0", "\ufffd") if text else text
