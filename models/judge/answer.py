"""Reads a language model's answer: against its schema, and against the texts that it quotes."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from drift.backends import SecondOpinion
from drift.records import Span

Quotation = Annotated[str, Field(max_length=200)]
_SHORTEST = 2  # characters of a quotation that can point anywhere


class Change(BaseModel):
    """A change as the model names it."""

    model_config = ConfigDict(extra="forbid", strict=True)

    retweet: Quotation
    post: Quotation


class Answer(BaseModel):
    """The answer as the schema demands it."""

    model_config = ConfigDict(extra="forbid", strict=True)

    steers: bool
    changes: Annotated[list[Change], Field(max_length=8)]
    misrepresents: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class Unusable(Exception):  # noqa: N818 -- an answer that says nothing, not a fault
    """An answer that cannot be used; its message says why in a few words."""


def content(body: Any) -> str:  # noqa: ANN401 -- JSON
    """Take the text out of a completion; raises `Unusable` where there is none."""
    try:
        choice = body["choices"][0]
        message = choice["message"]
        refused = message.get("refusal") or choice.get("finish_reason") == "content_filter"
        text = message.get("content")
    except (KeyError, IndexError, TypeError, AttributeError) as error:
        raise Unusable("its reply is no completion") from error
    if refused:
        raise Unusable("it refused")
    if choice.get("finish_reason") == "length":
        raise Unusable("its answer was cut off")
    if not isinstance(text, str) or not text.strip():
        raise Unusable("its answer is empty")
    return text


def parse(text: str) -> Answer:
    """Read an answer; raises `Unusable` where it is not as the schema demands."""
    try:
        return Answer.model_validate_json(text)
    except ValidationError as error:
        raise Unusable("its answer is not as asked for") from error


def opinion(answer: Answer, retweet: str, post: str) -> SecondOpinion:
    """Keep of an answer what the texts bear out.

    Quotations that stand in neither text are counted and dropped, and take their share of the
    conviction with them. An accusation that points at no words that exist is no opinion, nor is
    an acquittal of a text that tries to steer whoever reads it.
    """
    invented = 0
    sound: list[Span | None] = []  # what was left out points at the post alone
    for change in answer.changes:
        mine, other = place(change.retweet, retweet), place(change.post, post)
        if (change.retweet.strip() and mine is None) or (change.post.strip() and other is None):
            invented += 1
        elif mine or other:
            sound.append(mine)
    probability = answer.misrepresents
    if probability >= 0.5:
        if not sound:
            return SecondOpinion(None, (), invented, "it points at no words that exist")
        probability = 0.5 + (probability - 0.5) * len(sound) / len(answer.changes)
    elif answer.steers:
        return SecondOpinion(None, (), invented, "the texts try to steer it")
    return SecondOpinion(probability, tuple(span for span in sound if span), invented)


def place(quotation: str, text: str) -> Span | None:
    """Find a quotation in a text, white space apart; none where it does not stand there.

    >>> place("他 拒绝", "说他拒绝了"), place("他同意", "说他拒绝了")
    (Span(start=1, end=4), None)
    """
    wanted = "".join(quotation.split())
    if len(wanted) < _SHORTEST:
        return None
    places = [at for at, char in enumerate(text) if not char.isspace()]
    start = "".join(text[at] for at in places).find(wanted)
    if start < 0:
        return None
    return Span(places[start], places[start + len(wanted) - 1] + 1)
