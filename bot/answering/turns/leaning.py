"""What a turn leans on: the person's own questions before it, and what the last answer showed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.answering.turns.exchange import exchanged
from vectorstore.language import detect_language

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.answer import Answer
    from bot.answering.turns.classifier import TurnClassifier
    from bot.conversation import Conversation, Turn
    from vectorstore.passage import StoredRelease

ARROW = " → "
"""Between the questions of a chain, as it is shown and kept."""

_LONGEST = 1_000  # characters of a chain that are looked at
_READ = 220  # characters of it that are read beside a turn: some 48 subwords
_NAME = re.compile(r"[^\W\d_]\w*(?:[ '’.-]+\w+){0,5}")


@dataclass(frozen=True, slots=True)
class Before:
    """The last question that was answered or refused, with those that it leans on, oldest first.

    `shown` are the quotes given for it so far.
    """

    chain: tuple[str, ...]
    answer: Answer
    shown: tuple[str, ...]

    @property
    def language(self) -> str | None:
        """That of the question."""
        return self.answer.language if self.answer.language in {"en", "fr"} else detect_language(self.chain[-1])

    @property
    def cited(self) -> tuple[StoredRelease, ...]:
        """The releases that the answer quotes, each once."""
        return tuple({one.release.id: one.release for one in self.answer.citations}.values())

    @property
    def offered(self) -> tuple[StoredRelease, ...]:
        """What a person may want more of: the releases quoted, or after a refusal the nearest ones."""
        return self.answer.refusal.nearest if self.answer.refusal else self.cited

    @property
    def name(self) -> str:
        """The words that answered, where they are a name: whom "he" stands for."""
        for one in self.answer.citations[:1]:
            words = one.release.text[slice(*one.answer)] if one.answer else ""
            if _NAME.fullmatch(words) and any(word[:1].isupper() for word in words.split()):
                return words
        return ""

    def read(self, classify: TurnClassifier) -> str:
        """The last question as it was read: with each fragment in the place of its like."""
        question = self.chain[0]
        for turn in self.chain[1:]:
            question = exchanged(question, turn, classify.likeness) or turn
        return question


def joined(chain: Sequence[str]) -> str:
    """The questions of a chain as a turn is read beside them: the first, and as many of the last as fit."""
    kept: list[str] = []
    room = _READ - len(chain[0]) if chain else 0
    for question in reversed(chain[1:]):
        room -= len(question) + 1
        if room < 0 and kept:
            break
        kept.insert(0, question)
    return " ".join([*chain[:1], *kept])


def before(conversation: Conversation, classify: TurnClassifier) -> Before | None:
    """What was asked last; None at the beginning, and after a reset.

    Courtesies and questions about the bot are passed over, in conversations that were read back from messages too.
    """
    for place in range(len(conversation.turns) - 1, -1, -1):
        turn = conversation.turns[place]
        chain = tuple(filter(None, (part.strip() for part in _chain(turn)[-_LONGEST:].split(ARROW.strip()))))
        if chain and (turn.answer.citations or classify(turn.question, chain[0]).kind.asks):
            return Before(chain, turn.answer, _shown(conversation.turns[: place + 1]))
    return None


def _chain(turn: Turn) -> str:
    return turn.answer.standalone_question


def _shown(turns: Sequence[Turn]) -> tuple[str, ...]:
    """The quotes of the turns that answered the same question one after the other."""
    quotes: list[str] = []
    for turn in reversed(turns):
        if _chain(turn) != _chain(turns[-1]):
            break
        quotes = [*(one.quote for one in turn.answer.citations), *quotes]
    return tuple(dict.fromkeys(quotes))
