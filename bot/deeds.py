"""What the bot writes down on the server that holds the catalogue, in tables of its own: `bot.postgres_tables`."""

from __future__ import annotations

import contextlib
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bot.errors import LedgerAwayError, LedgerError
from vectorstore.errors import CatalogueAwayError, CatalogueError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vectorstore.catalogue.engine import Connection, Engine

_PATIENCE = 10  # seconds that another thread's deed is waited for
_CLOCK = "SELECT CAST(extract(epoch FROM clock_timestamp()) AS DOUBLE PRECISION)"


class ServerDeeds:
    """The bot's tables on a server, used for one deed at a time.

    A deed takes a few milliseconds, so the threads of a process take turns at one connection: one each would be a dozen
    of the hundred that a server grants. It is opened at the first deed, and anew where it was lost.
    """

    def __init__(self, server: Engine) -> None:
        self._server = server
        self._turn = threading.Lock()
        self._connection: Connection | None = None

    @contextlib.contextmanager
    def deed(self) -> Iterator[Connection]:
        """The tables for one deed, done whole or not at all. Raises LedgerError where they cannot be used."""
        try:
            with self._taken() as connection:
                connection.execute(self._server.begin_write)
                try:
                    yield connection
                    connection.execute("COMMIT")
                except BaseException:
                    if connection.in_transaction:  # nothing is, where the server went away
                        connection.execute("ROLLBACK")
                    raise
        except CatalogueAwayError as exc:
            raise LedgerAwayError(exc.where, exc.cause) from exc
        except CatalogueError as exc:
            raise LedgerError(exc.where, exc.cause) from exc

    def now(self, connection: Connection) -> datetime:
        """This moment by the server's clock, for those of hosts differ."""
        [(seconds,)] = connection.execute(_CLOCK).fetchall()
        return datetime.fromtimestamp(seconds, UTC)

    def close(self) -> None:
        """Close the connection."""
        with self._turn:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    @contextlib.contextmanager
    def _taken(self) -> Iterator[Connection]:
        if not self._turn.acquire(timeout=_PATIENCE):
            raise LedgerError(str(self._server), f"has not answered for {_PATIENCE} seconds; look at its log and load")
        try:
            self._connection = self._connection or self._server.connect()
            yield self._connection
        finally:
            self._turn.release()
