"""Finds the public Chinese posts that cite a post, on the networks that credentials are set for.

Pages are asked for one after the other; a network that says to wait is waited for, and one that
fails costs only its own rest. Identical retweets are kept once, with their count. The state after
every page is a value that can be stored, so that a broken run goes on where it was.
"""

import os
import re
import time
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from random import uniform
from types import ModuleType

from drift.errors import BackendError, FetchRefused, InputError
from drift.ingest.addresses import Link, check
from drift.ingest.fetch import STANDARD, Limits, Page, Request, fetch
from drift.ingest.languages import is_chinese
from drift.ingest.networks import SEARCHERS
from drift.ingest.networks.entries import Batch, Entry, RateLimitedError
from drift.records import Retweet

TRIES = 4  # of one page, where the network stumbles
LONGEST_WAIT = 900.0  # seconds; X counts in windows of 15 minutes
CARRIER = re.compile(r"^\s*(?:RT|转发|轉發|转|轉)?\s*@[\w.-]{1,60}[:：]\s*", re.IGNORECASE)
LINKS = re.compile(r"https?://[^\s\u3000-\u303f\uff00-\uffef\u4e00-\u9fff]+")
DONE = "done"


@dataclass(slots=True)
class Gathered:
    """One retweet with how often the same words were found, and where first."""

    retweet: Retweet
    network: str
    count: int = 1


@dataclass(slots=True)
class Collection:
    """What was found so far, and where each network's search stands; all of it can be stored."""

    found: dict[str, Gathered] = field(default_factory=dict)  # by their words
    seen: set[str] = field(default_factory=set)  # ids, so that a page read twice counts once
    cursors: dict[str, str | None] = field(default_factory=dict)  # by network; DONE at the end
    other_languages: int = 0
    problems: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan:
    """How to collect: with which credentials, how many at most, and how patiently."""

    credentials: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    limit: int = 1_000
    patience: float = LONGEST_WAIT
    limits: Limits = STANDARD
    sleep: Callable[[float], None] = time.sleep


def collect(post_url: str, plan: Plan | None = None) -> Iterator[Retweet]:
    """Give the Chinese retweets of a post, each wording once, as they are found."""
    collection = Collection()
    given: set[str] = set()
    for _ in gather(post_url, collection, plan):
        for words, item in collection.found.items():
            if words not in given:
                given.add(words)
                yield item.retweet


def gather(post_url: str, collection: Collection, plan: Plan | None = None) -> Iterator[Collection]:
    """Fill a collection, giving it after every page; begin with a stored one to resume."""
    how = plan or Plan()
    about = check(post_url)
    networks = configured(how.credentials)
    if not networks:
        raise InputError(missing(how.credentials))
    for network in networks:
        while collection.cursors.get(network.NAME) != DONE and len(collection.found) < how.limit:
            try:
                batch = _page(network, about, collection.cursors.get(network.NAME), how)
            except (InputError, BackendError) as error:
                collection.problems[network.NAME] = str(error)
                break
            collection.problems.pop(network.NAME, None)
            for entry in batch.entries:
                _add(collection, entry)
            collection.cursors[network.NAME] = batch.cursor or DONE
            yield collection
    if collection.problems and not collection.cursors:
        raise BackendError("; ".join(f"{k}: {v}" for k, v in collection.problems.items()))


def configured(credentials: Mapping[str, str]) -> list[ModuleType]:
    """Give the networks that can be searched with these credentials."""
    return [one for one in SEARCHERS if all(credentials.get(name) for name in one.NEEDS)]


def missing(credentials: Mapping[str, str]) -> str:
    """Say which credentials are missing and how to set them."""
    lines = ["no network can be searched, since no credentials are set. Set the variables of one:"]
    for network in SEARCHERS:
        lacking = [name for name in network.NEEDS if not credentials.get(name)]
        have = "" if len(lacking) == len(network.NEEDS) else " (the others are set)"
        settings = " ".join(f"{name}=..." for name in lacking)
        lines.append(f"  {network.NAME}: export {settings}{have}")
    lines.append("or paste the retweets into a file, one a line, and pass it to `drift check`")
    return "\n".join(lines)


def same_words(text: str) -> str:
    """Bring a retweet into the form in which identical ones are the same.

    >>> same_words("RT @uponsnow: 王立军  https://t.co/a") == same_words("王立军")
    True
    """
    bare = LINKS.sub("", unicodedata.normalize("NFKC", text))
    while (shorter := CARRIER.sub("", bare)) != bare:
        bare = shorter
    return "".join(bare.split()).casefold()


def _page(network: ModuleType, about: Link, cursor: str | None, how: Plan) -> Batch:
    """Ask for one page of results, waiting where the network says so, and trying again."""
    for attempt in range(TRIES):
        last = attempt == TRIES - 1
        try:
            found: Batch = network.search(about, partial(_ask, how), how.credentials, cursor)
            return found
        except RateLimitedError as error:
            if last or error.seconds > how.patience:
                raise
            how.sleep(error.seconds + uniform(0, 1))  # noqa: S311 -- not to come all at once
        except (FetchRefused, BackendError):
            if last:
                raise
            how.sleep(2.0**attempt + uniform(0, 1))  # noqa: S311
    raise BackendError(f"{network.NAME} does not answer")


def _ask(how: Plan, request: Request) -> Page:
    """Fetch with the plan's bounds; results of a search are never cached."""
    return fetch(request, how.limits)


def _add(collection: Collection, entry: Entry) -> None:
    """Add a post, once; the same words again only raise the count."""
    key = f"{entry.network} {entry.id}"
    if key in collection.seen:
        return
    collection.seen.add(key)
    if not is_chinese(entry.text):
        collection.other_languages += 1
        return
    words = same_words(entry.text)
    if words in collection.found:
        collection.found[words].count += 1
    elif words:
        collection.found[words] = Gathered(entry.retweet(), entry.network)
