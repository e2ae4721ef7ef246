"""Judges the rows of a chunk; what a row gives depends on the row alone.

A post is read once however many retweets cite it, and a retweet that was judged before is not
judged again: readings and results are kept, the least recently used of them forgotten. A result is
kept packed, under a hash of its texts: the texts themselves come anew with every chunk.
"""

import hashlib
import json
import zlib
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from drift.batch.brief import Brief, fault_brief, result_brief, row_brief, with_briefs
from drift.errors import BackendError, InputError
from drift.evidence import Reading
from drift.ingest.rows import Row
from drift.pipeline import Tools, decide, listen, read, weigh
from drift.records import Post, Retweet
from drift.report.rows import SCHEMA, error_row, to_row
from drift.report.structured import encode
from drift.translate import back_translate

_ENTRY = 256  # bytes, about, that a kept result takes beside what it says
_PACKING = 3  # of zlib: quicker than 1 on rows, and nearly as small as 6
TOGETHER = 64  # retweets of one post that are judged in one batch
READINGS = 150_000  # characters of the posts whose readings are kept; one takes 400 bytes
RESULTS = 12_000_000  # bytes of the results that are kept; one takes about 1,400
Result = dict[str, Any]
Key = tuple[str, str | None, str]
"""What a result depends on: a post's text and link, and a retweet's text."""


@dataclass(frozen=True, slots=True)
class _Known:
    """A result without its id, and what the summary keeps of it."""

    rest: bytes  # the result row from after its id on
    told: Brief

    def packed(self) -> bytes:
        """Make it as small as it is kept."""
        return zlib.compress(f"{encode(self.told)}\n".encode() + self.rest, _PACKING)

    @classmethod
    def unpacked(cls, kept: bytes) -> "_Known":
        """Give it back from what was kept."""
        told, _, rest = zlib.decompress(kept).partition(b"\n")
        return cls(rest, json.loads(told))


class Memory:
    """Keeps results, packed, within a bound; the least recently used are forgotten first."""

    def __init__(self, most: int | None = None) -> None:
        """Set how many bytes they may take together."""
        self._most = RESULTS if most is None else most
        self._kept: OrderedDict[bytes, bytes] = OrderedDict()
        self._size = 0

    def get(self, name: bytes) -> bytes | None:
        """Give what is kept under the name of a retweet, or None."""
        kept = self._kept.get(name)
        if kept is not None:
            self._kept.move_to_end(name)
        return kept

    def put(self, name: bytes, kept: bytes) -> None:
        """Keep a packed result."""
        self._size += _size(kept) - _size(self._kept.get(name))
        self._kept[name] = kept
        while self._size > self._most and len(self._kept) > 1:
            self._size -= _size(self._kept.popitem(last=False)[1])


class Judge:
    """Judges chunks one after another, and remembers within bounds what it has read and judged."""

    def __init__(self, tools: Tools) -> None:
        """Name the backends that it judges with."""
        self.tools = tools
        self._readings: OrderedDict[str, Reading] = OrderedDict()
        self._results = Memory()
        self._read_size = 0

    def chunk(self, rows: Sequence[Row]) -> bytes:
        """Judge rows in order; give the chunk with a result line a row, briefs in front.

        A row that cannot be judged gives an error row; it costs no other row anything.
        """
        found: dict[Key, _Known | str] = {}
        for post, url, texts in _grouped(rows):
            for start in range(0, len(texts), TOGETHER):
                found |= self._together(post, url, texts[start : start + TOGETHER])
        return _joined(rows, found)

    def fresh(self, rows: Sequence[Row]) -> list[bytes | str]:
        """Judge rows of distinct retweets; give each result packed, or why there is none.

        Nothing is remembered: whoever asks for distinct rows remembers himself.
        """
        found: dict[Key, _Known | str] = {}
        for post, url, texts in _grouped(rows):
            for start in range(0, len(texts), TOGETHER):
                found |= self._judged(post, url, texts[start : start + TOGETHER])
        results = [found[key_of(row)] for row in rows]
        return [known if isinstance(known, str) else known.packed() for known in results]

    def unknown(self, rows: Sequence[Row]) -> list[bytes]:
        """Name the retweets of some rows that it does not remember."""
        names = dict.fromkeys(name_of(key_of(row)) for row in rows if fault_of(row) is None)
        return [name for name in names if self._results.get(name) is None]

    def learn(self, results: Mapping[bytes, bytes]) -> None:
        """Remember what another judge, with the same tools, made of retweets."""
        for name, kept in results.items():
            self._results.put(name, kept)

    def remembered(self, names: Iterable[bytes]) -> dict[bytes, bytes]:
        """Give what it remembers of some retweets, for others."""
        kept = {name: self._results.get(name) for name in names}
        return {name: result for name, result in kept.items() if result is not None}

    def _together(
        self, post: str, url: str | None, texts: Sequence[str]
    ) -> dict[Key, _Known | str]:
        found: dict[Key, _Known | str] = {}
        fresh = []
        for text in texts:
            kept = self._results.get(name_of((post, url, text)))
            if kept is None:
                fresh.append(text)
            else:
                found[post, url, text] = _Known.unpacked(kept)
        judged = self._judged(post, url, fresh)
        for key, known in judged.items():
            # Large models answer a little differently beside other texts. So that a run which was
            # interrupted ends as an undisturbed one, what they see must depend on the chunk alone.
            if isinstance(known, _Known) and not self.tools.alone:
                self._results.put(name_of(key), known.packed())
        return found | judged

    def _judged(self, post: str, url: str | None, texts: Sequence[str]) -> dict[Key, _Known | str]:
        """Judge retweets in one batch; where one of them fails, each on its own."""
        if not texts:
            return {}
        try:
            made = dict(zip(texts, self._made(Post("post", post, url), texts), strict=True))
        except BackendError:
            raise  # a model is missing or broken: no row can be judged
        except Exception as error:  # a fault of ours must not end a run of a million rows
            if len(texts) == 1:
                return {(post, url, texts[0]): _told(error)}
            apart = [self._judged(post, url, [text]) for text in texts]
            return {key: known for one in apart for key, known in one.items()}
        return {(post, url, text): known for text, known in made.items()}

    def _made(self, post: Post, texts: Sequence[str]) -> list[_Known]:
        """Judge retweets of one post, as `drift.pipeline.check` does, on a post read before."""
        tools, reading = self.tools, self._reading(post)
        heard = [listen(reading, Retweet("r", text), tools) for text in texts]
        heard = weigh(reading, heard, tools)
        claimed = [evidence.claim for one in heard for evidence in one.evidence]
        english = iter(back_translate(claimed, tools.translator))
        verdicts = [
            decide(reading, one, [next(english) for _ in one.evidence], tools) for one in heard
        ]
        return [_known(to_row(verdict, post, tools.signature)) for verdict in verdicts]

    def _reading(self, post: Post) -> Reading:
        reading = self._readings.get(post.text)
        if reading is not None:
            self._readings.move_to_end(post.text)
            return reading
        reading = self._readings[post.text] = read(post, self.tools)
        self._read_size += len(post.text)
        while self._read_size > READINGS and len(self._readings) > 1:
            self._read_size -= len(self._readings.popitem(last=False)[0])
        return reading


def joined(rows: Sequence[Row], found: Mapping[Key, bytes | str]) -> bytes:
    """Put a chunk together from what `fresh` gave for the retweets that stand in it."""
    known = {
        key: result if isinstance(result, str) else _Known.unpacked(result)
        for key, result in found.items()
    }
    return _joined(rows, known)


def _joined(rows: Sequence[Row], found: Mapping[Key, _Known | str]) -> bytes:
    lines, briefs = [], []
    for row in rows:
        known = fault_of(row) or found[key_of(row)]
        if isinstance(known, str):
            lines.append(f"{encode(error_row(row.id, known))}\n".encode())
            briefs.append(fault_brief(row, known))
        else:
            lines.append(f"{_HEAD}{encode(row.id)}, ".encode() + known.rest)
            briefs.append(row_brief(row) | known.told)
    return with_briefs(rows, briefs, lines)


_HEAD = (
    f'{{"schema": "{SCHEMA}", "id": '  # how every line begins, as the contract orders its fields
)


def _told(error: Exception) -> str:
    """Say why a row has no result; what is not the input's fault is to be reported."""
    if isinstance(error, InputError):
        return str(error)
    return f"internal error, please report it with this row: {type(error).__name__}: {error}"


def _known(result: Result) -> _Known:
    rest = {name: value for name, value in result.items() if name not in ("schema", "id")}
    return _Known(f"{encode(rest).removeprefix('{')}\n".encode(), result_brief(result))


def name_of(key: Key) -> bytes:
    """Name a retweet in sixteen bytes, the same in every process."""
    return hashlib.blake2b(repr(key).encode(), digest_size=16).digest()


def _size(kept: bytes | None) -> int:
    return 0 if kept is None else len(kept) + _ENTRY


def _grouped(rows: Iterable[Row]) -> Iterator[tuple[str, str | None, list[str]]]:
    """Bring together the retweets of each post, each wording once."""
    groups: dict[tuple[str, str | None], dict[str, None]] = {}
    for row in rows:
        if fault_of(row) is None:
            post, url, text = key_of(row)
            groups.setdefault((post, url), {})[text] = None
    for (post, url), texts in groups.items():
        yield post, url, list(texts)


def key_of(row: Row) -> Key:
    """Name the retweet of a row: rows that differ in nothing that counts have one key."""
    return row.post or "", row.post_url, row.retweet or ""


def fault_of(row: Row) -> str | None:
    """Say why a row cannot be judged at all."""
    if row.error is not None:
        return row.error
    if row.post is None or row.retweet is None:
        return "the row has no text of the post or of the retweet; give both"
    return None
