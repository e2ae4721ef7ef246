"""Reads the day out of the many ways in which networks write when something was published."""

import re
from datetime import UTC, date, datetime
from email.utils import parsedate
from functools import lru_cache

_SECONDS, _MILLISECONDS = 10, 13  # digits of a time since 1970
_ISO = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})(?!\d)")
_TWITTER = re.compile(
    r"\w{3} (\w{3}) (\d{1,2}) \d\d:\d\d:\d\d [+-]\d{4} (\d{4})"
)  # Wed Feb 08 12:00:00 +0000 2012
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@lru_cache(maxsize=4096)
def day_of(written: str | None) -> str:
    """Give the day (2012-02-08) as it was where it was written; an empty text where none is told.

    >>> day_of("2012-02-08T23:59:00+08:00"), day_of("Wed Feb 08 12:00:00 +0000 2012")
    ('2012-02-08', '2012-02-08')
    >>> day_of("1328702400"), day_of("2012年2月8日"), day_of("yesterday")
    ('2012-02-08', '2012-02-08', '')
    """
    text = (written or "").strip()[:60]
    if not text:
        return ""
    try:
        found = _number(text) or _iso(text) or _twitter(text) or _mail(text)
    except (ValueError, OverflowError, OSError):
        return ""
    return found.isoformat() if found else ""


def _number(text: str) -> date | None:
    if not (text.isascii() and text.isdigit()):
        return None
    if len(text) == _MILLISECONDS:
        text = text[:_SECONDS]
    return datetime.fromtimestamp(int(text), UTC).date() if len(text) == _SECONDS else None


def _iso(text: str) -> date | None:
    found = _ISO.match(text)
    return date(*(int(part) for part in found.groups())) if found else None


def _twitter(text: str) -> date | None:
    found = _TWITTER.match(text)
    if not found or found[1] not in _MONTHS:
        return None
    return date(int(found[3]), _MONTHS.index(found[1]) + 1, int(found[2]))


def _mail(text: str) -> date | None:
    found = parsedate(text)
    return date(*found[:3]) if found else None
