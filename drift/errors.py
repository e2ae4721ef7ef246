"""Everything this package raises on purpose, sorted by whose fault it is.

* DriftError
  + InputError        the caller's text, file or address is at fault (HTTP 422, exit 2)
    - FetchRefused    the address may not be fetched
    - LexiconError    a cue lexicon is malformed (at start-up)
  + BackendError      a model or service is missing or broken (HTTP 503, exit 3)
"""


class DriftError(Exception):
    """Base of every error raised on purpose; anything else is a bug."""

    status = 500
    exit_code = 3


class InputError(DriftError):
    """The caller's text, file or address is at fault; the message names the remedy."""

    status = 422
    exit_code = 2


class FetchRefused(InputError):  # noqa: N818 -- a refusal, not a fault
    """The address may not be fetched."""


class LexiconError(InputError):
    """A cue lexicon is malformed."""


class BackendError(DriftError):
    """A model is missing, or its weights do not match their manifest, or a service failed."""

    status = 503
    exit_code = 3
