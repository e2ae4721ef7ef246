"""The commands of `drift`, one file each; this tuple is the list, in the order of the help."""

from drift.commands import (
    batch,
    check,
    collect,
    demo,
    evaluate,
    keys,
    machines,
    serve,
    translate,
    weights,
)
from drift.commands.command import Backends, Command, KeyRing

COMMANDS: tuple[Command, ...] = (
    check.COMMAND,
    batch.COMMAND,
    machines.COMMAND,
    collect.COMMAND,
    translate.COMMAND,
    evaluate.COMMAND,
    weights.COMMAND,
    demo.COMMAND,
    serve.COMMAND,
    keys.COMMAND,
)

__all__ = ["COMMANDS", "Backends", "Command", "KeyRing"]
