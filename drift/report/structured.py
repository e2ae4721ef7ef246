"""Renders a report for programs: one JSON document, or JSON Lines with a row a retweet."""

import json
import re
from typing import Any

from drift.records import Report
from drift.report.rows import to_document, to_row

# What JSON may carry raw but terminals, editors and line readers stumble over; written as escapes,
# which mean the same to every JSON reader.
_ESCAPED = re.compile("[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]")


def encode(value: Any, indent: int | None = None) -> str:  # noqa: ANN401 -- any JSON value
    r"""Write a value as JSON that keeps Chinese readable and is safe to print.

    >>> print(encode({"text": "王\u202e"}))
    {"text": "王\u202e"}
    """
    plain = json.dumps(value, ensure_ascii=False, indent=indent)
    return _ESCAPED.sub(lambda match: f"\\u{ord(match[0]):04x}", plain)


def document(report: Report) -> str:
    """Render the whole report as one JSON document."""
    return encode(to_document(report), indent=2) + "\n"


def lines(report: Report) -> str:
    """Render a result row a retweet, a line each."""
    rows = (to_row(verdict, report.post, report.signature) for verdict in report.verdicts)
    return "".join(encode(row) + "\n" for row in rows)
