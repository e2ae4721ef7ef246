"""Translators of the hub on CTranslate2: Marian, and the many-language ones (NLLB, M2M-100)."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from drift.errors import BackendError
from models.embedded import EmbeddedTranslator, Loaded
from models.hub.device import chosen, on_cuda
from models.hub.quiet import libraries
from models.hub.store import Installed, check
from models.native import threads

# What the two vocabularies call Chinese and English.
_LANGUAGES = (("zho_Hans", "eng_Latn"), ("__zh__", "__en__"))


class HubTranslator(EmbeddedTranslator):
    """A pulled translator; cuts, batches and remembers like the embedded one.

    It never learned the signs that stand for links and names, so a text is cut around these.
    """

    carries = False

    def __init__(self, model: Installed, *, beams: int = 4) -> None:
        """Name the model; nothing is loaded before the first text."""
        super().__init__(model.folder, beams=beams)
        self._model = model

    @cached_property
    def signature(self) -> str:
        """Name, commit and search width."""
        return f"hub-{self._model.signature}-b{self._beams}"

    def _load(self) -> Loaded:
        check(self._model)
        return natives(self._model.folder, self._model.family, self._workers or threads())


def natives(folder: Path, family: str, workers: int = 1) -> Loaded:
    """Load a converted folder."""
    libraries("ctranslate2", "sentencepiece")
    import ctranslate2
    import sentencepiece

    def pieces(name: str) -> Any:  # noqa: ANN401 -- the library has no types
        return sentencepiece.SentencePieceProcessor(model_file=str(folder / name))

    try:
        model = _model(ctranslate2, folder, workers)
        if family == "marian":
            return Loaded(Prefixed(model, []), pieces("source.spm"), pieces("target.spm"))
        both = pieces("sentencepiece.bpe.model")
        chinese, english = _names(folder)
        return Loaded(Prefixed(model, [english]), Tagged(both, chinese), both)
    except (RuntimeError, OSError, ValueError) as error:
        raise BackendError(f"{folder} cannot be loaded: {error}") from error


def _model(ctranslate2: Any, folder: Path, workers: int) -> Any:  # noqa: ANN401 -- no types
    """Load on the GPU where that works, else on the processor.

    The library finds a GPU without the CUDA libraries that it needs there, and fails only when it
    is asked something; so it is asked at once.
    """
    if on_cuda():
        try:
            kind = _narrowest(ctranslate2)
            model = ctranslate2.Translator(str(folder), device="cuda", compute_type=kind)
            model.translate_batch([["</s>"]], max_decoding_length=1)
        except RuntimeError as error:
            if chosen() == "cuda":
                raise BackendError(f"CTranslate2 cannot use the GPU here: {error}") from error
        else:
            return model
    return ctranslate2.Translator(str(folder), inter_threads=workers, intra_threads=1)


def _narrowest(ctranslate2: Any) -> str:  # noqa: ANN401 -- the library has no types
    """Choose the arithmetic on a GPU: 8-bit weights, the rest in bfloat16 where it has that."""
    known = ctranslate2.get_supported_compute_types("cuda")
    return next((kind for kind in ("int8_bfloat16", "int8_float16") if kind in known), "default")


def _names(folder: Path) -> tuple[str, str]:
    held = set(json.loads((folder / "shared_vocabulary.json").read_text("utf-8")))
    for chinese, english in _LANGUAGES:
        if {chinese, english} <= held:
            return chinese, english
    raise BackendError(f"{folder} knows no Chinese or no English")


class Tagged:
    """Pieces behind the sign of their language."""

    def __init__(self, pieces: Any, sign: str) -> None:  # noqa: ANN401 -- the library has no types
        self._pieces = pieces
        self._sign = sign

    def encode(self, text: str, out_type: type = str) -> list[str]:
        """Cut a text into pieces."""
        return [self._sign, *self._pieces.encode(text, out_type=out_type)]


@dataclass(frozen=True, slots=True)
class Said:
    """What a translation gave, without the sign of its language."""

    hypotheses: list[list[str]]


class Prefixed:
    """A CTranslate2 translator whose every answer begins with a sign that is taken off again."""

    def __init__(self, model: Any, prefix: Sequence[str]) -> None:  # noqa: ANN401
        self._model = model
        self.prefix = list(prefix)

    def translate_batch(
        self, sources: Sequence[Sequence[str]], *, asynchronous: bool = False, **options: object
    ) -> list[Any]:
        """Translate pieces; gives results, or handles on them."""
        if self.prefix:
            options["target_prefix"] = [self.prefix] * len(sources)
        found = self._model.translate_batch(sources, asynchronous=asynchronous, **options)
        if asynchronous:
            return [Waiting(one, len(self.prefix)) for one in found]
        return [_without(one, len(self.prefix)) for one in found]

    def score_batch(
        self, sources: Sequence[Sequence[str]], targets: Sequence[Sequence[str]], **options: object
    ) -> Any:  # noqa: ANN401 -- the library has no types
        """Score given translations."""
        return self._model.score_batch(
            sources, [[*self.prefix, *one] for one in targets], **options
        )


@dataclass(frozen=True, slots=True)
class Waiting:
    """A result that may not be there yet."""

    handle: Any
    signs: int

    def result(self) -> Said:
        """Wait for it."""
        return _without(self.handle.result(), self.signs)


def _without(found: Any, signs: int) -> Said:  # noqa: ANN401 -- the library has no types
    return Said([pieces[signs:] for pieces in found.hypotheses])
