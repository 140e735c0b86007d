"""Question and passage -> the numbers that the model reads, and back from its numbers to characters.

    <s> question </s></s> title </s> passage </s>

An earlier turn of the conversation stands before the question, `</s>` between them. Where all is too long, the earlier
turn, the question and the title lose their ends first, and then the passage. Marks of the model that stand in a text
(`</s>`) are text like any other. A model that was taught elsewhere has marks of its own, and reads the title as the
beginning of the passage.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from pathlib import Path

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
