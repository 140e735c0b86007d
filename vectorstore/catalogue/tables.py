"""The catalogue's tables as rows that are copied from one database to another, with the numbers that they have.

What is not copied: the full text, which each database keeps in its own way; `meta`, of which a part belongs to the
place and not to the store (`own_record`); `dropped`, which is about an index that stays behind.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from vectorstore.catalogue.releases import listed, marks
from vectorstore.catalogue.sqlite import OF_INDEXES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from vectorstore.catalogue.engine import Connection, Engine

Row = tuple[Any, ...]

_PAGE = 1_000  # rows that are read at once
_OF_THE_PLACE = {"generation", "identity", "schema", *OF_INDEXES}


class TableStore(Protocol):
    """What tables lie in, as far as copying goes; `vectorstore.catalogue.database` has one."""

    @property
    def engine(self) -> Engine:
        """Where it is kept."""
        ...

    @property
    def connection(self) -> Connection:
        """This thread's connection."""
        ...


@dataclass(frozen=True, slots=True)
class Table:
    """A table with all its columns; rows are told apart and ordered by `key`. `truths` are columns of yes and no."""

    name: str
    key: tuple[str, ...]
    others: tuple[str, ...] = ()
    truths: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns, in the order in which rows have them."""
        return self.key + self.others + self.truths

    @property
    def is_numbered(self) -> bool:
        """Whether the database numbers new rows."""
        return self.key == ("number",)

    def pages(self, database: TableStore, *, above: Row | None = None, size: int = _PAGE) -> Iterator[list[Row]]:
        """All rows whose key comes after `above`, in order, so many at once."""
        keys, order = f"({', '.join(self.key)})", ", ".join(self.key)
        while True:
            after = f"WHERE {keys} > ({marks(len(self.key))})" if above is not None else ""
            query = f"SELECT {', '.join(self.columns)} FROM {self.name} {after} ORDER BY {order} LIMIT ?"
            page = database.connection.execute(query, (*(above or ()), size)).fetchall()
            if not page:
                return
            yield page
            above = tuple(page[-1][: len(self.key)])

    def rows_of(self, database: TableStore, column: str, numbers: Collection[int]) -> list[Row]:
        """The rows that have one of these numbers in a column, in order."""
        condition = f"{column} IN ({listed(numbers)}) ORDER BY {', '.join(self.key)}"
        query = f"SELECT {', '.join(self.columns)} FROM {self.name} WHERE {condition}"
        return list(database.connection.execute(query).fetchall())

    def put(self, database: TableStore, rows: Iterable[Row]) -> None:
        """Insert rows with the keys that they have; call it inside `transaction()`."""
        numbered = database.engine.numbered if self.is_numbered else ""
        values = f"{numbered} VALUES ({marks(len(self.columns))})"
        first = len(self.columns) - len(self.truths)
        database.connection.executemany(
            f"INSERT INTO {self.name} ({', '.join(self.columns)}) {values}",
            [(*row[:first], *map(bool, row[first:])) for row in rows],
        )

    def clear(self, database: TableStore) -> None:
        """Delete all rows; call it inside `transaction()`."""
        database.connection.execute(f"DELETE FROM {self.name}")

    def count(self, database: TableStore) -> int:
        """How many rows there are."""
        return int(database.connection.execute(f"SELECT count(*) FROM {self.name}").fetchone()[0])

    def is_empty(self, database: TableStore) -> bool:
        """Whether there is no row."""
        return database.connection.execute(f"SELECT 1 FROM {self.name} LIMIT 1").fetchone() is None


VERSIONS = Table(
    "versions",
    ("number",),
    (
        "release_id", "version", "title", "lead", "text", "language", "publisher", "published", "updated", "url",
        "source", "pair", "content_hash", "first_seen", "author", "section", "annotations", "pages", "scanned",
    ),
    truths=("current",),
)  # fmt: skip
PASSAGES = Table("passages", ("number",), ("id", "version", "start", "stop"))
MODELS = Table("models", ("number",), ("name", "dimension"))
VECTORS = Table("vectors", ("passage", "model"), ("vector",))
SUBWORDS = Table("subwords", ("passage", "model"), ("numbers",))

SMALL = (
    Table("translations", ("release_id", "address")),
    Table("withdrawn", ("release_id",), ("moment", "cause")),
    Table("corrections", ("release_id",), ("corrects",)),
    Table("twins", ("first", "second"), ("reason", "score")),
    Table("joined", ("release_id",), ("one",)),
    Table("events", ("number",), ("kind", "release_id", "version", "moment")),
    Table(
        "visits",
        ("address",),
        ("source", "checked", "release_id", "content", "lastmod", "published", "missing_since"),
        truths=("listed",),
    ),
    Table(
        "sources",
        ("location",),
        ("name", "last_run", "last_success", "failures", "error", "outcome", "next_run", "kind"),
    ),
    Table("doubted", ("address",), ("release_id", "source", "title", "text", "cause", "since", "seen")),
    Table("takedowns", ("release_id",), ("moment", "allowed")),
    Table("takedown_marks", ("mark", "release_id")),
    Table("paused", ("location",), ("moment",)),
)
"""What is known of releases and newsrooms beside texts: some hundred bytes a row."""

COPIED = (MODELS, VERSIONS, PASSAGES, VECTORS, SUBWORDS, *SMALL)
"""Every table that is copied, each after those that it refers to."""


def own_record(database: TableStore) -> dict[str, str]:
    """The part of `meta` that goes with a store wherever it is kept."""
    rows = database.connection.execute("SELECT key, value FROM meta ORDER BY key")
    return {key: value for key, value in rows if key not in _OF_THE_PLACE}
