"""Stores a collection between two pages of results, so that a broken run goes on."""

import json
import os
from pathlib import Path
from typing import Any

from drift.errors import InputError
from drift.ingest.collect import Collection, Gathered
from drift.records import Retweet


def output_rows(collection: Collection, post_url: str) -> list[dict[str, Any]]:
    """Give a collection as rows that `drift batch` and `drift check` read."""
    return [
        {
            "id": item.retweet.id,
            "post_url": post_url,
            "retweet": item.retweet.text,
            "retweet_url": item.retweet.url,
            "author": item.retweet.author,
            "created_at": item.retweet.created_at,
            "network": item.network,
            "count": item.count,
        }
        for item in collection.found.values()
    ]


def save(collection: Collection, post_url: str, output: Path) -> None:
    """Write the rows and the state beside them, each whole or not at all."""
    lines = (json.dumps(row, ensure_ascii=False) for row in output_rows(collection, post_url))
    _replace(output, "".join(f"{line}\n" for line in lines))
    state = {
        "post_url": post_url,
        "cursors": collection.cursors,
        "seen": sorted(collection.seen),
        "words": list(collection.found),
        "other_languages": collection.other_languages,
    }
    _replace(state_path(output), json.dumps(state, ensure_ascii=False))


def load(post_url: str, output: Path) -> Collection:
    """Take up a collection where it was left, or begin a new one."""
    path = state_path(output)
    if not path.exists():
        if output.exists() and output.stat().st_size:
            raise InputError(f"{output} is there already and no unfinished run: name another file")
        return Collection()
    try:
        state = json.loads(path.read_text(encoding="utf-8"))
        written = output.read_text(encoding="utf-8").splitlines()
        if state["post_url"] != post_url:
            raise InputError(f"{output} belongs to another post ({state['post_url']})")
        found = {
            words: _gathered(json.loads(line))
            for words, line in zip(state["words"], written, strict=True)
        }
        return Collection(found, set(state["seen"]), state["cursors"], state["other_languages"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path} is damaged: delete it and {output} to begin anew") from error


def finish(output: Path) -> None:
    """Remove the state of a run that came to its end."""
    state_path(output).unlink(missing_ok=True)


def state_path(output: Path) -> Path:
    """Give where the state of a run is kept: beside its output."""
    return output.with_name(f"{output.name}.state")


def _gathered(row: dict[str, Any]) -> Gathered:
    """Read back one row."""
    retweet = Retweet(
        row["id"], row["retweet"], row["retweet_url"], row["author"], row["created_at"]
    )
    return Gathered(retweet, row["network"], row["count"])


def _replace(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    part = path.with_name(f"{path.name}.part")
    try:
        with part.open("w", encoding="utf-8", newline="\n") as handle:
            handle.write(text)
            handle.flush()
            os.fsync(handle.fileno())
        part.replace(path)
    except OSError as error:
        raise InputError(f"cannot write {path}: {error.strerror}") from error
