"""Prepares Chinese for the embedded translator, alike in training and at run time.

Traditional characters become Simplified, spaces between Chinese and Latin vanish, and what no
translator should touch (links, @names, hashtags, emoji) is found, so that it can be kept.
"""

import re
from functools import cache
from typing import Protocol

PLACEHOLDERS = ("<m1>", "<m2>", "<m3>", "<m4>")
"""Vocabulary pieces that stand for a span to be copied; training teaches the model to keep them."""

HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"

_SPACE_BY_HAN = re.compile(rf"(?<=[{HAN}]) +(?=[0-9A-Za-z])|(?<=[0-9A-Za-z%]) +(?=[{HAN}])")
_HAN = re.compile(rf"[{HAN}]")
_KEPT = re.compile(
    r"https?://[!-~]+|www\.[!-~]+"
    r"|<m[0-9]>"
    r"|[@＠][\w·-]{1,30}"
    r"|[#＃][^#＃\s]{1,40}[#＃]|[#＃]\w{1,40}"
    r"|\[[\w]{1,8}\]|[\ue000-\uf8ff]"
    "|[\U0001f000-\U0001faff\u2600-\u27bf\u2b50\u2b55\u2190-\u21ff\ufe0f\u200d\u20e3]+"
)


class _Converter(Protocol):
    """The one method of an OpenCC converter that is used here."""

    def convert(self, text: str) -> str:
        """Convert a text between Chinese scripts."""
        ...


@cache
def _converter(scheme: str) -> _Converter:
    import opencc

    converter: _Converter = opencc.OpenCC(scheme)
    return converter


def encodable(text: str) -> str:
    """Replace lone surrogates, which JSON may carry and no library below takes.

    >>> encodable("a" + chr(0xD800) + "b")
    'a?b'
    """
    return text.encode("utf-8", "replace").decode("utf-8")


def simplified(text: str) -> str:
    """Turn Traditional characters into Simplified ones, with mainland words where Taiwan differs.

    >>> simplified("軟體漏洞")
    '软件漏洞'
    >>> simplified("文件")
    '文件'
    """
    text = encodable(text)
    plain = _converter("t2s").convert(text)
    # Only a text that was Traditional is read with Taiwan's vocabulary: 文件 means file here,
    # but document there.
    return plain if plain == text else _converter("tw2sp").convert(text)


def tidied(text: str) -> str:
    """Collapse white space, and drop it between Chinese and Latin signs.

    >>> tidied("用  Python 写的 3 个程序 很好")
    '用Python写的3个程序 很好'
    """
    return _SPACE_BY_HAN.sub("", " ".join(text.split()))


def has_chinese(text: str) -> bool:
    """Tell whether a text holds at least one Chinese character."""
    return _HAN.search(text) is not None


def kept_spans(text: str) -> list[tuple[int, int]]:
    """Find what must survive a translation as it is: links, @names, hashtags, emoji.

    >>> [ "看 https://a.b/c 👍"[a:b] for a, b in kept_spans("看 https://a.b/c 👍")]
    ['https://a.b/c', '👍']
    """
    return [match.span() for match in _KEPT.finditer(text)]


def prepared(text: str) -> str:
    """Give Chinese the form in which the translator learned to read it."""
    return tidied(simplified(text.strip()))


_QUOTES = str.maketrans(
    {"“": '"', "”": '"', "‘": "'", "’": "'", "—": " - ", "–": "-", "…": "...", "\u00a0": " "}
)


def clean_english(text: str) -> str:
    """Give English the form in which the translator learned to write it.

    >>> clean_english("He said: “done” — almost…")
    'He said: "done" - almost...'
    """
    return " ".join(encodable(text).translate(_QUOTES).split())
