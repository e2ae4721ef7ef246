"""Finds the element of a page that holds its article.

Pages that say where it is are believed (schema.org, the usual classes, <article>, <main>); for
the others a second opinion is asked of trafilatura, which weighs text against links.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from drift.errors import InputError
from drift.ingest.dom import (
    BLOCKS,
    SILENT,
    Element,
    blocks_of,
    is_comments,
    labels,
    names,
    text_of,
    tidy,
)
from drift.ingest.records import BODY, Block

ENOUGH = 140  # code points; a marked element with less is a teaser or a stub
MAIN_SHARE = 0.55  # of the text in all elements of one mark; with less the page is a list
APART = frozenset({"nav", "aside", "footer", "form", "noscript", "template"})
MAX_WEIGHED = 700_000  # code points; trafilatura copies its tree several times
LONG = 60  # code points in one piece: prose, not an entry of a menu
HOLDS = 0.85  # share of the prose that one element must hold to be gone into
MAX_LINKS = 0.6  # share of an element's text that may stand in links


@dataclass(frozen=True, slots=True)
class Found:
    """The blocks of the article, whether the page marked them, and how many articles it shows."""

    blocks: list[Block]
    marked: bool
    rivals: int = 1


def find_body(tree: Element, html: str) -> Found:
    """Find the article's blocks by the page's own marks, or by weighing."""
    for candidates in _marked(tree):
        found = _chosen(candidates)
        if found:
            return found
    holder = _holder(tree)
    own = _prose(blocks_of(holder))
    if holder.tag in ("td", "th"):  # a layout made of tables, which trafilatura takes for data
        return Found(own, marked=False)
    weighed = _weighed(html)
    return Found(own if size(weighed) < MAIN_SHARE * size(own) else weighed, marked=False)


def size(blocks: Iterable[Block]) -> int:
    """Count the code points of body text."""
    return sum(len(block.text) for block in blocks if block.kind in BODY or block.kind == "update")


def _marked(tree: Element) -> Iterable[list[Element]]:
    """Give groups of candidates, the most certain mark first."""
    yield [one for one in tree.iter() if "articleBody" in (_attr(one, "itemprop")).split()]
    by_name: dict[str, list[Element]] = {}
    wanted = {name: place for place, name in enumerate(names().containers)}
    for element in tree.iter("div", "section", "article", "main", "td", "span", "body"):
        for label in labels(element):
            if label in wanted:
                by_name.setdefault(label, []).append(element)
    for name in sorted(by_name, key=lambda name: wanted[name]):
        yield by_name[name]
    yield [one for one in tree.iter("article") if not is_comments(one)]
    yield [one for one in tree.iter() if one.tag == "main" or _attr(one, "role") == "main"]


def _attr(element: Element, name: str) -> str:
    """Give an attribute, or an empty text."""
    return element.get(name) or "" if isinstance(element.tag, str) else ""


def _chosen(candidates: list[Element]) -> Found | None:
    """Choose among elements of one mark: the main one, or all when one article is cut in pieces."""
    outer = _outermost([one for one in candidates if not _inside_noise(one)])
    read = [(one, blocks_of(one)) for one in outer[:60]]
    read = [(one, blocks) for one, blocks in read if size(blocks) > 0]
    if not read:
        return None
    total = sum(size(blocks) for _, blocks in read)
    best, blocks = max(read, key=lambda pair: size(pair[1]))
    if size(blocks) < ENOUGH and not (len(read) == 1 and size(blocks) >= 40):
        return None
    if _link_share(best) > MAX_LINKS:
        return None
    if len(read) > 1 and _one_article([one for one, _ in read]):
        return Found([block for _, some in read for block in some], marked=True)
    rivals = 1 if size(blocks) >= MAIN_SHARE * total else len(read)
    return Found(blocks, marked=True, rivals=rivals)


def _outermost(elements: list[Element]) -> list[Element]:
    """Leave out the elements that stand inside another one of the list."""
    chosen = set(elements)
    return [one for one in elements if not any(above in chosen for above in one.iterancestors())]


def _inside_noise(element: Element) -> bool:
    """Tell whether an element stands where no article stands."""
    for above in (element, *element.iterancestors()):
        if above.tag in ("body", "html", "main", "article"):
            return is_comments(above)
        if above is not element and (above.tag in APART or is_comments(above)):
            return True
    return False


def _one_article(elements: list[Element]) -> bool:
    """Tell whether elements are the pieces of one article: one <article> holds them all."""
    holders = [next(one.iterancestors("article"), None) for one in elements]
    return holders[0] is not None and all(holder is holders[0] for holder in holders)


def _link_share(element: Element) -> float:
    """Give the share of an element's text that stands in links."""
    whole = len(text_of(element)) or 1
    return sum(len(text_of(link)) for link in element.iter("a")) / whole


def _holder(tree: Element) -> Element:
    """Go down from the top as long as one child holds nearly all the prose."""
    prose: dict[Element, int] = {}
    for element in tree.iter():
        if not isinstance(element.tag, str) or element.tag in SILENT or element.tag == "a":
            continue
        pieces = [element.text, *(child.tail for child in element)]
        length = sum(len(text) for piece in pieces if len(text := (piece or "").strip()) >= LONG)
        for above in (element, *element.iterancestors()) if length else ():
            prose[above] = prose.get(above, 0) + length
    holder = tree
    while True:
        below = max(holder, key=lambda child: prose.get(child, 0), default=None)
        if below is None or prose.get(below, 0) < HOLDS * prose.get(holder, 1):
            return holder
        if below.tag not in BLOCKS and below.tag not in ("td", "th"):
            return holder
        holder = below


def _weighed(html: str) -> list[Block]:
    """Ask trafilatura for the main text, comments apart."""
    if len(html) > MAX_WEIGHED:
        return []
    from lxml.etree import LxmlError
    from trafilatura import bare_extraction

    try:
        document = bare_extraction(
            html, include_comments=False, include_tables=True, favor_recall=False, deduplicate=False
        )
    except (LxmlError, ValueError, RecursionError):
        return []
    body = getattr(document, "body", None)
    return [] if body is None else _from_tei(body)


def _from_tei(body: Any) -> list[Block]:  # noqa: ANN401 -- an lxml element
    """Turn trafilatura's tree into blocks."""
    kinds = {"head": "heading", "p": "paragraph", "item": "item", "quote": "quote", "code": "code"}
    blocks: list[Block] = []
    stack = list(reversed(body))
    while stack:
        element = stack.pop()
        if element.tag in ("list", "table", "div") or (element.tag == "quote" and len(element)):
            if element.text and element.text.strip():
                blocks.append(Block("paragraph", tidy(element.text)))
            stack.extend(reversed(element))
        elif element.tag == "row":
            cells = [tidy("".join(cell.itertext())) for cell in element]
            blocks.append(Block("table", " | ".join(cell for cell in cells if cell)))
        else:
            blocks.append(Block(kinds.get(element.tag, "paragraph"), text_of(element)))
    return [block for block in blocks if block.text]


def _prose(blocks: list[Block]) -> list[Block]:
    """Leave out what is too short to be prose, such as a menu's entries."""
    return [block for block in blocks if len(block.text) >= 25 or block.kind == "heading"]


def refuse_list(found: Found) -> None:
    """Refuse a page that shows several articles, since none of them is the post."""
    if found.rivals > 2:
        raise InputError(
            f"the link leads to a list of {found.rivals} articles: open the one that you mean and "
            "pass its own link, or paste the text instead"
        )
