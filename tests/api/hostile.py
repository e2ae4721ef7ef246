"""Reports with a hostile text wherever a report has words."""

from drift.records import (
    Claim,
    Finding,
    Gloss,
    Label,
    Piece,
    Post,
    Report,
    Retweet,
    Severity,
    Span,
    Verdict,
    Voice,
)
from drift.visible import safe_link

PLAIN = "a word"


def verdict(number, text, post):
    """Judge a retweet that is the payload, with the payload wherever a verdict has words."""
    whole = Span(0, len(text))
    there = Span(post.text.index(text), post.text.index(text) + len(text))
    claim = Claim(whole, Voice.CLAIM, text, (Gloss(text, text, whole),), (Piece(there, 0.9),))
    found = Finding(
        "intensity", Severity.MAJOR, 0.9, whole, there, "intensity.raised",
        {"word": text, "cue": text},
    )  # fmt: skip
    url = PLAIN if safe_link(text) else text
    retweet = Retweet(f"{number}{text}", text, url, text, text)
    return Verdict(retweet, Label.MISREPRESENTS, 0.9, 0.9, "hans", (claim,), (found,))


def report(texts):
    whole = "\n".join(texts)
    first = next((one for one in texts if not safe_link(one)), PLAIN)
    post = Post("post", whole, first, texts[0], texts[-1])
    verdicts = tuple(verdict(number, text, post) for number, text in enumerate(texts, 1))
    return Report(post, verdicts, f"sig {texts[0]}")
