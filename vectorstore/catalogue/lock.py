"""The writer's place in a store: one writer at a time, on one host or on many."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Protocol, cast

from filelock import FileLock, Timeout

from vectorstore.errors import StoreBusyError
from vectorstore.home import PRIVATE_FILE

if TYPE_CHECKING:
    from pathlib import Path

    from vectorstore.catalogue import Catalogue
    from vectorstore.catalogue.postgres import PostgresConnection

_LOOK_AGAIN = 0.05  # seconds between two looks whether the place is free


class WritersPlace(Protocol):
    """A place that one thread of one process may take; it may take it again while it has it."""

    @property
    def depth(self) -> int:
        """How often it is taken and not yet left."""
        ...

    def take(self, wait: float) -> None:
        """Take the place, waiting up to `wait` seconds for it. Raises StoreBusyError."""
        ...

    def leave(self) -> None:
        """Leave it, once for each time that it was taken."""
        ...


class FilePlace:
    """The place among the processes of one host: a lock on a file in the store's home."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._lock = FileLock(home / "writer.lock", thread_local=False, mode=PRIVATE_FILE)

    @property
    def depth(self) -> int:
        """See `WritersPlace`."""
        return self._lock.lock_counter if self._lock.is_locked else 0  # who waits is counted there as well

    def take(self, wait: float) -> None:
        """See `WritersPlace`."""
        try:
            self._lock.acquire(timeout=wait)
        except Timeout as exc:
            raise StoreBusyError(self._home, wait) from exc

    def leave(self) -> None:
        """See `WritersPlace`."""
        self._lock.release()


class ServerPlace:
    """The place among all who share a catalogue on a server: a lock there, kept by the connection that writes.

    So nobody writes who has lost it: where the connection goes, both go, and the write in progress fails.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._key = int(catalogue.meta("identity") or "0", 16)
        self._depth = 0

    @property
    def depth(self) -> int:
        """See `WritersPlace`."""
        return self._depth

    def take(self, wait: float) -> None:
        """See `WritersPlace`."""
        until = time.monotonic() + wait
        while not self._depth and not self._connection().hold(self._key):
            if time.monotonic() >= until:
                raise StoreBusyError(str(self._catalogue.engine), wait)
            time.sleep(_LOOK_AGAIN)
        self._depth += 1

    def leave(self) -> None:
        """See `WritersPlace`."""
        self._depth -= 1
        if not self._depth:
            self._connection().let_go(self._key)

    def _connection(self) -> PostgresConnection:
        return cast("PostgresConnection", self._catalogue.connection)
