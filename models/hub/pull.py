"""Pulls a model: shows what it is, fetches what is missing, checks, converts, puts it in place."""

import json
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from drift.errors import BackendError
from models import weights
from models.hub import local, store
from models.hub.catalogue import Known, known
from models.hub.quiet import libraries
from models.hub.remote import Hub, Listing, difference
from models.hub.snapshot import (
    CONFIG,
    INDEX,
    WEIGHTS,
    Family,
    File,
    NoSafetensors,
    family,
    needed,
    read_config,
)

_NAME = re.compile(r"[\w.-]{1,96}(/[\w.-]{1,96})?")
_COMMIT = re.compile(r"[0-9a-f]{40}")
_ROOM = 1.6  # of the download's size, for the copy that is put in place
_SUMMARIES = {
    "marian": "a Marian model, kept as CTranslate2 int8",
    "m2m": "a many-language model, kept as CTranslate2 int8",
    "classifier": "a sequence classifier",
    "encoder": "a sentence encoder",
}
_SEEN = 5  # pull requests that are looked at for safetensors

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for beside the name."""

    revision: str = ""  # a commit, a branch, or refs/pr/N
    conversions: bool = False  # take safetensors that others offer where the owner has none


class Holder(Protocol):
    """Whoever has the snapshot: the hub, or a folder."""

    def take(self, file: File, target: Path, tick: Callable[[int], None]) -> None:
        """Bring one file to its place, checked."""
        ...


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A commit of a model and who holds it."""

    id: str
    commit: str
    files: tuple[File, ...]
    licence: str
    holder: Holder


@dataclass(slots=True)
class _Remote:
    """A snapshot on the hub."""

    hub: Hub
    id: str
    commit: str

    def take(self, file: File, target: Path, tick: Callable[[int], None]) -> None:
        """Fetch one file, unless it is there and as listed."""
        if target.is_file() and not difference(target, file):
            tick(file.size)
            return
        self.hub.download(self.id, self.commit, file, target, tick)


@dataclass(slots=True)
class _Here:
    """A snapshot in a folder."""

    folder: local.Folder

    def take(self, file: File, target: Path, tick: Callable[[int], None]) -> None:
        """Copy one file."""
        local.take(self.folder, file, target)
        tick(file.size)


def pull(name: str, wish: Wish, tell: Tell) -> store.Installed:
    """Pull one model by its name on the hub or by its folder, and give it as installed."""
    libraries("torch", "transformers", "ctranslate2", "sentencepiece")  # before the download
    snapshot = _here(name) if _is_path(name) else _there(name, wish, tell)
    about = known(snapshot.id)
    work = store.workplace(snapshot.id, snapshot.commit)
    kind = _family(snapshot, work)
    try:
        files = needed(snapshot.files, kind, snapshot.id)
    except NoSafetensors as refusal:
        snapshot = _offered(snapshot, wish, tell, refusal)
        work = store.workplace(snapshot.id, snapshot.commit)
        files = needed(snapshot.files, kind, snapshot.id)
    _show(snapshot, about, kind, files, tell)
    _refuse_no_room(work, files)
    progress = _Progress(sum(file.size for file in files), tell)
    for file in files:
        snapshot.holder.take(file, work / "source" / file.name, progress.tick)
    _refuse_incomplete(work / "source", snapshot.id)
    ready = _ready(work, kind, about, files)
    _describe(ready, snapshot, about, kind)
    store.install(ready, snapshot.id)
    shutil.rmtree(work, ignore_errors=True)
    return store.installed(snapshot.id)


def _is_path(name: str) -> bool:
    return name.startswith((".", "/", "~")) or Path(name).is_dir()


def _here(name: str) -> Snapshot:
    folder = local.find(name)
    files = local.files(folder)
    commit = folder.commit or local.commit_of(folder.path, tuple(file.name for file in files))
    return Snapshot(folder.id, commit, files, "", _Here(folder))


def _there(name: str, wish: Wish, tell: Tell) -> Snapshot:
    if not _NAME.fullmatch(name):
        raise BackendError(f"{name!r} is no model's name; write ORG/MODEL or a folder")
    hub = Hub()
    revision = wish.revision or known(name).revision or "main"
    listing = hub.listing(name, revision)
    if _COMMIT.fullmatch(revision) and listing.commit != revision:
        raise BackendError(f"the hub gives {listing.commit} for commit {revision} of {name}")
    if not _COMMIT.fullmatch(revision):
        tell(f"{name}: {revision} is commit {listing.commit}, which is what is pulled\n")
    return _listed(hub, name, listing)


def _listed(hub: Hub, name: str, listing: Listing) -> Snapshot:
    holder = _Remote(hub, name, listing.commit)
    return Snapshot(name, listing.commit, listing.files, listing.licence, holder)


def _family(snapshot: Snapshot, work: Path) -> Family:
    config = next((file for file in snapshot.files if file.name == CONFIG), None)
    if config is None:
        raise BackendError(f"{snapshot.id} lacks {CONFIG}")
    target = work / "source" / CONFIG
    snapshot.holder.take(config, target, lambda _: None)
    return family(read_config(target.read_bytes(), snapshot.id), snapshot.id)


def _offered(snapshot: Snapshot, wish: Wish, tell: Tell, refusal: NoSafetensors) -> Snapshot:
    """Look for the same model with safetensors among its pull requests.

    They are others' work. One counts only if all but the weights is as the owner has it, and is
    taken only when that was asked for.
    """
    if not isinstance(snapshot.holder, _Remote):
        raise refusal
    for ref, listing in _candidates(snapshot.holder.hub, snapshot):
        if wish.conversions:
            tell(
                f"{snapshot.id}: weights from {ref}, offered by others (commit {listing.commit})\n"
            )
            return _listed(snapshot.holder.hub, snapshot.id, listing)
        raise BackendError(
            f"{refusal}. {ref} offers them, everything else unchanged; it is others' work. "
            f"If you trust it: drift models pull {snapshot.id} --revision {ref}"
        ) from refusal
    raise refusal


def _candidates(hub: Hub, snapshot: Snapshot) -> Iterator[tuple[str, Listing]]:
    own = {file.name: (file.blob, file.sha256) for file in snapshot.files}
    for offer in hub.offers(snapshot.id)[:_SEEN]:
        listing = hub.listing(snapshot.id, offer.commit)
        theirs = {file.name: (file.blob, file.sha256) for file in listing.files}
        added = theirs.keys() - own.keys()
        weights_alone = all(name.endswith((WEIGHTS, INDEX)) for name in added)
        if added and weights_alone and own.items() <= theirs.items():
            yield offer.ref, listing


def _show(
    snapshot: Snapshot, about: Known, kind: Family, files: tuple[File, ...], tell: Tell
) -> None:
    size = sum(file.size for file in files)
    licence = about.licence or snapshot.licence or "not stated; read the model's page"
    tell(f"{snapshot.id}\n")
    tell(f"  for       {kind.role}{f', {about.direction}' if about.direction else ''}\n")
    tell(f"  commit    {snapshot.commit}\n")
    tell(f"  size      {size / 1e6:.1f} MB in {len(files)} files\n")
    tell(f"  licence   {licence}\n")
    if about.note or "nc" in licence.lower().split("-"):
        tell(f"  WARNING   {about.note or 'its licence forbids commercial use'}\n")


def _refuse_no_room(work: Path, files: tuple[File, ...]) -> None:
    work.mkdir(parents=True, exist_ok=True)
    held = sum(path.stat().st_size for path in work.rglob("*") if path.is_file())
    wanted = int(_ROOM * sum(file.size for file in files)) - held
    free = shutil.disk_usage(work).free
    if wanted > free:
        raise BackendError(
            f"{work} has {free / 1e6:.0f} MB free, {wanted / 1e6:.0f} MB are needed; "
            f"set {store.VARIABLE} to a folder with more room"
        )


def _refuse_incomplete(source: Path, identifier: str) -> None:
    """Refuse a set of shards that its own index does not find complete."""
    index = source / INDEX
    if not index.is_file():
        return
    shards = set(read_config(index.read_bytes(), identifier).get("weight_map", {}).values())
    missing = sorted(name for name in shards if not (source / str(name)).is_file())
    if missing:
        raise BackendError(f"{identifier} lacks {', '.join(missing)}, which {INDEX} names")


def _ready(work: Path, kind: Family, about: Known, files: tuple[File, ...]) -> Path:
    """Make the folder that is installed, and try it once."""
    ready = work / "ready"
    shutil.rmtree(ready, ignore_errors=True)
    ready.mkdir(parents=True)
    if kind.role == "translation":
        from models.hub.convert import convert

        convert(work / "source", ready, kind.name)
        return ready
    for file in files:
        # Manifests name no sub-folders: 1_Pooling/config.json lies beside the rest.
        flat = file.name.replace("_Pooling/config", "_Pooling").replace("_Dense/config", "_Dense")
        shutil.copyfile(work / "source" / file.name, ready / flat.replace("_Dense/model", "_Dense"))
    from models.hub.encoders import trial

    trial(ready, kind, about.prefix)
    return ready


def _describe(ready: Path, snapshot: Snapshot, about: Known, kind: Family) -> None:
    """Write down where all came from, and the manifest over all files."""
    source = ready.parent / "source"
    origin = {
        path.relative_to(source).as_posix(): {
            "bytes": path.stat().st_size,
            "sha256": weights.sha256(path),
        }
        for path in sorted(source.rglob("*"))
        if path.is_file()
    }
    told = {"id": snapshot.id, "commit": snapshot.commit, "files": origin}
    (ready / "origin.json").write_text(json.dumps(told, indent=1) + "\n", "utf-8")
    weights.write_manifest(
        ready,
        {
            "name": snapshot.id,
            "version": snapshot.commit,
            "role": kind.role,
            "family": kind.name,
            "licence": about.licence or snapshot.licence or "not stated",
            "summary": about.summary or _SUMMARIES[kind.name],
            "note": about.note,
            "direction": about.direction or ("zh-en" if kind.role == "translation" else ""),
            "prefix": about.prefix,
            "remedy": f"remove it and run `drift models pull {snapshot.id}` again",
        },
    )


@dataclass(slots=True)
class _Progress:
    """Tells how far a download is, each tenth once."""

    total: int
    tell: Tell
    done: int = 0
    told: int = field(default=0)

    def tick(self, size: int) -> None:
        """Count bytes."""
        self.done += size
        tenth = 10 * self.done // self.total if self.total else 10
        if tenth > self.told:
            self.told = tenth
            self.tell(f"  {min(100, 10 * tenth)} % of {self.total / 1e6:.1f} MB\n")
