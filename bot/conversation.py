"""What was said before a question: what a follow-up leans on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.answer import Answer

_KEPT = 6  # turns; people lean on the last two or three


@dataclass(frozen=True, slots=True)
class Turn:
    """A question as the person wrote it, and what the bot answered."""

    question: str
    answer: Answer


@dataclass(frozen=True, slots=True)
class Conversation:
    """The last turns, oldest first; empty at the beginning and after a reset."""

    turns: tuple[Turn, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.turns)

    @property
    def last(self) -> Turn | None:
        """The last turn, or None."""
        return self.turns[-1] if self.turns else None

    def after(self, question: str, answer: Answer) -> Conversation:
        """The conversation with one more turn; the oldest are forgotten, and all of them after a reset."""
        before = () if answer.forgets else self.turns
        if not answer.standalone_question:  # "thanks": nothing was asked that could be leant on
            return Conversation(before)
        return Conversation((*before, Turn(question, answer))[-_KEPT:])
