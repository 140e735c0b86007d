"""What a release needs before it is kept: passages, annotations, words and vectors.

`split_release` cuts passages on sentence borders. `Preparation` has that done, and annotations and words found, by
worker processes ahead of time; `embed_ahead` embeds passages, some batches ahead of the writer.
"""

from __future__ import annotations

import re
from collections import Counter, deque
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, TypeVar

from ingest.errors import IngestError
from ingest.parse.workers import Call
from vectorstore.embedders import Embedded, Spread
from vectorstore.retrieval.full_text import fields_of
from vectorstore.text.sentences import sentence_spans
from vectorstore.types import Passage, passage_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from concurrent.futures import Future

    from ingest.parse.workers import Workers
    from ingest.report import Change
    from vectorstore.embedders import Embedder
    from vectorstore.retrieval.full_text import Fields
    from vectorstore.types import Release, Visit

    Annotate = Callable[[Release], str]

Span = tuple[int, int]

HARD_LIMIT = 3
"""A sentence of up to so many times the size stays whole."""

MOST_SENTENCES = 60
"""In one passage; reached only by lists of single words, which would otherwise take minutes to weigh."""

MOST_WEIGHED = 10_000
"""In one release; where there are more, those of a word or two are first joined to pieces of up to `PIECE`.

The longest of 38,513 real releases has 5,617 lines.
"""

PIECE = 1 / 20
"""Of the size: 30 characters of 600, well below two sentences of the usual length."""

OVERFULL = 1.25
"""A passage may grow by a quarter where that spares a scrap of a few words."""

_SPACE = re.compile(r"\s*")


def split_release(release: Release, *, size: int = 600) -> list[Passage]:
    """The release's passages in order: whole sentences, some `size` characters each, none in two passages.

    Together they cover every character that is not a space, and `release.text[start:end] == text` for each. Borders
    fall between paragraphs where they can, and never behind a heading. Only a sentence longer than three sizes is cut.
    """
    text = release.text
    sentences = [
        piece
        for start, end in sentence_spans(text, release.language)
        for piece in _cut_long(text, start, end, HARD_LIMIT * size)
    ]
    if len(sentences) > MOST_WEIGHED:
        sentences = _joined(sentences, size)
    seen: Counter[str] = Counter()
    passages: list[Passage] = []
    for start, end in _pack(text, sentences, size):
        words = text[start:end]
        passages.append(Passage(passage_id(release.id, words, seen[words]), release.id, words, start, end))
        seen[words] += 1
    return passages


def _joined(sentences: list[Span], size: int) -> list[Span]:
    """The sentences, neighbours together as far as they make no more than a piece."""
    pieces = sentences[:1]
    for start, end in sentences[1:]:
        first = pieces[-1][0]
        if end - first <= PIECE * size:
            pieces[-1] = first, end
        else:
            pieces.append((start, end))
    return pieces


def _pack(text: str, sentences: list[Span], size: int) -> list[Span]:
    """The cheapest way to join neighbouring sentences into passages.

    All ways are weighed, as in breaking a paragraph into lines, because filling one passage after the other leaves a
    scrap at the end and borders in the middle of paragraphs.
    """
    borders = [0.0] + [_border_cost(text, end, start) for (_, end), (start, _) in pairwise(sentences)]
    begins = _begins(sentences, borders, size)
    spans: list[Span] = []
    end = len(sentences)
    while end:
        spans.append((sentences[begins[end]][0], sentences[end - 1][1]))
        end = begins[end]
    return spans[::-1]


def _begins(sentences: list[Span], borders: list[float], size: int) -> list[int]:
    """At [n], which sentence begins the last passage in the cheapest way to join the first n; of equals the earliest.

    `borders` are the costs of beginning a passage with each sentence.
    """
    starts = [start for start, _ in sentences]
    by_length = _length_costs(size)
    upto: list[float] = []  # what it costs to begin a passage with each sentence
    cost, lowest = 0.0, 0
    begins = [0]
    for last, (start, end) in enumerate(sentences):
        upto.append(cost + borders[last])
        lowest = max(lowest, last + 1 - MOST_SENTENCES)
        while lowest < last and end - starts[lowest] >= len(by_length):
            lowest += 1
        if lowest == last:
            cost, begin = upto[last] + length_cost(end - start, size), last
        else:
            choices = zip(upto[lowest:], starts[lowest : last + 1], strict=True)
            costs = [before + by_length[end - first] for before, first in choices]
            cost = min(costs)
            begin = lowest + costs.index(cost)
        begins.append(begin)
    return begins


@lru_cache(maxsize=16)
def _length_costs(size: int) -> list[float]:
    """The cost of each length up to the longest that several sentences may have together."""
    return [length_cost(length, size) for length in range(int(OVERFULL * size) + 1)]


def length_cost(length: int, size: int) -> float:
    """0 for a passage of just the size, 1 for an empty one; a tenth too long is as bad as two thirds too short."""
    share = length / size - 1
    return share * share * (40 if share > 0 else 1)


def _border_cost(text: str, end: int, start: int) -> float:
    """How bad it is to end a passage at `end`: behind a heading or a colon, inside a paragraph, between two."""
    if text[end - 1] == ":":
        return 0.4
    if "\n" not in text[end:start]:
        return 0.15
    heading = text[end - 1].isalnum() and end - text.rfind("\n", 0, end) <= 100
    return 0.4 if heading else 0.0


def _cut_long(text: str, start: int, end: int, limit: int) -> list[Span]:
    """The span itself, or pieces of at most `limit` characters cut at a semicolon, a comma, or a space."""
    pieces: list[Span] = []
    while end - start > limit:
        cut = _best_cut(text[start : start + limit]) + start
        pieces.append((start, start + len(text[start:cut].rstrip())))
        start = _SPACE.match(text, cut, end).end()  # type: ignore[union-attr]
    return [*pieces, (start, end)]


def _best_cut(window: str) -> int:
    """Where to cut, in the window's second half if any mark stands there, else at its end."""
    for mark in ("; ", ": ", ", ", " "):
        place = window.rfind(mark, len(window) // 2)
        if place > 0:
            return place + len(mark)
    return len(window)


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


Batch = TypeVar("Batch")


def embed_ahead(
    embedder: Embedder, batches: Iterable[Batch], texts: Callable[[Batch], list[str]]
) -> Iterator[tuple[Batch, Embedded]]:
    """Each batch with its vectors, in order. A spread embedder has some at work while the one before is kept.

    The batches are the same either way, so that their vectors are, too.
    """
    at_once = embedder.at_once if isinstance(embedder, Spread) else 1
    started: deque[tuple[Batch, Callable[[], Embedded]]] = deque()
    for batch in batches:
        started.append((batch, _start(embedder, texts(batch))))
        if len(started) >= at_once:
            first, result = started.popleft()
            yield first, result()
    for batch, result in started:
        yield batch, result()


def _start(embedder: Embedder, texts: list[str]) -> Callable[[], Embedded]:
    if isinstance(embedder, Spread):
        return embedder.start(texts)
    return lambda: Embedded(embedder.embed_passages(texts), embedder.count_overlong(texts))
