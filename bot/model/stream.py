"""Reads what may hang: in a thread of its own, so that the reader waits only as long as it wants to."""

from __future__ import annotations

import contextlib
import contextvars
import queue
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

_T = TypeVar("_T")
_AHEAD = 256  # pieces that are read before anybody wants them; a reply seldom has more, and an endless one stops here
_LOOK_UP = 0.2  # seconds after which whoever waits at the queue looks up


class SilenceError(Exception):
    """Nothing came in time."""


@dataclass(frozen=True, slots=True)
class _End:
    failure: BaseException | None


class Stream(Generic[_T]):
    """The items of a generator that a thread reads. The thread ends with them, or soon after `close`."""

    def __init__(self, read: Callable[[], Generator[_T, None, None]]) -> None:
        self._queue: queue.Queue[_T | _End] = queue.Queue(_AHEAD)
        self._closed = threading.Event()
        # Callbacks of LangChain travel in the context.
        context = contextvars.copy_context()
        # A daemon: a client that hangs in spite of its own timeout must not keep the process alive.
        self._thread = threading.Thread(target=context.run, args=(self._run, read), name="model", daemon=True)
        self._thread.start()

    def next(self, seconds: float) -> _T | None:
        """The next item, None after the last. Raises SilenceError after `seconds`, and what the generator raises."""
        item = self._wait(seconds)
        if not isinstance(item, _End):
            return item
        self._thread.join()  # it has nothing left to do
        if item.failure:
            raise item.failure
        return None

    def close(self) -> None:
        """Lets the thread go: it stops at the next item, or when the client gives up."""
        self._closed.set()

    def _wait(self, seconds: float) -> _T | _End:
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            # In short turns: where a signal reaches another thread, and on Windows, Ctrl-C is not heard within one.
            with contextlib.suppress(queue.Empty):
                return self._queue.get(timeout=min(left, _LOOK_UP))
        raise SilenceError

    def _run(self, read: Callable[[], Generator[_T, None, None]]) -> None:
        failure: BaseException | None = None
        try:
            with contextlib.closing(read()) as items:
                for item in items:
                    if not self._put(item):
                        return
        except BaseException as exc:  # noqa: BLE001 - it is raised again where the items are read
            failure = exc
        self._put(_End(failure))

    def _put(self, item: _T | _End) -> bool:
        """Whether the item has found its place: False once nobody wants any more."""
        while not self._closed.is_set():
            with contextlib.suppress(queue.Full):
                self._queue.put(item, timeout=_LOOK_UP)
                return True
        return False
