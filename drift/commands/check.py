"""`drift check`: one post, its retweets, one report."""

import argparse
import sys

from drift.catalogue import LANGS
from drift.commands.command import Backends, Command, add_models
from drift.commands.inputs import post_of, retweets_of
from drift.commands.output import form_of, write
from drift.pipeline import check
from drift.records import Label, Report
from drift.report import FORMS, render

_DESCRIPTION = """\
Judge retweets of one post and say what changed.

POST and each RETWEET is a text in quotes, a file, or - for standard input. A file of
retweets holds one a line, or JSON Lines or CSV with a column `retweet`.

  drift check post.txt "美国拒绝了他，形象受损"
  drift check post.txt retweets.jsonl --output report.html
"""


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("post", metavar="POST", help="the English post: text, file, link or -")
    parser.add_argument(
        "retweets", metavar="RETWEET", nargs="*", help="Chinese retweets: texts, files, links or -"
    )
    parser.add_argument(
        "--retweets", dest="more", action="append", default=[], metavar="FILE",
        help="a file of retweets; may be given more than once",
    )  # fmt: skip
    add_report_options(parser)
    add_models(parser)


def add_report_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that say in which form, language and place a report is written."""
    parser.add_argument(
        "--format", choices=list(FORMS), help="default: by the ending of --output, else text"
    )
    parser.add_argument("--output", "-o", metavar="FILE", help="default: standard output")
    parser.add_argument(
        "--lang", choices=list(LANGS), default="en", help="language of headings (default en)"
    )


def _run(args: argparse.Namespace, backends: Backends) -> int:
    form = form_of(args.format, args.output)
    post = post_of(args.post)
    retweets = retweets_of([*args.retweets, *args.more])
    report = check(post, retweets, backends.tools(args.models))
    write(rendered(report, form, args.lang, args.output), args.output)
    return 1 if any(v.label is Label.MISREPRESENTS for v in report.verdicts) else 0


def rendered(report: Report, form: str, lang: str, output: str | None) -> str:
    """Render a report; on a terminal, in its width and colours."""
    if form == "text" and output in {None, "-"} and sys.stdout.isatty():
        from drift.report import terminal

        return terminal.render(
            report, lang, terminal.width(sys.stdout), terminal.wants_colour(sys.stdout)
        )
    return render(report, form, lang)


COMMAND = Command("check", "judge retweets of one post", _arguments, _run, _DESCRIPTION)
