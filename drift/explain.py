"""Turns findings into words: why, in English and Chinese, and a correction the author can post."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from drift.catalogue import LANGS, fill, text
from drift.passages import sentence_at, shorten, window
from drift.records import Claim, Finding, Label, Lang, Post, Severity, Span, Verdict
from drift.visible import plain, safe_link

LIMIT = 280  # what one post on X may weigh; a Chinese character weighs two, an address 23
LINK_WEIGHT = 23
POST_QUOTE, CLAIM_QUOTE, GLOSS_QUOTE = 180, 60, 90  # characters quoted in an explanation
# Drafts from full to brief: findings told, characters quoted from the post, gloss given.
_SIZES = (
    *((2, 160, True), (2, 110, True), (2, 110, False)),
    *((1, 160, True), (1, 110, True), (1, 110, False), (1, 60, False)),
)
_QUOTED = ("word", "cue")
_RANK = {Severity.CRITICAL: 0, Severity.MAJOR: 1, Severity.MINOR: 2}


def explanation(finding: Finding, post_text: str, retweet_text: str) -> dict[str, str]:
    """Say in both languages what the post says and what the retweet makes of it."""
    return {
        lang: fill(finding.reason, lang, _values(finding, post_text, retweet_text, lang))
        for lang in LANGS
    }


def wording(finding: Finding, post_text: str) -> str | None:
    """Give the post's own sentence, which is the faithful wording; None where it has none."""
    if finding.post_span is None:
        return None
    return plain(sentence_at(post_text, finding.post_span).of(post_text))


def with_gloss(finding: Finding, claims: Iterable[Claim]) -> Finding:
    """Add the English gloss of the retweet's words, so that the explanation can give it."""
    span = finding.retweet_span
    if span is None or "gloss" in finding.details:
        return finding
    words = [
        gloss.en
        for claim in claims
        if claim.span.touches(span)
        for gloss in claim.gloss
        if gloss.en and gloss.span.touches(span)
    ]
    if not words:
        return finding
    return replace(finding, details={**finding.details, "gloss": " ".join(words)})


def by_weight(findings: Sequence[Finding]) -> list[Finding]:
    """Sort findings: critical first, then the surest."""
    return sorted(findings, key=lambda finding: (_RANK[finding.severity], -finding.confidence))


def correction(verdict: Verdict, post: Post) -> dict[str, str] | None:
    """Draft a reply in each language; None where nothing of weight is wrong."""
    heavy = [one for one in by_weight(verdict.findings) if one.severity is not Severity.MINOR]
    if not heavy or verdict.label in (Label.FAITHFUL, Label.UNRELATED):
        return None
    return {lang: _draft(verdict, heavy, post, lang) for lang in LANGS}


def weight(message: str) -> int:
    """Count a message as X does: two for a Chinese character, 23 for an address of any length.

    >>> weight("PR loss"), weight("形象受损"), weight("https://example.org/2012/02/high-level")
    (7, 8, 23)
    """
    words = unicodedata.normalize("NFC", message).split(" ")
    return len(words) - 1 + sum(_word_weight(word) for word in words)


def _word_weight(word: str) -> int:
    if word.startswith(("https://", "http://")):
        return LINK_WEIGHT
    return sum(1 if _light(ord(char)) else 2 for char in word)


def _light(code: int) -> bool:
    """Tell whether a code point weighs one (the ranges of X's published text counter)."""
    return code <= 4351 or 8192 <= code <= 8205 or 8208 <= code <= 8223 or 8242 <= code <= 8247


def _values(
    finding: Finding, post_text: str, retweet_text: str, lang: Lang, glossed: bool = True
) -> dict[str, str]:
    """Collect what a sentence may be filled with, quoted where it is somebody's own words."""
    values = _details(finding.details, lang)
    gloss = values.pop("gloss", "") if glossed else ""
    claim, quote = _cut(finding.retweet_span, retweet_text), _cut(finding.post_span, post_text)
    if claim:
        values["claim"] = quoted(shorten(claim, CLAIM_QUOTE))
        if lang == "en" and gloss:
            values["claim"] += f" (word for word: {shorten(gloss, GLOSS_QUOTE)})"
    if quote:
        values["post"] = quoted(shorten(quote, POST_QUOTE))
    _drop_repeats(values, finding.details, claim, quote)
    return {name: value for name, value in values.items() if value not in ("", quoted(""))}


def _drop_repeats(
    values: dict[str, str], details: Mapping[str, str], claim: str, quote: str
) -> None:
    """Take out what would make a sentence say the same words twice."""
    for name, whole in (("word", claim), ("cue", quote)):
        if plain(details.get(name, "")) == whole:
            values.pop(name, None)
    for name, other in (("to", "from"), ("holder_to", "holder")):
        if values.get(name) in (claim, quoted(claim)):
            values.pop("claim" if values.get(other) else name, None)


def _cut(span: Span | None, source: str) -> str:
    """Take somebody's words out of their text, fit for quoting."""
    return plain(span.of(source)) if span else ""


def _details(details: Mapping[str, str], lang: Lang) -> dict[str, str]:
    """Choose the details of one language and clean them.

    Telling words are quoted, and in Chinese whatever is English, so that it stands apart.
    """
    chosen: dict[str, str] = {}
    for name, value in details.items():
        stem = name.removesuffix("_en").removesuffix("_zh")
        if name == stem and f"{name}_{lang}" in details:
            continue
        if name in LANGS:  # an explanation that came back from a stored row
            chosen[name] = plain(value)
        elif name == stem or name.endswith(f"_{lang}"):
            cleaned = plain(value)
            mixed = lang == "zh" and any(char.isascii() and char.isalpha() for char in cleaned)
            chosen[stem] = quoted(cleaned) if cleaned and (stem in _QUOTED or mixed) else cleaned
    return chosen


def quoted(words: str) -> str:
    """Set words in quotation marks; curly double ones serve both languages.

    Marks around the words themselves become single, so that they stay readable.
    """
    inner = words.replace("“", "‘").replace("”", "’")
    return f"“{inner}”"


def _draft(verdict: Verdict, heavy: Sequence[Finding], post: Post, lang: Lang) -> str:
    """Write the fullest reply that fits: fewer sentences and shorter quotes until it does."""
    address = safe_link(post.url)
    link = f" {address}" if address else ""
    opening = text("correction", "opening", lang)
    for count, quote, glossed in _SIZES:
        parts = [opening, *_body(verdict, heavy[:count], post, (lang, quote, glossed))]
        message = (" " if lang == "en" else "").join(parts) + link
        if weight(message) <= LIMIT:
            return message
    return opening + link


def _body(
    verdict: Verdict, findings: Sequence[Finding], post: Post, form: tuple[Lang, int, bool]
) -> list[str]:
    """Write what the post says, then what the retweet made of it, for the findings given."""
    lang, limit, glossed = form
    parts = []
    # Words that a finding points at say more than the sentence its claim rests on most.
    pointed = [finding.post_span for finding in findings if finding.post_span]
    quoted_span = findings[0].post_span or next(
        iter(pointed), evidence(findings[0], verdict.claims)
    )
    if quoted_span:
        key = "also" if findings[0].type == "omission" else "wrote"
        # The sentence around the quotation brings its own full stop.
        quote = plain(window(post.text, quoted_span, limit)).removesuffix(".")
        parts.append(text("correction", key, lang).format(quote=quoted(quote)))
    for finding in findings:
        values = _values(
            with_gloss(finding, verdict.claims), post.text, verdict.retweet.text, lang, glossed
        )
        fixed = fill(finding.reason, f"fix_{lang}", values)
        if fixed not in parts:
            parts.append(fixed)
    return parts


def evidence(finding: Finding, claims: Iterable[Claim]) -> Span | None:
    """Give what to quote from the post: the finding's span, or what its claim rests on."""
    if finding.post_span:
        return finding.post_span
    for claim in claims:
        if finding.retweet_span and claim.span.touches(finding.retweet_span) and claim.aligned:
            return max(claim.aligned, key=lambda piece: piece.strength).span
    return None
