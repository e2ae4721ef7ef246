"""Speaks with the hub: what a revision holds, and its files, gone on with after a break.

Plain HTTP of the standard library: the hub's own client keeps nothing of a download that broke off.
"""

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.client import HTTPException, HTTPMessage, HTTPResponse
from pathlib import Path
from typing import IO, Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from drift.errors import BackendError
from models.hub.snapshot import File

ENDPOINT = "https://huggingface.co"
_PATIENCE = 30.0  # seconds without a byte after which a connection counts as lost
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_CHUNK = 1 << 20
_LONGEST_LISTING = 32 << 20
_LONGEST_UNLISTED = 64 << 20  # of a file whose size the hub does not tell
_BROKEN = "the connection broke off at {what}; the same command goes on from there"
_REFUSED = {401: "asks for a token", 403: "does not let this token in", 404: "does not exist"}


@dataclass(frozen=True, slots=True)
class Listing:
    """What one commit of a model holds, as the hub tells it."""

    commit: str
    files: tuple[File, ...]
    licence: str


@dataclass(frozen=True, slots=True)
class Offer:
    """A pull request of a model: others' work, not its owner's."""

    ref: str
    commit: str


class _Careful(HTTPRedirectHandler):
    """Follows redirects, but carries the token to no other host and leaves https for nothing."""

    def redirect_request(  # noqa: PLR0913 -- the library's own
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> Request | None:
        """Follow, without the token where the host changes."""
        _refuse_plain(newurl)
        following = super().redirect_request(req, fp, code, msg, headers, newurl)
        if following is not None and urlsplit(newurl).netloc != urlsplit(req.full_url).netloc:
            following.remove_header("Authorization")
        return following


class Hub:
    """A model hub; the address and the token come from HF_ENDPOINT and HF_TOKEN."""

    def __init__(self) -> None:
        self._address = (os.environ.get("HF_ENDPOINT") or ENDPOINT).rstrip("/")
        self._token = os.environ.get("HF_TOKEN")
        _refuse_plain(self._address)
        self._opener = build_opener(_Careful)

    def listing(self, model: str, revision: str) -> Listing:
        """Ask what a revision holds; a name such as `main` is resolved to its commit."""
        place = f"api/models/{quote(model)}/revision/{quote(revision, safe='')}?blobs=true"
        found = self._json(place, f"{model} at {revision}")
        try:
            files = tuple(_file(row) for row in found["siblings"])
            licence = str((found.get("cardData") or {}).get("license") or "")
            return Listing(str(found["sha"]), files, licence)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise BackendError(f"the hub's list of {model} cannot be read: {error!r}") from error

    def offers(self, model: str) -> tuple[Offer, ...]:
        """Ask which pull requests a model has, the latest first."""
        found = self._json(f"api/models/{quote(model)}/refs?include_prs=1", model)
        rows = found.get("pullRequests") or []
        offers = [Offer(str(row["ref"]), str(row["targetCommit"])) for row in rows]
        return tuple(reversed(offers))

    def download(
        self, model: str, commit: str, file: File, target: Path, tick: Callable[[int], None]
    ) -> None:
        """Fetch a file, going on where an earlier try broke off; then check it.

        `tick` is told of every stretch of bytes. A file that is not what the hub listed is removed.
        """
        part = target.with_name(target.name + ".part")
        part.parent.mkdir(parents=True, exist_ok=True)
        held = part.stat().st_size if part.exists() else 0
        if file.size and held > file.size:
            part.unlink()
            held = 0
        if not file.size or held < file.size:
            self._append(f"{quote(model)}/resolve/{commit}/{quote(file.name)}", part, file, tick)
        if part.stat().st_size < file.size:
            raise BackendError(_BROKEN.format(what=file.name))
        problem = difference(part, file)
        if problem:
            part.unlink()
            raise BackendError(f"{file.name} of {model} is not what the hub lists: {problem}")
        part.replace(target)

    def _append(self, place: str, part: Path, file: File, tick: Callable[[int], None]) -> None:
        held = part.stat().st_size if part.exists() else 0
        headers = {"Range": f"bytes={held}-"} if held else {}
        with self._open(place, headers, place) as answer:
            # A server that does not know ranges answers 200 and sends all of it again.
            again = held and answer.status != 206
            with part.open("wb" if again else "ab") as out:
                tick(0 if again else held)
                longest = file.size or _LONGEST_UNLISTED
                for chunk in _bounded(_chunks(answer, place), longest - out.tell(), file.name):
                    out.write(chunk)
                    tick(len(chunk))

    def _json(self, place: str, what: str) -> dict[str, Any]:
        with self._open(place, {}, what) as answer:
            text = b"".join(_bounded(_chunks(answer, what), _LONGEST_LISTING, what))
        try:
            found = json.loads(text)
        except ValueError as error:
            raise BackendError(f"the hub's answer about {what} is no JSON: {error}") from error
        if not isinstance(found, dict):
            raise BackendError(f"the hub's answer about {what} is no JSON object")
        return found

    def _open(self, place: str, headers: dict[str, str], what: str) -> HTTPResponse:
        request = Request(f"{self._address}/{place}", headers={"User-Agent": "drift", **headers})  # noqa: S310 -- the scheme was checked
        if self._token:
            request.add_header("Authorization", f"Bearer {self._token}")
        try:
            answer: HTTPResponse = self._opener.open(request, timeout=_PATIENCE)
        except HTTPError as error:
            told = _REFUSED.get(error.code, f"answers {error.code}")
            raise BackendError(f"{what} {told} at {self._address}") from error
        except (URLError, OSError, HTTPException) as error:
            reason = getattr(error, "reason", error)
            raise BackendError(
                f"no way to {self._address} ({reason}); models already pulled work without it"
            ) from error
        return answer


def difference(path: Path, file: File) -> str:
    """Say how a file differs from what was listed; nothing where it does not."""
    if file.size and path.stat().st_size != file.size:
        return f"{path.stat().st_size} bytes instead of {file.size}"
    if file.sha256 and _hash(path, "sha256") != file.sha256:
        return "its sha256 differs"
    # Small files are listed by git's hash alone: SHA-1 over a header and the content.
    if file.blob and not file.sha256 and _hash(path, "sha1", blob=True) != file.blob:
        return "its git hash differs"
    return ""


def _hash(path: Path, kind: str, *, blob: bool = False) -> str:
    digest = hashlib.new(kind, usedforsecurity=kind != "sha1")
    if blob:
        digest.update(b"blob %d\0" % path.stat().st_size)
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _file(row: dict[str, Any]) -> File:
    large = row.get("lfs") or {}
    size = int(large.get("size") or row.get("size") or 0)
    name = str(row["rfilename"])
    if name.startswith("/") or ".." in name.split("/") or "\\" in name:
        raise ValueError(f"the file name {name!r} leads out of the folder")
    return File(name, size, str(large.get("sha256") or ""), str(row.get("blobId") or ""))


def _chunks(answer: HTTPResponse, what: str) -> Iterator[bytes]:
    try:
        while chunk := answer.read1(_CHUNK):
            yield chunk
    except (OSError, HTTPException) as error:
        raise BackendError(_BROKEN.format(what=what)) from error


def _bounded(chunks: Iterator[bytes], longest: int, what: str) -> Iterator[bytes]:
    total = 0
    for chunk in chunks:
        total += len(chunk)
        if total > longest:
            raise BackendError(f"the hub sends more of {what} than it may have")
        yield chunk


def _refuse_plain(address: str) -> None:
    parts = urlsplit(address)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        raise BackendError(f"{address} is not https; models are fetched over https alone")
