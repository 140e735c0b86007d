"""What the catalogue asks of a database, SQLite's or PostgreSQL's, and where one on a server is reached."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from vectorstore.errors import CatalogueError

_MEND = "write it as postgresql://user@host:5432/database, and special characters of a password as %40"
_SCHEMA = re.compile(r"search_path=([^\s&]+)")


@dataclass(frozen=True, slots=True, repr=False)
class PostgresAddress:
    """An address as PostgreSQL's own programs take it; its tables lie in the schema that `search_path` gives.

    A password may stand in it, in PGPASSWORD or in ~/.pgpass; `str` and `repr` show none. Raises ValueError, which
    does not repeat the address, where it is none.
    """

    url: str

    def __post_init__(self) -> None:
        try:
            parts = urlsplit(self.url)
            fits = parts.scheme in {"postgresql", "postgres"} and parts.path.strip("/") and (parts.port or True)
        except ValueError:
            fits = False
        if not fits:
            raise ValueError(f"is no address of a database; {_MEND}")

    def __str__(self) -> str:
        parts = urlsplit(self.url)
        user = f"{parts.username}@" if parts.username else ""
        port = f":{parts.port}" if parts.port else ""
        schema = _SCHEMA.search(unquote(parts.query))
        shown = f"postgresql://{user}{parts.hostname or ''}{port}{parts.path}"
        return f"{shown} (schema {schema[1]})" if schema else shown

    def __repr__(self) -> str:
        return f"PostgresAddress({str(self)!r})"


class Rows(Protocol):
    """What a statement brought, each row a tuple."""

    def __iter__(self) -> Iterator[Any]:
        """The rows that were not fetched yet."""
        ...

    def fetchone(self) -> Any:  # noqa: ANN401 - as in sqlite3: a row, or None
        """The next row, or None."""
        ...

    def fetchall(self) -> list[Any]:
        """All the rows that were not fetched yet."""
        ...


class Connection(Protocol):
    """A connection of one thread, in autocommit mode; sqlite3's own is one.

    A question mark stands for a value. `main.` before the name of a table is what SQLite calls its file; on a server it
    becomes the prefix of tables that lie beside the catalogue's.
    """

    @property
    def in_transaction(self) -> bool:
        """Whether something was begun that is neither committed nor rolled back."""
        ...

    def execute(self, sql: str, parameters: Sequence[Any] = ..., /) -> Rows:
        """Run one statement."""
        ...

    def executemany(self, sql: str, parameters: Iterable[Sequence[Any]], /) -> object:
        """Run one statement for each of the parameters."""
        ...

    def close(self) -> None:
        """End it; what was begun is rolled back."""
        ...


class Engine(Protocol):
    """Where a catalogue is kept; `str()` of it names the place as people may read it, without a password.

    `shared` says whether processes on other hosts use it too. `faults` are what its connections raise where the
    database fails; `told` makes a CatalogueError of one. The statements of `begin_read` see one state until the end;
    those of `begin_write` are alone in writing. `schema` is the version of its tables; an INSERT that numbers rows
    itself says `numbered` before its VALUES.
    """

    shared: bool
    numbered: str
    begin_read: str
    begin_write: str
    faults: tuple[type[Exception], ...]

    @property
    def schema(self) -> int:
        """The version of the tables."""
        ...

    def connect(self) -> Connection:
        """Open a connection, making the tables where they are missing. Raises CatalogueError."""
        ...

    def insert(self, connection: Connection, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Put rows that are not there yet into a table, the fastest way there is; call it inside a transaction."""
        ...

    def told(self, fault: Exception) -> CatalogueError:
        """What failed, in one sentence with the way out."""
        ...

    def integrity(self, connection: Connection) -> list[str]:
        """What the database finds wrong with itself, as far as it looks."""
        ...

    def wipe(self, connection: Connection) -> None:
        """Let nothing of what was deleted be left in the files, as far as that is in our hands."""
        ...

    def number_on(self, connection: Connection, table: str) -> None:
        """Let the next row of a table be numbered after the highest there is, whoever numbered that one."""
        ...
