"""Answers, passages and releases in the pieces that templates write: what stands out, what is marked, what is a key.

Pure. What comes from a release is text here; the templates escape it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from bot.answering.citations import emphasised, in_quote, quotation_marks, web_address
from bot.language.prompt_injection import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from bot.answering.retriever import WordMatch
    from bot.answering.types import Answer, Citation

_KEY = re.compile(r"\[(\d{1,3})\]")
_GAP = re.compile(r"\n[^\S\n]*\n\s*")


@dataclass(frozen=True, slots=True)
class TextPiece:
    """A run of text. `strong` words answer; a `key` names a citation; `marked` is what a link leads to."""

    text: str
    strong: bool = False
    key: str | None = None
    marked: bool = False
    first: bool = False


def answer_pieces(answer: Answer) -> list[TextPiece]:
    """The answer's text, with the keys of its citations apart."""
    keys = {citation.key for citation in answer.citations}
    return [piece for text, strong in emphasised(answer) for piece in _keyed(text, keys, strong=strong)]


def _keyed(text: str, keys: set[str], *, strong: bool) -> Iterator[TextPiece]:
    end = 0
    for found in _KEY.finditer(text):
        if found[1] in keys:
            before = plain(text[end : found.start()])
            yield TextPiece(
                f"{before[:-1]}\u00a0" if before.endswith(" ") else before, strong
            )  # a key stays with its words
            yield TextPiece(found[0], key=found[1])
            end = found.end()
    yield TextPiece(plain(text[end:]), strong)


def quote_pieces(citation: Citation) -> list[TextPiece]:
    """A quote in the quotation marks of its language, the words that answer apart."""
    before, words, after = in_quote(citation)
    opens, closes = quotation_marks(citation.quote, citation.release.language)
    pieces = ((opens, False), (before, False), (words, True), (after, False), (closes, False))
    return [TextPiece(plain(text), strong) for text, strong in pieces if text]


def answer_language(answer: Answer) -> str | None:
    """The language of an answer's text: that of the releases whose sentences it consists of, where they share one."""
    if answer.citations and answer.model == "extractive":
        languages = {citation.release.language for citation in answer.citations}
        return languages.pop() if len(languages) == 1 else None
    return answer.language if answer.language in {"fr", "en"} else None


def paragraphs(text: str, place: tuple[int, int] | None = None) -> list[list[TextPiece]]:
    """A release's text by paragraphs, with what stands at a place marked; the `first` mark is what links lead to."""
    start, end = place if place and 0 <= place[0] < place[1] <= len(text) else (0, 0)
    found: list[list[TextPiece]] = []
    led = False
    for first, last in _spans(text):
        cut = (first, min(max(start, first), last), max(min(end, last), first), last)
        pieces = []
        for number, (a, b) in enumerate(pairwise(cut)):
            marked = number == 1 and a < b
            if a < b:
                pieces.append(TextPiece(plain(text[a:b]), marked=marked, first=marked and not led))
                led = led or marked
        found.append(pieces)
    return found


def _spans(text: str) -> Iterator[tuple[int, int]]:
    begin = 0
    for gap in _GAP.finditer(text):
        yield begin, gap.start()
        begin = gap.end()
    yield begin, len(text)


def matched_pieces(text: str, matches: Sequence[WordMatch]) -> list[TextPiece]:
    """A passage with the words that a question is found in apart."""
    pieces, end = [], 0
    for match in matches:
        pieces += [
            TextPiece(plain(text[end : match.start])),
            TextPiece(plain(text[match.start : match.end]), strong=True),
        ]
        end = max(end, match.end)
    return [piece for piece in (*pieces, TextPiece(plain(text[end:]))) if piece.text]


def newsroom_link(citation: Citation) -> str | None:
    """Where a quote is marked on the newsroom's own page."""
    return citation.link if web_address(citation.release.url) else None


def publishers_in(publishers: Iterable[tuple[str | None, int, object]]) -> list[str]:
    """The names of publishers, in the order of the alphabet."""
    return sorted({name for name, *_ in publishers if name}, key=str.casefold)
