"""Reads an article out of its page: text, title, author, dates; updates and comments kept apart."""

import re
from dataclasses import replace
from http import HTTPStatus

from drift.errors import InputError
from drift.ingest.addresses import check
from drift.ingest.bodyfinder import Found, find_body, refuse_list
from drift.ingest.dom import RULE, Element, labels, names, text_of, tidy
from drift.ingest.encodings import decode
from drift.ingest.fetch import Page
from drift.ingest.languages import language_of
from drift.ingest.metadata import Facts, facts_of
from drift.ingest.pagecomments import comments_of
from drift.ingest.records import BODY, Article, Block, joined
from drift.ingest.rows import clean
from drift.ingest.updates import split_updates

SHORT = 200  # code points of text below which a page is believed only if it marks its text
STUB = 1_500  # below this, a page that asks for a subscription shows a beginning only

PASTE = "paste the text instead"


def read_page(page: Page) -> Article:
    """Read the article of a fetched page, or say clearly why there is none."""
    if page.status >= 400:
        raise InputError(f"the page answers {page.status} ({_meaning(page.status)}); {PASTE}")
    text = html_text(page)
    if _binary(text):
        raise InputError(f"the link leads to a file, not to a page with text; {PASTE}")
    if page.kind == "text/plain" and "<html" not in text[:2_000].lower():
        return _plain(page, text)
    return read_html(text, page.url)


def read_html(text: str, url: str) -> Article:
    """Read the article of a page given as HTML."""
    link = check(url)
    tree = parse(text)
    facts = facts_of(tree, link)
    found = find_body(tree, text)
    blocks = [block for block in found.blocks if not _repeats_title(block, facts.title)]
    if not any(block.kind in BODY for block in blocks) and facts.body:
        blocks = [Block("paragraph", part) for part in paragraphs(facts.body)]
    comments = comments_of(tree)
    blocks = _without(split_updates(blocks), comments)
    article = Article(
        url=link.href,
        blocks=(*(block for block in blocks if block is not RULE), *comments),
        title=facts.title,
        author=facts.author,
        published=facts.published,
        modified=facts.modified,
        canonical=facts.canonical,
        site=facts.site,
    )
    _refuse_useless(tree, article, facts, found)
    return _finished(article, facts)


def parse(text: str) -> Element:
    """Parse HTML; neither entities nor the network are touched."""
    from lxml import html
    from lxml.etree import LxmlError

    parser = html.HTMLParser(
        encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True, huge_tree=False
    )
    try:
        return html.document_fromstring(text.replace("\0", "").encode(), parser=parser)
    except (LxmlError, ValueError, AssertionError) as error:
        raise InputError(f"no article text was found on the page; {PASTE}") from error


def html_text(page: Page) -> str:
    """Decode a page by its header, its own declaration and its bytes."""
    declared = page.charset
    if not declared:
        head = re.search(rb"""charset\s*=\s*["']?\s*([A-Za-z0-9_:-]{2,20})""", page.body[:4_096])
        declared = head.group(1).decode() if head else None
    return clean(decode(page.body, declared).text)


def paragraphs(text: str) -> list[str]:
    """Cut plain text into paragraphs at its empty lines, or at its lines where it has none."""
    parts = re.split(r"\n[ \t]*\n\s*", text.strip())
    parts = text.strip().split("\n") if len(parts) == 1 else parts
    return [whole for part in parts if (whole := tidy(part))]


def _plain(page: Page, text: str) -> Article:
    """Read a page that is plain text."""
    blocks = split_updates([Block("paragraph", part) for part in paragraphs(text)])
    if not blocks:
        raise InputError(f"the page is empty; {PASTE}")
    language = language_of(joined(tuple(blocks), BODY))
    return Article(url=page.url, blocks=tuple(blocks), language=language)


def _refuse_useless(tree: Element, article: Article, facts: Facts, found: Found) -> None:
    """Say clearly why a page gives no article: a list, a paywall, a program, or nothing."""
    refuse_list(found)
    length = len(article.text)
    if length < STUB and (not facts.free or _paywalled(tree)):
        raise InputError(
            f"only the beginning of this article is public ({length} characters before the "
            f"paywall); {PASTE}"
        )
    if length >= SHORT or (found.marked and length >= 40):
        return
    if _needs_scripts(tree, length):
        raise InputError(f"this page shows its text only to a browser that runs scripts; {PASTE}")
    raise InputError(f"no article text was found on the page; {PASTE}")


def _paywalled(tree: Element) -> bool:
    """Tell whether a page asks for a subscription."""
    tables = names()
    if any(tables.paywall_names & set(labels(one)) for one in tree.iter("div", "section", "aside")):
        return True
    text = text_of(tree)[:200_000].lower()
    return any(words in text for words in tables.paywall_words)


def _needs_scripts(tree: Element, length: int) -> bool:
    """Tell whether a page is a program: it says so, or it has scripts and an empty root."""
    text = text_of(tree)[:50_000].lower()
    if any(words in text for words in names().script_words):
        return True
    roots = {"root", "app", "__next", "__nuxt", "___gatsby", "svelte", "react-root"}
    shells = [one for one in tree.iter("div", "main") if roots & set(labels(one))]
    return any(len(text_of(one)) < SHORT for one in shells) and length < SHORT


def _finished(article: Article, facts: Facts) -> Article:
    """Add the language, and what a reader of the result should know."""
    notes = []
    if article.updates:
        notes.append(f"{len(article.updates)} paragraphs of later updates are kept apart")
    if article.comments:
        notes.append(f"{len(article.comments)} comments are kept apart")
    if facts.modified and facts.published and facts.modified[:10] > facts.published[:10]:
        notes.append(f"changed after publication, last on {facts.modified[:10]}")
    language = language_of(article.text, facts.language)
    return replace(article, language=language, notes=tuple(notes))


def _repeats_title(block: Block, title: str | None) -> bool:
    """Tell whether a heading is the title, which is no sentence of the article."""
    return block.kind == "heading" and bool(title) and tidy(block.text) in tidy(title or "")


def _without(blocks: list[Block], comments: list[Block]) -> list[Block]:
    """Leave out body blocks that are comments under another name."""
    said = {block.text for block in comments}
    return [block for block in blocks if block.text not in said or block is RULE]


def _binary(text: str) -> bool:
    """Tell whether something that calls itself a page is none: control characters all over."""
    head = text[:4_000]
    odd = sum((char < " " and char not in "\t\r\n\f") or char == "\ufffd" for char in head)
    return odd > 0.1 * len(head)


def _meaning(status: int) -> str:
    """Give the standard words for a status."""
    try:
        return HTTPStatus(status).phrase.lower()
    except ValueError:
        return "error"
