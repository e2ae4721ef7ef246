"""Keeps the model libraries offline and quiet, and says what to install where one is missing."""

import os
from importlib import import_module
from importlib.util import find_spec

from drift.errors import BackendError

REMEDY = "pip install 'tweet-drift[hub]' (CPU alone: pip install torch==2.13.0 first)"
# Set before the libraries are imported, which read them then: what is pulled needs no network, and
# nobody is told what is judged here.
_SETTINGS = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "TRANSFORMERS_VERBOSITY": "error",
}


def _there(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:  # the package around it is missing too
        return False


def libraries(*names: str) -> None:
    """Make sure that libraries are there, quiet and offline; raises `BackendError` if not."""
    missing = [name for name in names if not _there(name)]
    if missing:
        raise BackendError(f"models of the hub need {', '.join(missing)}: {REMEDY}")
    for name, value in _SETTINGS.items():
        os.environ.setdefault(name, value)
    if "transformers" in names:
        logging = import_module("transformers.utils.logging")
        logging.set_verbosity_error()
        logging.disable_progress_bar()
