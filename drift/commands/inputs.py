"""Reads what the command line names: texts, files, links, standard input."""

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from drift.errors import FetchRefused, InputError
from drift.records import Post, Retweet
from drift.visible import visible

_ENDINGS = {".txt", ".md", ".json", ".jsonl", ".ndjson", ".csv", ".tsv", ".parquet", ".html", ".js"}


def post_of(argument: str) -> Post:
    """Read the post: a text as it is, a file, a link, or `-`."""
    from drift.ingest.sources import load_post

    if not argument.strip():
        raise InputError("the post is empty; give its text, or a file or link that holds it")
    names_file(argument)
    try:
        return load_post(argument, files=True)
    except FetchRefused as error:
        raise FetchRefused(f"{visible(argument)}: {error}") from error


def retweets_of(arguments: Sequence[str]) -> tuple[Retweet, ...]:
    """Read the retweets, in order; ids are r1, r2 ... where a file gives none.

    What cannot be read is said on standard error and left out; where nothing is left, that is an
    `InputError`.
    """
    from drift.ingest.sources import load_retweets

    for place, argument in enumerate(arguments, 1):
        if not argument.strip():
            raise InputError(f"retweet {place} is empty; give its text or leave it out")
        names_file(argument)
    loaded = load_retweets(arguments, files=True)
    told = []
    for problem in loaded.problems:
        line = f", line {problem.line}" if problem.line else ""
        told.append(f"{visible(problem.given)}{line}: {problem.error}")
    if not loaded.retweets:
        where = f" in {', '.join(map(visible, arguments))}" if arguments else ""
        missing = f"no retweets{where}; give at least one text, file, link, or - for standard input"
        raise InputError(told[0] if told else missing)
    for sentence in told:
        sys.stderr.write(f"drift: left out {sentence}\n")
    return _named(loaded.retweets)


def _named(retweets: Sequence[Retweet]) -> tuple[Retweet, ...]:
    """Give a number to retweets without a name of their own, or with one that is taken."""
    seen: set[str] = set()
    named = []
    for place, retweet in enumerate(retweets, 1):
        own = "" if retweet.id.startswith(("line-", "retweet-")) else retweet.id
        name = own if own and own not in seen else f"r{place}"
        seen.add(name)
        named.append(replace(retweet, id=name))
    return tuple(named)


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
