"""The weekly look whether the catalogue still holds what was written into it."""

from __future__ import annotations

import contextlib
import logging
import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from vectorstore.catalogue.verify import summary
from vectorstore.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from vectorstore.store import PassageStore

log = logging.getLogger(__name__)

EVERY = timedelta(weeks=1)
_LATER = timedelta(hours=1)  # after which it is tried again where the store could not be opened
_BREATH = 0.02  # seconds between two steps: whoever ingests and asks meanwhile comes first
_MOMENT = 2.0  # seconds in which it is waited for at the end; it writes nothing that could be torn


class _EndedError(Exception):
    """The watch ends, and this does with it."""


class WeeklyCheck:
    """Verifies the catalogue a week after that was last done, by whatever process, as its own record says.

    `new_store` opens the store for the thread that looks. What is damaged goes to the log.
    """

    def __init__(self, new_store: Callable[[], PassageStore], *, every: timedelta = EVERY) -> None:
        self._new_store = new_store
        self._every = every
        self._ended = threading.Event()

    @contextlib.contextmanager
    def running(self, *, once: bool = False) -> Iterator[None]:
        """Look in a thread of its own for as long as this lasts; with `once` one time, which is waited for."""
        thread = threading.Thread(target=self._run, args=(once,), name="weekly check", daemon=True)
        thread.start()
        try:
            yield
            if once:
                thread.join()
        finally:
            self._ended.set()
            thread.join(_MOMENT)

    def _run(self, once: bool) -> None:
        wait = timedelta(0)
        while not self._ended.wait(wait.total_seconds()):
            try:
                wait = self._look()
            except _EndedError:
                return
            except StoreError as exc:
                log.warning("the catalogue could not be verified, and is again in an hour: %s", exc)
                wait = _LATER
            if once:
                return

    def _look(self) -> timedelta:
        """Verify the catalogue if it is time to; how long it then is to the next look."""
        with contextlib.closing(self._new_store()) as store:
            verified = store.last_verified()
            due = verified + self._every if verified else datetime.now(UTC)
            if due > datetime.now(UTC):
                return min(due - datetime.now(UTC), _LATER)
            faults = store.verify(self._rest)
        if faults:
            log.error("catalogue: %s: %s", store.catalogue, summary(faults))
        else:
            log.info("catalogue: %s: verified, and whole", store.catalogue)
        return _LATER

    def _rest(self) -> None:
        if self._ended.wait(_BREATH):
            raise _EndedError
