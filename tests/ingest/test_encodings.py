"""Text in every usual encoding is recognised from a tweet's worth of bytes."""

import pytest

from drift.ingest.encodings import canonical, decode, detect

SIMPLIFIED = "美国自媒体人发文表示,虽然事件扑朔迷离,但美国外交官因胆怯而拒绝王立军避难。"
TRADITIONAL = "美國自媒體人發文表示，雖然事件撲朔迷離，但美國外交官因膽怯而拒絕王立軍避難。"
WESTERN = "It’s quite clear — the café isn’t trying to “soften the blow”."


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (SIMPLIFIED, "gb18030"),
        (TRADITIONAL, "gb18030"),
        (TRADITIONAL, "big5hkscs"),
        (SIMPLIFIED, "utf-8"),
        (SIMPLIFIED, "utf-16-le"),
        (TRADITIONAL, "utf-16-be"),
        (WESTERN, "utf-8"),
        (WESTERN, "cp1252"),
        (WESTERN, "utf-16-le"),
        ("plain", "utf-8"),
        ("😀 𠮷野家 说", "gb18030"),
    ],
)
def test_encoding_is_recognised(text, encoding):
    if text.startswith("😀"):
        text += SIMPLIFIED
    decoded = decode(text.encode(encoding))
    assert (decoded.text, decoded.encoding, decoded.broken) == (text, encoding, 0)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_marks_are_believed_and_removed(encoding):
    assert decode(SIMPLIFIED.encode(encoding)).text == SIMPLIFIED


@pytest.mark.parametrize(
    ("encoding", "declared", "expected"),
    [
        ("utf-8", "gb2312", "utf-8"),  # a page that lies about being GB
        ("utf-8", "iso-8859-1", "utf-8"),
        ("gb18030", "utf-8", "gb18030"),  # and one that lies about being UTF-8
        ("gb18030", "iso-8859-1", "gb18030"),
        ("gb18030", "gb2312", "gb18030"),
        ("gb18030", "no such thing", "gb18030"),
    ],
)
def test_a_declared_encoding_must_fit(encoding, declared, expected):
    assert detect(SIMPLIFIED.encode(encoding), declared) == expected


def test_big5_page_that_says_gb():
    assert detect(TRADITIONAL.encode("big5hkscs"), "gb2312") == "big5hkscs"


@pytest.mark.parametrize("label", ["zlib", "base64", "rot13", "punycode", "idna", "", None, "../x"])
def test_codecs_that_are_no_charsets_are_refused(label):
    assert canonical(label) is None


def test_a_damaged_file_stays_utf_8():
    data = (SIMPLIFIED * 3).encode() + b"\xff\xfe\x80" + SIMPLIFIED.encode()
    decoded = decode(data)
    assert decoded.encoding == "utf-8"
    assert decoded.broken >= 1
    assert decoded.text.startswith(SIMPLIFIED)
