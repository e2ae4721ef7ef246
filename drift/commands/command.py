"""What a command is made of, and what it may ask of the models."""

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from drift.pipeline import Tools


class KeyRing(Protocol):
    """The keys of the HTTP API, as `drift keys` handles them."""

    def create(self, name: str, scopes: Sequence[str]) -> tuple[str, str]:
        """Make a key; give it and its webhook secret, which are shown this once."""
        ...

    def listing(self) -> Sequence[Any]:
        """Give every key without its secret part."""
        ...

    def revoke(self, prefix: str) -> str:
        """Revoke the key whose shown part is given, and give its name."""
        ...

    def rotate(self, prefix: str) -> str:
        """Change the webhook secret of a key, and give the new one."""
        ...

    def resend(self, prefix: str) -> int:
        """Send the messages again that a key's receivers never heard; count them."""
        ...


@dataclass(frozen=True, slots=True)
class Backends:
    """The doors to the models and the web, passed in so that the core never imports them."""

    tools: Callable[[str], Tools]
    tools_of_batch: Callable[[str], Tools]  # the same, with a translator that remembers on disk
    listing: Callable[[], Sequence[Any]]
    verify: Callable[[Path], None]
    pull: Callable[[str, str, bool, Callable[[str], None]], None]
    remove: Callable[[str], str]
    serve: Callable[[Mapping[str, str]], None]
    keys: Callable[[str | None], KeyRing]


@dataclass(frozen=True, slots=True)
class Command:
    """A sub-command: its name, help, arguments, and what runs it."""

    name: str
    summary: str
    arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace, Backends], int]
    description: str = ""


def add_models(parser: argparse.ArgumentParser) -> None:
    """Add the option that chooses the models."""
    parser.add_argument(
        "--models", default="auto", metavar="NAME",
        help="who translates and advises: auto (default), embedded, gloss (the lexical table "
        "alone), hub (what `drift models pull` brought), a pulled model, or a folder; with +judge "
        "behind it, the LLM judge that DRIFT_JUDGE_URL names is asked too",
    )  # fmt: skip
