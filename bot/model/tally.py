"""Counts tokens: as the provider says, else by the length of what was asked and said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.answer import Usage

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.model.policy import ModelPolicy

_CHARACTERS = 4  # of a token, in English and in French alike, give or take a fifth


@dataclass(frozen=True, slots=True)
class Chunk:
    """What a provider sends at one time: text, often empty, and now and then tokens, or why it ends.

    `thought_tokens` are those of the output that the model spent on thinking.
    """

    text: str = ""
    input_tokens: int = 0
    output_tokens: int = 0
    thought_tokens: int = 0
    ending: str = ""


@dataclass(slots=True)
class Tally:
    """One attempt: `asked` and `said` in characters, tokens as told so far; `taken` once the provider has read it."""

    asked: int
    said: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    thought_tokens: int = 0
    ending: str = ""
    taken: bool = False
    ended: bool = False

    def add(self, chunk: Chunk) -> None:
        """Counts a chunk in."""
        self.taken = True
        self.said += len(chunk.text)
        if chunk.input_tokens and self.input_tokens:  # some servers tell the sum so far with every piece
            self.output_tokens = max(self.output_tokens, chunk.output_tokens)
        else:
            self.output_tokens += chunk.output_tokens
        self.input_tokens = max(self.input_tokens, chunk.input_tokens)
        self.thought_tokens = max(self.thought_tokens, chunk.thought_tokens)
        self.ending = chunk.ending or self.ending

    def counted(self) -> tuple[int, int, bool]:
        """Tokens in, tokens out, and whether they are an estimate: where not told, or told before the end."""
        if not self.taken:
            return 0, 0, False
        told = self.input_tokens > 0 and (self.output_tokens > 0 or not self.said)
        if told and self.ended:
            return self.input_tokens, self.output_tokens, False
        output = max(self.output_tokens, -(-self.said // _CHARACTERS))
        return self.input_tokens or -(-self.asked // _CHARACTERS), output, True


def used(tallies: Iterable[Tally], policy: ModelPolicy) -> Usage:
    """What all attempts of one reply used, with its price."""
    counted = [tally.counted() for tally in tallies]
    asked, said = sum(one[0] for one in counted), sum(one[1] for one in counted)
    return Usage(asked, said, policy.price(asked, said), estimated=any(one[2] for one in counted))
