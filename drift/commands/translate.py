"""`drift translate`: a line of Chinese in, a line of English out."""

import argparse
import sys
from collections.abc import Sequence

from drift.commands.command import Backends, Command, add_models
from drift.commands.inputs import names_file
from drift.commands.output import write
from drift.commands.progress import tracked
from drift.ingest.files import read_text
from drift.translate import alterations

_BATCH = 256


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("input", metavar="INPUT", help="a text file, a text in quotes, or -")
    parser.add_argument("--output", "-o", metavar="FILE", help="default: standard output")
    add_models(parser)


def _run(args: argparse.Namespace, backends: Backends) -> int:
    given = args.input
    text = read_text(given) if given == "-" or names_file(given) else given
    lines = text.removesuffix("\n").split("\n")
    translator = backends.tools(args.models).translator
    parts = [lines[i : i + _BATCH] for i in range(0, len(lines), _BATCH)]
    english: list[str] = []
    for part in tracked(parts, "translating"):
        english += [line.replace("\n", " ") for line in translator.translate(part)]
    write("\n".join(english) + "\n", args.output)
    _warn(lines, english)
    return 0


def _warn(lines: Sequence[str], english: Sequence[str]) -> None:
    """Name on standard error what a translation changed, so that the output is English alone."""
    for number, (source, said) in enumerate(zip(lines, english, strict=True), 1):
        changed = alterations(source, said)
        if changed:
            sys.stderr.write(f"line {number}: differs in the Chinese: {', '.join(changed)}\n")


COMMAND = Command("translate", "translate Chinese lines into English", _arguments, _run)
