"""How long an answer may still take, and whether everything is to stop."""

from __future__ import annotations

import math
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class EndedError(Exception):
    """A wait or a read was ended from this side; another attempt makes no sense."""


class Stopwatch:
    """Shared by all threads of a run: each has its own time limit, and one `stop` ends the waits of all."""

    def __init__(self) -> None:
        self._stopped = threading.Event()
        self._own = threading.local()

    def stop(self) -> None:
        """End every wait and read, now and from now on."""
        self._stopped.set()

    @contextmanager
    def running(self, seconds: float) -> Iterator[None]:
        """Let what this thread reads within take so long altogether."""
        self._own.seconds, self._own.end = seconds, time.monotonic() + seconds
        try:
            yield
        finally:
            self._own.end = math.inf

    def left(self) -> float:
        """Seconds left to this thread. Raises EndedError where there are none, or all is to stop."""
        self.wait(0)
        left = float(getattr(self._own, "end", math.inf)) - time.monotonic()
        if left <= 0:
            raise EndedError(f"its answer took longer than {self._own.seconds:g} seconds")
        return left

    def wait(self, seconds: float) -> None:
        """Let so much time pass. Raises EndedError as soon as all is to stop."""
        if self._stopped.wait(min(max(0, seconds), threading.TIMEOUT_MAX)):
            raise EndedError("stopped")
