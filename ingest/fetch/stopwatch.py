"""How long an answer may still take and how long it may be, and whether everything is to stop."""

from __future__ import annotations

import threading
import time
from collections import Counter
from concurrent.futures import Future, wait
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Result = TypeVar("Result")

GLANCE = 0.2
"""Seconds between two looks at the stopwatch while nothing comes."""


class EndedError(Exception):
    """A wait or a read was ended from this side; another attempt makes no sense."""


@dataclass(slots=True)
class Allowance:
    """What may be spent on one page: seconds over all of its exchanges, bytes in each of them.

    The bytes are those of the connection: headers without end, or chunks that are all frame, never become content.
    """

    longest: float
    most_bytes: int
    spent: float = 0.0
    end: float = 0.0
    bytes: int = 0


class Stopwatch:
    """Shared by all threads of a run: each has its own allowance, and one `stop` ends the waits of all."""

    def __init__(self) -> None:
        self._stopped = threading.Event()
        self._own = threading.local()

    @property
    def is_stopped(self) -> bool:
        """Whether all is to stop."""
        return self._stopped.is_set()

    def stop(self) -> None:
        """End every wait and read, now and from now on."""
        self._stopped.set()

    @contextmanager
    def running(self, allowance: Allowance) -> Iterator[None]:
        """Let what this thread reads within be taken from an allowance."""
        begun = time.monotonic()
        allowance.end, allowance.bytes = begun + allowance.longest - allowance.spent, 0
        self._own.allowance = allowance
        try:
            yield
        finally:
            self._own.allowance = None
            allowance.spent += time.monotonic() - begun

    def left(self) -> float:
        """Seconds left to this thread. Raises EndedError where there are none, or all is to stop."""
        self.wait(0)
        allowance: Allowance | None = getattr(self._own, "allowance", None)
        if allowance is None:
            return threading.TIMEOUT_MAX
        left = allowance.end - time.monotonic()
        if left <= 0:
            raise EndedError(f"its answer took longer than {allowance.longest:g} seconds")
        return left

    def received(self, size: int) -> None:
        """Take so many bytes from this thread's allowance. Raises EndedError where there are too few."""
        allowance: Allowance | None = getattr(self._own, "allowance", None)
        if allowance is None:
            return
        allowance.bytes += size
        if allowance.bytes > allowance.most_bytes:
            raise EndedError(f"its answer goes on after {allowance.most_bytes} bytes")

    def wait(self, seconds: float) -> None:
        """Let so much time pass. Raises EndedError as soon as all is to stop."""
        if self._stopped.wait(min(max(0, seconds), threading.TIMEOUT_MAX)):
            raise EndedError("stopped")

    def within(self, work: Callable[[], Result], undo: Callable[[Result], None]) -> Result:
        """What `work` gives, which cannot be ended from here: to look a name up, to connect, to shake hands.

        It is done by a thread of its own, which is left behind where time is up or all is to stop; what comes of it
        then is undone.
        """
        future: Future[Result] = Future()
        threading.Thread(target=_do, args=(work, future), name="connect", daemon=True).start()
        try:
            while not wait([future], min(GLANCE, self.left())).done:
                pass
        except BaseException:
            future.add_done_callback(lambda done: None if done.exception() else undo(done.result()))
            raise
        return future.result()


def _do(work: Callable[[], Result], future: Future[Result]) -> None:
    try:
        future.set_result(work())
    except BaseException as exc:  # noqa: BLE001 - raised again by the thread that waits
        future.set_exception(exc)


@dataclass(frozen=True, slots=True)
class Traffic:
    """Counts of one run. `requests` counts all, robots.txt, redirects and further attempts (`retries`) too.

    `conditional` are those that asked for a page only if it had changed, `not_modified` the answers that it had not.
    `bytes` came in, packed and with their headers. `from_cache` are pages given without any request.
    """

    requests: int = 0
    not_modified: int = 0
    conditional: int = 0
    retries: int = 0
    bytes: int = 0
    from_cache: int = 0


class Meter:
    """Counts traffic for many threads; the names are those of Traffic."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter()

    def count(self, name: str, by: int = 1) -> None:
        """Add to one count."""
        with self._lock:
            self._counts[name] += by

    def read(self) -> Traffic:
        """The counts as they stand."""
        with self._lock:
            return Traffic(**self._counts)
