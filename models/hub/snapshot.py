"""What a snapshot of a model is, told from its `config.json` alone, and which files it needs."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from drift.errors import BackendError

Role = Literal["translation", "entailment", "embedding"]
WEIGHTS = ".safetensors"
INDEX = "model.safetensors.index.json"
CONFIG = "config.json"
_WHOLE = re.compile(r"[\w.-]{1,100}\.safetensors")
_PICKLES = (".bin", ".pt", ".pth", ".ckpt", ".h5", ".msgpack", ".ot", ".pkl")
_TOKENIZER = (
    "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json",
    "vocab.txt", "vocab.json", "merges.txt", "spm.model", "sentencepiece.bpe.model",
    "source.spm", "target.spm", "generation_config.json",
)  # fmt: skip
_SENTENCE = ("modules.json", "1_Pooling/config.json", "2_Dense/config.json")
_DENSE = "2_Dense/model.safetensors"
_SUPPORTED = (
    "Marian and NLLB/M2M translators, sequence classifiers that name entailment, "
    "and sentence encoders"
)


@dataclass(frozen=True, slots=True)
class Family:
    """What a model is for, and which code loads it."""

    role: Role
    name: str


@dataclass(frozen=True, slots=True)
class File:
    """A file of a snapshot as its holder lists it; what is not told is empty."""

    name: str
    size: int = 0
    sha256: str = ""
    blob: str = ""  # git's own hash of a small file


def family(config: Mapping[str, Any], identifier: str) -> Family:
    """Tell a model's family; raises `BackendError` for one that no code here loads."""
    if config.get("auto_map"):
        raise BackendError(f"{identifier} needs code of its own from the hub, which is never run")
    kind = str(config.get("model_type", ""))
    if kind == "marian":
        return Family("translation", "marian")
    if kind == "m2m_100":
        return Family("translation", "m2m")
    named = config.get("architectures") or [""]
    architecture = str(named[0])
    if architecture.endswith("ForSequenceClassification"):
        labels = [str(label).lower() for label in dict(config.get("id2label") or {}).values()]
        if any(label.startswith("entail") for label in labels):
            return Family("entailment", "classifier")
        raise BackendError(
            f"{identifier} classifies {', '.join(labels) or 'something'}, not entailment"
        )
    if architecture.endswith("Model") and not config.get("is_encoder_decoder"):
        if "causal" in architecture.lower() or kind.startswith(("gpt", "llama", "qwen")):
            raise _stranger(identifier, architecture, kind)
        return Family("embedding", "encoder")
    raise _stranger(identifier, architecture, kind)


def _stranger(identifier: str, architecture: str, kind: str) -> BackendError:
    what = architecture or kind or "of no named architecture"
    return BackendError(f"{identifier} is {what}; Drift loads {_SUPPORTED}")


def read_config(text: bytes, identifier: str) -> dict[str, Any]:
    """Read a `config.json`; raises `BackendError` where it is none."""
    try:
        found = json.loads(text)
    except ValueError as error:
        raise BackendError(f"{CONFIG} of {identifier} is no JSON: {error}") from error
    if not isinstance(found, dict):
        raise BackendError(f"{CONFIG} of {identifier} is no JSON object")
    return found


def needed(files: Iterable[File], kind: Family, identifier: str) -> tuple[File, ...]:
    """Choose the files to take; raises `BackendError` where one that is needed is missing."""
    listed = {file.name: file for file in files}
    names = [CONFIG, *_TOKENIZER]
    if kind.role == "embedding":
        names += [*_SENTENCE, _DENSE]
    whole = [name for name in listed if _WHOLE.fullmatch(name)]
    if not whole:
        pickled = any(name.endswith(_PICKLES) for name in listed)
        raise NoSafetensors(
            f"{identifier} has no safetensors weights"
            + (", only pickled ones, which are never loaded" if pickled else "")
        )
    missing = _missing(listed, kind)
    if missing:
        raise BackendError(f"{identifier} lacks {', '.join(missing)}")
    chosen = [name for name in names if name in listed] + _shards(whole, listed)
    return tuple(listed[name] for name in chosen)


class NoSafetensors(BackendError):  # noqa: N818 -- a refusal
    """A revision holds no weights in the one form that is loaded."""


def _shards(whole: list[str], listed: Mapping[str, File]) -> list[str]:
    """Take one file or one set of shards, not variants beside them."""
    if "model.safetensors" in whole:
        return ["model.safetensors"]
    return [*sorted(whole), *([INDEX] if INDEX in listed else [])]


def _missing(listed: Mapping[str, File], kind: Family) -> list[str]:
    if kind.name == "marian":
        wanted = ["source.spm", "target.spm", "vocab.json"]
    elif kind.name == "m2m":
        wanted = ["sentencepiece.bpe.model"]
    else:
        held = [name for name in ("tokenizer.json", "spm.model", "vocab.txt") if name in listed]
        held += ["sentencepiece.bpe.model"] if "sentencepiece.bpe.model" in listed else []
        wanted = [] if held else ["tokenizer.json"]
        if kind.role == "embedding" and "2_Dense/config.json" in listed:
            wanted.append(_DENSE)
    return [name for name in [CONFIG, *wanted] if name not in listed]
