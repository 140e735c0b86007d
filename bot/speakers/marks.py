"""Where a text opens and closes quotation marks, over paragraphs too."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_BLANK = re.compile(r"\n[^\S\n]*\n\s*|(?<=[.!?…:»”\"])[^\S\n]*\n\s*(?=[^\W\da-zà-öø-ÿ_]|[«“\"‘—–-])")
_MARK = re.compile(r"[«»“”„\"″]|''|(?<![\w’'])[‘'](?=\w)")
_CLOSING_SINGLE = re.compile(r"(?<=[.,!?…])[’'](?![\w’'])|(?<=\w)[’'](?=[,.;]\s|[,.;]$)")
_OPENING_AFTER = re.compile(r"[\s(\[—–:;/-]")
Quoted = tuple[tuple[int, int], list[tuple[int, int]]]
_CLOSERS = {"«": "»", "“": "”\"″''", "„": '“”"', "”": '”"', '"': '"”″', "″": '″"”', "''": "''"}


def paragraphs(text: str) -> list[tuple[int, int]]:
    """Where each paragraph starts and ends. A lone line break ends one where a sentence ends with it."""
    spans: list[tuple[int, int]] = []
    start = 0
    for found in _BLANK.finditer(text):
        spans.append((start, found.start()))
        start = found.end()
    return [(first, last) for first, last in [*spans, (start, len(text))] if text[first:last].strip()]


def quoted(text: str) -> list[Quoted]:
    """Each paragraph with its outermost quoted spans, marks included.

    Paragraphs that one quotation runs through count as one; it is closed in a later one that opens with a mark again,
    or where the next mark closes it. One that is never closed is left out.
    """
    spans = paragraphs(text)
    inside = _outermost(text, spans)
    joined: list[Quoted] = []
    for span, own in zip(spans, inside, strict=True):
        if joined and joined[-1][1] and joined[-1][1][-1][1] > span[0]:
            (start, _), before = joined[-1]
            before.extend(own)
            joined[-1] = ((start, span[1]), before)
        else:
            joined.append((span, own))
    return joined


def _outermost(text: str, spans: list[tuple[int, int]]) -> list[list[tuple[int, int]]]:
    """For each paragraph the spans that open in it."""
    found: list[list[tuple[int, int]]] = []
    opened: tuple[int, int, str] | None = None  # the paragraph, the place and the mark of one that runs on
    for number, (first, last) in enumerate(spans):
        found.append([])
        position = first
        if opened:
            paragraph, start, mark = opened
            again = _again(text, first, mark)
            end = _closing(text, again or first, last, mark)
            if end:
                found[paragraph].append((start, end))
                position, opened = end, None
            elif again and number - paragraph < 12:
                continue
            else:
                opened = None
        for start, end, mark in _spans(text, position, last):
            if end:
                found[number].append((start, end))
            elif mark not in "'‘":
                opened = (number, start, mark)
    return found


def _again(text: str, first: int, mark: str) -> int:
    """Where the words go on after the mark that opens a paragraph anew; 0 where none does."""
    found = re.compile(r"\s*(?:[«»]|[“”\"„]|'')").match(text, first)
    return found.end() if found and (mark == "«") == (found[0].strip() in "«»") else 0


def _spans(text: str, first: int, last: int) -> Iterator[tuple[int, int, str]]:
    """Start, end and mark of each; the end is 0 for the last where nothing closes it."""
    position, singles = first, True
    while found := _MARK.search(text, position, last):
        position, mark = found.end(), found[0]
        if mark == "»" or not _may_open(text, found.start(), found.end(), first):
            continue
        if mark in "‘'" and mark != "''":
            single = _CLOSING_SINGLE.search(text, position, last) if singles else None
            singles = single is not None  # one search that fails is enough: the text may be full of apostrophes
            if single:
                yield found.start(), single.end(), mark
                position = single.end()
            continue
        end = _closing(text, position, last, mark)
        yield found.start(), end, mark
        if not end:
            return
        position = end


def _may_open(text: str, start: int, end: int, first: int) -> bool:
    if text[start] == "«":
        return True
    return start == first or bool(_OPENING_AFTER.match(text, start - 1)) or (text[start] == "“" and end < len(text))


def _closing(text: str, first: int, last: int, mark: str) -> int:
    """Where the quotation opened by `mark` before `first` ends; 0 where it does not before `last`."""
    depth = 1
    for found in _MARK.finditer(text, first, last):
        if found[0] == "«" == mark:
            depth += 1
        elif found[0] in _CLOSERS[mark]:
            nested = mark != "«" and _opens_inside(text, found.start(), found.end(), last)
            depth += 1 if nested else -1
            if depth == 0:
                return found.end()
        elif found[0] == mark == "“":
            depth += 1
    return 0


def _opens_inside(text: str, start: int, end: int, last: int) -> bool:
    return text[start] != "”" and end < last and text[end].isalnum() and bool(_OPENING_AFTER.match(text, start - 1))
