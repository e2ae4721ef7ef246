"""`drift cluster`: the scheduler and the workers of a cluster, for `drift batch --engine dask`."""

import argparse
import sys

from drift.batch.cluster import Security
from drift.batch.engine import cores
from drift.commands.command import Backends, Command
from drift.errors import InputError

_DESCRIPTION = """\
Start the parts of a cluster: one scheduler, and workers on as many machines as you like.

  drift cluster scheduler --host 10.0.0.5 --tls-ca ca.pem --tls-cert me.pem --tls-key me.key
  drift cluster worker tls://10.0.0.5:8786 --tls-ca ca.pem --tls-cert me.pem --tls-key me.key
  drift batch s3://bucket/rows-*.jsonl.zst --output s3://bucket/results.jsonl.zst/ \\
      --engine dask --address tls://10.0.0.5:8786 --tls-ca ca.pem --tls-cert me.pem --tls-key me.key

Without certificates it listens on this machine alone. No dashboard is served.
"""


def add_security(parser: argparse.ArgumentParser) -> None:
    """Add the options that say how a cluster is reached."""
    for kind, told in (("ca", "of the authority"), ("cert", "of this machine"), ("key", "of it")):
        parser.add_argument(
            f"--tls-{kind}", metavar="FILE",
            help=f"{'key' if kind == 'key' else 'certificate'} {told} (PEM), for the cluster",
        )  # fmt: skip
    parser.add_argument(
        "--plain", action="store_true", help="reach a cluster on other machines without TLS"
    )


def security_of(args: argparse.Namespace) -> Security:
    """Read those options."""
    files = (args.tls_ca, args.tls_cert, args.tls_key)
    if any(files) and not all(files):
        raise InputError("--tls-ca, --tls-cert and --tls-key belong together; give all three")
    return Security(*files, plain=args.plain)


def _arguments(parser: argparse.ArgumentParser) -> None:
    parts = parser.add_subparsers(dest="part", metavar="PART", required=True)
    scheduler = parts.add_parser("scheduler", help="hands out the work; there is one")
    scheduler.add_argument("--host", default="127.0.0.1", help="default 127.0.0.1")
    scheduler.add_argument("--port", type=int, default=8786, help="default 8786")
    worker = parts.add_parser("worker", help="does the work; start some on every machine")
    worker.add_argument("address", metavar="ADDRESS", help="of the scheduler: tls://HOST:PORT")
    worker.add_argument(
        "--processes", "-j", type=int, default=0, metavar="N", help="default: one a core"
    )
    worker.add_argument(
        "--memory", default="2GiB", metavar="SIZE",
        help="of one process; one that takes more is started again (default 2GiB)",
    )  # fmt: skip
    for one in (scheduler, worker):
        add_security(one)


def _run(args: argparse.Namespace, backends: Backends) -> int:
    from drift.batch.machines import Place, serve_scheduler, serve_workers

    if args.part == "scheduler":
        serve_scheduler(Place(args.host, args.port), security_of(args), _say)
        return 0
    if args.processes < 0:
        raise InputError(f"--processes {args.processes} must be 1 or more, or 0 for one a core")
    count = args.processes or cores()
    serve_workers(args.address, count, security_of(args), args.memory, _say)
    return 0


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


COMMAND = Command(
    "cluster", "start a scheduler or workers for batches", _arguments, _run, _DESCRIPTION
)
