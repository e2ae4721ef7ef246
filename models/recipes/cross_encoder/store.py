"""What `prepare` leaves for training: examples as text, encoded once where training runs.

Text is a tenth of the encoded form, so that a work folder can be carried to another machine; what
is here needs neither the pipeline nor the data.
"""

import pickle
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from sentencepiece import SentencePieceProcessor

from models.recipes.cross_encoder.batches import Item, grouped, items
from models.recipes.cross_encoder.data import Example

SEEN = "driftbench"
"""The source of cases that trained the weights from which training goes on."""
_PART = 2_000


@dataclass(frozen=True, slots=True)
class Gathered:
    """All examples that training reads: by source, held out, the labelled cases and glosses."""

    sources: Mapping[str, Sequence[Example]]
    held: Sequence[Example]
    cases: Sequence[Example]
    glosses: Sequence[Example]
    posts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Prepared:
    """The same, encoded; the examples of a source in their groups."""

    sources: Mapping[str, Sequence[Sequence[Item]]]
    held: Sequence[Item]
    cases: Sequence[Item]
    glosses: Sequence[Item]
    posts: Mapping[str, str]


def write_gathered(work: Path, gathered: Gathered) -> None:
    """Write the examples; what was encoded before is of no use then."""
    part = work / "examples.part"
    with part.open("wb") as file:
        pickle.dump(gathered, file, protocol=5)
    part.rename(work / "examples.pickle")
    (work / "prepared.pickle").unlink(missing_ok=True)


def read_prepared(work: Path) -> Prepared:
    """Read the encoded examples, after encoding them once; only for files of one's own making."""
    path = work / "prepared.pickle"
    if not path.exists():
        part = path.with_suffix(".part")
        with part.open("wb") as file:
            pickle.dump(_encoded(work), file, protocol=5)
        part.rename(path)
    with path.open("rb") as file:
        found: Prepared = pickle.load(file)  # noqa: S301 - written by this recipe
    return found


def _encoded(work: Path) -> Prepared:
    with (work / "examples.pickle").open("rb") as file:
        gathered: Gathered = pickle.load(file)  # noqa: S301 - written by this recipe
    lists = [*gathered.sources.values(), gathered.held, gathered.cases, gathered.glosses]
    parts = [(work, one[at : at + _PART]) for one in lists for at in range(0, len(one), _PART)]
    with ProcessPoolExecutor() as pool:
        waiting = iter(list(pool.map(_encode, parts)))
    encoded = [[item for _ in range(0, len(one), _PART) for item in next(waiting)] for one in lists]
    *sources, held, cases, glosses = encoded
    named = dict(zip(gathered.sources, map(grouped, sources), strict=True))
    return Prepared(named, held, cases, glosses, gathered.posts)


def _encode(part: tuple[Path, Sequence[Example]]) -> list[Item]:
    pieces = SentencePieceProcessor(model_file=str(part[0] / "pieces.spm"))
    return items(pieces, part[1])
