"""`drift models`: what is installed, whether it is whole, and stronger models by choice."""

import argparse
import sys
from collections.abc import Sequence

from drift.commands.command import Backends, Command
from drift.errors import BackendError

_DESCRIPTION = """\
List, check, pull and remove models.

  drift models pull fast            a translator and a small sentence encoder
  drift models pull quality         a translator, entailment and a large sentence encoder
  drift models pull ORG/MODEL       any Marian, NLLB/M2M, entailment or sentence encoder of the hub
  drift models pull FOLDER          the same from a folder laid out like the hub's

Pulled models are pinned to a commit, checked by sha256, kept in DRIFT_HUB (default: your data
folder) and used offline with `--models hub`. They need the extra `hub`. Weights are read as
safetensors alone. A pull that was stopped continues when the same command is given again.
"""


def _arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    actions.add_parser("list", help="name, version, size and licence of each")
    verify = actions.add_parser("verify", help="check every file against its sha256")
    verify.add_argument("names", nargs="*", metavar="NAME", help="default: all")
    pull = actions.add_parser("pull", help="bring a model from the hub or from a folder")
    pull.add_argument("name", metavar="MODEL", help="quality, fast, ORG/MODEL, or a folder")
    pull.add_argument(
        "--revision", default="", metavar="COMMIT", help="default: the pinned one, else main's"
    )
    pull.add_argument(
        "--conversions", action="store_true",
        help="where a model has no safetensors, take those that others offer in a pull request",
    )  # fmt: skip
    remove = actions.add_parser("remove", help="delete a pulled model")
    remove.add_argument("name", metavar="MODEL")


def _run(args: argparse.Namespace, backends: Backends) -> int:
    if args.action == "pull":
        backends.pull(args.name, args.revision, args.conversions, _tell)
    elif args.action == "remove":
        sys.stdout.write(f"{backends.remove(args.name)}: removed\n")
    elif args.action == "list":
        _list(backends)
    else:
        _verify(args.names, backends)
    return 0


def _tell(words: str) -> None:
    """Say how a pull goes, on standard error and at once."""
    sys.stderr.write(words)
    sys.stderr.flush()


def _list(backends: Backends) -> None:
    for weight in backends.listing():
        size = f"{weight.size / 1e6:.1f} MB"
        line = f"{weight.name:<14} {weight.version:<12} {size:>9}  {weight.licence}"
        sys.stdout.write(f"{line}\n{'':<14} {weight.summary}\n")


def _verify(names: Sequence[str], backends: Backends) -> None:
    folders = {weight.name: weight.folder for weight in backends.listing()}
    for name in names or folders:
        if name not in folders:
            have = ", ".join(folders) or "none"
            raise BackendError(f"no weights named {name!r} are installed (installed: {have})")
        backends.verify(folders[name])
        sys.stdout.write(f"{name}: every file is as its manifest says\n")


COMMAND = Command("models", "list, check, pull or remove models", _arguments, _run, _DESCRIPTION)
