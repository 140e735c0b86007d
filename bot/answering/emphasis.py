"""Which words of an answer's text a reader marked: what is set in bold on a terminal and on Discord."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.instructions import unkeyed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.answer import Answer, Citation


def emphasised(answer: Answer) -> Iterator[tuple[str, bool]]:
    """The answer's text in pieces, in order, each with whether it is to stand out."""
    text, at = answer.text, 0
    for citation in answer.citations:
        begins = text.find(_shown(citation.quote), at)
        words = _shown(_marked(citation))
        place = text.find(words, begins) if words and begins >= 0 else -1
        if place >= 0:
            yield text[at:place], False
            yield words, True
            at = place + len(words)
    yield text[at:], False


def in_quote(citation: Citation) -> tuple[str, str, str]:
    """A citation's quote: what stands before the words that answer, those, and what stands behind them."""
    if citation.answer is None:
        return citation.quote, "", ""
    start, end = (place - citation.start for place in citation.answer)
    return citation.quote[:start], citation.quote[start:end], citation.quote[end:]


def _marked(citation: Citation) -> str:
    return in_quote(citation)[1]


def _shown(text: str) -> str:
    return unkeyed(text).replace("\n", " ")
