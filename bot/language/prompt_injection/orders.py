"""Orders to an assistant in a text, in French and English.

How they are worded is data (`vectorstore/text/data/injected_orders.toml`); every pattern is matched against a sentence
without accents and capitals (`as_read`).
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING, NamedTuple

from bot.language.prompt_injection.characters import DISGUISE, as_read
from vectorstore.text.sentences import sentence_spans
from vectorstore.text.tables import table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

Piece = str | list["Piece"]


class _Patterns(NamedTuple):
    """What gives an order, makes its whole paragraph one, was made to pass for a reply, or goes on with an order."""

    order: re.Pattern[str]
    template: re.Pattern[str]
    forgery: re.Pattern[str]
    continues: re.Pattern[str]


@cache
def order_patterns() -> _Patterns:
    """Those of each kind as one, in which what several begin with stands once."""
    start = _parts()["start"]
    return _Patterns(*(_any_of(worded(kind), start) for kind in ("orders", "templates", "forged", "goes_on")))


@cache
def _parts() -> dict[str, str]:
    parts = table("injected_orders")["parts"]
    return {name: _joined(alternatives, in_row=False) for name, alternatives in parts.items()}


def worded(kind: str) -> Iterator[str]:
    """The patterns of a kind, each put together."""
    for row in table("injected_orders")["patterns"][kind]:
        pattern = _joined(row)
        for name, part in _parts().items():
            pattern = pattern.replace(f"<{name}>", part)
        yield pattern


def _joined(piece: Piece, *, in_row: bool = True) -> str:
    """The pattern of a piece: of a row its pieces one after another, of alternatives any of them."""
    if isinstance(piece, str):
        return piece
    parts = [_joined(one, in_row=not in_row) for one in piece]
    return "".join(parts) if in_row else f"(?:{'|'.join(parts)})"


def _any_of(patterns: Iterable[str], start: str) -> re.Pattern[str]:
    """One pattern for all, in which what many begin with stands once: else it is tried anew for each, everywhere.

    A sentence that holds no order takes 20 microseconds in place of 227.
    """
    rest: dict[str, list[str]] = {start: [], r"\b": [], "": []}
    for alternative in (one for pattern in patterns for one in _alternatives(pattern)):
        beginning = next(one for one in rest if alternative.startswith(one))
        rest[beginning].append(alternative.removeprefix(beginning))
    return re.compile("|".join(f"{one}(?:{'|'.join(ends)})" for one, ends in rest.items() if ends))


def _alternatives(pattern: str) -> Iterator[str]:
    """The parts of a pattern between bars that stand in no parentheses and no brackets."""
    depth = start = 0
    for found in _SIGNS.finditer(pattern):
        sign = found[0]
        depth += (sign == "(") - (sign == ")")
        if sign == "|" and not depth:
            yield pattern[start : found.start()]
            start = found.end()
    yield pattern[start:]


_SIGNS = re.compile(r"\\.|\[(?:\\.|[^\]\\]){0,200}+\]|[()|]", re.DOTALL)

ASKS = re.compile(r"^(?:human|user|utilisateur|humain) ?: ?\S")
ANSWERS = re.compile(r"^(?:assistant|ai|ia|bot|model|modele) ?: ?\S")
"""The two sides of a dialogue with a machine; alone, either may be a line of credits."""


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
    templates = {
        paragraphs[index]
        for index, sentence in enumerate(read)
        if order_patterns().template.search(_own_words(sentence))
    }
    hidden = {index for index, (start, end) in enumerate(spans) if DISGUISE.search(text, start, end)}
    ordering = templates | {paragraphs[index] for index in orders | hidden}
    near = ordering | {number + side for number in ordering for side in (-1, 1)}
    return tuple(
        span
        for index, span in enumerate(spans)
        if index in orders | hidden
        or paragraphs[index] in templates
        or (paragraphs[index] in near and order_patterns().continues.search(_own_words(read[index])))
    )


@lru_cache(_REMEMBERED)
def _read(sentence: str) -> str:
    return as_read(sentence)


@lru_cache(_REMEMBERED)
def _gives_order(sentence: str) -> bool:
    return bool(order_patterns().forgery.search(sentence) or order_patterns().order.search(_own_words(sentence)))


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
