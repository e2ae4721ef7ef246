"""Sends requests to an OpenAI-compatible address, within a time, a size and a number of tries."""

import asyncio
import json
from dataclasses import dataclass
from typing import Any

from models.judge.answer import Unusable

_LARGEST = 256 * 1024  # bytes of a reply; an honest one has a few thousand
_BUSY = (429, 503)
_PAUSE = 5.0  # seconds that a server that is busy may ask for
_NO_SCHEMA = 400  # what servers answer that know no structured output


@dataclass(frozen=True, slots=True)
class Address:
    """Where the language model is, and how long it may take for an answer."""

    url: str
    key: str = ""
    seconds: float = 20.0


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply that could be read: the completion."""

    body: Any


async def ask(address: Address, body: dict[str, Any]) -> Reply:
    """Ask once, and once more where the server is busy or knows no schema.

    Raises `Unusable` for what fails; the time holds for all tries together.
    """
    try:
        async with asyncio.timeout(address.seconds):
            return await _tries(address, body)
    except TimeoutError as error:
        raise Unusable(f"it took more than {address.seconds:g} seconds") from error


async def _tries(address: Address, body: dict[str, Any]) -> Reply:
    status, text, pause = await _post(address, body)
    if status == _NO_SCHEMA and "response_format" in body:
        plain = {name: value for name, value in body.items() if name != "response_format"}
        status, text, pause = await _post(address, plain)
    elif status in _BUSY:
        await asyncio.sleep(pause)
        status, text, pause = await _post(address, body)
    if status != 200:
        raise Unusable(f"its server answers {status}")
    try:
        return Reply(json.loads(text))
    except ValueError as error:
        raise Unusable("its reply is no JSON") from error


async def _post(address: Address, body: dict[str, Any]) -> tuple[int, bytes, float]:
    import aiohttp

    headers = {"Authorization": f"Bearer {address.key}"} if address.key else {}
    try:
        async with (
            # No redirect is followed: the texts and the key are meant for this address alone.
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=address.seconds)) as session,
            session.post(
                address.url, json=body, headers=headers, allow_redirects=False
            ) as response,
        ):
            text = bytearray()
            async for part in response.content.iter_chunked(16_384):
                text += part
                if len(text) > _LARGEST:
                    raise Unusable("its reply is too long")
            return response.status, bytes(text), _pause(response.headers.get("Retry-After", ""))
    except (aiohttp.ClientError, OSError) as error:
        if isinstance(error, TimeoutError):
            raise
        raise Unusable("its server cannot be reached") from error


def _pause(told: str) -> float:
    return min(_PAUSE, float(told)) if told.isdecimal() else 1.0
