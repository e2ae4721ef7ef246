"""`drift serve`: the web form and the HTTP API."""

import argparse

from drift.commands.command import Backends, Command, add_models

_DESCRIPTION = """\
Serve the web form and the HTTP API on one address, until interrupted.

Every setting is also an environment variable (DRIFT_HOST, DRIFT_DATABASE, DRIFT_WORKERS ...);
an option given here wins. Put a proxy with TLS in front of it before you open it to others.
"""


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", metavar="ADDRESS", help="default 127.0.0.1: this machine alone")
    parser.add_argument("--port", metavar="PORT", help="default 8000")
    parser.add_argument("--workers", metavar="N", help="judging processes (default: one a core)")
    add_database(parser)
    add_models(parser)


def add_database(parser: argparse.ArgumentParser) -> None:
    """Add the option that names the database."""
    parser.add_argument(
        "--database",
        metavar="URL",
        help="sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME (default: an SQLite file)",
    )


def _run(args: argparse.Namespace, backends: Backends) -> int:
    names = ("host", "port", "workers", "database", "models")
    given = {name: getattr(args, name) for name in names}
    backends.serve({name: value for name, value in given.items() if value is not None})
    return 0


COMMAND = Command("serve", "serve the web form and the HTTP API", _arguments, _run, _DESCRIPTION)
