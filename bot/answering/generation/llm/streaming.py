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


MARKS = {
    "<think>": "</think>",
    "<thinking>": "</thinking>",
    "<thought>": "</thought>",
    "<reasoning>": "</reasoning>",
    "<reflection>": "</reflection>",
    "<seed:think>": "</seed:think>",
    "[think]": "[/think]",
    "◁think▷": "◁/think▷",
    "<|channel|>analysis<|message|>": "<|channel|>final<|message|>",
    "<|start_of_thought|>": "<|end_of_thought|>",
    "<|begin_of_thought|>": "<|end_of_thought|>",
}
"""How thoughts begin and end, in lower case. Some servers put the first mark into the question: only the last comes."""

_OPENS = '{[`"“«'  # with what a reply begins that was asked for as JSON, or as a question


class Thoughts:
    """Takes the pieces of one reply in turn and gives what is left of them.

    A reply that begins with none of the marks is given on at once where it begins as an answer in JSON does; any other
    is held till its end, as the mark that ends thoughts may still come.
    """

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Begins anew, for another attempt at the same reply."""
        self._held = ""
        self._closing: str | None = None
        self._open = True  # whether thoughts may still begin, or go on
        self.shown = False  # whether anything was given on

    def take(self, piece: str) -> str:
        """What of a piece, and of those held back before it, is to be shown now."""
        if not self._open:
            return piece
        self._held += piece
        begun = self._held.lstrip().lower()
        if self._closing is None and (opening := next((one for one in MARKS if begun.startswith(one)), None)):
            self._closing = MARKS[opening]
        if self._closing:
            return self._after(self._closing)
        if not begun or any(opening.startswith(begun) for opening in MARKS) or begun[0] not in _OPENS:
            return ""
        return self._give(self._held)

    def rest(self) -> str:
        """What is held back, as when the reply has ended; nothing where it ended amid thoughts."""
        held, self._held = self._held, ""
        if self._closing or not self._open:
            return ""
        lower = held.lower()
        ends = [place + len(mark) for mark in MARKS.values() if (place := lower.rfind(mark)) >= 0]
        return self._give(held[max(ends, default=0) :])

    def _after(self, closing: str) -> str:
        place = self._held.lower().find(closing)
        if place < 0:
            return ""
        shown = self._held[place + len(closing) :].lstrip()
        self._held, self._closing = "", None
        return self._give(shown) if shown else ""  # the space after the thoughts may come in a piece of its own

    def _give(self, text: str) -> str:
        self._open, self._held = False, ""
        self.shown = True
        return text.lstrip()
