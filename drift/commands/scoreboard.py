"""Prints figures of merit with their intervals, as a table or as JSON."""

import io
from argparse import Namespace
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console, RenderableType
from rich.table import Table

from drift.commands.mistake_board import mistake_board
from drift.commands.output import replace_file
from drift.errors import InputError
from drift.evaluate import VERDICTS, Counts, Figures, auc, intervals, mcc, measure, outcomes
from drift.evaluate.charts import accuracy, numbers
from drift.evaluate.mistakes import worst
from drift.evaluate.outcomes import post_of
from drift.report.accuracy import page
from drift.report.structured import encode

Row = Mapping[str, Any]
Pair = tuple[Row, Row]
Ends = Mapping[str, tuple[float, float]]
CLEAN_SCORE = 90  # a translation with this human score and no marked span is clean
TITLE = "How right Drift is on {}"


def show(cases: Sequence[Row], rows: Sequence[Row], args: Namespace) -> str:
    """Measure and print what the labels of the cases allow; write the plots that are asked for."""
    if "verdict" in cases[0]:
        return _verdicts(cases, rows, args)
    answers = {row["id"]: row for row in rows if not row.get("error")}
    pairs = [(case, answers[case["id"]]) for case in cases if case["id"] in answers]
    if not pairs:
        raise InputError("no case was judged")
    head = {"cases": len(pairs), "missing": len(cases) - len(pairs)}
    if "label" in cases[0]:
        extra = {"best MCC over cuts (optimistic)": _best_mcc(pairs)}
        return _plain(head, _errors, (pairs, args), extra)
    return _plain(head, _translations, (pairs, args), {})


def _verdicts(cases: Sequence[Row], rows: Sequence[Row], args: Namespace) -> str:
    found = outcomes(cases, rows)
    if not found:
        raise InputError("no case was judged")
    figures = measure(found, missing=len(cases) - len(found))
    ends = intervals(
        found, lambda one: one.post, lambda some: measure(some).named(), args.resamples
    )
    document = _document(figures, ends)
    if args.plots:
        folder, title = Path(args.plots), TITLE.format(Path(args.cases).name)
        replace_file(folder / "accuracy.html", page(accuracy(found, figures, ends, title)))
        replace_file(folder / "accuracy.json", _json(document | {"curves": numbers(found)}))
    mistakes = worst(found, args.errors)
    if args.json:
        return _json(document | ({"errors": mistakes} if args.errors else {}))
    head = {"cases": figures.cases, "missing": figures.missing, **figures.named()}
    tables: list[RenderableType] = [_figures(head, ends), _types(figures), _confusion(figures)]
    return _text(*tables, *mistake_board(mistakes))


def _document(found: Figures, ends: Ends) -> dict[str, Any]:
    return {
        "cases": found.cases,
        "missing": found.missing,
        **found.named(),
        "intervals": ends,
        "minimal pairs": found.pairs,
        "types": {name: _counts(counts) for name, counts in found.types.items()},
        "spans": _counts(found.spans),
        "confusion": {f"{a} -> {b}": n for (a, b), n in sorted(found.confusion.items())},
    }


def _plain(
    head: Mapping[str, float],
    measured: Callable[[Sequence[Pair]], dict[str, float]],
    given: tuple[Sequence[Pair], Namespace],
    extra: Mapping[str, float],
) -> str:
    """Print a single table of figures."""
    pairs, args = given
    ends = intervals(pairs, lambda pair: post_of(pair[0]), measured, args.resamples)
    values = {**head, **measured(pairs), **extra}
    return _json(values | {"intervals": ends}) if args.json else _text(_figures(values, ends))


def _errors(pairs: Sequence[Pair]) -> dict[str, float]:
    """Measure AUC and MCC against `label` ERR or NOT."""
    truth = [case["label"] == "ERR" for case, _ in pairs]
    return {
        "AUC": _auc(pairs, truth, [not bad for bad in truth]),
        "MCC of the verdict": mcc(truth, [row["verdict"] == "misrepresents" for _, row in pairs]),
        "errors called misrepresents": _share(pairs, truth),
        "sound called misrepresents": _share(pairs, [not bad for bad in truth]),
    }


def _best_mcc(pairs: Sequence[Pair]) -> float:
    truth = [case["label"] == "ERR" for case, _ in pairs]
    scores: list[float] = [row["score"] for _, row in pairs]
    return max(mcc(truth, [score >= cut for score in scores]) for cut in set(scores))


def _translations(pairs: Sequence[Pair]) -> dict[str, float]:
    """Measure how many clean human-scored translations were accused."""
    clean = [case["score"] >= CLEAN_SCORE and not case["spans"] for case, _ in pairs]
    marred = [any(s["severity"] != "minor" for s in case["spans"]) for case, _ in pairs]
    return {
        "clean translations": sum(clean),
        "clean called misrepresents": _share(pairs, clean),
        "with a major error called misrepresents": _share(pairs, marred),
        "AUC, major error against clean": _auc(pairs, marred, clean),
    }


def _auc(pairs: Sequence[Pair], bad: Sequence[bool], good: Sequence[bool]) -> float:
    return auc(
        [row["score"] for (_, row), here in zip(pairs, bad, strict=True) if here],
        [row["score"] for (_, row), here in zip(pairs, good, strict=True) if here],
    )


def _share(pairs: Sequence[Pair], kept: Sequence[bool]) -> float:
    """Give the share of the kept ones that were accused."""
    accused = [
        row["verdict"] == "misrepresents"
        for (_, row), here in zip(pairs, kept, strict=True)
        if here
    ]
    return float(sum(accused) / max(1, len(accused)))


def _counts(counts: Counts) -> dict[str, float | int]:
    return {
        "hits": counts.hits, "false": counts.false, "missed": counts.missed,
        "precision": counts.precision, "recall": counts.recall, "f1": counts.f1,
    }  # fmt: skip


def _figures(head: Mapping[str, float], ends: Ends) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False)
    for name, value in head.items():
        shown = str(value) if isinstance(value, int) else f"{value:.3f}"
        whole = isinstance(value, int) or name not in ends
        table.add_row(name, shown, "" if whole else f"{ends[name][0]:.2f} to {ends[name][1]:.2f}")
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


def _text(*parts: RenderableType) -> str:
    out = io.StringIO()
    console = Console(file=out, width=100)
    for number, part in enumerate(parts):
        if number:
            console.print()
        console.print(part)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"


def _json(found: Mapping[str, Any]) -> str:
    # What is undefined, as an AUC without negatives, is null: JSON has no NaN.
    known = {name: None if value != value else value for name, value in found.items()}
    return encode(known, indent=2) + "\n"
