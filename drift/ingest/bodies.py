"""Unpacks the body of an answer step by step, so that a bomb never gets to unfold."""

import zlib

STEP = 1 << 16
CODINGS = frozenset({"", "identity", "gzip", "x-gzip"})


class TooLargeError(ValueError):
    """The body is larger than the limit, packed or unpacked."""


class BadBodyError(ValueError):
    """The body is in a coding that was not asked for, or damaged."""


class Body:
    """Collects a body up to a limit; gzip is unpacked in steps of 64 KiB.

    Brotli and zstd cannot be bounded step by step, so they are never asked for, nor accepted.
    """

    def __init__(self, coding: str, limit: int) -> None:
        """Begin a body with the value of its Content-Encoding header."""
        name = coding.strip().lower()
        if name not in CODINGS:
            raise BadBodyError(f"content coding {name[:40]}")
        self._gzip = _gunzip() if name.endswith("gzip") else None
        self._limit = limit
        self._packed = 0
        self._unpacked = bytearray()

    def feed(self, chunk: bytes) -> None:
        """Take the next packed bytes."""
        self._packed += len(chunk)
        if self._packed > self._limit:
            raise TooLargeError
        if self._gzip is None:
            self._unpacked += chunk
        else:
            self._unpack(chunk)

    def done(self) -> bytes:
        """Give the whole body; a gzip stream that was cut short is damaged."""
        if self._gzip is not None and self._packed and not self._gzip.eof:
            raise BadBodyError("gzip stream cut short")
        return bytes(self._unpacked)

    def _unpack(self, chunk: bytes) -> None:
        """Unpack within the limit; a gzip file may consist of several members."""
        while chunk:
            if self._gzip is None or self._gzip.eof:
                self._gzip = _gunzip()
            try:
                self._unpacked += self._gzip.decompress(chunk, STEP)
            except zlib.error as error:
                raise BadBodyError("damaged gzip") from error
            if len(self._unpacked) > self._limit:
                raise TooLargeError
            chunk = self._gzip.unconsumed_tail or self._gzip.unused_data


def _gunzip() -> "zlib._Decompress":
    """Begin a gzip member."""
    return zlib.decompressobj(16 + zlib.MAX_WBITS)
