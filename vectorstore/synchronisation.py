"""Keeps the indexes in step with the catalogue: builds the next of vectors and of words, then names them there."""

from __future__ import annotations

import contextlib
import itertools
import logging
from typing import TYPE_CHECKING

from vectorstore.catalogue.passages import as_matrix
from vectorstore.errors import IndexUnavailableError, LexicalIndexError
from vectorstore.indexes import IndexRows
from vectorstore.indexes.state import VERSION, Published, is_whole, published
from vectorstore.retrieval.lexical import full_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from vectorstore.catalogue import Catalogue
    from vectorstore.indexes import DenseIndexes
    from vectorstore.indexes.tantivy import InvertedIndexes
    from vectorstore.types import Passage, StoredRelease

log = logging.getLogger(__name__)

_BATCH = 5_000  # rows; Chroma takes at most 5,461 at once
WIPE = "wipe_indexes"
"""The value of the catalogue's own record that is there from a takedown until no index holds a trace of it."""

_MANY_GONE = 0.1  # share of the passages that may go before the index of words is built afresh, without their remains


def publish(
    catalogue: Catalogue,
    indexes: DenseIndexes,
    words: InvertedIndexes,
    *,
    model: int,
    afresh: bool = False,
    built: Callable[[Published], tuple[str, str] | None] = lambda _: None,
) -> None:
    """Bring the vector index and the index of words in step; the caller holds the store's lock.

    `built` gives the name and seal of the next vector index where somebody has made it from the published one.

    The next indexes are made from the published ones. Where one is damaged, or holds less of a passage than an index
    does today, or `afresh` is set, it is built again from the catalogue. Readers go on with the old ones until the new
    ones are named. After a takedown nothing is taken over from the old ones, which go at once: deleted texts may still
    stand in their files. Raises IndexUnavailableError where no vector index can be built, as on a full disk or while a
    server is away; all is found nevertheless.
    """
    before, wipes = published(catalogue, indexes), bool(catalogue.meta(WIPE))
    afresh = afresh or wipes
    base = None if afresh or before.outdated or not is_whole(before, indexes) else before
    if before.outdated:
        log.info("vector index %s lacks the passages' texts: it is built again from the catalogue", before.name)
    elif before.name is not None and base is None and not afresh:
        log.warning("vector index %s is damaged: it is built again from the catalogue", before.name)
    last = catalogue.connection.execute("SELECT coalesce(max(number), 0) FROM passages").fetchone()[0]
    words_before = catalogue.meta("words_index") or ""
    words_name = _build_words(catalogue, words, afresh=afresh)
    made = None if afresh or (base is None and before.name is not None) else built(before)
    try:
        name, seal = made or _build(catalogue, indexes, base, model=model)
    except IndexUnavailableError as exc:
        if base is None:
            raise
        log.warning("%s: it is built again from the catalogue", exc)
        name, seal = _build(catalogue, indexes, None, model=model)
    with catalogue.transaction() as connection:
        catalogue.set_meta(index_folder=name, index_seal=seal, index_version=VERSION)
        catalogue.set_meta(indexed_up_to=last, model=model)
        catalogue.set_meta(words_index=words_name, words_up_to=last, **{WIPE: ""})
        connection.execute("DELETE FROM dropped")
    with contextlib.suppress(IndexUnavailableError):  # what is in the way now goes next time
        # The one before is for readers that have not noticed yet.
        indexes.clear(keep={name} if wipes else {name, before.name or name})
    words.clear(keep={words_name} if wipes else {words_name, words_before})


def is_outdated(catalogue: Catalogue, indexes: DenseIndexes, words: InvertedIndexes) -> bool:
    """Whether an older version wrote the indexes, which lack what they would hold today, or an index of words."""
    lacks_words = not catalogue.meta("words_index") and catalogue.passages.count() > words.beyond
    return published(catalogue, indexes).outdated or lacks_words


def words_damaged(catalogue: Catalogue, words: InvertedIndexes) -> bool:
    """Whether the index of words that the catalogue names cannot be opened."""
    try:
        if name := catalogue.meta("words_index"):
            words.open(name)
    except LexicalIndexError:
        return True
    return False


def _build_words(catalogue: Catalogue, words: InvertedIndexes, *, afresh: bool) -> str:
    """The name of the next index of words; empty where the store is too small for one, or none can be built."""
    count = catalogue.passages.count()
    if count <= words.beyond:
        return ""
    dropped = [row[0] for row in catalogue.connection.execute("SELECT id FROM dropped")]
    base, up_to = catalogue.meta("words_index") or None, int(catalogue.meta("words_up_to") or 0)
    try:
        if base and not afresh and len(dropped) <= _MANY_GONE * count:
            with contextlib.suppress(LexicalIndexError):  # damaged: it is built again
                return _words_from(catalogue, words, base, dropped=dropped, above=up_to)
        return _words_from(catalogue, words, None, dropped=[], above=0)
    except LexicalIndexError as exc:
        log.warning("%s; words are looked for in SQLite until the next ingestion", exc)
        return ""


def _words_from(
    catalogue: Catalogue, words: InvertedIndexes, base: str | None, *, dropped: list[str], above: int
) -> str:
    passages = full_text.passages_above(catalogue.connection, above)
    return words.build(base, dropped, passages, full_text.releases_above(catalogue.connection, above))


def _build(catalogue: Catalogue, indexes: DenseIndexes, base: Published | None, *, model: int) -> tuple[str, str]:
    dropped = [row[0] for row in catalogue.connection.execute("SELECT id FROM dropped")] if base else []
    added = rows_above(catalogue, base.up_to if base else 0, model=model)
    return indexes.build(base.name if base else None, dropped, (rows for _, rows in added))


def rows_above(catalogue: Catalogue, number: int, *, model: int) -> Iterator[tuple[int, IndexRows]]:
    """What an index takes in of the passages after passage `number`, in batches, each with its last number."""
    vectors = catalogue.passages.vectors_above(number, model)
    while batch := list(itertools.islice(vectors, _BATCH)):
        found = catalogue.passages.by_number([number for number, _, _ in batch])
        if not found:  # the catalogue is damaged, which its verification reports
            continue
        yield (
            batch[-1][0],
            IndexRows(
                [passage.id for passage, _ in found.values()],
                as_matrix([vector for number, _, vector in batch if number in found]),
                [passage.text for passage, _ in found.values()],
                [_details(passage, release) for passage, release in found.values()],
            ),
        )


def _details(passage: Passage, release: StoredRelease) -> dict[str, str | int]:
    """What the index says of a passage and its release; what is not known is left out."""
    published, url = release.published, release.url
    details: dict[str, str | int | None] = {
        "release_id": release.id,
        "title": release.title,
        "url": url if url and "@" not in url.partition("://")[2].partition("/")[0] else None,  # it may hold a password
        "publisher": release.publisher,
        "language": release.language,
        "published": published.isoformat() if published else None,
        "published_timestamp": int(published.timestamp()) if published else None,
        "start": passage.start,
        "end": passage.end,
    }
    return {key: value for key, value in details.items() if value is not None}
