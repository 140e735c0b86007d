"""Keeps what is derived from the catalogue's texts in step with them: the indexes of vectors and of words, and vectors.

`publish` builds the next indexes, then names them in the catalogue. The next vector index may be built by a process of
its own while the catalogue is still being filled: Chroma takes a third of an ingestion's processor time, and no other
thread of its process runs meanwhile. So a process beside the writer looks every now and then for passages that have
been kept, and is told when there are no more. Whatever becomes of it, the index can be built from the catalogue without
it. `embed_again` makes the vectors again, for another model or after a loss.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import itertools
import logging
import os
import pickle
import select
import sys
import threading
import weakref
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

import numpy as np

from vectorstore import processes
from vectorstore.catalogue import Catalogue
from vectorstore.catalogue.passages import as_matrix
from vectorstore.errors import CatalogueError, IndexUnavailableError, LexicalIndexError
from vectorstore.indexes import ChromaFolders, IndexRows
from vectorstore.retrieval import full_text
from vectorstore.retrieval.dense import INDEX_VERSION, Published, is_whole, published
from vectorstore.types import embedded_text

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterable, Iterator

    from vectorstore.catalogue import Engine
    from vectorstore.embedders import Embedder
    from vectorstore.indexes import Built, DenseIndexes
    from vectorstore.indexes.tantivy import InvertedIndexes
    from vectorstore.types import Passage, StoredRelease

log = logging.getLogger(__name__)

_BATCH = 2_000  # rows; each takes 20 kB on its way into Chroma, which takes at most 5,461 at once
WIPE = "wipe_indexes"
"""The value of the catalogue's own record that is there from a takedown until nothing holds a trace of it any more."""

_MANY_GONE = 0.1  # share of the passages that may go before the index of words is built afresh, without their remains


def publish(
    catalogue: Catalogue,
    indexes: DenseIndexes,
    words: InvertedIndexes,
    *,
    model: int,
    afresh: bool = False,
    built: Callable[[Published], Built | None] = lambda _: None,
) -> None:
    """Bring the vector index and the index of words in step; the caller holds the store's lock.

    `built` gives the next vector index where somebody has made it from the published one.

    The next indexes are made from the published ones. Where one is damaged, or holds less of a passage than an index
    does today, or `afresh` is set, it is built again from the catalogue. Readers go on with the old ones until the new
    ones are named. After a takedown nothing is taken over from the old ones, which go at once: deleted texts may still
    stand in their files, and in the catalogue's. Raises CatalogueError, and IndexUnavailableError where no vector index
    can be built, as on a full disk or while a server is away; all is found nevertheless.
    """
    before, wipes = published(catalogue, indexes), bool(catalogue.meta(WIPE))
    if wipes:  # before anything that may be out of reach
        catalogue.engine.wipe(catalogue.connection)
    afresh = afresh or wipes
    base = None if afresh or before.outdated or not is_whole(before, indexes) else before
    if before.outdated:
        log.info("vector index %s lacks the passages' texts: it is built again from the catalogue", before.name)
    elif before.name is not None and base is None and not afresh:
        log.warning("vector index %s is damaged: it is built again from the catalogue", before.name)
    words_before = catalogue.meta("words_index") or ""
    try:
        last = catalogue.connection.execute("SELECT coalesce(max(number), 0) FROM passages").fetchone()[0]
        words_name = _build_words(catalogue, words, afresh=afresh)
        made = None if afresh or (base is None and before.name is not None) else built(before)
        name, seal, _ = _build_whole(catalogue, indexes, base, made, model=model)
        with catalogue.transaction() as connection:
            catalogue.set_meta(index_folder=name, index_seal=seal, index_version=INDEX_VERSION)
            catalogue.set_meta(indexed_up_to=last, model=model)
            catalogue.set_meta(words_index=words_name, words_up_to=last)
            connection.execute("DELETE FROM dropped")
    except BaseException:
        _clear_unnamed(catalogue, indexes, words)
        raise
    with contextlib.suppress(IndexUnavailableError):  # what is in the way now goes next time
        # The one before is for readers that have not noticed yet.
        words.clear(keep={words_name} if wipes else {words_name, words_before})
        indexes.clear(keep={name} if wipes else {name, before.name or name})
        if wipes:
            with catalogue.transaction():
                catalogue.set_meta(**{WIPE: ""})


def _clear_unnamed(catalogue: Catalogue, indexes: DenseIndexes, words: InvertedIndexes) -> None:
    """Remove what an attempt that failed has left, else each adds copies; what failed first is told, not this."""
    with contextlib.suppress(Exception):
        words.clear(keep={catalogue.meta("words_index") or ""})
        indexes.clear(keep={published(catalogue, indexes).name or ""})


def is_outdated(catalogue: Catalogue, indexes: DenseIndexes, words: InvertedIndexes) -> bool:
    """Whether an older version wrote the indexes, which lack what they would hold today, or an index of words.

    Or whether they may hold what they should not: a takedown is unfinished.
    """
    lacks_words = not catalogue.meta("words_index") and catalogue.passages.count() > words.beyond
    return published(catalogue, indexes).outdated or lacks_words or bool(catalogue.meta(WIPE))


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
    dropped = _dropped(catalogue)
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


def _build_whole(
    catalogue: Catalogue, indexes: DenseIndexes, base: Published | None, made: Built | None, *, model: int
) -> Built:
    """The next vector index: what was `made`, or from `base`; from the catalogue alone where that is not whole."""
    if made is None and base is None:
        return _build(catalogue, indexes, None, model=model)
    try:
        made = made or _build(catalogue, indexes, base, model=model)
        (name, _, held), wanted = made, catalogue.passages.count()
        if held == wanted:
            return made
        log.warning("vector index %s holds %d of %d passages: it is built again from the catalogue", name, held, wanted)
    except IndexUnavailableError as exc:
        log.warning("%s: it is built again from the catalogue", exc)
    return _build(catalogue, indexes, None, model=model)


def _build(catalogue: Catalogue, indexes: DenseIndexes, base: Published | None, *, model: int) -> Built:
    dropped = _dropped(catalogue) if base else []
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


_PAUSE = 0.3  # seconds between two looks
_AT_ONCE = 2_000  # passages that are worth a batch: with each Chroma writes all of its HNSW files
_LONGEST = 600.0  # seconds that the writer waits for what is left; then it builds the index itself
_CODE = "from vectorstore.synchronisation import main; main()"
_FINISH = b"."


@dataclass(frozen=True, slots=True)
class _Order:
    engine: Engine
    folders: ChromaFolders
    model: int
    base: Published


class BackgroundBuild:
    """A process that builds the vector index for `model` that follows the published one `base`; see the module."""

    def __init__(self, catalogue: Catalogue, folders: ChromaFolders, *, model: int, base: Published) -> None:
        """Start it. Raises OSError where no process can be had."""
        self._folders = folders
        self._wanted = model, base
        self._process: subprocess.Popen[bytes] = processes.start(_CODE, packages="vectorstore")
        self.close = weakref.finalize(self, processes.end, self._process)
        self._send(pickle.dumps(_Order(catalogue.engine, folders, model, base)))

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._process.pid

    def is_of_use(self, model: int, base: Published) -> bool:
        """Whether it is still being built, for this model and from this index."""
        return self._wanted == (model, base) and self._process.poll() is None

    def finish(self) -> None:
        """Let it take in what is left; nothing is written to the catalogue from now until `result`."""
        self._send(_FINISH)

    def result(self, model: int, base: Published) -> Built | None:
        """The index, once it is finished; None where it is of no use. The process has ended then."""
        built = None
        if self._wanted == (model, base):
            assert self._process.stdout is not None
            if select.select([self._process.stdout], [], [], _LONGEST)[0]:
                with contextlib.suppress(EOFError):
                    built = processes.read_frame(self._process.stdout)
        self.close()
        return built if built and self._folders.is_whole(*built[:2]) else None

    def _send(self, content: bytes) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):  # it has ended, which `result` says
            self._process.stdin.write(content)
            self._process.stdin.flush()


def build_in_background(
    catalogue: Catalogue, indexes: DenseIndexes, going_on: BackgroundBuild | None = None
) -> BackgroundBuild | None:
    """Begin the index that follows the published one, unless it is `going_on`.

    None where it is no folder's, or no process is to be had.
    """
    current, base = catalogue.passages.model(), published(catalogue, indexes)
    if going_on is not None:
        if current is not None and going_on.is_of_use(current[0], base):
            return going_on
        going_on.close()
    if current is None or base.outdated or catalogue.meta(WIPE) or not isinstance(indexes, ChromaFolders):
        return None
    with contextlib.suppress(OSError):
        return BackgroundBuild(catalogue, indexes, model=current[0], base=base)
    return None


def publish_with(
    background: BackgroundBuild | None,
    catalogue: Catalogue,
    indexes: DenseIndexes,
    words: InvertedIndexes,
    *,
    model: int,
    afresh: bool,
) -> None:
    """Bring the indexes in step as `publish` does, with what is being built, if it is of use; that ends."""
    if background is None or afresh or catalogue.meta(WIPE):
        if background is not None:  # it must not write beside what clears the folders
            background.close()
        publish(catalogue, indexes, words, model=model, afresh=afresh)
        return
    background.finish()
    with contextlib.closing(background):
        publish(catalogue, indexes, words, model=model, built=functools.partial(background.result, model))


def main() -> None:
    """What the process does."""
    gc.disable()  # what it makes, rows, is let go of as it goes
    orders, answers = sys.stdin.buffer, processes.answer_stream()
    order: _Order = pickle.load(orders)  # noqa: S301 - from the process that has started this one
    finishing = threading.Event()
    threading.Thread(target=_follow, args=(orders, finishing), daemon=True).start()
    # As on a full disk: whoever wanted the index builds it without this process, and tells what befalls.
    with contextlib.suppress(IndexUnavailableError, CatalogueError):
        built = build(Catalogue(order.engine), order.folders, model=order.model, base=order.base, finishing=finishing)
        processes.write_frame(answers, built)
    os._exit(0)  # the thread is still reading, and Python would stumble over it


def _follow(orders: IO[bytes], finishing: threading.Event) -> None:
    """Be told to finish; without whoever wanted the index, end."""
    while orders.read(1):
        finishing.set()
    os._exit(1)


def build(
    catalogue: Catalogue, folders: ChromaFolders, *, model: int, base: Published, finishing: threading.Event
) -> Built:
    """Follow a catalogue until `finishing`; its index.

    Raises IndexUnavailableError and CatalogueError.
    """
    with folders.building(base.name) as (name, fill_in):
        up_to = base.up_to
        while not finishing.wait(_PAUSE):
            with catalogue.snapshot():
                if catalogue.passages.count(above=up_to) >= _AT_ONCE:
                    up_to = _take_in(catalogue, fill_in, up_to, model)
        with catalogue.snapshot():
            _take_in(catalogue, fill_in, up_to, model)
            dropped = _dropped(catalogue)
            numbers = catalogue.passages.numbers_of(dropped)
            gone = [identity for identity, number in zip(dropped, numbers, strict=True) if number is None]
            count = fill_in(gone, ())
    return name, folders.seal(name), count


def _take_in(
    catalogue: Catalogue, fill_in: Callable[[Iterable[str], Iterable[IndexRows]], int], up_to: int, model: int
) -> int:
    """Take in the passages after passage `up_to`, in place of what had their ids; returns the last one's number."""
    dropped = set(_dropped(catalogue))
    for last, rows in rows_above(catalogue, up_to, model=model):
        fill_in(dropped.intersection(rows.ids), [rows])
        up_to = last
    return up_to


def _dropped(catalogue: Catalogue) -> list[str]:
    return [identity for (identity,) in catalogue.connection.execute("SELECT id FROM dropped")]


_EMBEDDED = 256  # passages that are embedded at once
_VECTORS = "INSERT INTO vectors VALUES (?, ?, ?) ON CONFLICT (passage, model) DO UPDATE SET vector = excluded.vector"


def embed_again(
    catalogue: Catalogue, embedder: Embedder, progress: Callable[[int, int], None] | None
) -> tuple[int, int]:
    """Give every passage a vector of `embedder`, beside the ones it has.

    Passages that have one already (from a rebuild that was stopped) are passed over, unless it is the model in use:
    then all are embedded afresh. Returns the model's number and how many passages were embedded.
    """
    total = catalogue.passages.count()
    with catalogue.transaction() as connection:
        model = catalogue.passages.add_model(embedder.name, embedder.dimension)
        current = catalogue.passages.model()
        if current is not None and current[0] == model:
            todo = [number for (number,) in connection.execute("SELECT number FROM passages ORDER BY number")]
        else:
            query = "SELECT number FROM passages EXCEPT SELECT passage FROM vectors WHERE model = ? ORDER BY 1"
            todo = [number for (number,) in connection.execute(query, (model,))]
    for start in range(0, len(todo), _EMBEDDED):
        _embed(catalogue, embedder, model, todo[start : start + _EMBEDDED])
        if progress:
            progress(total - len(todo) + min(start + _EMBEDDED, len(todo)), total)
    return model, len(todo)


def _embed(catalogue: Catalogue, embedder: Embedder, model: int, numbers: list[int]) -> None:
    details = catalogue.passages.by_number(numbers)
    texts = [embedded_text(release.title, passage.text) for passage, release in details.values()]
    vectors = embedder.embed_passages(texts).astype(np.float16)
    rows = [(model, number, vector.tobytes()) for number, vector in zip(details, vectors, strict=True)]
    with catalogue.transaction() as connection:
        connection.executemany(_VECTORS, rows)
