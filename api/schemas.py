"""The shapes of requests and answers, their limits included; the only pydantic in the project."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

AT_ONCE = 50  # retweets of one direct check
AT_MOST = 5_000  # retweets of one job
POST, RETWEET = 100_000, 10_000  # characters

# Something to read in it, and no NUL, which no database can hold.
# Blanks are written out: what \s means differs from one regex engine to the next.
_BLANK = r"\u0000-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
_READABLE = rf"^[^\u0000]*[^{_BLANK}][^\u0000]*$"
_NO_NUL = r"^[^\u0000]*$"
_ADDRESS = rf"^https?://[^{_BLANK}]+$"

PostText = Annotated[str, Field(min_length=1, max_length=POST, pattern=_READABLE)]
RetweetText = Annotated[str, Field(min_length=1, max_length=RETWEET, pattern=_READABLE)]
Short = Annotated[str, Field(max_length=200, pattern=_NO_NUL)]
Name = Annotated[str, Field(min_length=1, max_length=200, pattern=_READABLE)]
Address = Annotated[str, Field(max_length=2_000, pattern=_ADDRESS)]
Share = Annotated[float, Field(ge=0, le=1)]
Place = Annotated[int, Field(ge=0)]

LabelName = Literal["faithful", "drifted", "misrepresents", "unrelated", "uncertain"]
TypeName = Literal[
    "conditional", "certainty", "polarity", "quantity", "entity", "role", "attribution", "cause",
    "intensity", "aspect", "quantifier", "addition", "omission", "stance",
]  # fmt: skip
StateName = Literal["queued", "running", "done", "failed", "cancelled"]


class Asked(BaseModel):
    """A request or a part of one; a field that we do not know is refused, not ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class PostIn(Asked):
    """The English original by its text; its link is kept for the reader, not fetched."""

    text: PostText
    url: Address | None = None
    author: Short | None = None
    created_at: Short | None = None


class PostLink(Asked):
    """The English original by its link, which is fetched."""

    url: Address


class RetweetIn(Asked):
    """A Chinese rendering of the post, as published."""

    id: Name | None = Field(None, description="Comes back in the result; r1, r2 ... if left out.")
    text: RetweetText
    url: Address | None = None
    author: Short | None = None
    created_at: Short | None = None


class RetweetLink(Asked):
    """A Chinese rendering by its link, which is fetched."""

    id: Name | None = None
    url: Address


_EXAMPLE: dict[str, Any] = {
    "post": {"text": "About 4,000 people may have left the town on Monday."},
    "retweets": [
        {"text": "周一有4万人离开该镇。"},
        {"id": "b", "text": "据说约四千人可能已离开。"},
    ],
}


class CheckRequest(Asked):
    """A post and up to 50 retweets, judged while you wait.

    A retweet counts once for every 200 characters begun, and as often again for every 10,000 of
    the post; what comes to more than 250 is refused with 422, `too-long`: ask for a job.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    post: PostIn | PostLink
    retweets: Annotated[list[RetweetIn | RetweetLink], Field(min_length=1, max_length=AT_ONCE)]


class JobRequest(Asked):
    """A post and up to 5,000 retweets, judged in the background."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    post: PostIn | PostLink
    retweets: Annotated[list[RetweetIn | RetweetLink], Field(min_length=1, max_length=AT_MOST)]
    webhook: Address | None = Field(
        None, description="Told when the job ends; signed as Standard Webhooks asks. Needs a key."
    )


class Given(BaseModel):
    """A part of an answer."""

    model_config = ConfigDict(frozen=True)


class SpanOut(Given):
    """A place in a text as given, in Unicode code points, with the words that stand there."""

    start: Place
    end: Place
    text: str


class GlossOut(Given):
    """A Chinese word with its English gloss."""

    zh: str
    en: str
    start: Place
    end: Place


class PieceOut(Given):
    """A place in the post that a claim rests on."""

    span: SpanOut
    strength: float


class ClaimOut(Given):
    """What was judged: a claim with its gloss, its back-translation and its evidence."""

    span: SpanOut
    voice: Literal["claim", "quote", "comment", "carrier"]
    back_translation: str
    gloss: list[GlossOut]
    aligned: list[PieceOut]


class Told(Given):
    """A text in both languages."""

    en: str
    zh: str


class FindingOut(Given):
    """One difference of meaning, with the words that show it on each side."""

    type: TypeName
    severity: Literal["minor", "major", "critical"]
    confidence: Share
    retweet_span: SpanOut | None
    post_span: SpanOut | None
    explanation: Told
    mqm: str


class OpinionOut(Given):
    """What a model beside the rules said, and whether it counted for the score."""

    model: str
    about: Literal["entailment", "similarity", "judge"]
    figures: dict[str, float]
    weighed: bool
    note: str


class Result(Given):
    """The verdict on one retweet (schema `drift/1`)."""

    schema_name: Literal["drift/1"] = Field(alias="schema")
    id: str
    verdict: LabelName
    score: Share = Field(description="Calibrated probability of `misrepresents`.")
    confidence: Share
    back_translation: str
    script: Literal["hans", "hant", "none"]
    claims: list[ClaimOut]
    findings: list[FindingOut]
    correction: Told | None
    signature: str
    opinions: list[OpinionOut] = Field(
        default_factory=list, description="Absent where no model beside the rules was asked."
    )


class Failure(Given):
    """A retweet that could not be judged, and why."""

    schema_name: Literal["drift/1"] = Field(alias="schema")
    id: str
    error: str


class PostOut(Given):
    """The post as it was judged."""

    id: str
    url: str | None
    author: str | None
    created_at: str | None
    text: str


class Summary(Given):
    """How many retweets got which verdict; `failed` ones could not be judged."""

    retweets: Place
    faithful: Place
    drifted: Place
    misrepresents: Place
    unrelated: Place
    uncertain: Place
    failed: Place


class CheckAnswer(Given):
    """The post, the count of each verdict, and a result a retweet, in the order given."""

    schema_name: Literal["drift/1"] = Field(alias="schema")
    post: PostOut
    summary: Summary
    results: list[Result | Failure]
    signature: str


class JobMade(Given):
    """A job that is kept; the same bytes each time its idempotency key comes back."""

    id: str
    state: Literal["queued"]
    url: str = Field(description="Path of the job's state.")
    report: str = Field(description="Path of the page for people.")


class Job(Given):
    """Where a job stands."""

    id: str
    state: StateName
    total: Place
    done: Place
    summary: Summary
    error: str | None = Field(description="Why the job failed, if it did.")
    created_at: str
    finished_at: str | None
    report: str = Field(description="Path of the page for people.")
    results: str = Field(description="Path of the results.")


class Page(Given):
    """Some results of a job, in the order given; those not judged yet are missing at the end."""

    results: list[Result | Failure]
    next: str | None = Field(description="Path of the results that follow, if there are more.")
    finished: bool = Field(description="Whether the job has ended.")


class Fault(Given):
    """A place of the request that is wrong."""

    place: str
    message: str


class ProblemOut(Given):
    """What is wrong (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[Fault] | None = None


class Health(Given):
    """Whether the server works."""

    status: Literal["ok", "not ready"]
