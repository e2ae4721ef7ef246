"""What an article consists of once its page is read."""

from dataclasses import dataclass

BODY = ("heading", "paragraph", "item", "quote", "code", "table")


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a page with its kind.

    Kinds of the body: heading, paragraph, item, quote, code, table. Kept apart from it: update
    (what the author added later) and comment (what a reader wrote, with the reader's name).
    """

    kind: str
    text: str
    author: str | None = None


@dataclass(frozen=True, slots=True)
class Article:
    """An article without its page, and what the page says about it."""

    url: str
    blocks: tuple[Block, ...]
    title: str | None = None
    author: str | None = None
    published: str | None = None
    modified: str | None = None
    canonical: str | None = None
    language: str | None = None
    site: str | None = None
    notes: tuple[str, ...] = ()  # what a reader of the result should know, in plain words

    @property
    def text(self) -> str:
        """Give the body alone: no updates, no comments, a blank line between its blocks."""
        return joined(self.blocks, BODY)

    @property
    def updates(self) -> tuple[Block, ...]:
        """Give what the author added later."""
        return tuple(block for block in self.blocks if block.kind == "update")

    @property
    def comments(self) -> tuple[Block, ...]:
        """Give what readers wrote under it."""
        return tuple(block for block in self.blocks if block.kind == "comment")


def joined(blocks: tuple[Block, ...], kinds: tuple[str, ...]) -> str:
    """Join the blocks of some kinds; items of one list stand on lines of their own."""
    parts: list[str] = []
    before = ""
    for block in blocks:
        if block.kind not in kinds:
            continue
        if parts:
            parts.append("\n" if block.kind == before == "item" else "\n\n")
        parts.append(block.text)
        before = block.kind
    return "".join(parts)
