"""The `drift` command: arguments, files, exit status; where core, models and web meet."""

import argparse
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace

from drift import __version__
from drift.commands import COMMANDS, Backends, Command, KeyRing
from drift.errors import DriftError
from drift.pipeline import Tools

_EPILOG = """\
exit status: 0 nothing misrepresents the post; 1 at least one retweet does (check);
2 bad usage or input; 3 a model or a service failed.
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    parser = _parser()
    given = sys.argv[1:] if argv is None else argv
    if not given:
        parser.print_help()
        return 2
    args = parser.parse_args(given)
    try:
        status: int = args.run(args, backends())
        sys.stdout.flush()
    except DriftError as error:
        print(f"drift: {error}", file=sys.stderr)  # noqa: T201
        return error.exit_code
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # a second one ends what still winds down
        print("drift: stopped", file=sys.stderr)  # noqa: T201
        return 130
    except BrokenPipeError:  # the reader, `head` say, has gone: nothing to complain about
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return status


def backends() -> Backends:
    """Join the core with its models; nothing is loaded before it is asked for."""
    from models import shelf, weights

    return Backends(
        tools=tools,
        tools_of_batch=tools_of_batch,
        listing=shelf.listing,
        verify=weights.verify,
        pull=shelf.pull,
        remove=shelf.remove,
        serve=_serve,
        keys=_keys,
    )


def tools(name: str) -> Tools:
    """Load the models by name; found under its own name by the worker processes of `serve`."""
    import models

    chosen = models.choose(name)
    return Tools(
        translator=chosen.translator,
        table=models.table(),
        scorer=models.scorer(),
        likelihoods=models.likelihoods(),
        advisers=chosen.advisers,
        calibrator=chosen.calibrator,
        alone=chosen.alone,
    )


def tools_of_batch(name: str) -> Tools:
    """Load the models as `tools` does; a costly translator keeps on disk what it said."""
    from drift.ingest.cache import OFF, default_folder

    found = tools(name)
    if os.environ.get("DRIFT_CACHE") == OFF:
        return found
    import models

    kept = models.with_memory(found.translator, default_folder() / "translations.sqlite3")
    return replace(found, translator=kept)


def _serve(chosen: Mapping[str, str]) -> None:
    import models
    from api.serving import serve

    named = chosen.get("models", os.environ.get("DRIFT_MODELS", "auto"))
    if "DRIFT_WORKERS" not in os.environ and models.choose(named).alone:
        chosen = {"workers": "1", **chosen}  # each worker would load the large models again
    serve(chosen, tools)


def _keys(database: str | None) -> KeyRing:
    from api.serving import keys

    return keys(database)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="drift",
        description="Checks whether Chinese retweets still say what the English post said.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"drift {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in COMMANDS:
        _add(commands, command)
    return parser


def _add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]", command: Command) -> None:
    own = commands.add_parser(
        command.name,
        help=command.summary,
        description=command.description or command.summary,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.arguments(own)
    own.set_defaults(run=command.run)


if __name__ == "__main__":
    sys.exit(main())
