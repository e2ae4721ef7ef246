"""Renders a report as schema.org ClaimReview, for readers of fact checks.

What is rated is how faithful a retweet is to the post, not whether either is true; the rating's
name says so. Retweets that could not be decided, or say nothing of the post, are left out.
"""

from typing import Any

from drift.catalogue import label, line
from drift.explain import by_weight, explanation, with_gloss
from drift.records import Label, Lang, Post, Report, Verdict
from drift.report.structured import encode
from drift.visible import safe_link

_RATINGS = {Label.MISREPRESENTS: 1, Label.DRIFTED: 3, Label.FAITHFUL: 5}


def document(report: Report, lang: Lang = "en") -> str:
    """Write a review a retweet that was decided, as one JSON-LD document."""
    reviews = [
        _review(verdict, report.post, report.signature, lang)
        for verdict in report.verdicts
        if verdict.label in _RATINGS
    ]
    return encode({"@context": "https://schema.org", "@graph": reviews}, indent=2) + "\n"


def _review(verdict: Verdict, post: Post, signature: str, lang: Lang) -> dict[str, Any]:
    retweet = verdict.retweet
    told = [
        explanation(with_gloss(finding, verdict.claims), post.text, retweet.text)[lang]
        for finding in by_weight(verdict.findings)
    ]
    appearance = {"@type": "CreativeWork", "url": safe_link(retweet.url)}
    claim = {
        "@type": "Claim",
        "text": retweet.text,
        "author": {"@type": "Person", "name": retweet.author} if retweet.author else None,
        "datePublished": retweet.created_at,
        "appearance": appearance if appearance["url"] else None,
    }
    source = {"@type": "CreativeWork", "url": safe_link(post.url), "author": post.author}
    review = {
        "@type": "ClaimReview",
        "claimReviewed": retweet.text,
        "itemReviewed": _known(claim),
        "isBasedOn": _known(source),
        "author": {"@type": "SoftwareApplication", "name": "Drift", "softwareVersion": signature},
        "reviewRating": {
            "@type": "Rating",
            "ratingValue": _RATINGS[verdict.label],
            "worstRating": 1,
            "bestRating": 5,
            "alternateName": f"{label('verdict', verdict.label.value, lang)}: "
            + line(verdict.label.value, lang),
        },
        "reviewBody": " ".join(told) if lang == "en" else "".join(told),
    }
    return {name: value for name, value in review.items() if value}


def _known(thing: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in thing.items() if value is not None}
