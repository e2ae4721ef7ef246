"""Where results go: a file, whole or not at all, or the terminal."""

import os
import sys
import tempfile
from pathlib import Path

from drift.errors import InputError
from drift.visible import visible

FORMS = {
    ".txt": "text",
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".md": "md",
    ".csv": "csv",
    ".html": "html",
    ".htm": "html",
}


def form_of(asked: str | None, output: str | None) -> str:
    """Choose the format: the one asked for, else by the file's ending, else text."""
    if asked:
        return asked
    if output and output != "-":
        suffix = Path(output).suffix.lower()
        if suffix not in FORMS:
            raise InputError(
                f"cannot tell the format of {output!r}; "
                f"end it in {', '.join(FORMS)} or give --format"
            )
        return FORMS[suffix]
    return "text"


def write(text: str, output: str | None) -> None:
    """Write to standard output, or to a file that appears whole or not at all."""
    if output is None or output == "-":
        sys.stdout.write(text if text.endswith("\n") else text + "\n")
        return
    replace_file(Path(output), text)


def replace_file(path: Path, text: str) -> None:
    """Write a file through a temporary one beside it (written, synced, renamed)."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8", errors="replace", newline="") as file:
                file.write(text if text.endswith("\n") else text + "\n")
                file.flush()
                os.fsync(file.fileno())
            Path(name).chmod(0o644)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError(f"cannot write {visible(str(path))}: {reason}") from error
