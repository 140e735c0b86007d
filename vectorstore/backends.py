"""What a store is kept in: its catalogue, its indexes and the writer lock, in a home or on servers."""

from __future__ import annotations

import contextlib
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, cast

from filelock import FileLock, Timeout

from vectorstore.catalogue import Catalogue
from vectorstore.catalogue.postgres import PostgresServer
from vectorstore.catalogue.sqlite import SqliteFile
from vectorstore.errors import CatalogueError, MigrationError, StoreBusyError
from vectorstore.home import PRIVATE_FILE, make_usable
from vectorstore.indexes import ChromaFolders, ChromaServer
from vectorstore.indexes.tantivy import InvertedIndexes
from vectorstore.retrieval import full_text, postgres_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from vectorstore.catalogue import PostgresAddress
    from vectorstore.catalogue.postgres import PostgresConnection
    from vectorstore.indexes import ChromaAddress, DenseIndexes
    from vectorstore.retrieval.lexical import WordEngine

_LOOK_AGAIN = 0.05  # seconds between two looks whether the place is free
_WORDS = 2_000  # passages beyond which words have an index; at 9,800 a search takes half as long with it

MOVING = "moving"
"""The value of the catalogue's own record that is there while a migration into it is unfinished."""


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


@dataclass(frozen=True, slots=True)
class FileWriterLock:
    """The lock among the processes of one host: on a file in the store's home."""

    home: Path
    _lock: FileLock

    @property
    def depth(self) -> int:
        """See `WriterLock`."""
        return self._lock.lock_counter if self._lock.is_locked else 0  # who waits is counted there as well

    def acquire(self, wait: float) -> None:
        """See `WriterLock`."""
        try:
            self._lock.acquire(timeout=wait)
        except Timeout as exc:
            raise StoreBusyError(self.home, wait) from exc

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


@dataclass(frozen=True, slots=True)
class Backends:
    """One store, opened without a look at what it holds; `home` is its folder on this host.

    `full_text` is what the catalogue's database has of words, `words` are the indexes beside it.
    """

    home: Path
    catalogue: Catalogue
    indexes: DenseIndexes
    full_text: WordEngine
    words: InvertedIndexes
    lock: WriterLock

    def must_be_whole(self) -> None:
        """Raise MigrationError where a migration into this store was begun and not ended."""
        with self.catalogue.snapshot():
            if self.catalogue.meta(MOVING) is None:
                return
        if self.catalogue.engine.shared:
            mend = "run `communique migrate` again, which goes on where it was"
        else:
            mend = "with the servers in the settings run `communique migrate --back` again, which goes on where it was"
        raise MigrationError(self.catalogue.engine, f"a migration to it is not finished; {mend}")

    @contextlib.contextmanager
    def holding(self, wait: float) -> Iterator[None]:
        """Hold the writer lock, waiting up to `wait` seconds for it. Raises StoreBusyError."""
        self.lock.acquire(wait)
        try:
            yield
        finally:
            self.lock.release()

    def close(self) -> None:
        """Close files and connections."""
        if isinstance(self.indexes, ChromaServer):  # folders share nothing: each closes with its last user
            self.indexes.close()
        self.catalogue.close()


def open_backends(
    home: Path, *, chroma: ChromaAddress | None, catalogue: PostgresAddress | None, exact_up_to: int = 20_000
) -> Backends:
    """Open what a store is kept in, making it where it is missing; None stands for the home.

    Raises StoreHomeError and CatalogueError where one of them cannot be used, or the catalogue is lost.
    """
    make_usable(home, *([] if chroma else [home / "chroma"]))
    file = home / "catalogue.sqlite3"
    if catalogue is None and not (file.is_file() and file.stat().st_size):
        _must_not_be_lost(file)
    opened = Catalogue(PostgresServer(catalogue) if catalogue else SqliteFile(file))
    return Backends(
        home=home,
        catalogue=opened,
        indexes=ChromaServer(chroma, opened.meta("identity") or "") if chroma else ChromaFolders(home / "chroma"),
        full_text=postgres_text if catalogue else full_text,
        # On a server each host would need an index of words of its own; there the database finds them all.
        words=InvertedIndexes(home / "words", beyond=sys.maxsize if catalogue else min(exact_up_to, _WORDS)),
        lock=ServerWriterLock(opened)
        if catalogue
        else FileWriterLock(home, FileLock(home / "writer.lock", thread_local=False, mode=PRIVATE_FILE)),
    )


def _must_not_be_lost(catalogue: Path) -> None:
    """Raise CatalogueError where what was made from a catalogue that is gone or empty is there."""
    home = catalogue.parent
    if any(home.glob(f".restore-*/{catalogue.name}")):
        raise CatalogueError(catalogue, "a restore into this home is not finished; run it again, or remove .restore-*")
    left = [name for name in ("chroma", "words") if any(part.is_dir() for part in home.glob(f"{name}/*"))]
    log = catalogue.with_name(f"{catalogue.name}-wal")
    left += [log.name] if log.is_file() and log.stat().st_size else []
    if left:
        fault = "is empty" if catalogue.exists() else "is gone"
        raise CatalogueError(
            catalogue,
            f"{fault}, and what was made from it is there ({', '.join(left)}); restore a backup into another home, as "
            "in `communique --home NEW restore FILE`, or remove that from this one to start over",
        )
