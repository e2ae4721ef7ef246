"""Runs `drift` in a child process that fails at a chosen step of its work on the disk.

Every write, flush, sync, rename, removal and making of a folder is a step, and so is the middle of
every write. At the chosen one the child is killed as with kill -9, or the disk refuses.
"""

import io
import os
import select
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

from drift.cli import main

_CALLS = ("fsync", "replace", "rename", "unlink", "rmdir", "mkdir")


def killed(_):
    """Die at once, without a chance to tidy up."""
    os.kill(os.getpid(), signal.SIGKILL)


def refused(number):
    """Make the effect of a disk that answers with an error."""

    def effect(_):
        raise OSError(number, os.strerror(number))

    return effect


class _File(io.RawIOBase):
    """A file opened for writing, whose steps are counted."""

    def __init__(self, inner, step):
        self._inner, self._step = inner, step

    def write(self, content):
        """Write the first half, and then the rest."""
        self._step("write")
        half = len(content) // 2
        self._inner.write(content[:half])
        self._inner.flush()
        self._step("half a write")
        self._inner.write(content[half:])
        return len(content)

    def flush(self):
        """Pass it on."""
        if not self._inner.closed:
            self._inner.flush()

    def fileno(self):
        """Pass it on."""
        return self._inner.fileno()

    def close(self):
        """Pass it on, without the flush of the base class."""
        self._inner.close()


def run(args, at=0, effect=killed):
    """Run a command; at its step number `at` the effect comes.

    Gives the exit status (negative: the signal) and, for a run to its end, the number of steps.
    """
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        status = 70
        with suppress(BaseException):
            os.close(reader)
            sys.stdout = sys.stderr = io.StringIO()
            counted = _patch(at, effect)
            status = main([str(arg) for arg in args])
            os.write(writer, str(counted[0]).encode())
        os._exit(status)
    os.close(writer)
    with os.fdopen(reader, "rb") as answer:
        steps = int(answer.read() or 0)
    return status_of(child), steps


def started(args):
    """Start a command in a process group of its own, with the models that are loaded here.

    Gives its number, and a pipe of what it says; that ends when it and all its children have.
    """
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        status = 70
        with suppress(BaseException):
            os.setpgid(0, 0)
            os.close(reader)
            os.dup2(writer, 1)
            os.dup2(writer, 2)
            sys.stdout = sys.stderr = os.fdopen(writer, "w", buffering=1)
            status = main([str(arg) for arg in args])
        os._exit(status)
    os.close(writer)
    with suppress(OSError):
        os.setpgid(child, child)  # whoever of the two comes first
    return child, reader


def heard(reader, seconds=None):
    """Read a pipe to its end; give None when that has not come after so many seconds."""
    until = None if seconds is None else time.monotonic() + seconds
    told = b""
    while True:
        rest = None if until is None else max(0.0, until - time.monotonic())
        if not select.select([reader], [], [], rest)[0]:
            return None
        block = os.read(reader, 1 << 16)
        if not block:
            return told
        told += block


def status_of(child):
    """Wait for a child; give its exit status (negative: the signal)."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _patch(at, effect):
    counted = [0]

    def step(name):
        counted[0] += 1
        if counted[0] == at:
            effect(name)

    def around(name):
        inner = getattr(os, name)

        def call(*args, **named):
            step(f"before {name}")
            found = inner(*args, **named)
            step(f"after {name}")
            return found

        setattr(os, name, call)

    for name in _CALLS:
        around(name)
    plain_open = io.open

    def opened(file, mode="r", *args, **named):
        if "w" not in mode:
            return plain_open(file, mode, *args, **named)
        step("before open")
        inner = plain_open(file, mode, *args, **named)
        step("after open")
        return _File(inner, step) if "b" in mode else inner

    io.open = opened
    return counted


def left(folder):
    """List what lies in a folder, hidden files too."""
    return sorted(path.name for path in Path(folder).iterdir())
