"""Stopping work that runs in a thread."""

import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager


class Stopped(Exception):
    """The work was stopped by the one who asked for it."""


class Stop:
    """A wish to stop, set in one thread and met in another."""

    def __init__(self) -> None:
        self._set = threading.Event()
        self._lock = threading.Lock()
        self._call: Callable[[], None] | None = None

    def set(self) -> None:
        """Ask the work to end as soon as it can."""
        with self._lock:
            self._set.set()
            if self._call is not None:
                self._call()

    def check(self) -> None:
        """Raise Stopped once :meth:`set` was called."""
        if self._set.is_set():
            raise Stopped

    @contextmanager
    def calls(self, interrupt: Callable[[], None]) -> Generator[None]:
        """Call `interrupt` when stopped meanwhile, and end with Stopped instead of its error."""
        self.check()
        with self._lock:
            self._call = interrupt
        try:
            yield
        except Exception:
            self.check()
            raise
        finally:
            with self._lock:
                self._call = None
        self.check()
