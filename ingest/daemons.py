"""Threads that keep no process alive: what hangs in one of them ends with the process."""

from __future__ import annotations

import queue
import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

_Given = ParamSpec("_Given")
_Outcome = TypeVar("_Outcome")


class Daemons:
    """So many threads that work off what is submitted, in order.

    Python waits for those of a ThreadPoolExecutor before it ends, even for one that asks a dead name server.
    """

    def __init__(self, count: int, name: str) -> None:
        self._waiting: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._count = count
        for number in range(count):
            threading.Thread(target=self._work, name=f"{name}-{number}", daemon=True).start()

    def submit(self, work: Callable[_Given, _Outcome], *given: _Given.args, **named: _Given.kwargs) -> Future[_Outcome]:
        """What will come of a call."""
        future: Future[_Outcome] = Future()

        def run() -> None:
            if future.set_running_or_notify_cancel():
                try:
                    future.set_result(work(*given, **named))
                except BaseException as exc:  # noqa: BLE001 - whoever asks for the result gets it
                    future.set_exception(exc)

        self._waiting.put(run)
        return future

    def close(self) -> None:
        """Let the threads end once nothing waits any more; they are not waited for."""
        for _ in range(self._count):
            self._waiting.put(None)

    def _work(self) -> None:
        while (run := self._waiting.get()) is not None:
            run()
