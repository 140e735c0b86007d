"""Passages, their vectors, and the models that the vectors come from."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

from vectorstore.catalogue.releases import filter_clause, in_batches, listed, marks
from vectorstore.types import Passage

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from vectorstore.catalogue import Catalogue
    from vectorstore.types import Filter, StoredRelease

_AT_ONCE = 500  # passages that one statement takes; SQLite allows 32,766 values
_PAGE = 5_000  # vectors that are read at once
_OFTEN = 40  # look-ups in one state of the store, four a search, after which it pays to read all at once
_ORIGINS = "SELECT v.number, v.language, j.one FROM versions v LEFT JOIN joined j ON j.release_id = v.release_id"
_MOST = 1_000_000  # passages that are kept in memory so; 32 bytes each, and a hundred for a release


@dataclass(frozen=True, slots=True)
class Extent:
    """How many passages there are, the number of the last, and how many went since the indexes were built."""

    count: int
    last: int
    dropped: int


@dataclass(frozen=True, slots=True)
class Origin:
    """The row of a version, its language, and the name that its release shares with its twins; None without twins."""

    version: int
    language: str | None
    twins: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Allowed:
    """The passages that a filter lets through, by number in rising order."""

    where: Filter
    numbers: NDArray[np.int64]

    def holds(self, numbers: Sequence[int]) -> NDArray[np.bool_]:
        """Which of some numbers are among them, shape (numbers,)."""
        given = np.asarray(numbers, dtype=np.int64)
        if not len(self.numbers):
            return np.zeros(len(given), dtype=np.bool_)
        places = np.minimum(np.searchsorted(self.numbers, given), len(self.numbers) - 1)
        held: NDArray[np.bool_] = self.numbers[places] == given
        return held


@dataclass(frozen=True, slots=True, eq=False)
class _Places:
    """The numbers of all passages, rising, with the row of the version of each; and the origin of each such row.

    `hashes` are those of their ids, rising, and `hashed` the numbers in that order. Of a million passages two share
    the 64 bits of a hash once in 37 million stores.
    """

    numbers: NDArray[np.int64]
    versions: NDArray[np.int64]
    hashes: NDArray[np.int64]
    hashed: NDArray[np.int64]
    origins: dict[int, Origin]

    def versions_of(self, numbers: Collection[int]) -> dict[int, int]:
        wanted = np.fromiter(numbers, dtype=np.int64, count=len(numbers))
        there, versions = _found(self.numbers, self.versions, wanted)
        return dict(zip(wanted[there].tolist(), versions[there].tolist(), strict=True))

    def numbers_of(self, ids: Sequence[str]) -> list[int | None]:
        wanted = np.fromiter(map(hash, ids), dtype=np.int64, count=len(ids))
        there, numbers = _found(self.hashes, self.hashed, wanted)
        return [number if is_there else None for number, is_there in zip(numbers.tolist(), there.tolist(), strict=True)]


def _found(
    keys: NDArray[np.int64], values: NDArray[np.int64], wanted: NDArray[np.int64]
) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Which of the wanted are among the rising keys, and the value of each; of those that are not, any value."""
    places = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return keys[places] == wanted, values[places]


@dataclass(eq=False)
class PassageTable:
    """The catalogue's passages. A passage's number only ever grows and is never used again."""

    _db: Catalogue
    _extent: tuple[int, Extent] | None = None  # of a generation
    _places: tuple[int, int, _Places | None] = -1, 0, None  # of a generation, and how often it was asked
    _reading: Lock = field(default_factory=Lock)

    def model(self) -> tuple[int, str, int] | None:
        """Number, name and dimension of the embedding model whose vectors are searched; None in a new store."""
        row: tuple[int, str, int] | None = self._db.connection.execute(
            "SELECT number, name, dimension FROM models "
            "WHERE number = (SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'model')"
        ).fetchone()
        return row

    def add_model(self, name: str, dimension: int) -> int:
        """Make a model known and return its number; the same number for the same name and dimension."""
        self._db.connection.execute(
            "INSERT INTO models (name, dimension) VALUES (?, ?) ON CONFLICT DO NOTHING", (name, dimension)
        )
        row = self._db.connection.execute(
            "SELECT number FROM models WHERE name = ? AND dimension = ?", (name, dimension)
        )
        return int(row.fetchone()[0])

    def add(self, passages: Sequence[tuple[int, Passage]], vectors: NDArray[np.float16], *, model: int) -> list[int]:
        """Keep passages, each given with the row of its version, with one vector each; their numbers, in order."""
        numbers = [
            number
            for start in range(0, len(passages), _AT_ONCE)
            for number in self._add_passages(passages[start : start + _AT_ONCE])
        ]
        rows = ((model, number, vector.tobytes()) for number, vector in zip(numbers, vectors, strict=True))
        self._db.engine.insert(self._db.connection, "vectors", ("model", "passage", "vector"), rows)
        return numbers

    def add_subwords(self, numbers: Sequence[int], subwords: Sequence[NDArray[np.uint16]], *, model: int) -> None:
        """Keep the subwords of passages that have none of this model yet."""
        rows = ((number, model, pieces.tobytes()) for number, pieces in zip(numbers, subwords, strict=True))
        self._db.engine.insert(self._db.connection, "subwords", ("passage", "model", "numbers"), rows)

    def subwords_of(self, numbers: Sequence[int], name: str, dimension: int) -> dict[int, bytes]:
        """Subwords (16 bits each) by passage number; those that are not kept of this model are missing."""
        query = (
            "SELECT passage, numbers FROM subwords WHERE model = "
            f"(SELECT number FROM models WHERE name = ? AND dimension = ?) AND passage IN ({listed(numbers)})"
        )
        return dict(self._db.connection.execute(query, (name, dimension)))

    def numbers_of_releases(self, release_ids: Collection[str]) -> list[int]:
        """Numbers of all the passages of some releases."""
        found: list[int] = []
        for some in in_batches(release_ids):
            among = f"v.release_id IN ({marks(len(some))})"
            query = f"SELECT p.number FROM passages p JOIN versions v ON v.number = p.version WHERE {among}"
            found += [number for (number,) in self._db.connection.execute(query, some)]
        return found

    def drop(self, numbers: Sequence[int]) -> None:
        """Forget passages with their vectors and subwords, and remember to take them out of the vector index."""
        rows = [(number,) for number in numbers]
        query = "INSERT INTO dropped SELECT id FROM passages WHERE number = ? ON CONFLICT DO NOTHING"
        self._db.connection.executemany(query, rows)
        self._db.connection.executemany("DELETE FROM vectors WHERE passage = ?", rows)
        self._db.connection.executemany("DELETE FROM subwords WHERE passage = ?", rows)
        self._db.connection.executemany("DELETE FROM passages WHERE number = ?", rows)

    def count(self, above: int = 0) -> int:
        """How many passages there are with a number above this one."""
        # Without a condition SQLite counts by the smallest index, without reading the rows.
        query = f"SELECT count(*) FROM passages {'WHERE number > ?' if above else ''}"
        return int(self._db.connection.execute(query, (above,) if above else ()).fetchone()[0])

    def extent(self) -> Extent:
        """See `Extent`; inside a snapshot it is counted once a generation: that takes SQLite 0.4 ms at 100,000."""
        generation, known = self._db.generation(), self._extent
        if known is not None and known[0] == generation and self._db.in_snapshot:
            return known[1]
        counts = "SELECT (SELECT count(*) FROM passages), (SELECT coalesce(max(number), 0) FROM passages)"
        extent = Extent(*self._db.connection.execute(f"{counts}, (SELECT count(*) FROM dropped)").fetchone())
        if self._db.in_snapshot:
            self._extent = generation, extent
        return extent

    def all_numbers(self, above: int = 0) -> list[int]:
        """The numbers of all passages above this one, in order."""
        query = "SELECT number FROM passages WHERE number > ? ORDER BY number"
        return [number for (number,) in self._db.connection.execute(query, (above,))]

    def by_number(self, numbers: Sequence[int]) -> dict[int, tuple[Passage, StoredRelease]]:
        """Passages with their releases, by number in the order asked for; numbers that are gone are missing."""
        query = f"SELECT number, id, version, start, stop FROM passages WHERE number IN ({listed(numbers)})"
        rows = {row[0]: row[1:] for row in self._db.connection.execute(query)}
        versions = self._db.releases.of_rows({row[1] for row in rows.values()})
        found = {}
        for number in numbers:
            if number in rows and rows[number][1] in versions:
                identity, version, start, stop = rows[number]
                release = versions[version]
                found[number] = (Passage(identity, release.id, release.text[start:stop], start, stop), release)
        return found

    def by_version(self, rows: Collection[int]) -> dict[int, tuple[StoredRelease, dict[int, Passage]]]:
        """Releases by the row of their version, in order, each with its passages by number, in order."""
        versions = self._db.releases.of_rows(set(rows))
        found: dict[int, tuple[StoredRelease, dict[int, Passage]]] = {}
        for row in sorted(versions):
            found[row] = versions[row], {}
        columns, condition = "version, number, id, start, stop", f"version IN ({listed(rows)})"
        query = f"SELECT {columns} FROM passages WHERE {condition} ORDER BY number"
        for row, number, identity, start, stop in self._db.connection.execute(query):
            release, passages = found[row]
            passages[number] = Passage(identity, release.id, release.text[start:stop], start, stop)
        return found

    def versions_of(self, numbers: Collection[int]) -> dict[int, int]:
        """The row of the version that each passage stands in; numbers that are gone are missing."""
        if (known := self._in_memory()) is not None:
            return known.versions_of(numbers)
        query = f"SELECT number, version FROM passages WHERE number IN ({listed(numbers)})"
        return dict(self._db.connection.execute(query))

    def numbers_of(self, ids: Sequence[str]) -> list[int | None]:
        """The numbers of passages given by id, in the same order; None for one that is gone."""
        if (places := self._in_memory()) is not None:
            return places.numbers_of(ids)
        known: dict[str, int] = {}
        for start in range(0, len(ids), _AT_ONCE):
            some = ids[start : start + _AT_ONCE]
            query = f"SELECT id, number FROM passages WHERE id IN ({marks(len(some))})"
            known.update(self._db.connection.execute(query, tuple(some)))
        return [known.get(identity) for identity in ids]

    def matching(self, where: Filter) -> Allowed:
        """The passages of all releases that a filter lets through."""
        clause, values = filter_clause(where)
        query = f"SELECT p.number FROM versions v JOIN passages p ON p.version = v.number WHERE v.current AND {clause}"
        numbers = [number for (number,) in self._db.connection.execute(query, values)]
        return Allowed(where, np.sort(np.array(numbers, dtype=np.int64)))

    def count_matching(self, where: Filter) -> int:
        """How many passages the releases have that a filter lets through."""
        clause, values = filter_clause(where)
        query = f"SELECT count(*) FROM versions v JOIN passages p ON p.version = v.number WHERE v.current AND {clause}"
        return int(self._db.connection.execute(query, values).fetchone()[0])

    def vectors_of(self, numbers: Sequence[int], model: int) -> dict[int, bytes]:
        """Vectors (float16 bytes) by passage number; those that are gone are missing."""
        query = f"SELECT passage, vector FROM vectors WHERE model = ? AND passage IN ({listed(numbers)})"
        return dict(self._db.connection.execute(query, (model,)))

    def vectors_by_release(self, release_ids: Sequence[str]) -> dict[str, NDArray[np.float16]]:
        """The vectors of each release's passages by the model in use, in order; releases without any are missing."""
        model = self.model()
        if model is None:
            return {}
        query = (
            "SELECT w.vector FROM versions v JOIN passages p ON p.version = v.number "
            "JOIN vectors w ON w.passage = p.number AND w.model = ? "
            "WHERE v.release_id = ? AND v.current ORDER BY p.number"
        )
        found: dict[str, NDArray[np.float16]] = {}
        for release_id in release_ids:
            rows = self._db.connection.execute(query, (model[0], release_id)).fetchall()
            if rows:
                found[release_id] = np.frombuffer(b"".join(row[0] for row in rows), np.float16).reshape(-1, model[2])
        return found

    def origins(self, numbers: Sequence[int], known: Mapping[int, int]) -> dict[int, Origin]:
        """What passages are of, without those that are gone; of some the row of the version is known already."""
        missing = [number for number in numbers if number not in known]
        versions = {**known, **self.versions_of(missing)} if missing else known
        if (places := self._in_memory()) is not None:
            origins = places.origins
        else:
            rows = listed({versions[number] for number in numbers if number in versions})
            found = self._db.connection.execute(f"{_ORIGINS} WHERE v.number IN ({rows})")
            origins = {row[0]: Origin(*row) for row in found}
        return {number: origins[versions[number]] for number in numbers if versions.get(number) in origins}

    def _in_memory(self) -> _Places | None:
        """Where all passages stand, once one generation has been asked often enough to pay for reading them."""
        if not self._db.in_snapshot:
            return None
        generation = self._db.generation()
        with self._reading:
            of, asked, places = self._places
            if of > generation:  # this thread began before others, which see more
                return None
            if of < generation:
                asked, places = 0, None
            elif asked == _OFTEN and 0 < self.extent().count <= _MOST:
                places = self._read_places()
            self._places = generation, asked + 1, places
            return places

    def _read_places(self) -> _Places:
        rows = self._db.connection.execute("SELECT number, version, id FROM passages ORDER BY number")
        kinds = np.dtype([("number", np.int64), ("version", np.int64), ("hash", np.int64)])
        table = np.fromiter(((number, version, hash(identity)) for number, version, identity in rows), kinds)
        order = np.argsort(table["hash"])
        numbers, versions, hashes = (table[name].copy() for name in ("number", "version", "hash"))
        found = self._db.connection.execute(f"{_ORIGINS} WHERE v.number IN (SELECT version FROM passages)")
        origins = {row[0]: Origin(*row) for row in found}
        return _Places(numbers, versions, hashes[order], numbers[order], origins)

    def vectors_above(self, number: int, model: int) -> Iterator[tuple[int, str, bytes]]:
        """Number, id and vector of every passage that came after passage `number`, in order."""
        query = (
            "SELECT p.number, p.id, w.vector FROM vectors w JOIN passages p ON p.number = w.passage "
            "WHERE w.model = ? AND w.passage > ? ORDER BY w.passage LIMIT ?"
        )
        # Page by page: a server sends the whole of an answer before its first row can be read.
        while rows := self._db.connection.execute(query, (model, number, _PAGE)).fetchall():
            yield from rows
            number = rows[-1][0]

    def _add_passages(self, passages: Sequence[tuple[int, Passage]]) -> list[int]:
        values = [value for version, one in passages for value in (one.id, version, one.start, one.end)]
        rows = ", ".join(["(?, ?, ?, ?)"] * len(passages))
        query = f"INSERT INTO passages (id, version, start, stop) VALUES {rows} RETURNING number"
        return sorted(number for (number,) in self._db.connection.execute(query, values).fetchall())


def as_matrix(blobs: Sequence[bytes]) -> NDArray[np.float16]:
    """Stored vectors as rows of a matrix of shape (vectors, dimension); at least one vector is needed."""
    return np.frombuffer(b"".join(blobs), dtype=np.float16).reshape(len(blobs), -1)
