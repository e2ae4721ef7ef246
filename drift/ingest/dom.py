"""Walks a parsed page and cuts it into blocks, leaving out what is not text of the article."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from drift.ingest.records import Block

Element = Any  # lxml ships no types

HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
SILENT = frozenset(
    {"script", "style", "nav", "aside", "footer", "form", "button", "noscript", "iframe", "svg"}
    | {"template", "select", "option", "textarea", "input", "object", "video", "audio", "canvas"}
    | {"figcaption", "head", "link", "meta", "title", "dialog", "menu", "map", "math", "amp-ad"}
)
BLOCKS = frozenset(
    {"p", "div", "section", "article", "main", "li", "ul", "ol", "dl", "dt", "dd", "blockquote"}
    | {"pre", "table", "thead", "tbody", "tfoot", "tr", "figure", "header", "center"}
    | {"address", "details", "summary", "hr", "body", "html", "fieldset", "caption", "hgroup"}
    | HEADINGS
)
KINDS = {
    "li": "item",
    "dd": "item",
    "dt": "item",
    "blockquote": "quote",
    "pre": "code",
    "tr": "table",
}
SPACE = re.compile(r"[ \t\r\n\f\v\u00a0\u2028\u2029]+")
EMPTY_LINES = re.compile(r"\n[ \t]*\n[ \t\n]*")
KEPT = "\ue000"  # stands for a newline of <pre> while its block is collected
HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
# "has-sidebar" describes an element, "sidebar" names it.
STATES = frozenset({"has", "no", "with", "without", "is", "not", "show", "hide"})
FOOTNOTE_BACK = frozenset("↩↑^⏎")

RULE = Block("rule", "")  # a horizontal line; it ends an update and is no text


@dataclass(frozen=True, slots=True)
class Names:
    """The tables of `pages.toml`."""

    containers: tuple[str, ...]
    noise: frozenset[str]
    noise_parts: frozenset[str]
    comments: frozenset[str]
    comment_bodies: frozenset[str]
    comment_authors: frozenset[str]
    comment_noise: frozenset[str]
    updates: frozenset[str]
    update_words: tuple[str, ...]
    english_words: frozenset[str]
    paywall_names: frozenset[str]
    paywall_words: tuple[str, ...]
    script_words: tuple[str, ...]


@cache
def names() -> Names:
    """Load the tables once."""
    text = files("drift.ingest").joinpath("pages.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)
    ordered = ("containers", "update_words", "paywall_words", "script_words")
    read: dict[str, Any] = {k: tuple(v) if k in ordered else frozenset(v) for k, v in table.items()}
    return Names(**read)


def labels(element: Element) -> list[str]:
    """Give an element's class names and id, in lower case."""
    found = f"{element.get('class') or ''} {element.get('id') or ''}".lower()
    return found.split()[:40]


def is_noise(element: Element) -> bool:
    """Tell whether an element is part of the page, not of the article."""
    if element.tag in SILENT or _hidden(element):
        return True
    tables = names()
    for label in labels(element):
        if label in tables.noise:
            return True
        parts = re.split(r"[-_]+", label)
        if parts[0] in STATES:
            continue
        if parts[0] in tables.noise_parts or parts[-1] in tables.noise_parts:
            return True
    return (element.get("role") or "") in ("navigation", "complementary", "search", "banner")


def is_comments(element: Element) -> bool:
    """Tell whether readers speak in an element."""
    if element.tag in ("body", "html", "article", "main"):
        # Their classes only say that comments are open; a comment in an <article> says so itself.
        return element.tag == "article" and bool({"comment", "comment-body"} & set(labels(element)))
    if "schema.org/comment" in (element.get("itemtype") or "").lower():
        return True
    return bool(names().comments & set(labels(element)))


def is_update(element: Element) -> bool:
    """Tell whether an element is a box with a later addition."""
    if element.tag in ("body", "html", "article", "main", "time", "span", "a"):
        return False
    return bool(names().updates & set(labels(element)))


def blocks_of(element: Element, leave_out: Any = is_noise) -> list[Block]:  # noqa: ANN401
    """Cut an element into blocks, in order; comments inside it are left out."""
    found = []
    for kind, text in _Walk(leave_out).blocks(element):
        if kind == "rule":
            found.append(RULE)
        elif text:
            found.append(Block(kind, text))
    return found


def text_of(element: Element) -> str:
    """Give all text of an element in one line."""
    return tidy("".join(element.itertext()))


def tidy(text: str) -> str:
    """Make white space single, and take it off the ends."""
    return SPACE.sub(" ", text).strip()


def _hidden(element: Element) -> bool:
    """Tell whether an element says that it is not shown."""
    if element.get("hidden") is not None or element.get("aria-hidden") == "true":
        return True
    return bool(HIDDEN_STYLE.search(element.get("style") or ""))


class _Walk:
    """One walk over a tree, without recursion, since a hostile page nests without end."""

    def __init__(self, leave_out: Any) -> None:  # noqa: ANN401
        self._leave_out = leave_out
        self._parts: list[str] = []
        self._kinds: list[str] = ["paragraph"]

    def blocks(self, root: Element) -> Iterator[tuple[str, str]]:
        """Give kind and text of every block."""
        stack: list[tuple[Element, bool]] = [(root, False)]
        while stack:
            element, leaving = stack.pop()
            if leaving:
                yield from self._leave(element)
            elif element is not root and self._passed_over(element):
                pass
            else:
                yield from self._enter(element)
                stack.append((element, True))
                stack.extend((child, False) for child in reversed(element))
                continue
            if element is not root:
                self._take(element.tail)
        yield from self._flush()

    def _passed_over(self, element: Element) -> bool:
        """Tell whether nothing of an element is wanted."""
        if not isinstance(element.tag, str):
            return True  # a comment or processing instruction of the markup
        return self._leave_out(element) or is_comments(element) or _back_link(element)

    def _enter(self, element: Element) -> Iterator[tuple[str, str]]:
        """Begin an element: a block ends what stood before it."""
        tag = element.tag
        if tag in BLOCKS:
            yield from self._flush()
            self._kinds.append("update" if is_update(element) else self._kind(tag))
            if tag == "hr":
                yield "rule", ""
        elif tag == "br":
            self._parts.append("\n")
        self._take(element.text)

    def _kind(self, tag: str) -> str:
        """Choose between an element's own kind and the one that it stands in."""
        above = self._kinds[-1]
        own = "heading" if tag in HEADINGS else KINDS.get(tag, "paragraph")
        if above == "update" or (above in ("quote", "item", "code") and own == "paragraph"):
            return above
        return "quote" if above == "quote" and own != "heading" else own

    def _take(self, text: str | None) -> None:
        """Take text: its own newlines are spaces, except where the page keeps them."""
        if not text:
            return
        if self._kinds[-1] == "code":
            self._parts.append(text.replace("\n", KEPT))
        else:
            self._parts.append(SPACE.sub(" ", text))

    def _leave(self, element: Element) -> Iterator[tuple[str, str]]:
        """End an element."""
        if element.tag in BLOCKS:
            yield from self._flush()
            self._kinds.pop()
        elif element.tag in ("td", "th"):
            self._parts.append(" | ")

    def _flush(self) -> Iterator[tuple[str, str]]:
        """Give the text collected so far; an empty line (two <br>) separates paragraphs."""
        text, self._parts = "".join(self._parts), []
        for piece in EMPTY_LINES.split(text):
            lines = (tidy(line) for line in piece.split("\n"))
            whole = "\n".join(lines).strip().removesuffix("|").rstrip()
            if whole:
                yield self._kinds[-1], whole.replace(KEPT, "\n").strip("\n")


def _back_link(element: Element) -> bool:
    """Tell whether an element is only a footnote's way back."""
    text = (element.text or "").strip()
    return element.tag == "a" and 0 < len(text) <= 2 and set(text) <= FOOTNOTE_BACK | {"\ufe0e"}
