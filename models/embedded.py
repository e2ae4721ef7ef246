"""The embedded Chinese-English translator: CTranslate2 and sentencepiece, no torch, no network."""

import tomllib
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from drift.errors import BackendError
from drift.translate import alterations
from models import recount, units, weights
from models.likelihood import Likelihood, cut, heard
from models.native import Native, threads
from models.people import mended, spelled
from models.source_text import clean_english, prepared

NAME = "zh-en"
FOLDER = Path(__file__).parent / "weights" / NAME

BEAMS = 3
"""Measured on the flores lines: two cost 0.4 BLEU, four give no more and take a quarter longer."""

# Raise it where the rules around the weights change what is said: files of translations are kept by
# signature.
_RULES = 2

_END = "</s>"
_REMEMBERED = 16_384  # sentences
# Padded pieces a batch: twice as many are no faster, and take 50 MB more.
_AT_ONCE = 512
# The longest output that a unit may have goes by its own length, in these steps: a translation
# that runs on is a loop, and is cut.
_LENGTHS = (8, 16, 32, 64, 128, 100_000)
_LONGEST_SCORED = 250
# Every piece takes a row as wide as the vocabulary: more at once is no faster, and costs memory.
# Honest English rarely says six pieces twice in a sentence (a year alone is five); what still loops
# is said again under rules that can hurt good sentences, and so are not applied to all.
_CALM: dict[str, float] = {"no_repeat_ngram_size": 6}
_STRICT: dict[str, float] = {"no_repeat_ngram_size": 2, "repetition_penalty": 1.5}
_TIMES = 3
# How many wordings are tried for one that keeps the numbers.
_WORDINGS = 8


@dataclass(frozen=True, slots=True)
class Attention:
    """Which Chinese pieces each English piece was looking at; a row of weights a target piece."""

    source: tuple[str, ...]
    target: tuple[str, ...]
    weights: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True)
class Loaded:
    """The three native objects behind a translator."""

    model: Any
    source: Any
    target: Any


class EmbeddedTranslator(Native[Loaded]):
    """Translates Chinese into English on the CPU with the weights that ship.

    Safe to share between threads. The only thing it remembers is what it has translated before,
    and that changes no answer.
    """

    carries = True  # the signs that stand for links and names within a sentence

    def __init__(
        self, folder: Path = FOLDER, *, beams: int = BEAMS, workers: int | None = None
    ) -> None:
        """Name the weights and how hard to search; nothing is loaded before the first text."""
        super().__init__()
        self._folder = folder
        self._beams = beams
        self._workers = workers
        self._whole = False
        self._known: OrderedDict[str, str] = OrderedDict()

    @cached_property
    def signature(self) -> str:
        """Name, version, search width and rules, for the result's signature."""
        self._check()
        manifest = tomllib.loads((self._folder / "manifest.toml").read_text(encoding="utf-8"))
        return f"embedded-{manifest['name']}-{manifest['version']}-b{self._beams}r{_RULES}"

    def _load(self) -> Loaded:
        self._check()
        return _load(self._folder, self._workers or threads())

    def _check(self) -> None:
        """Compare the weights with their manifest, once: it is a tenth of a second."""
        if not self._whole:
            _check(self._folder)
            self._whole = True

    def translate(self, texts: Sequence[str]) -> list[str]:
        """Translate every Chinese text into English; links, @names, hashtags and emoji stay."""
        cuts = [units.cut(text, within=self.carries) for text in texts]
        said = self._say(unit.text for unit in _spoken(cuts))
        # A placeholder that was lost or doubled: cut that text at its links and names instead.
        for number, lines in enumerate(cuts):
            if not all(unit.carried_by(said[unit.text]) for unit in _spoken([lines])):
                cuts[number] = units.cut(texts[number], within=False)
        said |= self._say(unit.text for unit in _spoken(cuts))
        return [units.joined(lines, said) for lines in cuts]

    def nbest(self, texts: Sequence[str], n: int) -> list[list[str]]:
        """Give up to `n` translations of each text taken as one sentence, best first."""
        sources = [self._pieces(text) for text in texts]
        results = self._run(sources, max(n, self._beams), n, _CALM)
        return [
            list(dict.fromkeys(self._decoded(text, pieces) for pieces in result.hypotheses))
            for text, result in zip(texts, results, strict=True)
        ]

    def score(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        """Give the mean log-probability of an English piece given the Chinese, for each pair."""
        return [heard.mean for heard in self.likelihoods(pairs)]

    def likelihoods(self, pairs: Sequence[tuple[str, str]]) -> list[Likelihood]:
        """Say how likely each English is as the translation of its Chinese, piece by piece.

        Forced decoding: nothing is translated. Spans are of the English as given. Of very long
        texts only the last 250 Chinese pieces and the first 250 English ones count.
        """
        native = self._native
        wanted = list(dict.fromkeys(pairs))
        cuts = [cut(native.target, english, _LONGEST_SCORED) for _, english in wanted]
        scored = native.model.score_batch(
            [self._pieces(chinese)[-_LONGEST_SCORED:] for chinese, _ in wanted],
            [list(one.pieces) for one in cuts],
            # One at a time: no padding, and no answer depends on what else is asked.
            max_batch_size=1,
        )
        found = {
            pair: heard(one, result.log_probs)
            for pair, one, result in zip(wanted, cuts, scored, strict=True)
        }
        return [found[pair] for pair in pairs]

    def attention(self, chinese: str, english: str) -> Attention:
        """Give the attention of a given translation, to show which Chinese said which English."""
        native = self._native
        source = self._pieces(chinese)
        target = native.target.encode(clean_english(english), out_type=str)
        (result,) = native.model.translate_batch(
            [source],
            target_prefix=[target],
            max_decoding_length=len(target) + 1,
            beam_size=1,
            return_attention=True,
        )
        rows = tuple(tuple(row) for row in result.attention[0][: len(target)])
        return Attention(tuple(source), tuple(target), rows)

    def _pieces(self, text: str) -> list[str]:
        pieces: list[str] = self._native.source.encode(spelled(prepared(text)), out_type=str)
        return [*pieces, _END]

    def _say(self, texts: Iterable[str]) -> dict[str, str]:
        """Translate units, each once, with what is known already."""
        wanted = dict.fromkeys(texts)
        with self._lock:
            said = {text: self._known[text] for text in wanted if text in self._known}
        fresh = [text for text in wanted if text not in said]
        if fresh:
            new = self._said(fresh, _CALM)
            loops = [text for text in fresh if looping(new[text])]
            if loops:
                new |= self._said(loops, _STRICT)
            new |= self._recounted(
                {text: wrong for text in fresh if (wrong := alterations(text, new[text]))}
            )
            self._remember(new)
            said |= new
        return said

    def _said(self, texts: list[str], care: dict[str, float]) -> dict[str, str]:
        results = self._run([self._pieces(text) for text in texts], self._beams, 1, care)
        return {
            text: self._decoded(text, result.hypotheses[0])
            for text, result in zip(texts, results, strict=True)
        }

    def _recounted(self, wrong: dict[str, list[str]]) -> dict[str, str]:
        """Try again where numbers changed or an "if" was lost, in one way after the other."""
        better: dict[str, str] = {}
        for attempt in (self._reworded, self._figured, self._by_clauses):
            left = {text: changed for text, changed in wrong.items() if text not in better}
            for text, wordings in attempt(left).items() if left else ():
                found = recount.faithful(text, [one for one in wordings if not looping(one)])
                if found:
                    better[text] = found
        return better

    def _reworded(self, wrong: dict[str, list[str]]) -> dict[str, list[str]]:
        return dict(zip(wrong, self.nbest(list(wrong), _WORDINGS), strict=True))

    def _figured(self, wrong: dict[str, list[str]]) -> dict[str, list[str]]:
        """Let the translator carry the changed quantities, and write them in figures."""
        masked = {text: recount.masked(text, changed) for text, changed in wrong.items()}
        masked = {text: (source, figures) for text, (source, figures) in masked.items() if figures}
        said = self._said(list(dict.fromkeys(source for source, _ in masked.values())), _CALM)
        return {
            text: [recount.unmasked(said[source], figures)]
            for text, (source, figures) in masked.items()
            if recount.carries(source, said[source])
        }

    def _by_clauses(self, wrong: dict[str, list[str]]) -> dict[str, list[str]]:
        """Translate every clause for itself, so that none is left out."""
        cuts = {text: recount.clauses(text) for text in wrong}
        cuts = {text: clauses for text, clauses in cuts.items() if len(clauses) > 1}
        said = self._said(list(dict.fromkeys(one for cut in cuts.values() for one in cut)), _CALM)
        return {text: [recount.joined([said[one] for one in cut])] for text, cut in cuts.items()}

    def _decoded(self, text: str, pieces: list[str]) -> str:
        return mended(spelled(prepared(text)), " ".join(self._native.target.decode(pieces).split()))

    def _remember(self, fresh: dict[str, str]) -> None:
        with self._lock:
            self._known |= fresh
            while len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)

    def _run(
        self,
        sources: list[list[str]],
        beams: int,
        hypotheses: int,
        care: dict[str, float],
    ) -> list[Any]:
        """Translate pieces in batches of one length each, on all workers at once.

        Padding would change sums in their last digits, and with them, now and then, a translation:
        it must not depend on what else is translated.
        """
        waiting: dict[int, Any] = {}
        by_length: dict[int, list[int]] = {}
        for number, pieces in enumerate(sources):
            by_length.setdefault(len(pieces), []).append(number)
        for length, numbers in sorted(by_length.items()):
            longest = next(limit for limit in _LENGTHS if length <= limit)
            handles = self._native.model.translate_batch(
                [sources[number] for number in numbers],
                beam_size=beams,
                num_hypotheses=hypotheses,
                max_batch_size=_AT_ONCE,
                batch_type="tokens",
                **care,
                min_decoding_length=1,
                max_decoding_length=min(2 * longest + 12, 250),
                disable_unk=True,
                asynchronous=True,
            )
            waiting.update(zip(numbers, handles, strict=True))
        return [waiting[number].result() for number in range(len(sources))]


def looping(text: str) -> bool:
    """Tell whether up to four words are said three times in a row.

    >>> looping("but the US but the US but the US left"), looping("no, no, it is very very good")
    (True, False)
    """
    words = text.casefold().split()
    return any(
        words[start : start + size] * _TIMES == words[start : start + size * _TIMES]
        for size in range(1, 5)
        for start in range(len(words) - size * _TIMES + 1)
    )


def load() -> EmbeddedTranslator:
    """Give the shipped translator; where it cannot be installed, say so at once."""
    found = _shared(weights.folder(NAME))
    _need("ctranslate2", "sentencepiece", "opencc")
    return found


@cache
def _shared(folder: Path) -> EmbeddedTranslator:
    """Give one translator to all who ask: who translates and who scores share its memory."""
    return EmbeddedTranslator(folder)


def _need(*libraries: str) -> None:
    missing = [name for name in libraries if find_spec(name) is None]
    if missing:
        raise BackendError(
            f"the embedded translator needs {', '.join(missing)}: pip install {' '.join(missing)}"
        )


def _spoken(cuts: Iterable[list[list[units.Unit]]]) -> list[units.Unit]:
    return [unit for lines in cuts for line in lines for unit in line if not unit.verbatim]


def _check(folder: Path) -> None:
    """Refuse weights that are missing or not those of their manifest."""
    if not folder.is_dir():
        raise BackendError(
            f"no translator is installed in {folder}: reinstall the package, or make the weights "
            "with `python -m models.recipes.translation all --work FOLDER`"
        )
    weights.verify(folder)


def _load(folder: Path, workers: int) -> Loaded:
    _need("ctranslate2", "sentencepiece", "opencc")
    import ctranslate2
    import sentencepiece

    source, target = (
        sentencepiece.SentencePieceProcessor(model_file=str(folder / f"{side}.spm"))
        for side in ("source", "target")
    )
    # Measured: workers of one thread are twice as fast as one worker of several threads.
    model = ctranslate2.Translator(str(folder), inter_threads=workers, intra_threads=1)
    return Loaded(model, source, target)
