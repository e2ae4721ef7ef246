"""`drift demo`: the case that Drift exists for, judged before your eyes."""

import argparse
import sys
from importlib.resources import files
from pathlib import Path

from drift.commands.check import rendered
from drift.commands.command import Backends, Command, add_models
from drift.commands.inputs import retweets_of
from drift.commands.output import write
from drift.pipeline import check
from drift.records import Post

_DESCRIPTION = """\
In February 2012 Charles Custer of ChinaGeeks wrote, with every caveat, about a vice-mayor who was
said to have asked for asylum. Within hours a Chinese tweet had him say something else. The demo
judges that tweet, which is real, and six more that were written for it, prints the report and
writes it as a page.
"""


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--output", "-o", default="drift-demo.html", metavar="FILE", help="where the page goes"
    )
    parser.add_argument("--lang", choices=["en", "zh"], default="en", help="language of headings")
    add_models(parser)


def _run(args: argparse.Namespace, backends: Backends) -> int:
    folder = files("drift") / "demo"
    post = Post(
        "demo",
        (folder / "post.txt").read_text("utf-8"),
        author="Charles Custer, ChinaGeeks",
        created_at="2012-02-08",
    )
    retweets = retweets_of([str(folder / "retweets.jsonl")])
    report = check(post, retweets, backends.tools(args.models))
    write(rendered(report, "text", args.lang, None), None)
    write(rendered(report, "html", args.lang, args.output), args.output)
    sys.stdout.write(f"\nThe same report as a page: {Path(args.output).resolve()}\n")
    return 0


COMMAND = Command("demo", "judge the tweet that Drift exists for", _arguments, _run, _DESCRIPTION)
