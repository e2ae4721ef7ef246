"""The few files that pages are made of: style, script, icon; each under the hash of its content."""

import hashlib
import json
from functools import cache
from importlib.resources import files

from api.forms import Filled
from drift.report.html import stylesheet

_MEDIA = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
_NAMES = ("site.css", "site.js", "icon.svg")


@cache
def _all() -> dict[str, bytes]:
    folder = files("api") / "static"
    found = {name: folder.joinpath(name).read_bytes() for name in _NAMES}
    return {**found, "report.css": stylesheet().encode()}


@cache
def address(name: str) -> str:
    """Give the address of a file, which changes whenever the file does."""
    stem, _, ending = name.rpartition(".")
    return f"/static/{stem}.{hashlib.sha256(_all()[name]).hexdigest()[:12]}.{ending}"


def find(name: str) -> tuple[bytes, str] | None:
    """Find a file by the last part of its address, with its media type."""
    for plain, data in _all().items():
        if address(plain) == f"/static/{name}":
            return data, _MEDIA[plain.rpartition(".")[2]]
    return None


@cache
def example() -> Filled:
    """Give the form filled in with the case that Drift exists for."""
    folder = files("drift") / "demo"
    lines = (folder / "retweets.jsonl").read_text("utf-8").splitlines()
    retweets = [json.loads(line)["retweet"].replace("\n", " ") for line in lines if line.strip()]
    return Filled((folder / "post.txt").read_text("utf-8"), "\n".join(retweets), "", b"")
