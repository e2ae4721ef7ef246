"""Runs the recipe: parallel text in, the shipped table and the core's word files out."""

import argparse
import logging
import os
import time
from collections.abc import Callable
from pathlib import Path

from models import weights
from models.recipes.lexical import align, card, cedict, lemmas, prepare, table, words
from models.recipes.lexical.counts import count

_LOG = logging.getLogger("lexical")


def main() -> None:
    """Parse the arguments and run every step that has not been run yet."""
    parser = argparse.ArgumentParser(prog="python -m models.recipes.lexical", description=__doc__)
    parser.add_argument(
        "--data", type=Path, required=True, help="folder with parallel/ and lexicon/"
    )
    parser.add_argument("--work", type=Path, required=True, help="folder for files in between")
    parser.add_argument("--output", type=Path, required=True, help="folder of the shipped table")
    parser.add_argument(
        "--lexicons", type=Path, help="write words.txt, pinyin.txt, lemmas.txt here"
    )
    parser.add_argument(
        "--limit", type=int, help="take at most so many pairs a source, for a trial"
    )
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    arguments.work.mkdir(parents=True, exist_ok=True)
    arguments.output.mkdir(parents=True, exist_ok=True)
    run(arguments)


def run(arguments: argparse.Namespace) -> None:
    """Cut, align, count and write; a step whose file exists in the work folder is not repeated."""
    data, work, output = arguments.data, arguments.work, arguments.output
    if arguments.lexicons:
        _once(work / "words.done", lambda: _write_words(arguments))
    _once(work / "tokens.done", lambda: prepare.write_tokens(data, work, arguments.limit))
    _once(work / "align.done", lambda: align.align(work))
    started = time.perf_counter()
    counts = count(work)
    chinese, english = table.write(counts, output)
    _LOG.info("%d Chinese words, %d English units", len(chinese), len(english))
    if arguments.lexicons:
        forms = lemmas.write(english, counts.english, arguments.lexicons / "lemmas.txt")
        _LOG.info("%d English forms", forms)
    card.write(output, counts, chinese, (data, work))
    facts = {
        "name": "lexical",
        "version": "1",
        "summary": "Chinese-English word translations with probabilities, both ways",
        "licence": "CC BY-NC-SA 4.0 (see CARD.md)",
        "recipe": "models.recipes.lexical",
    }
    weights.write_manifest(output, facts)
    _LOG.info("counted and wrote in %.0f s", time.perf_counter() - started)


def _write_words(arguments: argparse.Namespace) -> int:
    """Write the core's word list and Pinyin, with which everything after is cut."""
    data, work, folder = arguments.data, arguments.work, arguments.lexicons
    seen = prepare.count_words(data, work, arguments.limit)
    entries = cedict.read(data / "lexicon" / "cc-cedict.u8.xz")
    words.write_pinyin(entries, seen, folder / "pinyin.txt")
    return words.write_words(work / "dictionary.txt", seen, entries, folder / "words.txt")


def _once(marker: Path, step: Callable[[], object]) -> None:
    if marker.exists():
        return
    before = os.times()
    done = step()
    after = os.times()
    spent = sum(after[:4]) - sum(before[:4])
    made = "" if done is None else f"{done} lines, "
    marker.write_text(f"{made}{spent:.0f} CPU seconds\n", "utf-8")
    _LOG.info("%s: %s%.0f CPU seconds", marker.stem, made, spent)


if __name__ == "__main__":
    main()
