"""A reader that knows nothing but words: of a passage it marks the sentence that shares most of them with the question.

It is the baseline of the benchmarks, and stands in for the model in tests of what surrounds it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.answering.reader import Reading
from vectorstore.text import detect_language
from vectorstore.text.sentences import sentence_spans
from vectorstore.text.words import index_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.answering.reader import Context


class WordsReader:
    """Marks whole sentences; how likely one answers grows with the share of the question's words that it holds."""

    def read(
        self,
        question: str,
        contexts: Sequence[Context],
        *,
        earlier: str | None = None,  # noqa: ARG002 - the protocol has it
    ) -> tuple[Reading | None, ...]:
        """A reading for each context; the earlier question is not looked at."""
        language = detect_language(question)
        asked = frozenset(index_words(question, language))
        return tuple(_reading(asked, context, language) for context in contexts)

    def compare(
        self, question: str, contexts: Sequence[Context], *, earlier: str | None = None
    ) -> tuple[tuple[Reading, ...], ...]:
        """The readings of each part by itself."""
        parts = ([replace(context, quotable=(part,)) for part in context.quotable or ()] for context in contexts)
        return tuple(tuple(filter(None, self.read(question, some, earlier=earlier))) for some in parts)

    def supports(self, sentence: str, quote: Context) -> float:
        """The share of the sentence's words that the quote holds."""
        return _share(frozenset(index_words(sentence, None)), quote.text, None)


def _reading(asked: frozenset[str], context: Context, language: str | None) -> Reading:
    parts = context.quotable if context.quotable is not None else ((0, len(context.text)),)
    spans = [(a + c, a + d) for a, b in parts for c, d in sentence_spans(context.text[a:b], language)]
    shares = [(_share(asked, context.text[a:b], language), a, b) for a, b in spans]
    share, start, end = max(shares, key=lambda one: one[0], default=(0.0, 0, 0))
    return Reading(start, end, 0.01 + 0.98 * share**2) if share else Reading(0, 0, 0.0)


def _share(asked: frozenset[str], text: str, language: str | None) -> float:
    return len(asked & frozenset(index_words(text, language))) / len(asked) if asked else 0.0
