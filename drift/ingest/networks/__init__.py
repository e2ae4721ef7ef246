"""One adapter a network: how its links look, how a post is read, how posts are searched.

A new network is a module with `NAME`, `matches` and `get` (and `NEEDS` and `search` where it can
be searched), and a row in `READERS` or `SEARCHERS`.
"""

from types import ModuleType

from drift.ingest.networks import bluesky, mastodon, weibo, x

# Mastodon comes last: it has no host of its own, only a form of path.
READERS: tuple[ModuleType, ...] = (x, bluesky, weibo, mastodon)
SEARCHERS: tuple[ModuleType, ...] = (x, bluesky, mastodon)
