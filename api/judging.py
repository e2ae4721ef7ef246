"""The work itself, as a worker does it: a post and some retweets in, result rows out."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.resources import files
from typing import Any

from drift.errors import InputError
from drift.pipeline import Heard, Tools, decide, listen, read, weigh
from drift.records import Finding, Label, Post, Retweet, Verdict
from drift.report.rows import Row, error_row, to_row, to_verdict
from drift.translate import back_translate

# Characters of a post, of a retweet, that cost as much to judge as a short one. Measured: in these
# units everything from 40 to 10,000 characters against posts up to 100,000 takes 0.03 to 0.1 s.
POST_UNIT, RETWEET_UNIT = 10_000, 200
READINGS = 4  # posts whose reading a worker keeps: the pieces of one job come one after another


@dataclass(frozen=True, slots=True)
class Task:
    """A post and the retweets of it that are to be judged in one go."""

    post: Post
    retweets: tuple[Retweet, ...]


@dataclass(frozen=True, slots=True)
class Judged:
    """One retweet's result row, and beside it what a report needs and the row leaves out."""

    row: Row
    aside: Row | None = None  # none: the row is an error


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a task: a row a retweet, in order, and the signature."""

    judged: tuple[Judged, ...]
    signature: str


def cost(post: Post, retweets: Sequence[Retweet]) -> int:
    """Say how much work this is, counted in short retweets of a short post.

    >>> cost(Post("p", "x" * 25_000), [Retweet("r", "y" * 140), Retweet("s", "y" * 500)])
    12
    """
    posts = 1 + len(post.text) // POST_UNIT
    return posts * sum(1 + len(one.text) // RETWEET_UNIT for one in retweets)


def sample() -> Task:
    """Give a small task: the case that Drift exists for, with one plain retweet."""
    post = (files("drift") / "demo" / "post.txt").read_text("utf-8")
    return Task(Post("post", post), (Retweet("r1", "据说美国外交官因胆怯拒绝了他。"),))


def judge_with(tools: Tools) -> Callable[[Task], Answer]:
    """Make the function that judges tasks with these tools; it remembers the last posts read."""
    reading_of = lru_cache(READINGS)(lambda post: read(post, tools))

    def judge(task: Task) -> Answer:
        reading = reading_of(task.post)
        heard = [_listened(reading, retweet, tools) for retweet in task.retweets]
        good = iter(weigh(reading, [one for one in heard if isinstance(one, Heard)], tools))
        laid_out = [next(good) if isinstance(one, Heard) else one for one in heard]
        claimed = [e.claim for one in laid_out if isinstance(one, Heard) for e in one.evidence]
        english = iter(back_translate(claimed, tools.translator))
        judged = []
        for one in laid_out:
            if isinstance(one, Heard):
                back = [next(english) for _ in one.evidence]
                judged.append(
                    judged_as(decide(reading, one, back, tools), task.post, tools.signature)
                )
            else:
                judged.append(one)
        return Answer(tuple(judged), tools.signature)

    return judge


def _listened(reading: Any, retweet: Retweet, tools: Tools) -> Heard | Judged:  # noqa: ANN401
    """Take a retweet apart; one that cannot be read becomes an error of its own."""
    if not retweet.text.strip():
        return Judged(error_row(retweet.id, "this retweet is empty; give its text"))
    try:
        return listen(reading, retweet, tools)
    except InputError as error:
        return Judged(error_row(retweet.id, str(error)))


def judged_as(verdict: Verdict, post: Post, signature: str) -> Judged:
    """Put a verdict into the form in which it is stored."""
    aside = {
        "flags": list(verdict.flags),
        "reasons": [[one.reason, dict(one.details)] for one in verdict.findings],
    }
    return Judged(to_row(verdict, post, signature), aside)


def verdict_of(judged: Judged, retweet: Retweet) -> Verdict:
    """Read a stored result back; a retweet that could not be judged is `uncertain`."""
    if judged.aside is None:
        return Verdict(retweet, Label.UNCERTAIN, 0.5, 0.5, "none", (), ())
    verdict = to_verdict(judged.row, retweet)
    findings = tuple(_with_reasons(verdict.findings, judged.aside["reasons"]))
    return replace(verdict, findings=findings, flags=tuple(judged.aside["flags"]))


def _with_reasons(findings: Sequence[Finding], reasons: Sequence[Any]) -> Iterator[Finding]:
    for finding, (reason, details) in zip(findings, reasons, strict=True):
        yield replace(finding, reason=reason, details=details)
