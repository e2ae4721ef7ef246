"""`drift keys`: make, list and revoke the keys of the HTTP API."""

import argparse
import sys

from drift.commands.command import Backends, Command
from drift.commands.serve import add_database
from drift.visible import visible

SCOPES = ("checks", "jobs")


def _arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    create = actions.add_parser("create", help="make a key; it is shown once and kept as a hash")
    create.add_argument("name", help="whose key it is")
    create.add_argument(
        "--scope", action="append", choices=SCOPES, help="what it may do (default: everything)"
    )
    revoke = actions.add_parser("revoke", help="end a key at once")
    rotate = actions.add_parser(
        "rotate", help="change a key's webhook secret; the old one signs too for a day"
    )
    resend = actions.add_parser("resend", help="send again the webhooks that were never heard")
    for one in (revoke, rotate, resend):
        one.add_argument("prefix", help="the shown part of the key, from `drift keys list`")
    for one in (create, actions.add_parser("list", help="list the keys"), revoke, rotate, resend):
        add_database(one)


def _run(args: argparse.Namespace, backends: Backends) -> int:
    ring = backends.keys(args.database)
    if args.action == "create":
        key, secret = ring.create(args.name, args.scope or SCOPES)
        sys.stdout.write(f"key             {key}\nwebhook secret  {secret}\n")
        sys.stderr.write("Keep both: they are not shown again.\n")
    elif args.action == "revoke":
        sys.stdout.write(f"revoked: {visible(ring.revoke(args.prefix))}\n")
    elif args.action == "rotate":
        sys.stdout.write(f"webhook secret  {ring.rotate(args.prefix)}\n")
        sys.stderr.write("Keep it: it is not shown again.\n")
    elif args.action == "resend":
        sys.stdout.write(f"messages to be sent again: {ring.resend(args.prefix)}\n")
    else:
        for one in ring.listing():
            state = "revoked" if one.revoked else "active"
            line = f"{one.prefix}  {state:7}  {','.join(one.scopes):11}  {one.created}  {one.name}"
            sys.stdout.write(visible(line) + "\n")
    return 0


COMMAND = Command("keys", "make, list and revoke API keys", _arguments, _run)
