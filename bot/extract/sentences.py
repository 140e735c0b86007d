"""The sentences of the hits, among which an answer is looked for; orders to an assistant are not among them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from bot.instructions import orders_among
from vectorstore.sentences import sentence_spans

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vectorstore.passage import Hit, StoredRelease

_WIDENED = 3  # the first hits bring the paragraphs around them too: the answer often stands beside what matched
_OUTSIDE = 3  # a paragraph beside a hit is trusted as if it had been found so many ranks later


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a release: `release.text[start:end] == text`.

    `before` and `after` are its neighbours, "" at a border of what was read. `rank` is that of the hit it stands in or
    beside, counted from 1. `passage` is the text of that hit and `dense_score` its cosine.
    """

    release: StoredRelease
    text: str
    start: int
    end: int
    before: str
    after: str
    rank: int
    passage: str
    dense_score: float
    nearness: float

    @classmethod
    def at(cls, hit: Hit, start: int, end: int) -> Sentence:
        """The sentence at a place of a hit's release, by itself."""
        release = hit.release
        return cls(release, release.text[start:end], start, end, "", "", hit.rank, hit.passage.text, hit.dense_score, 0)


def sentences_of(hits: Sequence[Hit]) -> tuple[Sentence, ...]:
    """Every sentence of the hits and of the paragraphs beside the first of them, each once, best hit first.

    Questions are left out.
    """
    best = max((hit.score for hit in hits), default=0.0)
    found: dict[tuple[str, int], Sentence] = {}
    for place, hit in enumerate(hits, 1):
        for sentence in _sentences(hit, place, best, widen=False):
            found.setdefault((hit.release.id, sentence.start), sentence)
    for place, hit in enumerate(hits[:_WIDENED], 1):
        for sentence in _sentences(hit, place, best, widen=True):
            found.setdefault((hit.release.id, sentence.start), sentence)
    return tuple(sorted(found.values(), key=lambda sentence: sentence.rank))


def _sentences(hit: Hit, rank: int, best: float, *, widen: bool) -> list[Sentence]:
    """The sentences of one hit, or with `widen` of its paragraphs and those beside them."""
    text, passage = hit.release.text, hit.passage
    first, last = paragraphs_around(text, passage.start, passage.end)
    spans = [(first + start, first + end) for start, end in sentence_places(text[first:last], hit.release.language)]
    found = []
    for index, (start, end) in enumerate(spans):
        inside = start < passage.end and end > passage.start
        if (not inside and not widen) or asks(text[start:end]):
            continue
        before = text[slice(*spans[index - 1])] if index else ""
        after = text[slice(*spans[index + 1])] if index + 1 < len(spans) else ""
        found.append(
            Sentence(
                release=hit.release,
                text=text[start:end],
                start=start,
                end=end,
                before=before,
                after=after,
                rank=rank if inside else rank + _OUTSIDE,
                passage=passage.text,
                dense_score=hit.dense_score,
                nearness=hit.score / best if best > 0 else 0.0,
            )
        )
    return found


def asks(sentence: str) -> bool:
    """Whether a sentence is a question itself: as like to the one asked as none, and no answer to it."""
    return sentence.rstrip(' \u00a0\u202f»”"’)').endswith("?")


def paragraphs_around(text: str, start: int, end: int) -> tuple[int, int]:
    """From the start of the paragraph before the one that holds `start` to the end of the one after `end`."""
    first = text.rfind("\n\n", 0, start)
    first = text.rfind("\n\n", 0, first) if first > 0 else first
    last = text.find("\n\n", end)
    last = text.find("\n\n", last + 2) if last >= 0 else last
    return (first + 2 if first >= 0 else 0), (last if last >= 0 else len(text))


@lru_cache(maxsize=512)
def sentence_places(text: str, language: str | None) -> tuple[tuple[int, int], ...]:
    """Where the sentences of a text stand that may be quoted: orders to an assistant are left out."""
    spans = sentence_spans(text, language)
    orders = set(orders_among(text, spans))
    return tuple(span for span in spans if span not in orders)
