"""What a store holds, whether its two halves agree, and whether the catalogue is what was written into it.

SQLite notices when a page does not fit its neighbours, and nothing when a letter in a text has changed. So a catalogue
is verified by hashes: the content hash of each version is computed again from its words, the id of each passage from
its text, and the size of each vector is compared with its model's. Nothing is locked meanwhile: readers and a writer go
on.
"""

from __future__ import annotations

import contextlib
import itertools
import sqlite3
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from vectorstore.catalogue.releases import listed
from vectorstore.errors import CatalogueAwayError, CatalogueError, IndexUnavailableError
from vectorstore.retrieval.dense import backlog, is_whole, published
from vectorstore.synchronisation import WIPE, words_damaged
from vectorstore.types import Filter, content_hash, passage_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from vectorstore.catalogue import Catalogue, Connection, Engine
    from vectorstore.indexes import DenseIndexes
    from vectorstore.indexes.tantivy import InvertedIndexes
    from vectorstore.types import SourceHealth


@dataclass(frozen=True, slots=True)
class StoreStatus:
    """What a store holds, and whether its two halves agree.

    `catalogue` is its file, or its server and database. `model` and `dimension` are None in a store that never held a
    passage. `disagreement` says why the vector index, kept at `indexes` (a folder or a server's address), does not hold
    exactly the catalogue's passages, or None; `backlog` counts the passages that it has yet to take in or let go of.
    `sources` tells how each source fared when it was last ingested; `damage` what was wrong in the catalogue when it
    was last `verified`.
    """

    releases: int
    passages: int
    by_language: dict[str, int]
    newest: datetime | None
    last_ingest: datetime | None
    model: str | None
    dimension: int | None
    catalogue: str
    indexes: str
    disagreement: str | None
    backlog: int
    home: Path
    sources: tuple[SourceHealth, ...] = ()
    verified: datetime | None = None
    damage: str | None = None

    @property
    def consistent(self) -> bool:
        """Whether the vector index holds exactly the catalogue's passages."""
        return self.disagreement is None


_UNFINISHED = "a takedown is not finished: what it removed may still stand in their files"


def status_of(catalogue: Catalogue, indexes: DenseIndexes, words: InvertedIndexes, home: Path) -> StoreStatus:
    """The status of a store, all of one moment; compares every id."""
    with catalogue.snapshot():
        current = catalogue.passages.model()
        newest = catalogue.releases.newest(Filter(), 1)
        last, verified = catalogue.meta("last_ingest"), catalogue.meta("verified")
        return StoreStatus(
            releases=catalogue.releases.count(Filter()),
            passages=catalogue.passages.count(),
            by_language=catalogue.releases.count_by_language(Filter()),
            newest=newest[0].published if newest else None,
            last_ingest=datetime.fromisoformat(last) if last else None,
            model=current[1] if current else None,
            dimension=current[2] if current else None,
            catalogue=str(catalogue.engine),
            indexes=str(indexes),
            disagreement=_UNFINISHED if catalogue.meta(WIPE) else _disagreement(catalogue, indexes, words),
            backlog=backlog(catalogue, indexes),
            home=home,
            sources=tuple(catalogue.sources.health()),
            verified=datetime.fromisoformat(verified) if verified else None,
            damage=catalogue.meta("damage") or None,
        )


def in_step(catalogue: Catalogue, indexes: DenseIndexes, words: InvertedIndexes) -> bool:
    """Whether the indexes are whole and that of vectors holds exactly the catalogue's passages."""
    return _disagreement(catalogue, indexes, words) is None


def _disagreement(catalogue: Catalogue, indexes: DenseIndexes, words: InvertedIndexes) -> str | None:
    """What keeps the indexes from being in step, or None."""
    try:
        with catalogue.snapshot():
            state, waiting = published(catalogue, indexes), backlog(catalogue, indexes)
            if waiting:
                return f"{waiting} passages wait"
            if state.name is None:
                return None
            if not is_whole(state, indexes):
                return "it is damaged or gone"
            if words_damaged(catalogue, words):
                return "the index of words is damaged or gone"
            stored = {identity for (identity,) in catalogue.connection.execute("SELECT id FROM passages")}
        with contextlib.closing(indexes.open(state.name)) as index:
            differing = len(stored.symmetric_difference(index.ids()))
            return f"{differing} passages differ" if differing else None
    except IndexUnavailableError as exc:
        return str(exc)


_PAGE = 100  # versions that are read at once
_SHOWN = 5  # releases that a sentence names
_FAILURES = (sqlite3.Error, CatalogueError)  # what the connections of the two databases raise

_RESTORE = "Restore the newest backup that is whole into another home, as in `communique --home NEW restore FILE`"
_OR_AGAIN = (
    ", or take these releases out with `communique releases remove --allow-again` and ingest their sources again"
)

_SEEN = "title, text, language, publisher, url, pair"
_VERSIONS = f"SELECT number, release_id, current, content_hash, published, {_SEEN} FROM versions"
_PASSAGES = "SELECT version, id, start, stop FROM passages"
_WRONG_SIZE = (
    "SELECT DISTINCT p.version FROM passages p JOIN vectors w ON w.passage = p.number JOIN models m ON "
    "m.number = w.model WHERE length(w.vector) <> 2 * m.dimension"
)
_NO_VECTOR = (
    "SELECT DISTINCT p.version FROM passages p LEFT JOIN vectors w ON w.passage = p.number AND w.model = "
    "(SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'model') WHERE w.passage IS NULL"
)


@dataclass(frozen=True, slots=True)
class Fault:
    """Something in a catalogue that is not as it was written; `release` is the release's id, where it is known."""

    release: str | None
    cause: str


def faults_in(connection: Connection, engine: Engine, *, between: Callable[[], None] = lambda: None) -> Iterator[Fault]:
    """Every fault that is found, those of the database first; `between` is called between any two steps.

    Raises CatalogueAwayError where the database is on a server that is lost.
    """
    for cause in engine.integrity(connection):
        yield Fault(None, cause)
    between()
    try:
        # An index holds all that is asked for here: a damaged page of the table hides no release.
        rows = connection.execute("SELECT number, release_id FROM versions ORDER BY release_id, version").fetchall()
    except _FAILURES as exc:
        yield Fault(None, f"its releases cannot be listed ({_reason(exc)})")
        return
    known = dict(rows)
    numbers = sorted(known)
    for start in range(0, len(numbers), _PAGE):
        between()
        yield from _faults_of(connection, engine, {number: known[number] for number in numbers[start : start + _PAGE]})


def summary(faults: Sequence[Fault]) -> str:
    """What is wrong in a catalogue, and how to mend it, in one sentence."""
    causes = [fault.cause for fault in faults if fault.release is None]
    said = [_some(causes)] if causes else []
    releases = list(dict.fromkeys(fault.release for fault in faults if fault.release is not None))
    if not releases:
        return f"is damaged: {said[0]}. {_RESTORE}"
    of = defaultdict[str, list[str]](list)
    for fault in faults:
        if fault.release is not None and fault.release not in of[fault.cause]:
            of[fault.cause].append(fault.release)
    said += [f"{cause} in {len(ids)} release{'s' if len(ids) > 1 else ''} ({_some(ids)})" for cause, ids in of.items()]
    return f"is damaged: {'; '.join(said)}. {_RESTORE}{_OR_AGAIN if not causes else ''}"


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"{', '.join(names[:_SHOWN])}{more}"


def _faults_of(connection: Connection, engine: Engine, known: Mapping[int, str]) -> Iterator[Fault]:
    """The faults of some versions, given with their releases: all at once, one by one where that cannot be read."""
    try:
        found = list(_compared(connection, engine, known))
    except _FAILURES as exc:
        _reason(exc)
        if len(known) == 1:
            found = [Fault(release, "what cannot be read") for release in known.values()]
        else:
            found = [fault for one in known.items() for fault in _faults_of(connection, engine, dict([one]))]
    yield from found


def _compared(connection: Connection, engine: Engine, known: Mapping[int, str]) -> Iterator[Fault]:
    chosen = listed(known)
    with _one_state(connection, engine):
        versions = connection.execute(f"{_VERSIONS} WHERE number IN ({chosen}) ORDER BY number").fetchall()
        query = f"{_PASSAGES} WHERE version IN ({chosen}) ORDER BY version, start, number"
        rows = connection.execute(query).fetchall()
        unfit = {
            version
            for query in (_WRONG_SIZE, _NO_VECTOR)
            for (version,) in connection.execute(f"{query} AND p.version IN ({chosen})").fetchall()
        }
    passages = {version: list(some) for version, some in itertools.groupby(rows, key=lambda row: row[0])}
    for number, release, current, stated, dated, *seen in versions:
        if not _is_hash_of(stated, seen, dated):
            yield Fault(known[number], "words that do not fit their content hash")
        # An earlier version has no passages.
        elif not _fit(release, seen[1] if current else "", passages.get(number, [])):
            yield Fault(known[number], "passages that do not fit their text")
        if number in unfit:
            yield Fault(known[number], "vectors that do not fit their passages")


def _is_hash_of(stated: str, seen: Sequence[str | None], published: str | None) -> bool:
    try:
        return content_hash(seen, datetime.fromisoformat(published) if published else None) == stated
    except (ValueError, TypeError):  # no moment any more, or no text
        return False


def _fit(release: str, text: str, passages: Sequence[tuple[int, str, int, int]]) -> bool:
    """Whether passages, in the order of the text, are those that it was cut into."""
    earlier = Counter[str]()
    for _, identity, start, stop in passages:
        words = text[start:stop]
        if not 0 <= start < stop <= len(text) or identity != passage_id(release, words, earlier[words]):
            return False
        earlier[words] += 1
    return bool(passages) or not text.strip()


def _reason(exc: Exception) -> str:
    """What a database said of itself; a server that is lost is no damage, and raised again."""
    if isinstance(exc, CatalogueAwayError):
        raise exc
    return " ".join(str(exc).split())


@contextlib.contextmanager
def _one_state(connection: Connection, engine: Engine) -> Iterator[None]:
    """Let all reads inside see the same state of a catalogue that is written to."""
    connection.execute(engine.begin_read)
    try:
        yield
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
