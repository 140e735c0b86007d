"""Hits as the reader reads them: each passage with a sentence on either side, and the places that may be quoted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.answering.reader.encoding import Context
from bot.answering.sentences import Sentence, asks, paragraphs_around, sentence_places

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from vectorstore.passage import Hit, StoredRelease

_ASIDE = 300  # characters of a sentence beside the passage that is read with it


@dataclass(frozen=True, slots=True)
class Window:
    """A hit as it is read: `release.text[start:end]`.

    `sentences` are the places in the release of those that may be quoted; `nearness` is the hit's score as a share of
    the best.
    """

    hit: Hit
    start: int
    end: int
    sentences: tuple[tuple[int, int], ...]
    nearness: float

    @property
    def release(self) -> StoredRelease:
        """The release that it stands in."""
        return self.hit.release

    @property
    def context(self) -> Context:
        """The same with offsets that count from its start. Sentences in a row may hold one answer together."""
        release, parts = self.release, list[tuple[int, int]]()
        for start, end in self.sentences:
            if parts and release.text[parts[-1][1] : start] in {" ", "\u00a0", "\u202f"}:
                parts[-1] = (parts[-1][0], end)
            else:
                parts.append((start, end))
        return Context(
            release.title,
            release.text[self.start : self.end],
            release.published.date() if release.published else None,
            tuple((start - self.start, end - self.start) for start, end in parts),
        )

    def around(self, start: int, end: int) -> list[tuple[int, int]]:
        """The sentences that the characters from `start` to `end` of the release touch."""
        return [(a, b) for a, b in self.sentences if a < end and b > start]


def windows_of(hits: Sequence[Hit], keeps: Callable[[Sentence], bool] | None = None) -> tuple[Window, ...]:
    """A window for each hit, best first, less those that hold nothing to quote or nothing new.

    Orders to an assistant and questions are never quoted; of the rest, only sentences that `keeps` lets through.
    """
    best = max((hit.score for hit in hits), default=0.0)
    found: list[Window] = []
    for hit in hits:
        start, end, sentences = _widened(hit, keeps)
        window = Window(hit, start, end, tuple(sentences), hit.score / best if best > 0 else 0.0)
        if sentences and not any(_holds(other, window) for other in found):
            found.append(window)
    return tuple(found)


def _widened(hit: Hit, keeps: Callable[[Sentence], bool] | None) -> tuple[int, int, list[tuple[int, int]]]:
    """The bounds of a hit's window, and its sentences."""
    text, passage = hit.release.text, hit.passage
    first, last = paragraphs_around(text, passage.start, passage.end)
    places = [(first + a, first + b) for a, b in sentence_places(text[first:last], hit.release.language)]
    inside = [(a, b) for a, b in places if a < passage.end and b > passage.start]
    start, end = min([passage.start, *(a for a, _ in inside)]), max([passage.end, *(b for _, b in inside)])
    before = [(a, b) for a, b in places if b <= start][-1:]
    after = [(a, b) for a, b in places if a >= end][:1]
    beside = [(a, b) for a, b in (*before, *after) if b - a <= _ASIDE]
    sentences = sorted({*inside, *beside})
    start, end = min([start, *(a for a, _ in beside)]), max([end, *(b for _, b in beside)])
    return start, end, list(_quotable(hit, sentences, keeps))


def _quotable(
    hit: Hit, places: Sequence[tuple[int, int]], keeps: Callable[[Sentence], bool] | None
) -> Iterator[tuple[int, int]]:
    for start, end in places:
        sentence = Sentence(hit.release, start, end)
        if not asks(sentence.text) and (keeps is None or keeps(sentence)):
            yield start, end


def _holds(one: Window, other: Window) -> bool:
    return one.release.id == other.release.id and set(other.sentences) <= set(one.sentences)
