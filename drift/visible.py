"""Makes characters that hide, reorder or command visible, so that foreign text can be shown.

Text from the network reaches terminals, pages and spreadsheets only through this module. What
would move the cursor, turn the reading direction or carry a hidden message is replaced by its
name, as in [U+202E]; emoji joined by zero-width joiners, Persian and Indic joiners and one
variation selector after a character stay, because they are part of how people write.
"""

import re
import unicodedata
from collections.abc import Iterator
from urllib.parse import urlsplit

MARK_RUN = 8  # more combining marks than this on one letter is decoration meant to spill over
FLAG = "\U0001f3f4"  # black flag: opens the tag sequence of a regional flag
CANCEL_TAG = "\U000e007f"
_UNSAFE_IN_LINKS = frozenset("<>\"'`\\{}|^")

# Default-ignorable characters that Unicode does not file under "format" (Cf).
_BLANKS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0")
# Everything that needs a second look.
_SUSPECT = re.compile(
    "[^\n\u0020-\u007e\u00a0-\u00ac\u00ae-\u02ff\u0370-\u0482\u2010-\u2027\u2030-\u205e"
    "\u2070-\u20cf\u2100-\u27ff\u3000-\u3029\u3030-\u3098\u309b-\u3163\u3165-\u9fff"
    "\uac00-\ud7a3\uf900-\ufaff\uff00-\uff9f\uffa1-\uffef\U0001f300-\U0001faff"
    "\U00020000-\U0002ebef]"
)


def visible(text: str) -> str:
    r"""Replace every character that hides, reorders or commands by its name.

    >>> visible("safe\u202etxt.exe")
    'safe[U+202E]txt.exe'
    >>> visible("王立军 👩\u200d💻")
    '王立军 👩\u200d💻'
    """
    return "".join(f"[{piece}]" if named else piece for piece, named in pieces(text))


def plain(text: str) -> str:
    r"""Drop what `visible` would name and fold white space, for words that are quoted on.

    >>> plain("PR\u200b loss\n internationally")
    'PR loss internationally'
    """
    kept = "".join(piece for piece, named in pieces(text) if not named)
    return " ".join(kept.split())


def safe_link(url: str | None) -> str | None:
    """Let an address through as a link only if it is a plain web address.

    >>> safe_link("https://example.org/?a=1"), safe_link("javascript:alert(1)")
    ('https://example.org/?a=1', None)
    """
    if not url or not url.isascii() or not url.isprintable():
        return None
    if any(char.isspace() or char in _UNSAFE_IN_LINKS for char in url):
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and parts.netloc else None


def pieces(text: str) -> Iterator[tuple[str, bool]]:
    """Cut a text into stretches to show as they are (False) and names of characters (True)."""
    text = text.replace("\r\n", "\n").replace("\t", " ")
    shown = index = 0
    while suspect := _SUSPECT.search(text, index):
        index = suspect.start()
        end = _hidden_run(text, index)
        if end == index:
            index += 1
            continue
        if index > shown:
            yield text[shown:index], False
        yield _name(text[index:end]), True
        shown = index = end
    if shown < len(text):
        yield text[shown:], False


def _name(run: str) -> str:
    """Name the first character of a hidden run, and say how many follow."""
    more = f" +{len(run) - 1}" if len(run) > 1 else ""
    return f"U+{ord(run[0]):04X}{more}"


def _hidden_run(text: str, index: int) -> int:
    """Give the end of the run of characters at `index` that must not be shown as they are."""
    end = index
    while end < len(text) and _hidden(text, end):
        end += 1
    return end


def _hidden(text: str, index: int) -> bool:
    """Tell whether the character at `index` hides, reorders or commands where it stands."""
    char = text[index]
    if char == "\n" or " " <= char <= "~":
        return False
    if _selector(char):
        return not _may_carry_selector(text, index)
    category = unicodedata.category(char)
    if category in ("Mn", "Me"):
        return char in _BLANKS or _marks_before(text, index) >= MARK_RUN
    if category == "Cf":
        return not (_joins(text, index) or _in_flag(text, index))
    return category in ("Cc", "Cs", "Zl", "Zp") or char in _BLANKS or _noncharacter(char)


def _noncharacter(char: str) -> bool:
    """Tell whether Unicode promises never to assign this code point."""
    code = ord(char)
    return code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF


def _selector(char: str) -> bool:
    """Tell whether the character picks a variant of the one before it."""
    return "\ufe00" <= char <= "\ufe0f" or "\U000e0100" <= char <= "\U000e01ef"


def _may_carry_selector(text: str, index: int) -> bool:
    """Tell whether the character before `index` is one that a variation selector can follow."""
    if index == 0:
        return False
    before = text[index - 1]
    if text[index] >= "\U000e0100":  # ideographic variants
        return unicodedata.category(before) == "Lo"
    return (
        before in "#*"
        or before.isdigit()
        or unicodedata.category(before) in ("So", "Sm", "Po", "Lo")
    )


def _marks_before(text: str, index: int) -> int:
    """Count the combining marks that directly precede `index`, as far as it matters."""
    count = 0
    while count < MARK_RUN and index > count:
        if unicodedata.category(text[index - count - 1]) not in ("Mn", "Me"):
            break
        count += 1
    return count


def _joins(text: str, index: int) -> bool:
    """Tell whether a joiner stands where writing needs it: inside emoji, Arabic or Indic words."""
    if text[index] not in "\u200c\u200d" or index == 0 or index + 1 >= len(text):
        return False
    before, after = text[index - 1], text[index + 1]
    if text[index] == "\u200d" and unicodedata.category(after) == "So":
        return unicodedata.category(before) in ("So", "Sk") or before == "\ufe0f"
    return _joining_script(before) and _joining_script(after)


def _joining_script(char: str) -> bool:
    """Tell whether the character belongs to a script that spells with joiners."""
    return "\u0600" <= char <= "\u08ff" or "\u0900" <= char <= "\u0dff"


def _in_flag(text: str, index: int) -> bool:
    """Tell whether a tag character is part of a complete regional flag (England, Wales ...)."""
    if not "\U000e0020" <= text[index] <= CANCEL_TAG:
        return False
    start = text.rfind(FLAG, max(0, index - 8), index)
    end = text.find(CANCEL_TAG, index, index + 8)
    if start < 0 or end < 0:
        return False
    return all("\U000e0020" <= char < CANCEL_TAG for char in text[start + 1 : end])
