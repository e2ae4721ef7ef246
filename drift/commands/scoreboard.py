"""Prints figures of merit, as a table or as JSON."""

import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from drift.evaluate import VERDICTS, Counts, Figures, auc, mcc

Row = Mapping[str, Any]
CLEAN_SCORE = 90  # a translation with this human score and no marked span is clean


def board(found: Figures, as_json: bool) -> str:
    """Print what was measured on verdict-labelled cases."""
    head = {
        "cases": found.cases,
        "missing": found.missing,
        "verdict accuracy": found.accuracy,
        "verdict macro F1": found.macro_f1,
        "misrepresents precision": found.misrepresents.precision,
        "misrepresents recall": found.misrepresents.recall,
        "false alarms on faithful": found.false_alarm,
        "AUC": found.auc,
        "calibration error": found.calibration_error,
        **{f"precision at recall {k}": v for k, v in found.precision_at.items()},
        "type micro F1": found.all_types.f1,
        "span F1": found.spans.f1,
    }
    if found.pairs_ordered is not None:
        head["minimal pairs ordered"] = found.pairs_ordered
    types = {name: _counts(counts) for name, counts in found.types.items()}
    confusion = {f"{a} -> {b}": n for (a, b), n in sorted(found.confusion.items())}
    if as_json:
        spans = _counts(found.spans)
        return _json({**head, "types": types, "spans": spans, "confusion": confusion})
    return _text(_figures(head), _types(found), _confusion(found))


def error_board(cases: Sequence[Row], rows: Sequence[Row], as_json: bool) -> str:
    """Print AUC and MCC against `label` ERR or NOT; MCC at the verdict and at its best cut."""
    truth = [case["label"] == "ERR" for case in cases]
    scores = [row["score"] for row in rows]
    head = {
        "cases": len(cases),
        "AUC": auc(
            [s for s, bad in zip(scores, truth, strict=True) if bad],
            [s for s, bad in zip(scores, truth, strict=True) if not bad],
        ),
        "MCC of the verdict": mcc(truth, [row["verdict"] == "misrepresents" for row in rows]),
        "best MCC over cuts (optimistic)": max(
            mcc(truth, [score >= cut for score in scores]) for cut in sorted(set(scores))
        ),
        "errors called misrepresents": _share(rows, truth, True),
        "sound called misrepresents": _share(rows, truth, False),
    }
    return _json(head) if as_json else _text(_figures(head))


def translation_board(cases: Sequence[Row], rows: Sequence[Row], as_json: bool) -> str:
    """Print the share of clean human-scored translations that were accused."""
    clean = [case["score"] >= CLEAN_SCORE and not case["spans"] for case in cases]
    marred = [any(s["severity"] != "minor" for s in case["spans"]) for case in cases]
    head = {
        "cases": len(cases),
        "clean translations": sum(clean),
        "clean called misrepresents": _share(rows, clean, True),
        "with a major error called misrepresents": _share(rows, marred, True),
        "AUC, major error against clean": auc(
            [r["score"] for r, bad in zip(rows, marred, strict=True) if bad],
            [r["score"] for r, good in zip(rows, clean, strict=True) if good],
        ),
    }
    return _json(head) if as_json else _text(_figures(head))


def _share(rows: Sequence[Row], truth: Sequence[bool], wanted: bool) -> float:
    kept = [row for row, label in zip(rows, truth, strict=True) if label is wanted]
    accused = [row for row in kept if row["verdict"] == "misrepresents"]
    return len(accused) / max(1, len(kept))


def _counts(counts: Counts) -> dict[str, float | int]:
    return {
        "hits": counts.hits, "false": counts.false, "missed": counts.missed,
        "precision": counts.precision, "recall": counts.recall, "f1": counts.f1,
    }  # fmt: skip


def _figures(head: Mapping[str, float]) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False)
    for name, value in head.items():
        table.add_row(name, str(value) if isinstance(value, int) else f"{value:.3f}")
    return table


def _types(found: Figures) -> Table:
    table = Table(box=None, pad_edge=False)
    for column in ("type", "hits", "false", "missed", "precision", "recall", "F1"):
        table.add_column(column, justify="left" if column == "type" else "right")
    sums = [("all types", found.all_types), ("spans, by character", found.spans)]
    for name, c in [*found.types.items(), *sums]:
        ratios = [f"{value:.2f}" for value in (c.precision, c.recall, c.f1)]
        table.add_row(name, str(c.hits), str(c.false), str(c.missed), *ratios)
    return table


def _confusion(found: Figures) -> Table:
    given = [*VERDICTS, "uncertain"]
    table = Table(box=None, pad_edge=False)
    table.add_column("annotator \\ Drift")
    for name in given:
        table.add_column(name, justify="right")
    for want in VERDICTS:
        table.add_row(want, *[str(found.confusion.get((want, got), 0)) for got in given])
    return table


def _text(*tables: Table) -> str:
    out = io.StringIO()
    console = Console(file=out, width=100)
    for number, table in enumerate(tables):
        if number:
            console.print()
        console.print(table)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"


def _json(found: Mapping[str, Any]) -> str:
    return json.dumps(found, ensure_ascii=False, indent=2) + "\n"
