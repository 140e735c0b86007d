"""Which sentences of a release give orders to an assistant."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from bot.instructions.characters import DISGUISE, as_read
from bot.instructions.orders import ANSWERS, ASKS, CONTINUES, FORGERY, ORDER, TEMPLATE
from vectorstore.sentences import sentence_spans

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_QUOTED = re.compile(r'«[^»]{1,400}»|“[^”]{1,400}”|"[^"]{1,400}"')
_REMEMBERED = 4_096  # sentences: the paragraphs around two hits are often the same
_SAID_AROUND = 4  # words outside the quotation marks from which a quoted order is only told of


def instructions(text: str, language: str | None = None) -> tuple[tuple[int, int], ...]:
    """Half-open offsets of the sentences that give orders to an assistant, in order.

    `language` is that of the text and rules only where its sentences end; orders are known in French and English
    wherever they stand, also spelt with look-alike or invisible letters.
    """
    return orders_among(text, sentence_spans(text, language))


def orders_among(text: str, spans: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Those of the text's sentences, all of which `spans` holds in order, that give orders to an assistant."""
    paragraphs = _paragraphs(text, spans)
    read = [_read(text[start:end]) for start, end in spans]
    orders = {index for index, sentence in enumerate(read) if _gives_order(sentence)} | _dialogue(read)
    templates = {paragraphs[index] for index, sentence in enumerate(read) if TEMPLATE.search(_own_words(sentence))}
    hidden = {index for index, (start, end) in enumerate(spans) if DISGUISE.search(text, start, end)}
    ordering = templates | {paragraphs[index] for index in orders | hidden}
    near = ordering | {number + side for number in ordering for side in (-1, 1)}
    return tuple(
        span
        for index, span in enumerate(spans)
        if index in orders | hidden
        or paragraphs[index] in templates
        or (paragraphs[index] in near and CONTINUES.search(_own_words(read[index])))
    )


@lru_cache(_REMEMBERED)
def _read(sentence: str) -> str:
    return as_read(sentence)


@lru_cache(_REMEMBERED)
def _gives_order(sentence: str) -> bool:
    return bool(FORGERY.search(sentence) or ORDER.search(_own_words(sentence)))


def _dialogue(sentences: Sequence[str]) -> set[int]:
    """The lines of a made-up dialogue between a person and a machine; none where only one of them speaks."""
    asked = {index for index, sentence in enumerate(sentences) if ASKS.search(sentence)}
    answered = {index for index, sentence in enumerate(sentences) if ANSWERS.search(sentence)}
    return asked | answered if asked and answered else set()


def _paragraphs(text: str, spans: Iterable[tuple[int, int]]) -> list[int]:
    """The number of the paragraph that each sentence stands in."""
    numbers: list[int] = []
    number = last = 0
    for start, end in spans:
        number += "\n\n" in text[last:start]
        numbers.append(number)
        last = end
    return numbers


def _own_words(sentence: str) -> str:
    """The sentence without what it quotes; whole where it is hardly more than a quotation."""
    said = _QUOTED.sub('"…"', sentence)
    return said if len(re.findall(r"\w+", said)) >= _SAID_AROUND else sentence
