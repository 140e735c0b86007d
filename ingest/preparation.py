"""What a release needs before it is kept: annotations, passages and words, made in worker processes ahead of time."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ingest.errors import IngestError
from ingest.parse.workers import Call
from ingest.passages import split_release
from vectorstore.retrieval.lexical import fields_of
from vectorstore.types import Passage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from concurrent.futures import Future

    from ingest.changes import Change
    from ingest.parse.workers import Workers
    from vectorstore.retrieval.lexical import Fields
    from vectorstore.types import Release, Visit

    Annotate = Callable[[Release], str]

_TOGETHER = 8  # releases that are sent at once: some 80 ms of work


@dataclass(frozen=True, slots=True)
class Fresh:
    """A release that the store does not hold in this form, read at `visit` where it was read on the web."""

    release: Release
    change: Change
    visit: Visit | None


@dataclass(frozen=True, slots=True)
class Prepared:
    """A fresh release with its annotations, its passages, and the words that both are found by."""

    fresh: Fresh
    release: Release
    passages: list[Passage]
    words: Fields


Made = tuple[str | None, list[tuple[str, int, int]], "Fields"]


def made_of(release: Release, size: int, annotate: Annotate | None) -> Made:
    """The annotations of a release; ids, starts and ends of its passages; and its words."""
    passages = split_release(release, size=size)
    cut = [(passage.id, passage.start, passage.end) for passage in passages]
    return annotate(release) if annotate else None, cut, fields_of(release, passages)


class Preparation:
    """Prepares releases in `workers`; `annotate` is a function of a module, so that they find it there.

    `size` is that of a passage in characters.
    """

    def __init__(self, workers: Workers, *, size: int, annotate: Annotate | None) -> None:
        self._workers = workers
        self._size = size
        self._annotate = annotate

    def ahead(self, releases: Iterable[Fresh]) -> Iterator[Prepared]:
        """Each release, prepared, in order. Where `releases` ends with an IngestError, so does this, after them all."""
        waiting: deque[tuple[list[Fresh], Future[list[Made | IngestError]]]] = deque()
        batches = _Batches(releases)
        try:
            for batch in batches:
                calls = [Call(one.release.source, (one.release, self._size, self._annotate)) for one in batch]
                waiting.append((batch, self._workers.start(made_of, calls)))
                while waiting and (waiting[0][1].done() or len(waiting) > 2 * self._workers.at_once):
                    yield from self._taken(*waiting.popleft())
            while waiting:
                yield from self._taken(*waiting.popleft())
        finally:  # nobody reads on
            for _, future in waiting:
                future.cancel()
        if batches.ended is not None:
            raise batches.ended

    def _taken(self, batch: list[Fresh], future: Future[list[Made | IngestError]]) -> Iterator[Prepared]:
        for fresh, result in zip(batch, future.result(), strict=True):
            # What is too long for a worker's time is no failure: it was read, and takes its time here.
            made = made_of(fresh.release, self._size, self._annotate) if isinstance(result, IngestError) else result
            yield _prepared(fresh, made)


class _Batches:
    """Releases some at once; `ended` is the IngestError with which they have ended, None where they are through."""

    def __init__(self, releases: Iterable[Fresh]) -> None:
        self._releases = releases
        self.ended: IngestError | None = None

    def __iter__(self) -> Iterator[list[Fresh]]:
        batch: list[Fresh] = []
        try:
            for one in self._releases:
                batch.append(one)
                if len(batch) >= _TOGETHER:
                    yield batch
                    batch = []
        except IngestError as exc:
            self.ended = exc
        if batch:
            yield batch


def _prepared(fresh: Fresh, made: Made) -> Prepared:
    annotations, cut, words = made
    release = fresh.release if annotations is None else replace(fresh.release, annotations=annotations)
    text = release.text
    passages = [Passage(identity, release.id, text[start:end], start, end) for identity, start, end in cut]
    return Prepared(fresh, release, passages, words)
