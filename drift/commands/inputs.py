"""Reads what the command line names: texts, files, standard input."""

from collections.abc import Sequence
from pathlib import Path

from drift.errors import InputError
from drift.ingest.files import read_text, rows
from drift.records import Post, Retweet
from drift.visible import visible

_ENDINGS = {".txt", ".md", ".json", ".jsonl", ".ndjson", ".csv", ".tsv", ".parquet", ".html", ".js"}


def post_of(argument: str) -> Post:
    """Read the post: a text as it is, a file, or `-`."""
    if argument == "-" or names_file(argument):
        return Post(Path(argument).name, read_text(argument))
    if not argument.strip():
        raise InputError("the post is empty; give its text, or a file that holds it")
    return Post("post", argument)


def retweets_of(arguments: Sequence[str]) -> tuple[Retweet, ...]:
    """Read the retweets, in order; ids are r1, r2 ... where a file gives none."""
    found: list[Retweet] = []
    for argument in arguments:
        if argument == "-" or names_file(argument):
            for row in rows(argument, needs_post=False):
                if row.error or row.retweet is None:
                    place = f"{visible(argument)}, line {row.line}"
                    raise InputError(f"{place}: {row.error or 'no retweet in this row'}")
                name = row.id if not row.id.startswith("line-") else f"r{len(found) + 1}"
                found.append(
                    Retweet(name, row.retweet, row.retweet_url, row.author, row.created_at)
                )
        elif argument.strip():
            found.append(Retweet(f"r{len(found) + 1}", argument))
        else:
            raise InputError(f"retweet {len(found) + 1} is empty; give its text or leave it out")
    if not found:
        raise InputError("no retweets; give at least one text, file, or - for standard input")
    return tuple(found)


def names_file(argument: str) -> bool:
    """Tell whether an argument names a file rather than being the text itself.

    Raises `InputError` for what looks like the name of a file that is not there.
    """
    if not argument or len(argument) > 1000 or "\n" in argument or "\0" in argument:
        return False
    path = Path(argument)
    try:
        if path.is_dir():
            raise InputError(f"{visible(argument)} is a folder; name a file in it")
        if path.is_file():
            return True
    except OSError:
        return False
    if path.suffix.lower() in _ENDINGS and " " not in argument.strip():
        raise InputError(f"there is no file {visible(argument)}; check the path")
    return False
