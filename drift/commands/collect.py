"""`drift collect`: the public Chinese posts that cite a post, found and written to a file."""

import argparse
import sys
from pathlib import Path

from drift.commands.command import Backends, Command
from drift.errors import BackendError, InputError
from drift.visible import visible

_DESCRIPTION = """\
Find the public Chinese posts that cite LINK, on the networks that credentials are set for.

  X         X_BEARER_TOKEN
  Bluesky   BLUESKY_HANDLE, BLUESKY_APP_PASSWORD
  Mastodon  MASTODON_HOST, MASTODON_TOKEN

Each wording is written once, with how often it was found. A run that was stopped continues when
the same command is given again. The result goes into `drift check LINK --retweets FILE`.
"""


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("link", metavar="LINK", help="the link of the post")
    parser.add_argument("--output", "-o", metavar="FILE", required=True, help="JSON Lines")
    parser.add_argument("--limit", type=int, default=1_000, metavar="N", help="default 1000")
    parser.add_argument(
        "--patience", type=float, default=900, metavar="SECONDS",
        help="longest wait that a network may ask for (default 900)",
    )  # fmt: skip


def _run(args: argparse.Namespace, backends: Backends) -> int:
    from drift.ingest.collect import Plan, gather
    from drift.ingest.progress import finish, load, save

    if args.limit < 1 or args.patience < 0:
        raise InputError("--limit must be 1 or more, --patience 0 or more")
    output = Path(args.output)
    collection = load(args.link, output)
    if collection.seen:
        sys.stderr.write(f"continuing: {len(collection.seen)} posts are already seen\n")
    for _ in gather(args.link, collection, Plan(limit=args.limit, patience=args.patience)):
        save(collection, args.link, output)
        sys.stderr.write(f"{len(collection.found)} retweets in {len(collection.seen)} posts\n")
    for network, problem in collection.problems.items():
        sys.stderr.write(f"{network}: {visible(problem)}\n")
    if collection.problems:
        raise BackendError("not all networks could be searched to the end; run it again to go on")
    if not collection.found:
        save(collection, args.link, output)
        sys.stderr.write("no Chinese post that cites this link was found\n")
    finish(output)
    return 0


COMMAND = Command("collect", "find the retweets of a post", _arguments, _run, _DESCRIPTION)
