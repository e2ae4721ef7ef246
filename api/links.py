"""Reads posts and retweets given by link, through the guarded fetcher of `drift.ingest`."""

from api.schemas import POST, RETWEET
from drift.errors import InputError
from drift.records import Post


def post_at(link: str) -> Post:
    """Fetch the post that a link leads to."""
    from drift.ingest.sources import load_post

    post: Post = load_post(link)
    if len(post.text) > POST:
        raise InputError(f"the page has more than {POST:,} characters; paste the part you mean")
    return post


def retweet_at(link: str) -> str:
    """Fetch the text of the retweet that a link leads to."""
    from drift.ingest.sources import load_post

    text: str = load_post(link).text
    if len(text) > RETWEET:
        raise InputError(f"the page has more than {RETWEET:,} characters; paste the retweet")
    return text
