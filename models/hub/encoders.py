"""Runs encoders of the hub with PyTorch: batches by length, one process, no gradient."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from drift.errors import BackendError
from models.hub.device import chosen, torch_place
from models.hub.quiet import libraries
from models.hub.snapshot import Family

LONGEST = 512  # pieces that these encoders were trained to read at once
ROOM = 4096  # pieces in a batch, padding counted


class Encoder:
    """A network with its tokenizer, on the device that was chosen."""

    def __init__(self, folder: Path, *, classifies: bool) -> None:
        libraries("torch", "transformers")
        if not any((folder / name).is_file() for name in ("tokenizer.json", "vocab.txt")):
            libraries("sentencepiece", "google.protobuf")
        import transformers

        kind = "AutoModelForSequenceClassification" if classifies else "AutoModel"
        device, number = torch_place(chosen())
        try:
            network, told = getattr(transformers, kind).from_pretrained(
                folder,
                use_safetensors=True,
                local_files_only=True,
                trust_remote_code=False,
                dtype=number,
                output_loading_info=True,
            )
            tokenizer = transformers.AutoTokenizer.from_pretrained(
                folder, local_files_only=True, trust_remote_code=False
            )
        except Exception as error:  # the library raises whatever a broken checkpoint provokes
            raise BackendError(f"{folder.name} cannot be loaded: {error}") from error
        # What the weights lack would be filled in by chance, without a word.
        lacking = sorted(name for name in told["missing_keys"] if "pooler" not in name)
        if lacking or told["mismatched_keys"]:
            raise BackendError(
                f"{folder.name} has no weights for {', '.join(lacking[:3]) or 'its sizes'}; "
                "they are another model's"
            )
        self.config: Any = network.config
        self.device = device
        self._network: Any = network.to(device).eval()
        self._tokenizer: Any = tokenizer

    def run(
        self, firsts: Sequence[str], seconds: Sequence[str] | None = None
    ) -> Iterator[tuple[list[int], Any, Any]]:
        """Yield the texts' numbers, what the network gave for them, and their mask, batchwise.

        Where two texts are too long together, the first is cut.
        """
        import torch

        cut = "only_first" if seconds else True
        second = list(seconds) if seconds else None
        pieces = self._tokenizer(list(firsts), second, truncation=cut, max_length=self._longest())
        lengths = [len(ids) for ids in pieces["input_ids"]]
        for numbers in batches(lengths, ROOM):
            rows = {name: [values[i] for i in numbers] for name, values in pieces.items()}
            padded = self._tokenizer.pad(rows, return_tensors="pt").to(self.device)
            with torch.inference_mode():
                given = self._network(**padded)
            yield numbers, given, padded["attention_mask"]

    def _longest(self) -> int:
        places = int(getattr(self.config, "max_position_embeddings", LONGEST) or LONGEST)
        # RoBERTa's kin number places from behind the padding's own.
        if getattr(self.config, "model_type", "") in {"roberta", "xlm-roberta", "camembert"}:
            places -= 2
        return min(LONGEST, places)


def batches(lengths: Sequence[int], room: int) -> Iterator[list[int]]:
    """Group numbers of like length so that count times longest stays within the room.

    >>> list(batches([3, 9, 2, 8], 18))
    [[2, 0], [3, 1]]
    """
    group: list[int] = []
    for number in sorted(range(len(lengths)), key=lambda n: (lengths[n], n)):
        if group and lengths[number] * (len(group) + 1) > room:
            yield group
            group = []
        group.append(number)
    if group:
        yield group


def trial(folder: Path, kind: Family, prefix: str) -> None:
    """Load a model and ask it something, so that what cannot work is refused when it is pulled."""
    if kind.role == "entailment":
        from models.hub.entailment import Reader

        found = Reader(folder).infer([("He left.", "他走了。")])[0]
        sound = abs(sum(found) - 1) < 0.01
    else:
        from models.hub.embedding import Space

        rows = Space(folder, prefix).vectors(["他走了。"])
        sound = len(rows) == 1 and bool(rows.isfinite().all())
    if not sound:
        raise BackendError(f"{folder.name} gives no sound answer")


def read_json(path: Path) -> dict[str, Any]:
    """Read a small file of a snapshot; an absent one is empty."""
    try:
        found = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise BackendError(f"{path} cannot be read: {error}") from error
    return found if isinstance(found, dict) else {}
