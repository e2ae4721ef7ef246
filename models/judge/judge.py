"""The language model as a judge: asks about pairs at once, within its budget, or keeps silent."""

import asyncio
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from drift.backends import SecondOpinion
from models.judge import answer, prompt
from models.judge.answer import Unusable
from models.judge.client import Address, ask
from models.judge.memory import Memory

_LONGEST_POST = 24_000  # characters; a longer post is not cut, the judge keeps silent on it
_LONGEST_ANSWER = 1_200  # tokens
_PATIENCE = 3  # failures one after another until the server is left alone
_REST = 120.0  # seconds for which it is


@dataclass(frozen=True, slots=True)
class Budget:
    """What a process may spend."""

    calls: int = 1_000
    tokens: int = 5_000_000
    at_once: int = 4


class LanguageModelJudge:
    """A `Judge` behind an OpenAI-compatible address; never fails, but keeps silent."""

    def __init__(self, model: str, address: Address, budget: Budget, memory: Memory) -> None:
        self._model = model
        self._address = address
        self._budget = budget
        self._memory = memory
        self._lock = threading.Lock()
        self._calls = self._tokens = self._failures = 0
        self._resting = 0.0

    @property
    def signature(self) -> str:
        """Name of the model and version of the question."""
        return f"llm-{self._model}-p{prompt.VERSION}"

    def opinions(self, pairs: Sequence[tuple[str, str]]) -> list[SecondOpinion]:
        """Judge every (retweet, post); equal pairs are asked once."""
        known = [(prompt.harmless(retweet), prompt.harmless(post)) for retweet, post in pairs]
        distinct = list(dict.fromkeys(known))
        said = dict(zip(distinct, asyncio.run(self._all(distinct)), strict=True))
        return [said[pair] for pair in known]

    async def _all(self, pairs: Sequence[tuple[str, str]]) -> list[SecondOpinion]:
        gate = asyncio.Semaphore(self._budget.at_once)

        async def one(retweet: str, post: str) -> SecondOpinion:
            async with gate:
                try:
                    return await self._opinion(retweet, post)
                except Unusable as reason:
                    return SecondOpinion(None, note=str(reason))

        return list(await asyncio.gather(*(one(*pair) for pair in pairs)))

    async def _opinion(self, retweet: str, post: str) -> SecondOpinion:
        if not retweet.strip():
            raise Unusable("there is nothing to judge")
        if len(post) > _LONGEST_POST:
            raise Unusable("the post is too long for it")
        text = self._memory.recall(self.signature, retweet, post)
        if text is not None:
            return answer.opinion(answer.parse(text), retweet, post)
        self._spend()
        shown = " ".join(retweet.split())
        body = prompt.request(self._model, shown, post, _LONGEST_ANSWER)
        try:
            reply = (await ask(self._address, body)).body
        except Unusable:
            self._count(failed=True)
            raise
        self._count(failed=False, tokens=_tokens(reply, len(shown) + len(post)))
        text = answer.content(reply)
        read = answer.parse(text)
        self._memory.keep(self.signature, retweet, post, text)
        return answer.opinion(read, retweet, post)

    def _spend(self) -> None:
        """Take one call out of the budget; raises `Unusable` where it is used up."""
        with self._lock:
            if self._calls >= self._budget.calls or self._tokens >= self._budget.tokens:
                raise Unusable("its budget is used up")
            if time.monotonic() < self._resting:
                raise Unusable("its server failed several times and is left alone for a while")
            self._calls += 1

    def _count(self, *, failed: bool, tokens: int = 0) -> None:
        with self._lock:
            self._tokens += tokens
            self._failures = self._failures + 1 if failed else 0
            if self._failures >= _PATIENCE:
                self._resting = time.monotonic() + _REST
                self._failures = 0


def _tokens(reply: Any, characters: int) -> int:  # noqa: ANN401 -- JSON
    """Read what a reply cost; where it does not tell, one token a character is more than enough."""
    try:
        return max(0, int(reply["usage"]["total_tokens"]))
    except (KeyError, TypeError, ValueError):
        return characters
