"""The whole check, top to bottom: read this file first.

A post is normalised and cut into sentences. A retweet is normalised, its voices are told apart,
and what it says about the post is cut into claims. Every claim is back-translated for the reader,
tied to the sentences that it rests on, and read on both sides for who says it, how surely, under
which condition, affirmed or denied, planned or done, how many and why. The detectors compare the
two readings; the findings add up to a verdict.
"""

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

from drift import __version__
from drift.backends import (
    Advisers,
    Calibrator,
    Likelihoods,
    Opinion,
    PairScorer,
    SecondOpinion,
    TranslationTable,
    Translator,
)
from drift.claims import claims
from drift.consult import consult
from drift.detectors import DETECTORS, Detector, detect
from drift.errors import InputError
from drift.evidence import Evidence, Reading, gather, read_post
from drift.expected import expected
from drift.extents import widened
from drift.features import features
from drift.normalise import chinese_share, normalise
from drift.opinions import suspect
from drift.records import (
    Claim,
    Finding,
    Gloss,
    Kind,
    Label,
    Normalised,
    Piece,
    Post,
    Quantity,
    Report,
    Retweet,
    Said,
    Severity,
    Token,
    Verdict,
)
from drift.resting import resting
from drift.second import moved, told, weighed
from drift.spoken import spoken
from drift.translate import back_translate
from drift.verdict import Judgement, judge, shown
from drift.voices import voices


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """The backends and detectors that one run uses."""

    translator: Translator
    table: TranslationTable
    calibrator: Calibrator
    scorer: PairScorer | None = None
    likelihoods: Likelihoods | None = None
    advisers: Advisers = field(default_factory=Advisers)
    detectors: tuple[Detector, ...] = tuple(DETECTORS.values())
    alone: bool = False  # its models fill a machine: one process is enough

    @property
    def signature(self) -> str:
        """Name everything that can change a verdict."""
        return (
            f"bt:{self.translator.signature}|lex:{self.table.signature}"
            f"|pair:{self.scorer.signature if self.scorer else 'none'}{self.advisers.signature}"
            f"|cal:{self.calibrator.signature}|v:{__version__}"
        )


@dataclass(frozen=True, slots=True)
class Heard:
    """A retweet taken apart and laid beside the post, before it is judged."""

    retweet: Retweet
    document: Normalised
    evidence: tuple[Evidence, ...]
    opinion: Opinion | None = None
    advice: Mapping[str, float] = field(default_factory=dict)  # features
    second: SecondOpinion | None = None
    said: tuple[Said, ...] = ()


def check(post: Post, retweets: Iterable[Retweet], tools: Tools) -> Report:
    """Judge every retweet of a post."""
    reading = read(post, tools)
    heard = [listen(reading, retweet, tools) for retweet in retweets]
    claimed = [evidence.claim for one in heard for evidence in one.evidence]
    # No verdict waits for the translations, so they are made beside the comparison.
    with ThreadPoolExecutor(1) as beside:
        translated = beside.submit(back_translate, claimed, tools.translator)
        heard = weigh(reading, heard, tools)
        english = iter(translated.result())
    verdicts = tuple(
        decide(reading, one, [next(english) for _ in one.evidence], tools) for one in heard
    )
    return Report(post, verdicts, tools.signature)


def read(post: Post, tools: Tools) -> Reading:
    """Read the post once: sentences, frames, quantities, and an index of its words."""
    if not post.text.strip():
        raise InputError(f"post {post.id!r} is empty; give the text of the original")
    return read_post(normalise(post.text), tools.table)


def listen(reading: Reading, retweet: Retweet, tools: Tools) -> Heard:
    """Take a retweet apart and align what it claims with the post."""
    document = normalise(retweet.text)
    claimed = claims(document, voices(document))
    return Heard(retweet, document, gather(reading, document, claimed, tools.table))


def weigh(reading: Reading, heard: Sequence[Heard], tools: Tools) -> list[Heard]:
    """Ask the scorer and the advisers, where there are some, about all retweets in one batch."""
    texts = [judged(one) for one in heard]
    claimed = [one.evidence for one in heard]
    with ThreadPoolExecutor(1) as beside:
        likely = beside.submit(expected, reading, claimed, tools.likelihoods)
        if tools.scorer is not None:
            near = [resting(reading, evidence) for evidence in claimed]
            opinions = tools.scorer.score(list(zip(texts, near, strict=True)))
            heard = [replace(one, opinion=said) for one, said in zip(heard, opinions, strict=True)]
        advice = consult(reading, claimed, tools.advisers)
    heard = [
        replace(one, advice={**given.features, **more}, said=given.said)
        for one, given, more in zip(heard, advice, likely.result(), strict=True)
    ]
    arbiter = tools.advisers.judge
    if arbiter is None:
        return heard
    pairs = [(text, reading.document.text) for text in texts]
    return [
        replace(one, second=second, said=(*one.said, told(arbiter, second)))
        for one, second in zip(heard, arbiter.opinions(pairs), strict=True)
    ]


def judged(heard: Heard) -> str:
    """Blank what is not judged (links, handles, comments, emoji); what is keeps its place."""
    text = heard.document.text
    kept = [" "] * len(text)
    for evidence in heard.evidence:
        span = evidence.claim.span
        kept[span.start : span.end] = spoken(span.of(text))
    return "".join(kept)


def decide(reading: Reading, heard: Heard, english: Sequence[str], tools: Tools) -> Verdict:
    """Compare, and add the findings up."""
    raw = detect(heard.evidence, tools.detectors)
    seen = {**features(heard.evidence, raw, heard.opinion), **heard.advice}
    score = tools.calibrator.misrepresents(seen)
    limits = tools.calibrator.limits
    if score >= limits.doubt and all(finding.severity is Severity.MINOR for finding in raw):
        raw = (*raw, *suspect(heard.evidence, seen, tools.calibrator, heard.opinion))
    found = weighed([tools.calibrator.weigh(finding) for finding in raw], heard.second)
    score = moved(score, heard.second)
    found = tuple(widened(one, heard.evidence) for one in shown(found, score, limits))
    apart = tools.calibrator.unrelated(seen) if heard.evidence else 1.0
    flags = heard.document.flags
    if chinese_share(heard.document.text) == 0.0:
        flags = (*flags, "not-chinese")
        judgement = Judgement(Label.UNCERTAIN, score, min(score, 1 - score))
    else:
        judgement = judge(found, score, apart, limits)
    return Verdict(
        retweet=heard.retweet,
        label=judgement.label,
        score=judgement.score,
        confidence=judgement.confidence,
        script=heard.document.script,
        claims=tuple(
            _claim(reading, evidence, back, tools.table)
            for evidence, back in zip(heard.evidence, english, strict=True)
        ),
        findings=tuple(_raw(finding, reading, heard) for finding in found),
        flags=flags,
        said=heard.said,
    )


def _claim(reading: Reading, evidence: Evidence, back: str, table: TranslationTable) -> Claim:
    document, claim = evidence.document, evidence.claim
    words = [token for token in claim.tokens if token.kind is not Kind.PUNCTUATION]
    glosses = table.gloss([token.text for token in words])
    return Claim(
        span=document.to_raw(claim.span),
        voice=claim.voice,
        back_translation=back,
        gloss=tuple(
            Gloss(
                document.to_raw(token.span).of(document.raw),
                _share(token, evidence.quantities) or gloss,
                document.to_raw(token.span),
            )
            for token, gloss in zip(words, glosses, strict=True)
        ),
        aligned=tuple(
            Piece(reading.document.to_raw(premise.span), round(evidence.share(number), 3))
            for number, premise in zip(evidence.pair.premises, evidence.premises, strict=True)
        ),
    )


def _share(token: Token, quantities: Sequence[Quantity]) -> str | None:
    """Write a word that is a share as a figure: the table would take 五成 for a name."""
    for quantity in quantities:
        whole = len(token.text) > 1 and quantity.span.covers(token.span)
        if not whole or quantity.low is None or quantity.low != quantity.high:
            continue
        if quantity.kind == "percent":
            return f"{float(quantity.low * 100):g}%"
        if quantity.kind == "fraction":
            return str(quantity.low)
    return None


def _raw(finding: Finding, reading: Reading, heard: Heard) -> Finding:
    """Lead a finding's spans back to the texts as they were written."""
    theirs, ours = finding.retweet_span, finding.post_span
    return replace(
        finding,
        retweet_span=heard.document.to_raw(theirs) if theirs else None,
        post_span=reading.document.to_raw(ours) if ours else None,
    )
