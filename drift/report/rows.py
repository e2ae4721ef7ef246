"""The result row `drift/1`: what other programs read, and the way back into a verdict."""

from collections.abc import Mapping
from typing import Any

from drift.catalogue import mqm
from drift.errors import InputError
from drift.explain import correction, explanation, with_gloss
from drift.records import (
    Claim,
    Finding,
    Gloss,
    Label,
    Piece,
    Post,
    Report,
    Retweet,
    Said,
    Severity,
    Span,
    Verdict,
    Voice,
)

SCHEMA = "drift/1"
DIGITS = 4  # of a probability; more would pretend to an exactness that calibration has not

Row = dict[str, Any]


def to_row(verdict: Verdict, post: Post, signature: str) -> Row:
    """Write one verdict as a result row, its fields in the order of the contract."""
    retweet = verdict.retweet
    back = (claim.back_translation for claim in verdict.claims)
    row: Row = {
        "schema": SCHEMA,
        "id": retweet.id,
        "verdict": verdict.label.value,
        "score": round(verdict.score, DIGITS),
        "confidence": round(verdict.confidence, DIGITS),
        "back_translation": " ".join(text for text in back if text),
        "script": verdict.script,
        "claims": [_claim(claim, post.text, retweet.text) for claim in verdict.claims],
        "findings": [_finding(finding, verdict, post.text) for finding in verdict.findings],
        "correction": correction(verdict, post),
        "signature": signature,
    }
    if verdict.said:  # only where models beside the rules were asked
        row["opinions"] = [_said(said) for said in verdict.said]
    return row


def error_row(identifier: str, message: str) -> Row:
    """Write the row of an input that could not be judged, so that no row is lost."""
    return {"schema": SCHEMA, "id": identifier, "error": message}


def to_document(report: Report) -> Row:
    """Write a whole report: the post, the count of each verdict, and a row a retweet."""
    post = report.post
    counts = {label.value: 0 for label in Label}
    for verdict in report.verdicts:
        counts[verdict.label.value] += 1
    return {
        "schema": SCHEMA,
        "post": {
            "id": post.id,
            "url": post.url,
            "author": post.author,
            "created_at": post.created_at,
            "text": post.text,
        },
        "summary": {"retweets": len(report.verdicts), **counts},
        "results": [to_row(verdict, post, report.signature) for verdict in report.verdicts],
        "signature": report.signature,
    }


def to_verdict(row: Mapping[str, Any], retweet: Retweet) -> Verdict:
    """Read a result row back; its explanations come along as the findings' details."""
    if row.get("schema") != SCHEMA or "verdict" not in row:
        raise InputError(f"not a result row of schema {SCHEMA}: {row.get('error', 'no verdict')}")
    try:
        return Verdict(
            retweet=retweet,
            label=Label(row["verdict"]),
            score=float(row["score"]),
            confidence=float(row["confidence"]),
            script=row["script"],
            claims=tuple(_read_claim(claim) for claim in row["claims"]),
            findings=tuple(_read_finding(finding) for finding in row["findings"]),
            said=tuple(_read_said(said) for said in row.get("opinions", ())),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"result row {row.get('id')!r} is broken: {error}") from error


def _claim(claim: Claim, post_text: str, retweet_text: str) -> Row:
    return {
        "span": _span(claim.span, retweet_text),
        "voice": claim.voice.value,
        "back_translation": claim.back_translation,
        "gloss": [
            {"zh": word.zh, "en": word.en, "start": word.span.start, "end": word.span.end}
            for word in claim.gloss
        ],
        "aligned": [
            {"span": _span(piece.span, post_text), "strength": round(piece.strength, DIGITS)}
            for piece in claim.aligned
        ],
    }


def _finding(finding: Finding, verdict: Verdict, post_text: str) -> Row:
    retweet_text = verdict.retweet.text
    glossed = with_gloss(finding, verdict.claims)
    return {
        "type": finding.type,
        "severity": finding.severity.value,
        "confidence": round(finding.confidence, DIGITS),
        "retweet_span": _span(finding.retweet_span, retweet_text),
        "post_span": _span(finding.post_span, post_text),
        "explanation": explanation(glossed, post_text, retweet_text),
        "mqm": mqm(finding.type),
    }


def _said(said: Said) -> Row:
    return {
        "model": said.model,
        "about": said.about,
        "figures": dict(said.figures),
        "weighed": said.weighed,
        "note": said.note,
    }


def _read_said(row: Mapping[str, Any]) -> Said:
    return Said(row["model"], row["about"], row["figures"], row["weighed"], row["note"])


def _span(span: Span | None, text: str) -> Row | None:
    if span is None:
        return None
    return {"start": span.start, "end": span.end, "text": span.of(text)}


def _read_claim(row: Mapping[str, Any]) -> Claim:
    return Claim(
        span=Span(row["span"]["start"], row["span"]["end"]),
        voice=Voice(row["voice"]),
        back_translation=row["back_translation"],
        gloss=tuple(
            Gloss(word["zh"], word["en"], Span(word["start"], word["end"])) for word in row["gloss"]
        ),
        aligned=tuple(
            Piece(Span(piece["span"]["start"], piece["span"]["end"]), piece["strength"])
            for piece in row["aligned"]
        ),
    )


def _read_finding(row: Mapping[str, Any]) -> Finding:
    return Finding(
        type=row["type"],
        severity=Severity(row["severity"]),
        confidence=float(row["confidence"]),
        retweet_span=_read_span(row["retweet_span"]),
        post_span=_read_span(row["post_span"]),
        reason="given",
        details={lang: row["explanation"][lang] for lang in ("en", "zh")},
    )


def _read_span(row: Mapping[str, Any] | None) -> Span | None:
    return Span(row["start"], row["end"]) if row else None
