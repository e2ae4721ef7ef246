"""Turns a translator of the hub into CTranslate2, and checks that it still says the same."""

import shutil
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from drift.errors import BackendError
from models.hub.quiet import libraries

QUANTIZATION = "int8"
# An int8 copy differs from its original by at most 0.05 nats a token; a wrong embedding of the
# padding, the known trap of this conversion, by more than 0.6.
FARTHEST = 0.3
_SAMPLES = ("他们拒绝了这个计划。", "据报道，大约四千人在服用这种药。", "如果下雨，比赛将推迟。")
_KEPT = {
    "marian": ("source.spm", "target.spm"),
    "m2m": ("sentencepiece.bpe.model",),
}


def convert(source: Path, target: Path, family: str) -> None:
    """Write the CTranslate2 folder of a snapshot; raises `BackendError` where it does not agree."""
    libraries("ctranslate2", "transformers", "torch", "sentencepiece")
    original = _Original(source)
    try:
        spec = _loader(family)(original.model, original.tokenizer)
        spec.validate()
        spec.optimize(quantization=QUANTIZATION)
        target.mkdir(parents=True, exist_ok=True)
        spec.save(str(target))
    except Exception as error:  # the converter raises whatever a broken checkpoint provokes
        raise BackendError(f"it cannot be converted to CTranslate2: {error}") from error
    for name in _KEPT[family]:
        shutil.copyfile(source / name, target / name)
    del original, spec  # what was written was quantised in place
    gap = disagreement(_Original(source), target, family)
    if gap > FARTHEST:
        raise BackendError(
            f"the converted model differs from its original by {gap:.2f} nats a token; "
            "it is not installed"
        )


def _loader(family: str) -> Any:  # noqa: ANN401 -- the library has no types
    from ctranslate2.converters import transformers as loaders

    if family == "marian":
        return loaders.MarianMTLoader()

    class ByNumber(loaders.M2M100Loader):  # type: ignore[misc]
        """Asks for each number's piece; the stock loader misses the signs of the languages."""

        def get_vocabulary(self, model: Any, tokenizer: Any) -> list[str]:  # noqa: ANN401
            """Give every row of the embedding a name of its own."""
            names: dict[str, None] = {}
            for number in range(model.config.vocab_size):
                piece = tokenizer.convert_ids_to_tokens(number)
                own = f"unused{number}" if piece is None or piece in names else piece
                names[own] = None
            return list(names)

    return ByNumber()


def disagreement(original: "_Original", target: Path, family: str) -> float:
    """Give the mean difference of the log-probabilities of an English piece, in nats."""
    from models.hub.translators import natives

    native = natives(target, family)
    sources = [[*native.source.encode(text, out_type=str), "</s>"] for text in _SAMPLES]
    said = native.model.translate_batch(
        sources, beam_size=1, max_decoding_length=24, min_decoding_length=1
    )
    targets = [one.hypotheses[0] for one in said]
    scored = native.model.score_batch(sources, targets)
    gaps = [
        abs(float(ours) - theirs)
        for pieces, words, one in zip(sources, targets, scored, strict=True)
        for ours, theirs in zip(
            one.log_probs,
            original.log_probs(pieces, [*native.model.prefix, *words]),
            strict=True,
        )
    ]
    return sum(gaps) / len(gaps)


class _Original:
    """The model as the hub has it, in PyTorch."""

    def __init__(self, folder: Path) -> None:
        from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

        try:
            with warnings.catch_warnings(action="ignore"):  # advice for those who train
                self.model, told = AutoModelForSeq2SeqLM.from_pretrained(
                    folder, use_safetensors=True, local_files_only=True, output_loading_info=True
                )
                self.tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        except Exception as error:  # the library raises whatever a broken checkpoint provokes
            raise BackendError(f"it cannot be loaded: {error}") from error
        # Tied and computed tables are not among the weights, and need not be.
        lacking = [name for name in told["missing_keys"] if "embed" not in name]
        if lacking or told["mismatched_keys"]:
            raise BackendError(f"it has no weights for {', '.join(sorted(lacking)[:3])}")
        self.model.eval()

    def log_probs(self, source: Sequence[str], target: Sequence[str]) -> list[float]:
        """Give the log-probability of each target piece and of the end."""
        import torch

        ids: Any = self.tokenizer.convert_tokens_to_ids
        wanted = ids([*target, "</s>"])
        start = self.model.config.decoder_start_token_id
        with torch.no_grad():
            logits = self.model(
                input_ids=torch.tensor([ids(list(source))]),
                decoder_input_ids=torch.tensor([[start, *wanted[:-1]]]),
            ).logits[0]
        # CTranslate2 leaves out the padding, which no text contains.
        if start == self.model.config.pad_token_id:
            logits[:, start] = -torch.inf
        chosen = logits.log_softmax(-1).gather(1, torch.tensor(wanted)[:, None])[:, 0]
        found: list[float] = chosen.tolist()
        return found
