"""Pages as last read, so that a site need only say that nothing has changed."""

from __future__ import annotations

import logging
import sqlite3
import threading
import zlib
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from vectorstore.home import create_private, make_private

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

log = logging.getLogger(__name__)

_LAYOUT = 1  # counted up when the table changes; a cache of another layout is replaced
_TABLE = """CREATE TABLE IF NOT EXISTS page (
    address TEXT PRIMARY KEY, final TEXT NOT NULL, content BLOB NOT NULL, etag TEXT, last_modified TEXT,
    content_type TEXT, charset TEXT, confirmed REAL NOT NULL)"""
_DAMAGE = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})


@dataclass(frozen=True, slots=True)
class CachedPage:
    """A page as a server last gave it; `confirmed` is when it last said so, in UTC.

    `address` is what was asked for, `final` where it was read. `etag` and `last_modified` stand as the server gave
    them, a character for each byte.
    """

    address: str
    final: str
    content: bytes
    etag: str | None
    last_modified: str | None
    content_type: str | None
    charset: str | None
    confirmed: datetime


class PageCache:
    """A file of cached pages; threads and processes may share it.

    It is only a cache: what goes wrong with it is logged, and costs a page more to read. A damaged file is moved aside.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._db = self._open()

    def get(self, address: str) -> CachedPage | None:
        """The page of an address, None if it is not held."""
        rows = self._run("SELECT * FROM page WHERE address = ?", address)
        if not rows:
            return None
        _, final, packed, etag, last_modified, content_type, charset, confirmed = rows[0]
        try:
            moment = datetime.fromtimestamp(confirmed, UTC)
            return CachedPage(
                address, final, zlib.decompress(packed), etag, last_modified, content_type, charset, moment
            )
        except (zlib.error, TypeError, ValueError, OverflowError, OSError) as exc:
            log.warning("cache: %s: %s: damaged, and read again: %s", self._path, address, exc)
            self.forget(address)
            return None

    def keep(self, page: CachedPage) -> None:
        """Hold a page in place of any that was held for its address."""
        described = (page.etag, page.last_modified, page.content_type, page.charset)
        values = (page.address, page.final, zlib.compress(page.content), *described, page.confirmed.timestamp())
        self._run("REPLACE INTO page VALUES (?, ?, ?, ?, ?, ?, ?, ?)", *values)

    def confirm(self, address: str, moment: datetime) -> None:
        """Note that a server said that its page is still the same."""
        self._run("UPDATE page SET confirmed = ? WHERE address = ?", moment.timestamp(), address)

    def forget(self, address: str) -> None:
        """Hold the address no longer."""
        self._run("DELETE FROM page WHERE address = ?", address)

    def addresses(self) -> list[tuple[str, str]]:
        """Of every page the address that was asked for, and the one where it was read."""
        return [(address, final) for address, final in self._run("SELECT address, final FROM page")]

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    def __enter__(self) -> PageCache:
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    def _run(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """The rows that a statement gives; none where the cache cannot be used."""
        with self._lock:
            try:
                with self._db:
                    return self._db.execute(statement, values).fetchall()
            except sqlite3.DatabaseError as exc:
                log.warning("cache: %s: cannot be used, so pages are read again: %s", self._path, exc)
                if exc.sqlite_errorcode in _DAMAGE:
                    self._db.close()
                    self._set_aside()
                    self._db = self._open()
        return []

    def _open(self) -> sqlite3.Connection:
        """The cache's file; where it is damaged a new one, and where there can be none a cache for this run alone."""
        for _ in range(2):
            try:
                return self._connect()
            except (sqlite3.DatabaseError, OSError) as exc:
                log.warning("cache: %s: cannot be opened, and is begun anew: %s", self._path, exc)
                if getattr(exc, "sqlite_errorcode", None) in _DAMAGE:
                    self._set_aside()
        db = sqlite3.connect(":memory:", check_same_thread=False)
        db.execute(_TABLE)
        return db

    def _connect(self) -> sqlite3.Connection:
        make_private(self._path.parent)
        create_private(self._path)
        db = sqlite3.connect(self._path, timeout=30, check_same_thread=False)
        try:
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA synchronous = NORMAL")
            db.execute("PRAGMA secure_delete = ON")  # what is forgotten is not to be read in the file either
            (layout,) = db.execute("PRAGMA user_version").fetchone()
            with db:
                if layout not in {0, _LAYOUT}:
                    db.execute("DROP TABLE IF EXISTS page")
                db.execute(_TABLE)
                db.execute(f"PRAGMA user_version = {_LAYOUT}")
        except BaseException:
            db.close()
            raise
        return db

    def _set_aside(self) -> None:
        """Move a damaged file out of the way; it may still tell somebody how it came to that."""
        with suppress(OSError):
            self._path.replace(self._path.with_name(f"{self._path.name}.damaged"))
        for suffix in ("-wal", "-shm"):
            with suppress(OSError):
                self._path.with_name(self._path.name + suffix).unlink()
