"""What a command is made of, and what it may ask of the models."""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from drift.pipeline import Tools


@dataclass(frozen=True, slots=True)
class Backends:
    """The doors to the models, passed in so that the core never imports them."""

    tools: Callable[[str], Tools]
    listing: Callable[[], Sequence[Any]]
    verify: Callable[[Path], None]


@dataclass(frozen=True, slots=True)
class Command:
    """A sub-command: its name, help, arguments, and what runs it."""

    name: str
    summary: str
    arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace, Backends], int]
    description: str = ""


def add_models(parser: argparse.ArgumentParser) -> None:
    """Add the option that chooses the translator."""
    parser.add_argument(
        "--models",
        default="auto",
        metavar="NAME",
        help="who back-translates: auto (default), embedded, or gloss (the lexical table alone)",
    )
