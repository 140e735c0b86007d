"""Moves a store from a home to servers or back: every row with its number, nothing embedded again, all of it counted.

Texts come in batches, in the order of their versions' rows, each batch with its passages, vectors and words in one
transaction: what is there says where a migration that was killed goes on. Until all is there, published and counted a
mark in the target keeps everybody else out. It names the source and the state that it was in; where that has moved on
in between, the target is cleared and all is copied afresh.

Tables are copied as rows, with the numbers that they have. What is not: the full text, whose words are cut again,
for each database keeps them in its way; `meta`, of which a part belongs to the place and not to the store
(`own_record`); `dropped`, which is about an index that stays behind.
"""

from __future__ import annotations

import contextlib
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

from vectorstore.backends import MOVING, open_backends
from vectorstore.catalogue.releases import listed, marks
from vectorstore.catalogue.sqlite import OF_INDEXES
from vectorstore.errors import IndexUnavailableError, MigrationError
from vectorstore.retrieval.full_text import IndexedFields, fields_of
from vectorstore.status import in_step, status_of
from vectorstore.synchronisation import publish
from vectorstore.types import Filter

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator
    from pathlib import Path

    from vectorstore.backends import Backends
    from vectorstore.catalogue import Catalogue, Connection, Engine, PostgresAddress
    from vectorstore.indexes import ChromaAddress

log = logging.getLogger(__name__)

Row = tuple[Any, ...]

_PAGE = 1_000  # rows that are read at once
_OF_THE_PLACE = {"generation", "identity", "schema", *OF_INDEXES}


class TableStore(Protocol):
    """What tables lie in, as far as copying goes; `vectorstore.catalogue` has one."""

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


Begun = Literal["anew", "resumed", "afresh"]
"""How a migration began: in an empty target, where a stopped one was, or again since the source had changed."""

_BATCH = 50  # versions of one transaction, with all their passages


@dataclass(frozen=True, slots=True)
class Count:
    """How many there are at both ends."""

    name: str
    source: int
    target: int


@dataclass(frozen=True, slots=True)
class Moved:
    """What a migration did; `source` and `target` are files, or servers with their databases."""

    part: str
    source: str
    target: str
    begun: Begun
    counts: tuple[Count, ...]


class Migration(Protocol):
    """What moves one part of a home, as the store; `part` is its name."""

    part: str

    def run(self, progress: Callable[[int, int], None] | None = None) -> Moved:
        """Copy all of it that is not there yet, and count at both ends; running it again goes on where it was."""
        ...


class StoreMigration:
    """Moves the store in `home` to the database and the Chroma server, or the other way with `back`."""

    part = "store"

    def __init__(
        self, home: Path, *, catalogue: PostgresAddress, chroma: ChromaAddress | None, back: bool, batch: int = _BATCH
    ) -> None:
        self._home = home
        self._catalogue = catalogue
        self._chroma = chroma
        self._back = back
        self._batch = batch

    def run(self, progress: Callable[[int, int], None] | None = None, *, wait: float = 5.0) -> Moved:
        """Copy all that is not there yet, publish the vector index, and compare. The source is only read.

        `progress` is called with the passages done and their total; `wait` is how long another writer is waited for, at
        either end. Raises MigrationError, StoreBusyError, CatalogueError; whatever happens, running it again goes on.
        """
        with contextlib.ExitStack() as stack:
            source, target = (stack.enter_context(contextlib.closing(end)) for end in self._ends())
            stack.enter_context(source.holding(wait))
            stack.enter_context(target.holding(wait))
            command = f"communique migrate{' --back' if self._back else ''}"
            return _Copy(source, target, self._batch, command).run(progress)

    def _ends(self) -> Iterator[Backends]:
        """The source, then the target."""
        if not self._back:
            must_hold_a_store(self._home)
        for on_servers in (self._back, not self._back):
            yield open_backends(
                self._home,
                chroma=self._chroma if on_servers else None,
                catalogue=self._catalogue if on_servers else None,
            )


def must_hold_a_store(home: Path) -> None:
    """Raise MigrationError where a home has nothing to be moved."""
    if not (home / "catalogue.sqlite3").is_file():
        raise MigrationError(home, "holds no store; name the home with --home")


def holds_a_store(catalogue: Catalogue) -> bool:
    """Whether a store is there, whole: with something in it, and not the half of a migration."""
    return catalogue.meta(MOVING) is None and not all(table.is_empty(catalogue) for table in COPIED)


def make_room(target: Catalogue, home: Path) -> str:
    """What to do where something is in the way at the end that a migration goes to."""
    if target.engine.shared:
        return (
            "nothing is written over it. Make a schema for the new one, and add "
            "?options=-csearch_path%3D and its name to store.catalogue"
        )
    return (
        "nothing is written over it. Move catalogue.sqlite3, chroma, words, discord.sqlite3 and usage.sqlite3 out of "
        f"{home}, or name another home with --home"
    )


class _Copy:
    """One run between two ends whose writer locks are held; `command` is what the operator runs again."""

    def __init__(self, source: Backends, target: Backends, batch: int, command: str) -> None:
        self._from = source
        self._to = target
        self._source: Catalogue = source.catalogue
        self._target: Catalogue = target.catalogue
        self._words = target.full_text
        self._batch = batch
        self._command = command

    def run(self, progress: Callable[[int, int], None] | None) -> Moved:
        self._must_fit()
        with self._reaching():  # before hours of copying, not after
            self._to.indexes.is_whole("none", "")
        begun = self._begin()
        self._copy_texts(progress)
        self._copy_the_rest()
        self._publish()
        counts = self._compared()
        with self._target.transaction() as connection:
            connection.execute("DELETE FROM meta WHERE key = ?", (MOVING,))
        return Moved(StoreMigration.part, str(self._source.engine), str(self._target.engine), begun, counts)

    def _must_fit(self) -> None:
        self._from.must_be_whole()
        ours, theirs = self._source.engine.schema, self._target.engine.schema
        if ours != theirs:
            cause = f"has schema {theirs}, {self._source.engine} has {ours}; upgrade communique"
            raise MigrationError(self._target.engine, cause)
        if all(table.is_empty(self._source) for table in COPIED):
            raise MigrationError(self._source.engine, "holds no store yet; there is nothing to move")

    def _begin(self) -> Begun:
        """Mark the target as one that is being filled from this state of the source."""
        identity, mark = self._source.meta("identity"), self._target.meta(MOVING)
        if mark is None:
            if not all(table.is_empty(self._target) for table in COPIED):
                raise MigrationError(
                    self._target.engine, f"holds a store already; {make_room(self._target, self._to.home)}"
                )
            self._mark(f"{identity} {self._source.generation()}")
            return "anew"
        if mark.split()[0] != identity:
            raise MigrationError(
                self._target.engine, f"holds half of another store; {make_room(self._target, self._to.home)}"
            )
        if mark == f"{identity} {self._source.generation()}":
            return "resumed"
        log.warning("%s has changed since the migration was stopped: all of it is copied afresh", self._source.engine)
        self._mark(f"{identity} {self._source.generation()}")
        return "afresh"

    def _mark(self, mark: str) -> None:
        """Clear the target, mark it, and make the models known that vectors refer to: all or nothing."""
        with self._target.transaction() as connection:
            self._words.clear(connection)
            for table in reversed(COPIED):
                table.clear(self._target)
            connection.execute("DELETE FROM dropped")
            connection.executemany("DELETE FROM meta WHERE key = ?", [(key,) for key in OF_INDEXES])
            self._target.set_meta(**{MOVING: mark})
            for page in MODELS.pages(self._source):
                MODELS.put(self._target, page)

    def _copy_texts(self, progress: Callable[[int, int], None] | None) -> None:
        last = self._target.connection.execute("SELECT max(number) FROM versions").fetchone()[0]
        done, total = self._target.passages.count(), self._source.passages.count()
        for versions in VERSIONS.pages(self._source, above=None if last is None else (last,), size=self._batch):
            done += self._copy_batch(versions)
            if progress:
                progress(done, total)

    def _copy_batch(self, versions: list[Row]) -> int:
        """Copy versions with all that hangs on them; returns how many passages that were."""
        passages = PASSAGES.rows_of(self._source, "version", [row[0] for row in versions])
        numbers = [row[0] for row in passages]
        found = self._source.passages.by_version([row[0] for row in versions if row[-1]])
        with self._target.transaction() as connection:
            VERSIONS.put(self._target, versions)
            PASSAGES.put(self._target, passages)
            for table in (VECTORS, SUBWORDS):
                table.put(self._target, table.rows_of(self._source, "passage", numbers))
            fields = [
                IndexedFields(row, list(held), fields_of(release, list(held.values())))
                for row, (release, held) in found.items()
            ]
            self._words.add(connection, self._target.engine, fields)
        return len(passages)

    def _copy_the_rest(self) -> None:
        """Copy the small tables, whole and in place of what a run before this one copied, and number rows on."""
        with self._target.transaction() as connection:
            for table in SMALL:
                table.clear(self._target)
                for page in table.pages(self._source):
                    table.put(self._target, page)
            self._target.set_meta(**own_record(self._source))
            for table in COPIED:
                if table.is_numbered:
                    self._target.engine.number_on(connection, table.name)

    def _publish(self) -> None:
        model = self._target.passages.model()
        if model is None or in_step(self._target, self._to.indexes, self._to.words):
            return
        with self._reaching():
            publish(self._target, self._to.indexes, self._to.words, model=model[0], afresh=True)

    def _compared(self) -> tuple[Count, ...]:
        """What there is at both ends. Raises MigrationError where that is not the same."""
        ends = (self._source, self._target)
        counts = [Count("releases", *(end.releases.count(Filter()) for end in ends))]
        counts += [Count(table.name, *(table.count(end) for end in ends)) for table in COPIED]
        differing = [f"{one.target} {one.name} instead of {one.source}" for one in counts if one.source != one.target]
        if differing:
            with self._target.transaction():  # so that the next run does not go on from here
                self._target.set_meta(**{MOVING: f"{self._source.meta('identity')} differs"})
            cause = f"holds {', '.join(differing)}; run `{self._command}` again, which copies all of it afresh"
            raise MigrationError(self._target.engine, cause)
        status = status_of(self._target, self._to.indexes, self._to.words, self._to.home)
        if status.disagreement:
            cause = f"does not hold what the catalogue does ({status.disagreement}); run `{self._command}` again"
            raise MigrationError(status.indexes, cause)
        return tuple(counts)

    @contextlib.contextmanager
    def _reaching(self) -> Iterator[None]:
        try:
            yield
        except IndexUnavailableError as exc:
            cause = f"{exc}; start it, or set store.chroma right, and run `{self._command}` again"
            raise MigrationError(self._target.engine, cause) from exc
