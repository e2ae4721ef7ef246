"""Renders a report as CSV, a row a finding, safe to open in a spreadsheet."""

import csv
from io import StringIO
from typing import Any

from drift.catalogue import label
from drift.records import Lang, Report
from drift.report.rows import Row, to_row
from drift.visible import visible

# What makes a spreadsheet take a cell for a formula, in both widths.
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "﹢", "﹣", "﹦", "﹫", "−", "|", "%")

COLUMNS = (
    *("retweet_id", "author", "url", "verdict", "score", "confidence", "finding", "type"),
    *("severity", "finding_confidence", "retweet_words", "retweet_start", "retweet_end"),
    *("post_words", "post_start", "post_end", "explanation_en", "explanation_zh", "mqm"),
    *("retweet", "back_translation", "correction_en", "correction_zh", "signature"),
)


def findings(report: Report, lang: Lang = "en") -> str:
    """Write a row a finding; a retweet without findings has a row too, so that none is lost.

    Names of verdicts, types and severities follow the language; the column names do not.
    """
    out = StringIO()
    writer = csv.DictWriter(out, COLUMNS, quoting=csv.QUOTE_ALL, restval="")
    writer.writeheader()
    for verdict in report.verdicts:
        row = to_row(verdict, report.post, report.signature)
        whole = {
            **_retweet(row, lang),
            "author": verdict.retweet.author or "",
            "url": verdict.retweet.url or "",
            "retweet": verdict.retweet.text,
        }
        for number, found in enumerate(row["findings"] or [None], 1):
            cells = {**whole, **(_finding(found, lang) if found else {})}
            cells["finding"] = number if found else ""
            writer.writerow({name: safe(value) for name, value in cells.items()})
    return out.getvalue()


def safe(value: Any) -> Any:  # noqa: ANN401 -- numbers pass as they are
    """Keep a spreadsheet from reading a text as a formula, and a reader from being misled.

    >>> safe("=HYPERLINK(1)"), safe("＠sum"), safe(-1)
    ("'=HYPERLINK(1)", "'＠sum", -1)
    """
    if not isinstance(value, str):
        return value
    shown = visible(value)
    return "'" + shown if shown.lstrip().lstrip("\"'").startswith(_FORMULA) else shown


def _retweet(row: Row, lang: Lang) -> Row:
    correction = row["correction"] or {}
    return {
        "retweet_id": row["id"],
        "verdict": label("verdict", row["verdict"], lang),
        "score": row["score"],
        "confidence": row["confidence"],
        "back_translation": row["back_translation"],
        "correction_en": correction.get("en", ""),
        "correction_zh": correction.get("zh", ""),
        "signature": row["signature"],
    }


def _finding(found: Row, lang: Lang) -> Row:
    cells = {
        "type": label("type", found["type"], lang),
        "severity": label("severity", found["severity"], lang),
        "finding_confidence": found["confidence"],
        "explanation_en": found["explanation"]["en"],
        "explanation_zh": found["explanation"]["zh"],
        "mqm": found["mqm"],
    }
    for side in ("retweet", "post"):
        span = found[f"{side}_span"]
        if span:
            cells[f"{side}_words"] = span["text"]
            cells[f"{side}_start"], cells[f"{side}_end"] = span["start"], span["end"]
    return cells
