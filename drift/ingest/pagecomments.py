"""Finds what readers wrote under an article, each comment with its author."""

from drift.ingest.dom import Element, blocks_of, is_comments, is_noise, labels, names, text_of
from drift.ingest.records import Block

MAX_COMMENTS = 500


def comments_of(tree: Element) -> list[Block]:
    """Give the comments of a page, one block each."""
    found: list[Block] = []
    for area in _areas(tree):
        for comment in _single(area):
            text = "\n".join(
                block.text for block in blocks_of(_body(comment), _not_text) if block.text
            )
            if text and len(found) < MAX_COMMENTS:
                found.append(Block("comment", text, _author(comment)))
    return found


def _areas(tree: Element) -> list[Element]:
    """Give the outermost elements in which readers speak."""
    areas: list[Element] = []
    stack = [tree]
    while stack:
        element = stack.pop()
        if not isinstance(element.tag, str):
            continue
        if is_comments(element):
            areas.append(element)
        else:
            stack.extend(reversed(element))
    return areas


def _single(area: Element) -> list[Element]:
    """Give the single comments in an area, or the area itself where none is marked as such."""
    marks = {"comment", "depth-1", "comment-item", "comment__item"}
    marked = [one for one in area.iter("li", "div", "article", "section") if _is_one(one, marks)]
    if not marked:
        bodies = names().comment_bodies
        marked = [one for one in area.iter("li", "div", "article") if bodies & set(labels(one))]
    return marked or [area]


def _is_one(element: Element, marks: set[str]) -> bool:
    """Tell whether an element is one comment, and not the list of them."""
    if "schema.org/comment" in (element.get("itemtype") or "").lower():
        return True
    classes = set((element.get("class") or "").lower().split())
    return bool(marks & classes)


def _body(comment: Element) -> Element:
    """Give the part of a comment that holds its text, or all of it."""
    bodies = names().comment_bodies - {"comment-body"}
    for element in comment.iter("div", "p", "section"):
        if element.get("itemprop") == "text" or bodies & set(labels(element)):
            return element
    return comment


def _author(comment: Element) -> str | None:
    """Give a comment's author."""
    for element in comment.iter("cite", "span", "b", "strong", "a", "div"):
        if element.get("itemprop") == "author" or names().comment_authors & set(labels(element)):
            inner = next((one for one in element.iter() if "fn" in labels(one)), element)
            text = text_of(inner)
            if 0 < len(text) <= 80:
                return text.removesuffix("says:").strip()
    return None


def _not_text(element: Element) -> bool:
    """Tell whether an element of a comment is not what its author wrote."""
    marks = set(labels(element))
    tables = names()
    if marks & (tables.comment_noise | tables.comment_authors) or element.tag in (
        "footer",
        "header",
    ):
        return True
    return is_noise(element) and not marks & tables.comments
