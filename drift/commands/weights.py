"""`drift models`: which weights are installed, and whether they are whole."""

import argparse
import sys

from drift.commands.command import Backends, Command
from drift.errors import BackendError


def _arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    actions.add_parser("list", help="name, version, size and licence of each")
    verify = actions.add_parser("verify", help="check every file against its sha256")
    verify.add_argument("names", nargs="*", metavar="NAME", help="default: all")


def _run(args: argparse.Namespace, backends: Backends) -> int:
    installed = list(backends.listing())
    if args.action == "list":
        for weight in installed:
            size = f"{weight.size / 1e6:.1f} MB"
            line = f"{weight.name:<14} {weight.version:<12} {size:>9}  {weight.licence}"
            sys.stdout.write(f"{line}\n{'':<14} {weight.summary}\n")
        return 0
    wanted = args.names or [weight.name for weight in installed]
    folders = {weight.name: weight.folder for weight in installed}
    for name in wanted:
        if name not in folders:
            have = ", ".join(folders) or "none"
            raise BackendError(f"no weights named {name!r} are installed (installed: {have})")
        backends.verify(folders[name])
        sys.stdout.write(f"{name}: every file is as its manifest says\n")
    return 0


COMMAND = Command("models", "list or verify the installed weights", _arguments, _run)
