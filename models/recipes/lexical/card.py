"""Writes the card of the table: what it was made of, how, and what it is weak at."""

from collections import Counter
from pathlib import Path

from models.recipes.lexical.counts import DICTIONARY, Counts
from models.recipes.lexical.table import Row
from models.weights import sha256

_EXAMPLES = ("拒绝", "疑似", "据称", "外交官", "国务院", "避难", "谣言", "形象", "如果", "或")
_LICENCES = {
    "tatoeba": "CC BY 2.0 FR",
    "cedict": "CC BY-SA 3.0",
    "hackernews": "CC BY-NC-SA 4.0",
    "quantblogs": "CC BY-NC-SA 4.0",
    "dsaiblogs": "CC BY-NC-SA 4.0",
    "geekdoc": "CC BY-NC-SA 4.0",
}
_UNKNOWN = "not stated in the note on the data"


def write(output: Path, counts: Counts, chinese: list[Row], folders: tuple[Path, Path]) -> None:
    """Write CARD.md beside the table; `folders` are those of the data and of the work."""
    data, work = folders
    template = (Path(__file__).parent / "card.md").read_text("utf-8")
    files = [*sorted((data / "parallel").glob("*.tsv.xz")), data / "lexicon" / "cc-cedict.u8.xz"]
    values = {
        "words": f"{len(chinese):,}",
        "links": f"{sum(len(row.links) for row in chinese):,}",
        "sentences": f"{counts.sentences:,}",
        "sources": "\n".join(_source_lines(work)),
        "inputs": "\n".join(f"| {path.name} | {sha256(path)} |" for path in files if path.exists()),
        "steps": "\n".join(
            f"* {marker.stem}: {marker.read_text('utf-8').strip()}"
            for marker in sorted(work.glob("*.done"))
        ),
        "examples": "\n".join(_examples(chinese)),
    }
    (output / "CARD.md").write_text(template.format(**values), "utf-8")


def _source_lines(work: Path) -> list[str]:
    with (work / "source.txt").open(encoding="utf-8") as lines:
        taken = Counter(line.strip() for line in lines)
    return [
        f"| {name if name != DICTIONARY else 'CC-CEDICT headwords'} | {number:,} "
        f"| {_LICENCES.get(name, _UNKNOWN)} |"
        for name, number in taken.most_common()
    ]


def _examples(chinese: list[Row]) -> list[str]:
    rows = {row.word: row.links for row in chinese}
    return [
        f"* {word}: " + ", ".join(f"{unit} {share:.2f}" for unit, share in rows[word][:6])
        for word in _EXAMPLES
        if word in rows
    ]
