"""Turns bytes of unknown origin into text: UTF-8, UTF-16, GB18030, Big5 or a Western code page.

Chinese code pages are told apart by their own structure, not by a table of words. GB 2312 and
Big5 both put their common characters into a first level (GB: lead bytes B0 to D7; Big5: A4 to
C6). Text read in its own code page falls almost wholly into that level, and only about half of it
does when it is read in the other one.
"""

import codecs
import re
from dataclasses import dataclass

BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (b"\x84\x31\x95\x33", "gb18030"),
)

# What a label means in practice, as browsers read it: the superset of what it promises.
LABELS = {
    "gb2312": "gb18030",
    "gb_2312-80": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "cp936": "gb18030",
    "gb18030": "gb18030",
    "big5": "big5hkscs",
    "big5-hkscs": "big5hkscs",
    "cn-big5": "big5hkscs",
    "x-x-big5": "big5hkscs",
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "ascii": "cp1252",
    "us-ascii": "cp1252",
    "windows-1252": "cp1252",
    "utf8": "utf-8",
    "utf-8": "utf-8",
    "unicode-1-1-utf-8": "utf-8",
    "utf-16": "utf-16-le",
    "shift_jis": "cp932",
    "x-sjis": "cp932",
    "euc-kr": "cp949",
    "ks_c_5601-1987": "cp949",
}
# Text encodings that a page may name; others (base64, zlib, punycode ...) are codecs, not charsets.
SAFE_LABEL = re.compile(r"(?:iso-8859-|windows-|koi8-|euc-|cp)[a-z0-9]{1,5}")

CHINESE = ("gb18030", "big5hkscs")
# Whole UTF-8 sequences per broken byte: GB18030 and Big5 texts reach 0.25 (at most 1.0 among 4,400
# tweets), a UTF-8 file of which a third is in GB18030 has 2.
DAMAGED = 1.5
SAMPLE = 1 << 18  # bytes that decide for a whole page
WORDS = 1 << 15  # bytes that tell one code page from another
FEW_SEQUENCES = 4  # fewer multi-byte characters than this prove nothing about a file
# High bytes of UTF-16 units in Chinese and Latin text: ASCII, punctuation, ideographs, full width.
WIDE_HIGH = frozenset([0x00, 0x20, 0x30, 0xFF, *range(0x4E, 0xA0), *range(0xD8, 0xE0)])


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text with the encoding it was read in and the number of bytes that made no sense in it."""

    text: str
    encoding: str
    broken: int = 0


def canonical(label: str | None) -> str | None:
    """Map a charset label from a header or a page to a Python codec, or to nothing.

    >>> canonical("GB2312"), canonical("rot13")
    ('gb18030', None)
    """
    name = (label or "").strip().strip("\"'").lower()
    if name in LABELS:
        return LABELS[name]
    if not SAFE_LABEL.fullmatch(name):
        return None
    try:
        return codecs.lookup(name).name
    except LookupError:
        return None


def detect(sample: bytes, declared: str | None = None) -> str:
    """Name the encoding of a sample; a declared one is believed only where the bytes allow it.

    >>> detect("王立军".encode("gbk")), detect("王立軍說".encode("big5"))
    ('gb18030', 'big5hkscs')
    >>> detect("王立军".encode(), declared="gb2312")
    'utf-8'
    """
    for bom, name in BOMS:
        if sample.startswith(bom):
            return name
    wide = _utf16_without_bom(sample)
    if wide or sample.isascii():
        return wide or "utf-8"
    return _byte_encoding(sample, canonical(declared))


def decode(data: bytes, declared: str | None = None) -> Decoded:
    """Decode bytes whole; what makes no sense becomes U+FFFD and is counted."""
    encoding = detect(_telling(data), declared)
    try:
        return Decoded(data.decode(encoding).removeprefix("\ufeff"), encoding)
    except UnicodeDecodeError:
        text = data.decode(encoding, "replace").removeprefix("\ufeff")
        return Decoded(text, encoding, text.count("\ufffd"))


def _telling(data: bytes) -> bytes:
    """Cut the part of long bytes that tells their encoding: from the first foreign byte on."""
    if len(data) <= SAMPLE:
        return data
    first = re.search(rb"[\x80-\xff]", data)
    start = data.rfind(b"\n", 0, first.start()) + 1 if first and first.start() > SAMPLE else 0
    return data[start : start + SAMPLE] if not first or first.start() - start < SAMPLE else data


def _byte_encoding(sample: bytes, named: str | None) -> str:
    """Choose among the encodings in which ASCII is ASCII."""
    whole, broken = _utf8_counts(sample)
    if named is None or named == "utf-8" or not _fits(sample, named):
        # A damaged UTF-8 file stays UTF-8: its bad lines are reported one by one.
        return "utf-8" if not broken or whole > DAMAGED * broken else _code_page(sample)
    if not broken and whole >= FEW_SEQUENCES:
        return "utf-8"
    # Western pages accept any byte, and the Chinese ones accept much of each other.
    guess = _code_page(sample)
    if guess == named or (not broken and named in CHINESE):
        return named if guess == named else "utf-8"
    return guess if guess in CHINESE and named in (*CHINESE, "cp1252") else named


def _utf16_without_bom(sample: bytes) -> str | None:
    """Recognise UTF-16 that lost its mark: one byte of each pair is a high byte, the other not."""
    if len(sample) < 2 or (b"\0" not in sample and _fits(sample, "utf-8")):
        return None
    pairs = len(sample) // 2
    even = sum(byte in WIDE_HIGH for byte in sample[0 : 2 * pairs : 2]) / pairs
    odd = sum(byte in WIDE_HIGH for byte in sample[1 : 2 * pairs : 2]) / pairs
    nuls = sample[0::2].count(0) - sample[1::2].count(0)
    if odd >= 0.97 and (nuls < 0 or even < 0.8):
        return "utf-16-le"
    if even >= 0.97 and (nuls > 0 or odd < 0.8):
        return "utf-16-be"
    return None


def _utf8_counts(sample: bytes) -> tuple[int, int]:
    """Count whole and broken non-ASCII UTF-8 sequences; a sequence cut by the end is neither."""
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    text = decoder.decode(sample)
    high = re.sub(r"[\x00-\x7f]+", "", text)
    broken = len(re.findall(r"[\udc80-\udcff]", high))
    return len(high) - broken, broken


def _fits(sample: bytes, encoding: str) -> bool:
    """Tell whether a sample reads without an error (its last character may be cut)."""
    try:
        codecs.getincrementaldecoder(encoding)("strict").decode(sample)
    except UnicodeDecodeError:
        return False
    return True


def _code_page(sample: bytes) -> str:
    """Choose between GB18030, Big5 and a Western page by how common the characters would be."""
    foreign = re.search(rb"[\x80-\xff]", sample)
    start = foreign.start() if foreign else 0
    sample = sample[start : start + WORDS]
    runs = re.findall(rb"(?:[\x80-\xff][\x40-\xff])+", sample)
    if max(map(len, runs), default=0) < 6:  # Accents and curly quotes stand alone, words do not.
        return "cp1252"
    gb = _share(sample, "gb18030", rb"[\xb0-\xd7][\xa1-\xfe]|[\xa1-\xa3][\xa1-\xfe]")
    big = _share(sample, "big5hkscs", rb"[\xa4-\xc6][\x40-\x7e\xa1-\xfe]|[\xa1-\xa3][\x40-\xfe]")
    if max(gb, big) < 0.4:  # Measured: foreign readings stay below; Western text is near 0.
        return "cp1252"
    return "gb18030" if gb >= big else "big5hkscs"


def _share(sample: bytes, encoding: str, common: bytes) -> float:
    """Give the share of a sample's characters that are first-level ones in this code page."""
    text = sample.decode(encoding, "replace")
    high = [char for char in text if char > "\x7f"]
    pairs = "".join(char for char in high if char != "\ufffd").encode(encoding, "ignore")
    # Four-byte and two-byte characters never mix up: the pattern walks pair by pair.
    level = sum(1 for pair in re.findall(rb"(?s)..", pairs) if re.fullmatch(common, pair))
    return level / max(len(high), 1)
