"""What native libraries loaded, for a process that may fork."""

import os
import threading
import weakref
from abc import ABC, abstractmethod
from functools import cached_property
from typing import Any, Generic, TypeVar

from drift.backends import THREADS

Loaded = TypeVar("Loaded")

_LIVING: weakref.WeakSet["Native[Any]"] = weakref.WeakSet()
_LEFT: list[object] = []  # of a parent process: to end them would wait for threads that are gone


def threads() -> int:
    """Give how many threads this process may compute with: its share, where it shares a machine."""
    told = os.environ.get(THREADS, "")
    return int(told) if told.isdigit() and int(told) else os.cpu_count() or 1


class Native(ABC, Generic[Loaded]):
    """Loads its native objects when they are first asked for, and anew in a forked process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        _LIVING.add(self)

    @cached_property
    def _native(self) -> Loaded:
        with self._lock:
            return self._load()

    @abstractmethod
    def _load(self) -> Loaded:
        """Load the native objects."""

    def _renew(self) -> None:
        """Start anew in a forked process, which has none of the threads that do the work."""
        self._lock = threading.Lock()
        if "_native" in self.__dict__:
            _LEFT.append(self.__dict__.pop("_native"))


def _renew_all() -> None:
    for one in _LIVING:
        one._renew()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_all)
