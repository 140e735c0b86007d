"""A release cut into passages, on sentence borders."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING

from vectorstore.passage import Passage, passage_id
from vectorstore.sentences import sentence_spans

if TYPE_CHECKING:
    from ingest.release import Release

Span = tuple[int, int]

HARD_LIMIT = 3
"""A sentence of up to so many times the size stays whole."""

MOST_SENTENCES = 60
"""In one passage; reached only by lists of single words, which would otherwise take minutes to weigh."""

OVERFULL = 1.25
"""A passage may grow by a quarter where that spares a scrap of a few words."""


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
    seen: Counter[str] = Counter()
    passages: list[Passage] = []
    for start, end in _pack(text, sentences, size):
        words = text[start:end]
        passages.append(Passage(passage_id(release.id, words, seen[words]), release.id, words, start, end))
        seen[words] += 1
    return passages


def _pack(text: str, sentences: list[Span], size: int) -> list[Span]:
    """The cheapest way to join neighbouring sentences into passages.

    All ways are weighed, as in breaking a paragraph into lines, because filling one passage after the other leaves a
    scrap at the end and borders in the middle of paragraphs.
    """
    borders = [0.0] + [_border_cost(text, end, start) for (_, end), (start, _) in pairwise(sentences)]
    costs = [0.0]
    begins = [0]
    for last in range(len(sentences)):
        choices: list[tuple[float, int]] = []
        for first in range(last, max(-1, last - MOST_SENTENCES), -1):
            length = sentences[last][1] - sentences[first][0]
            if first < last and length > OVERFULL * size:
                break
            choices.append((costs[first] + borders[first] + _length_cost(length, size), first))
        cost, begin = min(choices)
        costs.append(cost)
        begins.append(begin)
    spans: list[Span] = []
    end = len(sentences)
    while end:
        spans.append((sentences[begins[end]][0], sentences[end - 1][1]))
        end = begins[end]
    return spans[::-1]


def _length_cost(length: int, size: int) -> float:
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
        rest = text[cut:end]
        start = cut + len(rest) - len(rest.lstrip())
    return [*pieces, (start, end)]


def _best_cut(window: str) -> int:
    """Where to cut, in the window's second half if any mark stands there, else at its end."""
    for mark in ("; ", ": ", ", ", " "):
        place = window.rfind(mark, len(window) // 2)
        if place > 0:
            return place + len(mark)
    return len(window)
