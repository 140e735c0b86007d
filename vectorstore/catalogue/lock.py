"""The writer lock of a store: one writer at a time, on one host or on many."""

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


class WriterLock(Protocol):
    """A reentrant lock that one thread of one process holds while it writes."""

    @property
    def depth(self) -> int:
        """How often it is acquired and not yet released."""
        ...

    def acquire(self, wait: float) -> None:
        """Acquire it, waiting up to `wait` seconds. Raises StoreBusyError."""
        ...

    def release(self) -> None:
        """Release it, once for each time that it was acquired."""
        ...


class FileWriterLock:
    """The lock among the processes of one host: on a file in the store's home."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._lock = FileLock(home / "writer.lock", thread_local=False, mode=PRIVATE_FILE)

    @property
    def depth(self) -> int:
        """See `WriterLock`."""
        return self._lock.lock_counter if self._lock.is_locked else 0  # who waits is counted there as well

    def acquire(self, wait: float) -> None:
        """See `WriterLock`."""
        try:
            self._lock.acquire(timeout=wait)
        except Timeout as exc:
            raise StoreBusyError(self._home, wait) from exc

    def release(self) -> None:
        """See `WriterLock`."""
        self._lock.release()


class ServerWriterLock:
    """The lock among all who share a catalogue on a server: an advisory lock, held by the connection that writes.

    So nobody writes who has lost it: where the connection goes, both go, and the write in progress fails.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._key = int(catalogue.meta("identity") or "0", 16)
        self._depth = 0

    @property
    def depth(self) -> int:
        """See `WriterLock`."""
        return self._depth

    def acquire(self, wait: float) -> None:
        """See `WriterLock`."""
        until = time.monotonic() + wait
        while not self._depth and not self._connection().hold(self._key):
            if time.monotonic() >= until:
                raise StoreBusyError(str(self._catalogue.engine), wait)
            time.sleep(_LOOK_AGAIN)
        self._depth += 1

    def release(self) -> None:
        """See `WriterLock`."""
        self._depth -= 1
        if not self._depth:
            self._connection().let_go(self._key)

    def _connection(self) -> PostgresConnection:
        return cast("PostgresConnection", self._catalogue.connection)
