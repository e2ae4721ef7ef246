"""The door of this package: a link, a path or a text in, a post or retweets out.

A link is a convenience, the pasted text is the contract: whenever a link gives nothing, the
message says why and what to do. A dead link costs only its own place.
"""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice
from pathlib import Path
from time import monotonic, sleep

from drift.errors import BackendError, FetchRefused, InputError
from drift.ingest.addresses import MAX_LINK, check, looks_like_link
from drift.ingest.cache import PageCache, default_cache, digest
from drift.ingest.fetch import STANDARD, Limits, Page, Request, fetch
from drift.ingest.files import read_text, rows
from drift.ingest.networks import READERS, mastodon, wordpress
from drift.ingest.networks.entries import Entry
from drift.ingest.records import Article
from drift.ingest.rows import MAX_TEXT, Row, clean
from drift.records import Post, Retweet

AT_ONCE = 16
CHUNK = 64  # rows of a batch whose links are followed together

Failure = InputError | BackendError


@dataclass(frozen=True, slots=True)
class Settings:
    """How links are followed: with which credentials, from which cache, within which bounds."""

    credentials: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    cache: PageCache | None = None
    limits: Limits = STANDARD


@dataclass(frozen=True, slots=True)
class Source:
    """What a link led to, with when it was fetched and the hash of what came."""

    entry: Entry
    article: Article | None = None
    fetched_at: str | None = None
    sha256: str | None = None

    @property
    def notes(self) -> tuple[str, ...]:
        """Say what a reader should know: edited, cut, updates kept apart."""
        return self.article.notes if self.article else self.entry.notes


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that could not be read: what was given, where, and what to do."""

    given: str
    error: str
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Loaded:
    """The retweets that could be read, and what could not."""

    retweets: tuple[Retweet, ...]
    problems: tuple[Problem, ...] = ()


def load_post(given: str, settings: Settings | None = None, *, files: bool = False) -> Post:
    """Give the post behind a link, a text or (only where `files` is allowed) a path or `-`."""
    return load_source(given, settings, files=files).entry.post()


def load_source(given: str, settings: Settings | None = None, *, files: bool = False) -> Source:
    """Give the post with its article, its date of fetching and its hash; raises like a fetch."""
    if looks_like_link(given):
        found = follow([given.strip()], settings)[0]
        if isinstance(found, InputError | BackendError):
            raise found
        if len(found) > 1:
            raise InputError(
                f"the link leads to a feed of {len(found)} posts: pass the link of one of them, "
                "or paste the text instead"
            )
        return found[0]
    named = files and _is_path(given)
    text = _bounded(read_text(given) if named else clean(given))
    return Source(Entry("text", given if named and given != "-" else "post", text))


def load_retweets(
    items: Iterable[str], settings: Settings | None = None, *, files: bool = False
) -> Loaded:
    """Give the retweets behind links, texts, feeds and (where allowed) files, in this order."""
    wanted: list[Row] = []
    for given in items:
        if files and not looks_like_link(given) and _is_path(given):
            wanted += [_from_file(row, given) for row in rows(given, needs_post=False)]
        else:
            wanted.append(_from_text(given, len(wanted) + 1))
    links = [row.retweet_url for row in wanted if not row.retweet and row.retweet_url]
    found = dict(zip(links, follow(links, settings), strict=True))
    retweets: list[Retweet] = []
    problems: list[Problem] = []
    for row in wanted:
        answer = found.get(row.retweet_url or "") if not row.retweet else None
        if row.error or isinstance(answer, InputError | BackendError):
            shown = row.retweet_url or row.raw or ""
            problems.append(Problem(shown[:500], row.error or str(answer), row.line))
        elif answer:
            retweets += [_named(source.entry.retweet(), row, len(answer)) for source in answer]
        else:
            retweets.append(
                Retweet(row.id, row.retweet or "", row.retweet_url, row.author, row.created_at)
            )
    return Loaded(tuple(retweets), tuple(problems))


def fill_rows(rows_in: Iterable[Row], settings: Settings | None = None) -> Iterator[Row]:
    """Follow the links of a batch's rows; a link that fails becomes the error of its rows only.

    Links that stand in many rows (one post, fifty retweets) are followed once.
    """
    known: dict[str, list[Source] | Failure] = {}
    source = iter(rows_in)
    while chunk := list(islice(source, CHUNK)):
        links = [link for row in chunk for link in links_of(row)]
        fresh = [link for link in dict.fromkeys(links) if link not in known]
        known.update(zip(fresh, follow(fresh, settings), strict=True))
        yield from (_filled(row, known) for row in chunk)
        if len(known) > 10_000:  # a batch is bounded in memory, whatever its length
            known.clear()


def follow(links: Sequence[str], settings: Settings | None = None) -> list[list[Source] | Failure]:
    """Follow many links at once; each gives its posts (a feed several) or its own failure."""
    if not links:
        return []
    how = settings or Settings(cache=default_cache())
    unique = list(dict.fromkeys(links))
    with ThreadPoolExecutor(min(AT_ONCE, len(unique))) as pool:
        first = dict(zip(unique, pool.map(partial(_first, how), unique), strict=True))
    _read_articles(first, how)
    return [_outcome(first[link]) for link in links]


def _first(how: Settings, given: str) -> list[Source] | Page | Failure:
    """Follow one link: a network's post is read at once, a page is read later with the others."""
    started = monotonic()
    try:
        # Old links of Twitter carry the post behind a fragment, which is never sent.
        link = check(given.replace("twitter.com/#!/", "twitter.com/", 1))
        ask = partial(_ask, how)
        for network in READERS:
            post_id = network.matches(link)
            if not post_id:
                continue
            try:
                entry = network.get(post_id, link, ask, how.credentials)
            except InputError:
                # Only its path made it look like Mastodon; it may be a page of another kind.
                if network is not mastodon:
                    raise
                continue
            return [_source(entry)]
        return ask(Request(link.href))
    except FetchRefused as error:
        # Whatever the reason, a refusal takes its time: a quick one would tell what was refused.
        sleep(max(0.0, how.limits.floor - (monotonic() - started)))
        return error
    except (InputError, BackendError) as error:
        return error


def _ask(how: Settings, request: Request) -> Page:
    """Fetch through the cache; what was sent (a login, say) is neither kept nor looked up."""
    cache = how.cache if request.payload is None else None
    kept = cache.get(request.url) if cache else None
    if kept:
        return kept
    page = fetch(request, how.limits)
    if cache and page.status == 200:
        cache.put(page)
    return page


def _read_articles(first: dict[str, list[Source] | Page | Failure], how: Settings) -> None:
    """Read all pages in one child process; what a page does not show, its blog may give as data."""
    from drift.ingest.reading import read_pages

    pages = {link: page for link, page in first.items() if isinstance(page, Page)}
    results = dict(zip(pages, read_pages(list(pages.values())), strict=True))
    again: dict[str, Page] = {}
    for link, result in results.items():
        if isinstance(result, InputError):
            try:
                again[link] = wordpress.as_page(pages[link], partial(_ask, how))
            except (InputError, BackendError):
                continue
    if again:
        retried = zip(again, read_pages(list(again.values())), strict=True)
        results.update({k: v for k, v in retried if not isinstance(v, InputError)})
    for link, result in results.items():
        first[link] = _from_page(result, pages[link])


def _from_page(result: Article | list[Entry] | InputError, page: Page) -> list[Source] | Failure:
    """Turn what was read from a page into sources that carry its date and hash."""
    if isinstance(result, InputError):
        return result
    sha256 = digest(page.body)
    if isinstance(result, list):
        return [Source(entry, None, page.fetched_at, sha256) for entry in result]
    url = result.canonical or result.url
    entry = Entry("web", url, result.text, url, result.author, result.published)
    return [Source(entry, result, page.fetched_at, sha256)]


def _outcome(found: list[Source] | Page | Failure) -> list[Source] | Failure:
    """Give what a link led to; no page is left unread here."""
    return InputError("the page could not be read") if isinstance(found, Page) else found


def _source(entry: Entry) -> Source:
    """Date and hash a network's post by its text."""
    from datetime import UTC, datetime

    now = datetime.now(UTC).isoformat(timespec="seconds")
    return Source(entry, None, now, digest(entry.text.encode()))


def _filled(row: Row, known: Mapping[str, list[Source] | Failure]) -> Row:
    """Put the texts behind a row's links into the row, or their failure as its error."""
    if row.error:
        return row
    for link in links_of(row):
        found = known[link]
        if isinstance(found, InputError | BackendError):
            return replace(row, error=f"{link[:200]}: {found}")
        if len(found) > 1:
            return replace(row, error=f"{link[:200]}: a feed of {len(found)} posts, not one post")
    post = row.post or _text(known, row.post_url)
    retweet = row.retweet or _text(known, row.retweet_url)
    if row.retweet or not row.retweet_url:
        return replace(row, post=post, retweet=retweet)
    entry = _entry(known, row.retweet_url)
    author, created = row.author or entry.author, row.created_at or entry.created_at
    return replace(row, post=post, retweet=retweet, author=author, created_at=created)


def _entry(known: Mapping[str, list[Source] | Failure], link: str) -> Entry:
    """Give the one entry that a link led to."""
    found = known[link]
    assert isinstance(found, list)  # noqa: S101 -- `_filled` has turned failures away
    return found[0].entry


def _text(known: Mapping[str, list[Source] | Failure], link: str | None) -> str | None:
    """Give the text behind a link, if there is one."""
    return _entry(known, link).text if link else None


def links_of(row: Row) -> list[str]:
    """Give the links of a row that must be followed: not where the text is there, or a fault."""
    if row.error:
        return []
    pairs = ((row.post, row.post_url), (row.retweet, row.retweet_url))
    return [link for text, link in pairs if link and not text]


def _from_text(given: str, number: int) -> Row:
    """Make a row of what a person gave directly."""
    if looks_like_link(given):
        return Row(number, f"r{number}", retweet_url=given.strip())
    if not given.strip():
        return Row(number, f"r{number}", error="this retweet is empty", raw=given)
    try:
        return Row(number, f"r{number}", retweet=_bounded(clean(given)))
    except InputError as error:
        return Row(number, f"r{number}", error=str(error), raw=given[:200])


def _from_file(row: Row, path: str) -> Row:
    """Say of a bad row in which file it stands."""
    return replace(row, error=f"{path}, line {row.line}: {row.error}") if row.error else row


def _named(retweet: Retweet, row: Row, count: int) -> Retweet:
    """Keep the id that a file gave; the posts of a feed keep their own."""
    own = row.id.startswith(("line-", "r")) and row.id.lstrip("line-r").isdigit()
    return retweet if own or count > 1 else replace(retweet, id=row.id)


def _is_path(given: str) -> bool:
    """Tell whether a word is the name of a file that is there, or standard input."""
    if given == "-":
        return True
    if "\n" in given or len(given) > MAX_LINK:
        return False
    try:
        return Path(given).is_file()
    except (OSError, ValueError):
        return False


def _bounded(text: str) -> str:
    """Refuse a text beyond all bounds, and an empty one."""
    if not text.strip():
        raise InputError("the post is empty: paste its text or pass its link")
    if len(text) > MAX_TEXT:
        raise InputError(f"the text has {len(text):,} characters; the limit is {MAX_TEXT:,}")
    return text


__all__ = [
    "FetchRefused",
    "Loaded",
    "Problem",
    "Settings",
    "Source",
    "fill_rows",
    "follow",
    "load_post",
    "load_retweets",
    "load_source",
]
