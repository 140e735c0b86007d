"""Question and passage -> the numbers that a reader's model reads, and back from its numbers to a reading.

    <s> question </s></s> title </s> passage </s>

An earlier turn of the conversation stands before the question, `</s>` between them. Where all is too long, the earlier
turn, the question and the title lose their ends first, and then the passage. Marks of the model that stand in a text
(`</s>`) are text like any other. A model that was taught elsewhere has marks of its own, and reads the title as the
beginning of the passage.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from pathlib import Path

    from numpy.typing import NDArray
    from tokenizers import Tokenizer

START, PAD, END, UNKNOWN = 0, 1, 2, 3
"""The marks of the project's own reader."""

LONGEST = 384
"""Subwords of one input: a passage of 600 characters has some 180, with its title and question 240."""

_QUESTION, _EARLIER, _TITLE, _BEFORE = 64, 48, 40, 60
_SPACES = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u2009": " "})


@dataclass(frozen=True, slots=True)
class Context:
    """What stands beside a question: a passage under its release's title and date.

    `quotable` are the parts `text[start:end]` that an answer may lie in; all of it where it is None. `before` stands
    before the text in its release: of a quote, it says what a pronoun stands for.
    """

    title: str
    text: str
    published: date | None = None
    quotable: tuple[tuple[int, int], ...] | None = None
    before: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a passage says to a question: `text[start:end]` are the words that answer best.

    `answers` is how likely they do, in [0, 1]; `start` and `end` are equal where nothing in the passage may answer.
    """

    start: int
    end: int
    answers: float


class Reader(Protocol):
    """Reads questions beside passages; any thread may use it."""

    def read(
        self, question: str, contexts: Sequence[Context], *, earlier: str | None = None
    ) -> tuple[Reading | None, ...]:
        """A reading for each context, in their order, best contexts first; None for those that time did not allow.

        `earlier` is the question before, in a conversation. Raises ReaderError where the model cannot be loaded.
        """
        ...

    def supports(self, sentence: str, quote: Context) -> float:
        """How likely a quote bears a sentence out, in [0, 1]."""
        ...


@dataclass(frozen=True, slots=True)
class Encoded:
    """One input. `spans[i]` are the characters of the passage's `i`-th subword, which is number `first + i`."""

    ids: list[int]
    first: int
    spans: list[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Marks:
    """Numbers of a model's own subwords, how many `end` stand between question and passage, and whether titles do."""

    start: int = START
    pad: int = PAD
    end: int = END
    unknown: int = UNKNOWN
    between: int = 2
    titled: bool = True


def open_tokenizer(path: Path) -> Tokenizer:
    """The tokenizer of a folder, deaf to the model's own marks in texts."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.encode_special_tokens = True
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


class Encoder:
    """Encodes questions beside passages; each text is cut into subwords once in a call."""

    def __init__(self, tokenizer: Tokenizer, *, longest: int = LONGEST, marks: Marks | None = None) -> None:
        self._tokenizer = tokenizer
        self._longest = longest
        self.marks = marks or Marks()
        self._own = frozenset({self.marks.start, self.marks.pad, self.marks.end})

    def questions(self, question: str, contexts: Sequence[Context], *, earlier: str | None = None) -> list[Encoded]:
        """One input for each passage, in their order."""
        marks = self.marks
        before = [*self._cut(earlier, _EARLIER), *([marks.end] if earlier else [])]
        head = [marks.start, *before, *self._cut(question, _QUESTION)]
        return [self._joined(head, context) for context in contexts]

    def claim(self, sentence: str, quote: Context) -> Encoded:
        """A sentence beside the quote that should bear it out, and the end of what stands before that."""
        encoded = self._joined([self.marks.start, *self._cut(sentence, 2 * _QUESTION)], quote)
        if quote.before:
            ids = [*encoded.ids, *self._subwords(quote.before)[0][-_BEFORE:], self.marks.end][: self._longest]
            encoded = replace(encoded, ids=ids)
        return encoded

    def turn(self, turn: str, before: str) -> tuple[list[int], int]:
        """A turn beside the question before it, and of how many subwords it is; they follow the first mark."""
        marks = self.marks
        own = self._cut(turn, _QUESTION) or [marks.unknown]
        other = [*[marks.end] * marks.between, *self._cut(before, _EARLIER)] if before else []
        return [marks.start, *own, *other, marks.end], len(own)

    def _joined(self, head: list[int], context: Context) -> Encoded:
        marks = self.marks
        when = f"{context.published:%Y-%m-%d} " if context.published else ""
        title = [*self._cut(when + context.title, _TITLE), *([marks.end] if marks.titled else [])]
        before = [*head, *[marks.end] * marks.between, *title]
        ids, spans = self._subwords(context.text)
        room = self._longest - len(before) - 1
        return Encoded([*before, *ids[:room], marks.end], len(before), spans[:room])

    def _cut(self, text: str | None, most: int) -> list[int]:
        return self._subwords(text)[0][:most] if text else []

    def _subwords(self, text: str) -> tuple[list[int], list[tuple[int, int]]]:
        """Numbers and characters of a text's subwords; marks of the model that it spells are unknown words."""
        encoded = self._tokenizer.encode(text.translate(_SPACES), add_special_tokens=False)
        return [self.marks.unknown if one in self._own else one for one in encoded.ids], encoded.offsets


def probability(logit: float) -> float:
    """The probability of log odds."""
    return 1 / (1 + math.exp(-max(min(logit, 30.0), -30.0)))


LONGEST_SPAN = 80
"""Subwords of an answer at the most: some three long clauses."""


def best_span(
    encoded: Encoded,
    start: NDArray[np.float32],
    end: NDArray[np.float32],
    quotable: Sequence[tuple[int, int]] | None = None,
) -> tuple[int, int, float]:
    """The first and last subword of a passage that answer best, and how far their logits exceed those of none.

    Both lie in one of the `quotable` parts of the text, anywhere where that is None. -1, -1 where no subword does.
    """
    count = len(encoded.spans)
    parts = np.array([_part(span, quotable) for span in encoded.spans], dtype=np.int64)
    if not (parts >= 0).any():
        return -1, -1, 0.0
    starts, ends = start[encoded.first : encoded.first + count], end[encoded.first : encoded.first + count]
    sums = starts[:, None] + ends[None, :]
    allowed = np.triu(np.ones((count, count), dtype=bool)) & ~np.triu(np.ones((count, count), dtype=bool), LONGEST_SPAN)
    allowed &= (parts[:, None] == parts[None, :]) & (parts[:, None] >= 0)
    sums = np.where(allowed, sums, -np.inf)
    first, last = np.unravel_index(int(sums.argmax()), sums.shape)
    return int(first), int(last), float(sums[first, last] - start[0] - end[0])


def _part(span: tuple[int, int], parts: Sequence[tuple[int, int]] | None) -> int:
    """The number of the part that characters lie in; -1 where it is none."""
    if parts is None:
        return 0
    return next((number for number, (start, end) in enumerate(parts) if start <= span[0] and span[1] <= end), -1)


def trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """A span less the spaces around it and the mark that ends its clause: "7 March 2024.", but all of "U.S."."""
    words = text[start:end].strip()
    start += len(text[start:end]) - len(text[start:end].lstrip())
    shorter = words.rstrip(",;:")
    if shorter.endswith(".") and "." not in shorter.split()[-1][:-1]:
        shorter = shorter[:-1]
    return start, start + len(shorter or words)
