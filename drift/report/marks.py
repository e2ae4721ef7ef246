"""Signs and links that several forms of the report share."""

from urllib.parse import urlsplit

from drift.records import Label

# Verdicts are told by sign and word, never by colour alone.
ICONS = {
    Label.MISREPRESENTS: "✗",
    Label.DRIFTED: "≈",
    Label.UNCERTAIN: "?",
    Label.FAITHFUL: "✓",
    Label.UNRELATED: "–",
}
_UNSAFE = frozenset("<>\"'`\\{}|^")


def safe_link(url: str | None) -> str | None:
    """Let an address through as a link only if it is a plain web address.

    >>> safe_link("https://example.org/?a=1"), safe_link("javascript:alert(1)")
    ('https://example.org/?a=1', None)
    """
    if not url or not url.isascii() or not url.isprintable():
        return None
    if any(char.isspace() or char in _UNSAFE for char in url):
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and parts.netloc else None
