"""What a detector sees: a claim, the premises that it rests on, and the frames on both sides."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from drift.align import align
from drift.backends import TranslationTable
from drift.frames import Facts, facts
from drift.linking import Matches, Source, matches_of, prepare
from drift.quantities import quantities
from drift.records import Kind, Link, Normalised, Pair, Quantity, Segment, Span
from drift.segment import clauses, split_post, tokens

JUDGED = frozenset({Kind.CONTENT, Kind.NAME, Kind.NUMBER})


@dataclass(frozen=True, slots=True)
class Reading:
    """A post read once for all its retweets; spans are normalised."""

    document: Normalised
    source: Source
    facts: tuple[tuple[Facts, ...], ...]  # a segment, then a token
    quantities: tuple[tuple[Quantity, ...], ...]  # a segment


@dataclass(frozen=True, slots=True)
class Evidence:
    """A claim beside its post."""

    post: Reading
    pair: Pair
    facts: tuple[Facts, ...]  # a token of the claim
    quantities: tuple[Quantity, ...]
    document: Normalised  # the retweet
    siblings: tuple[Pair, ...]  # all claims of the retweet, this one among them
    matches: tuple[Matches, ...]  # where in the whole post each token of the claim may come from

    @property
    def anywhere(self) -> tuple[float, ...]:
        """How well the whole post, not only the premises, accounts for each token."""
        return self.pair.anywhere

    @property
    def claim(self) -> Segment:
        """The claim that is judged."""
        return self.pair.claim

    @property
    def premises(self) -> tuple[Segment, ...]:
        """The sentences that it rests on, best first."""
        return tuple(self.post.source.segments[number] for number in self.pair.premises)

    def share(self, number: int) -> float:
        """Tell how much of the claim one premise accounts for, from 0 to 1."""
        best: dict[int, float] = {}
        for link in self.pair.links:
            if link.segment == number:
                best[link.token] = max(best.get(link.token, 0.0), link.strength)
        judged = sum(token.kind in JUDGED for token in self.claim.tokens)
        return min(1.0, sum(best.values()) / judged) if judged else 0.0

    def links_of(self, span: Span) -> tuple[Link, ...]:
        """Give the links of the claim's tokens inside a span."""
        tokens = self.claim.tokens
        return tuple(link for link in self.pair.links if span.covers(tokens[link.token].span))


def premises_of(claims: Sequence[Evidence]) -> list[int]:
    """Give the sentences that the claims of a retweet rest on, by how much of them each says."""
    shares: dict[int, float] = defaultdict(float)
    for evidence in claims:
        for number in evidence.pair.premises:
            shares[number] += evidence.share(number)
    return sorted(shares, key=lambda number: (-shares[number], number))


def read_post(document: Normalised, table: TranslationTable) -> Reading:
    """Read a post: its sentences (comments left out), their index, frames and quantities."""
    segments = [segment for segment in split_post(document) if segment.section != "comments"]
    return Reading(
        document,
        prepare(segments, table),
        tuple(facts(segment) for segment in segments),
        tuple(_quantities(segment) for segment in segments),
    )


def gather(
    post: Reading, document: Normalised, claims: Sequence[Segment], table: TranslationTable
) -> tuple[Evidence, ...]:
    """Align every claim of a retweet and read its frames and quantities."""
    heard = [matches_of(post.source, claim, table) for claim in claims]
    pairs = align(post.source, claims, heard)
    sentences = _sentences(document, claims)
    return tuple(
        Evidence(
            post,
            pair,
            facts(pair.claim, sentences[pair.claim.context or pair.claim.span]),
            _quantities(pair.claim),
            document,
            pairs,
            tuple(matches),
        )
        for pair, matches in zip(pairs, heard, strict=True)
    )


def _sentences(document: Normalised, claims: Sequence[Segment]) -> dict[Span, Segment]:
    """Read whole sentences: what stands in one claim may govern the next."""
    spans = {claim.context or claim.span for claim in claims}
    return {
        span: Segment(
            "zh",
            span.of(document.text),
            span,
            tokens(document.text, span, "zh"),
            tuple(clauses(document.text, span, "zh")),
        )
        for span in spans
    }


def _quantities(segment: Segment) -> tuple[Quantity, ...]:
    found = quantities(segment.text, segment.lang)
    return tuple(_moved(quantity, segment.span.start) for quantity in found)


def _moved(quantity: Quantity, by: int) -> Quantity:
    span = Span(quantity.span.start + by, quantity.span.end + by)
    return Quantity(
        span,
        quantity.kind,
        quantity.low,
        quantity.high,
        quantity.unit,
        quantity.comparator,
        quantity.text,
    )
