"""PassageStore: keeps releases as passages and finds them again; the catalogue and Chroma in step behind one door."""

from __future__ import annotations

import contextlib
import itertools
import logging
import threading
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

from vectorstore.backends import open_backends
from vectorstore.errors import (
    CatalogueError,
    IndexUnavailableError,
    ModelMismatchError,
    StoreBusyError,
    VectorShapeError,
)
from vectorstore.records import Records
from vectorstore.retrieval.dense import ExactIndex, Nearest, backlog, published
from vectorstore.retrieval.full_text import IndexedFields, fields_of
from vectorstore.retrieval.lexical import LexicalSearch
from vectorstore.retrieval.search import Reranker, Search
from vectorstore.status import StoreStatus, faults_in, in_step, status_of, summary
from vectorstore.synchronisation import WIPE, build_in_background, embed_again, is_outdated, publish_with
from vectorstore.text.words import query_words
from vectorstore.types import Filter, embedded_text, words_mark

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path
    from typing import Self

    from numpy.typing import NDArray

    from vectorstore.catalogue import PostgresAddress
    from vectorstore.embedders import Embedder
    from vectorstore.indexes import ChromaAddress, SharedCollection
    from vectorstore.retrieval.full_text import Fields
    from vectorstore.retrieval.late_interaction import LateInteraction
    from vectorstore.status import Fault
    from vectorstore.synchronisation import BackgroundBuild
    from vectorstore.types import EventKind, Hit, Passage, Release, StoredRelease

__all__ = ["EmbeddedRelease", "PassageStore", "StoreStatus"]

log = logging.getLogger(__name__)

_BUILD_AT = 2_000  # passages that wait for Chroma, at least, before a process beside this one begins to take them in
_PUBLISH_AT = 50_000  # passages that wait for Chroma, at least, before it is brought in step in the middle of a run
_PAGE = 200  # versions that are annotated in one transaction
_CATCH_UP = 1_000  # a backlog of at most so many passages is put right when a store is opened: about half a second


@dataclass(frozen=True, slots=True, eq=False)
class EmbeddedRelease:
    """A release to be kept, with its passages and their vectors, shape (passages, dimension).

    `words` are those of `fields_of`, cut when the release is kept where they are None.
    """

    release: Release
    passages: Sequence[Passage]
    vectors: NDArray[np.float32]
    words: Fields | None = None

    @property
    def embedded_texts(self) -> list[str]:
        """What the vectors are of."""
        return [embedded_text(self.release.title, passage.text) for passage in self.passages]


class PassageStore:
    """A catalogue and the vector index derived from it, in the folder `home` or on servers.

    Any number of processes may search while one writes. `model` names the embedding model in use and
    `model_languages` the languages it is good at (None: all); a store written with another model refuses to be
    searched or added to until `rebuild`. `interaction` puts in order what a search finds first. Up to `exact_up_to`
    passages are compared one by one; beyond that Chroma finds the nearest: in the folder, or on the server at `chroma`.
    The catalogue is a file there, or a database at `catalogue`, which any number of hosts may share. `records` says
    what is known of releases, and `backends` are the parts that all is kept in, for whoever looks behind the store.
    Raises StoreHomeError and CatalogueError where one of them cannot be used, MigrationError where a migration into
    this store is unfinished.
    """

    def __init__(  # noqa: PLR0913 - what is kept where, and by which models
        self,
        home: Path,
        *,
        model: str,
        model_languages: tuple[str, ...] | None = None,
        interaction: LateInteraction | None = None,
        exact_up_to: int = 20_000,
        chroma: ChromaAddress | None = None,
        catalogue: PostgresAddress | None = None,
    ) -> None:
        self.home = home
        self.model = model
        self._model_languages = model_languages
        self._exact_up_to = exact_up_to
        self.backends = open_backends(home, chroma=chroma, catalogue=catalogue, exact_up_to=exact_up_to)
        self._catalogue = self.backends.catalogue
        self._indexes, self._words = self.backends.indexes, self.backends.words
        self._full_text = self.backends.full_text
        self.records = Records(self._catalogue, self.holding)
        self._reranker = Reranker(self._catalogue, interaction, model_languages) if interaction else None
        self._search: Search | None = None
        self._searches: tuple[int, str | None] | None = None  # which model and rebuild the open search is of
        self._background: BackgroundBuild | None = None
        self._opening = threading.Lock()
        self._threads = threading.RLock()
        with contextlib.ExitStack() as undo:
            undo.callback(self.close)
            self.backends.must_be_whole()
            # What a killed writer left is finished, if it is little or a takedown, and nobody is writing. Where that
            # fails, as on a full disk, the next writer tells: to read is possible all the same.
            if self._catalogue.meta(WIPE) or 0 < backlog(self._catalogue, self._indexes) <= _CATCH_UP:
                with contextlib.suppress(StoreBusyError, CatalogueError), self.writing(wait=0):
                    log.info("store %s: bringing the vector index in step", home)
            undo.pop_all()

    @property
    def catalogue(self) -> str:
        """The catalogue's file, or its server and database without a password."""
        return str(self._catalogue.engine)

    @property
    def is_writing(self) -> bool:
        """Whether this store has the writer lock."""
        return self.backends.lock.depth > 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close files; the store must not be used afterwards."""
        if self._background is not None:
            self._background.close()
        if self._search is not None:
            self._search.nearest.close()
        self.backends.close()

    @contextlib.contextmanager
    def holding(self, wait: float = 5.0) -> Iterator[None]:
        """Hold the writer lock. Every write takes it by itself; hold it around many to make them fast.

        Waits `wait` seconds for another writer to finish, then raises StoreBusyError. What was written is found at
        once; the vector index is left to the next `writing` or `checkpoint`.
        """
        with self._threads, self.backends.holding(wait):
            if self.backends.lock.depth == 1:  # a migration may have begun since this store was opened
                self.backends.must_be_whole()
            yield

    @contextlib.contextmanager
    def writing(self, wait: float = 5.0) -> Iterator[None]:
        """Hold the writer lock, and bring the vector index in step at the end.

        Where the block is interrupted (Ctrl-C, SIGTERM) the index is left for the next writer.
        """
        with self.holding(wait):
            yield
            if self.backends.lock.depth == 1:
                self._publish()

    def replace(self, release: Release, passages: Sequence[Passage], vectors: NDArray[np.float32]) -> StoredRelease:
        """Keep a release with its passages, one vector each, in place of what was there of it.

        All or nothing: when this returns, the release is found by `search`, also after the process is killed.
        Earlier versions stay readable in `history`. Raises VectorShapeError, ModelMismatchError, StoreBusyError.
        """
        return self.replace_all([EmbeddedRelease(release, passages, vectors)])[0]

    def replace_all(self, entries: Sequence[EmbeddedRelease]) -> list[StoredRelease]:
        """Keep releases with different ids as `replace` does, all of them or none; many at once are faster."""
        if not entries:
            return []
        for entry in entries:
            shape, count = entry.vectors.shape, len(entry.passages)
            if len(shape) != 2 or shape[0] != count:
                raise VectorShapeError(f"vectors: {shape} for {count} passages: one row each is needed")
        with self.writing(), self._catalogue.transaction():
            return self._replace(entries)

    def remove(self, release_id: str, *, allow_again: bool = False, known_by: Iterable[str] = ()) -> bool:
        """Take a release down: forget it with all its versions; False where there is none.

        What is kept are its id, its addresses and hashes of its words, by which ingestion leaves it out from now on,
        and `known_by`, other marks of it. With `allow_again` it may come in again, and is no news then.
        """
        with self.writing():
            if self._background is not None:  # which may hold it
                self._background.close()
            with self._catalogue.transaction():
                found = self._catalogue.releases.current(release_id)
                if found is None:
                    return False
                now, addresses = datetime.now(UTC), self._catalogue.takedowns.addresses_of(release_id)
                words = {words_mark(one.title, one.text) for one in self._catalogue.releases.history(release_id)}
                known = (release_id, *addresses, *known_by, *sorted(words))
                self._catalogue.takedowns.add(release_id, now, known, allowed=allow_again)
                self._drop_passages([release_id])
                self._catalogue.releases.drop(release_id)
                self._catalogue.sources.drop_doubted(known)
                self._catalogue.events.add([("removed", release_id, found.version)], now)
                self._catalogue.set_meta(**{WIPE: "1"})
        return True

    def checkpoint(self) -> None:
        """Bring the vector index in step in the middle of a long run, once as much has gathered as it holds.

        All copies of a run are no more than twice its end. What waits is found, and taken in by a process beside it.
        """
        waiting = backlog(self._catalogue, self._indexes)
        if waiting >= _BUILD_AT:
            self._background = build_in_background(self._catalogue, self._indexes, self._background)
        if waiting >= _PUBLISH_AT and 2 * waiting >= self._catalogue.passages.count():
            with self.writing():
                self._publish()

    def repair(self) -> bool:
        """Make catalogue and vector index agree again; True where something had to be mended.

        Raises StoreBusyError, and IndexUnavailableError where no index can be built, as on a full disk.
        """
        with self.writing():
            parts = self._catalogue, self._indexes, self._words
            if in_step(*parts) and not is_outdated(*parts):
                return False
            current = self._catalogue.passages.model()
            if current is not None:
                self._bring_in_step(current[0])
                if not in_step(*parts):  # whole, and holds something else
                    self._bring_in_step(current[0], afresh=True)
            return True

    def rebuild(self, embedder: Embedder, progress: Callable[[int, int], None] | None = None) -> int:
        """Embed every passage again with another model; returns how many.

        The old vectors answer until the new ones are whole; a rebuild that was stopped goes on where it was.
        `progress` is called with the passages done and their total.
        """
        with self.writing():
            model, count = embed_again(self._catalogue, embedder, progress)
            self._bring_in_step(model, afresh=True)
            with self._catalogue.transaction() as connection:
                connection.execute("DELETE FROM vectors WHERE model <> ?", (model,))
                self._catalogue.set_meta(rebuilt=datetime.now(UTC).isoformat())
            reranker = self._reranker and replace(self._reranker, model_languages=embedder.languages)
            with self._opening:  # a search in the middle of it would be kept with some of the old
                self.model, self._model_languages, self._reranker = embedder.name, embedder.languages, reranker
                self._search = None
            if reranker is not None:
                reranker.keep_missing()
        return count

    def annotate(self, find: Callable[[StoredRelease], str]) -> int:
        """Look through every version again, and keep what `find` gives for it; returns how many have changed."""
        changed, above = 0, 0
        with self.holding():
            while page := self._catalogue.releases.numbered(above, _PAGE):
                above = page[-1][0]
                found = [(row, after) for row, release in page if (after := find(release)) != release.annotations]
                with self._catalogue.transaction():
                    self._catalogue.releases.annotate(found)
                changed += len(found)
        return changed

    def search(
        self,
        question: str,
        vector: NDArray[np.float32],
        *,
        limit: int = 10,
        where: Filter | None = None,
        per_release: int = 3,
        language: str | None = None,
    ) -> tuple[Hit, ...]:
        """The passages that fit a question best, best first, at most `per_release` of one release.

        `vector` is the question's embedding, of shape (dimension,); `language` the question's, which chooses stop
        words and stems. Raises ModelMismatchError and VectorShapeError.
        """
        with self._catalogue.snapshot():  # a writer may replace a release, or a rebuild the model, in between
            current = self._catalogue.passages.model()
            if current is None:
                return ()
            number, name, dimension = current
            if name != self.model:
                raise ModelMismatchError(self.home, name, self.model)
            if vector.shape != (dimension,):
                raise VectorShapeError(f"vector: {vector.shape}: the store's vectors have shape ({dimension},)")
            wanted = number, self._catalogue.meta("rebuilt")
            with self._opening:
                if self._search is None or self._searches != wanted:
                    # The one before is not closed here: other threads may be in the middle of a search with it.
                    exact = ExactIndex(self._catalogue, number, dimension)
                    self._search = Search(
                        self._catalogue,
                        Nearest(self._catalogue, self._indexes, exact, self._exact_up_to),
                        LexicalSearch(self._catalogue, self._full_text, self._words),
                        model_languages=self._model_languages,
                        reranker=self._reranker,
                    )
                    self._searches = wanted
                search = self._search
            return search.hits(
                question, vector, limit=limit, where=where or Filter(), per_release=per_release, language=language
            )

    def mentioning(
        self, *texts: str, language: str | None = None, where: Filter | None = None, limit: int | None = None
    ) -> tuple[int, list[StoredRelease]]:
        """How many releases hold all words of one of the texts, in any form of theirs, and the newest `limit` of them.

        `language` is that of the words, which chooses stop words and stems. No word holds nothing: (0, []).
        """
        chosen = where or Filter()
        with self._catalogue.snapshot():
            held = LexicalSearch(self._catalogue, self._full_text, self._words).mentioning(texts, language)
            if not held:
                return 0, []
            return self._catalogue.releases.count(chosen, held), self._catalogue.releases.newest(chosen, limit, held)

    def misspelt(self, words: str, language: str | None = None) -> dict[str, tuple[str, ...]]:
        """What was probably meant by words that no text holds: by their first form as indexed, the forms nearest to it.

        `language` is that of the words. Those that some text holds, or that nothing is near to, are missing.
        """
        with self._catalogue.snapshot():
            search = LexicalSearch(self._catalogue, self._full_text, self._words)
            return search.misspelt(query_words(words, language))

    def collection(self) -> AbstractContextManager[SharedCollection]:
        """The vector index for other tools to read, as LangChain's Chroma, as long as the context lasts.

        Each passage lies there with its text and its release's details; what is ingested meanwhile may be missing.
        Raises IndexUnavailableError, also where nothing is published yet.
        """
        state = published(self._catalogue, self._indexes)
        if state.name is None:
            raise IndexUnavailableError(str(self._indexes), "nothing is published there yet; run `communique ingest`")
        return self._indexes.share(state.name)

    def status(self) -> StoreStatus:
        """What the store holds, and whether its two halves agree; compares every id."""
        return status_of(self._catalogue, self._indexes, self._words, self.home)

    def verify(self, between: Callable[[], None] = lambda: None) -> tuple[Fault, ...]:
        """What is damaged in the catalogue; when that was looked at is kept, and told by `status`.

        Others read and write meanwhile. `between` is called now and then, and may raise to end it.
        """
        found = tuple(faults_in(self._catalogue.connection, self._catalogue.engine, between=between))
        # In a damaged file even that may fail, and is no reason to keep quiet of the damage.
        with contextlib.suppress(StoreBusyError, *(() if not found else (CatalogueError,))):
            self.records.note_verified(datetime.now(UTC), summary(found) if found else "")
        return found

    def _model_for_writing(self, dimension: int) -> int:
        current = self._catalogue.passages.model()
        if current is None:
            number = self._catalogue.passages.add_model(self.model, dimension)
            self._catalogue.set_meta(model=number)
            return number
        if current[1] != self.model:
            raise ModelMismatchError(self.home, current[1], self.model)
        if current[2] != dimension:
            raise VectorShapeError(f"vectors: length {dimension}: the store's vectors have length {current[2]}")
        return current[0]

    def _replace(self, entries: Sequence[EmbeddedRelease]) -> list[StoredRelease]:
        releases = [entry.release for entry in entries]
        # Of two widths the second is refused.
        [model, *_] = [self._model_for_writing(width) for width in {entry.vectors.shape[1] for entry in entries}]
        last = self._catalogue.releases.last_versions([release.id for release in releases])
        self._drop_passages(last)
        now = datetime.now(UTC)
        added = self._catalogue.releases.add_versions(releases, now, last=last)
        self._note_arrivals([stored for _, stored in added], now)
        passages = [
            (row, passage) for (row, _), entry in zip(added, entries, strict=True) for passage in entry.passages
        ]
        vectors = np.concatenate([entry.vectors.astype(np.float16) for entry in entries])
        numbers = self._catalogue.passages.add(passages, vectors, model=model)
        given = iter(numbers)
        fields = [
            IndexedFields(
                row,
                list(itertools.islice(given, len(entry.passages))),
                entry.words or fields_of(entry.release, entry.passages),
            )
            for (row, _), entry in zip(added, entries, strict=True)
        ]
        self._full_text.add(self._catalogue.connection, self._catalogue.engine, fields)
        if self._reranker is not None:
            self._reranker.keep(numbers, [text for entry in entries for text in entry.embedded_texts])
        return [stored for _, stored in added]

    def _note_arrivals(self, releases: Sequence[StoredRelease], now: datetime) -> None:
        """Write down what happened, as versions come in: one that was taken down once and is back is no news."""
        marks = {
            one.id: {one.id, words_mark(one.title, one.text), *([one.url] if one.url else [])}
            for one in releases
            if one.version == 1
        }
        back = self._catalogue.takedowns.taken_down({mark for known_by in marks.values() for mark in known_by})
        kinds: list[tuple[EventKind, str, int]] = []
        for one in releases:
            first: EventKind = "new" if back.isdisjoint(marks.get(one.id, ())) else "restored"
            kinds.append(("changed" if one.version > 1 else first, one.id, one.version))
        self._catalogue.events.add(kinds, now)

    def _drop_passages(self, release_ids: Collection[str]) -> None:
        if numbers := self._catalogue.passages.numbers_of_releases(release_ids):
            self._full_text.drop(self._catalogue.connection, numbers)
            self._catalogue.passages.drop(numbers)

    def _publish(self) -> None:
        current = self._catalogue.passages.model()
        outdated = is_outdated(self._catalogue, self._indexes, self._words)
        if current is None or not (outdated or backlog(self._catalogue, self._indexes)):
            return
        try:
            self._bring_in_step(current[0])
        except IndexUnavailableError as exc:
            # What was written is safe and found without the index; only `repair` and `rebuild` fail for want of it.
            log.warning("%s; searches are exact until `communique status --repair` or the next ingestion mends it", exc)

    def _bring_in_step(self, model: int, *, afresh: bool = False) -> None:
        background, self._background = self._background, None
        publish_with(background, self._catalogue, self._indexes, self._words, model=model, afresh=afresh)
