"""Reads from the environment where the judge is and what it may spend."""

import os
from functools import cache
from urllib.parse import urlsplit

from drift.errors import BackendError
from models.judge.client import Address
from models.judge.judge import Budget, LanguageModelJudge
from models.judge.memory import Memory, default_file

_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_REMEDY = (
    "set DRIFT_JUDGE_URL (such as http://127.0.0.1:11434/v1) and DRIFT_JUDGE_MODEL, and "
    "DRIFT_JUDGE_KEY where the service asks for one"
)


@cache
def load() -> LanguageModelJudge:
    """Make the judge that the environment names, once."""
    url = os.environ.get("DRIFT_JUDGE_URL", "").strip()
    model = os.environ.get("DRIFT_JUDGE_MODEL", "").strip()
    key = os.environ.get("DRIFT_JUDGE_KEY", "").strip()
    if not url or not model:
        raise BackendError(f"no judge is set: {_REMEDY}")
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise BackendError(f"DRIFT_JUDGE_URL is {url!r}, no http address; {_REMEDY}")
    if key and parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        raise BackendError("DRIFT_JUDGE_KEY would cross the network unencrypted; use https")
    seconds = _number("SECONDS", 20.0)
    usual = Budget()
    budget = Budget(
        calls=int(_number("CALLS", usual.calls)),
        tokens=int(_number("TOKENS", usual.tokens)),
        at_once=max(1, int(_number("AT_ONCE", usual.at_once))),
    )
    place = url.rstrip("/") + "/chat/completions"
    return LanguageModelJudge(model, Address(place, key, seconds), budget, Memory(default_file()))


def _number(name: str, default: float) -> float:
    text = os.environ.get(f"DRIFT_JUDGE_{name}", "")
    try:
        found = float(text) if text else float(default)
    except ValueError:
        found = -1.0
    if not 0 < found < 1e12:
        raise BackendError(f"DRIFT_JUDGE_{name} is {text!r}; write a number above 0")
    return found
