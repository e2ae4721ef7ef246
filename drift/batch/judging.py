"""Judges the rows of a chunk; what a row gives depends on the row alone."""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from drift.errors import DriftError, InputError
from drift.ingest.rows import Row
from drift.pipeline import Tools, check
from drift.records import Post, Retweet
from drift.report.rows import error_row, to_row

TOGETHER = 64  # neighbouring rows of one post that are judged in one batch
Result = dict[str, Any]


def judged(given: Iterable[Row], tools: Tools) -> Iterator[Result]:
    """Judge rows in order; neighbours that share a post share its reading.

    Identical retweets of a post are judged once. A row that cannot be judged gives an error row.
    """
    for _, group in itertools.groupby(given, key=lambda row: (row.error is None, row.post)):
        while part := tuple(itertools.islice(group, TOGETHER)):
            yield from _together(part, tools)


def _together(part: Sequence[Row], tools: Tools) -> Iterator[Result]:
    if part[0].error is not None:
        yield from (error_row(row.id, row.error or "") for row in part)
        return
    try:
        yield from _results(part, tools)
    except DriftError as error:
        if len(part) == 1:
            yield error_row(part[0].id, str(error))
            return
        for row in part:
            yield from _together((row,), tools)


def _results(part: Sequence[Row], tools: Tools) -> list[Result]:
    first = part[0]
    if first.post is None or any(row.retweet is None for row in part):
        raise InputError("the row has no text of the post or of the retweet; give both")
    post = Post(first.id, first.post, first.post_url)
    texts = list(dict.fromkeys(row.retweet or "" for row in part))
    report = check(post, [Retweet(str(i), text) for i, text in enumerate(texts)], tools)
    rows = {
        text: to_row(verdict, post, report.signature)
        for text, verdict in zip(texts, report.verdicts, strict=True)
    }
    return [_for_row(row, rows[row.retweet or ""]) for row in part]


def _for_row(row: Row, result: Result) -> Result:
    return {**result, "id": row.id}
