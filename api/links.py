"""Reads posts and retweets given by link, through the guarded fetcher of `drift.ingest`."""

from collections.abc import Sequence

from api.schemas import POST, RETWEET
from drift.errors import DriftError, InputError
from drift.ingest.sources import Settings, follow
from drift.records import Post


def post_at(link: str) -> Post:
    """Fetch the post that a link leads to."""
    found = _posts([link], POST)[0]
    if isinstance(found, InputError):
        raise found
    return found


def retweets_at(links: Sequence[str]) -> list[Post | InputError]:
    """Fetch the texts of retweets, several at once; a dead link costs only its own place."""
    return _posts(links, RETWEET)


def _posts(links: Sequence[str], longest: int) -> list[Post | InputError]:
    found: list[Post | InputError] = []
    # Without the cache of pages: what a person deletes here must not stay there.
    for outcome in follow(links, Settings()):
        if isinstance(outcome, DriftError):
            found.append(outcome if isinstance(outcome, InputError) else InputError(str(outcome)))
        elif len(outcome) != 1:
            found.append(InputError("the link leads to a feed; pass the link of one post"))
        else:
            post = outcome[0].entry.post()
            text = post.text.replace("\0", "\ufffd")
            told = f"the page has more than {longest:,} characters; paste the part you mean"
            fits = len(text) <= longest
            kept = Post("post", text, post.url, post.author, post.created_at)
            found.append(kept if fits else InputError(told))
    return found
