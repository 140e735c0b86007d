"""What was talked about last: the last question that stands alone, what its answer showed, and the names there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.follow_up.cues import read_cue
from bot.follow_up.kinds import Kind
from bot.follow_up.slots import Sort, slots
from bot.follow_up.words import language_of

if TYPE_CHECKING:
    from bot.answer import Answer
    from bot.conversation import Conversation
    from vectorstore.passage import StoredRelease

_LONGEST = 1_000  # characters of a question, a quote or a title that are looked into
_SILENT = frozenset((Kind.THANKS, Kind.RESET))


@dataclass(frozen=True, slots=True)
class Last:
    """The last question that stands alone and its answer; `shown` are the quotes given for it so far."""

    question: str
    language: str
    answer: Answer
    shown: tuple[str, ...]

    @property
    def cited(self) -> tuple[StoredRelease, ...]:
        """The releases that the answer quotes, each once."""
        return tuple({one.release.id: one.release for one in self.answer.citations}.values())

    @property
    def offered(self) -> tuple[StoredRelease, ...]:
        """What a person can pick from: the releases quoted, or after a refusal the nearest ones."""
        return self.answer.refusal.nearest if self.answer.refusal else self.cited

    @property
    def releases(self) -> tuple[str, ...]:
        """The ids of the releases quoted."""
        return tuple(release.id for release in self.cited)

    @property
    def quotes(self) -> tuple[str, ...]:
        """The quotes of the answer."""
        return tuple(one.quote for one in self.answer.citations)

    @property
    def told(self) -> tuple[str, ...]:
        """Where names are looked for after the question: quotes first, then titles."""
        return tuple(text[:_LONGEST] for text in (*self.quotes, *(release.title for release in self.cited)))

    @property
    def names(self) -> tuple[str, ...]:
        """Names that its texts write in capitals, and their last words: for questions typed without any."""
        texts = (*self.told, *(release.title for release in self.offered), self.answer.question, self.question)
        found = {slot.text for text in texts for slot in slots(text[:_LONGEST]) if slot.sort is Sort.NAME}
        ends = {name.split()[-1] for name in found if re.fullmatch(r"[A-ZÀ-Þ][^\W\d_]{3,}", name.split()[-1])}
        return tuple(sorted(found | ends, key=len, reverse=True))


def last_of(conversation: Conversation) -> Last | None:
    """What was talked about last; None at the beginning, and after a reset."""
    for place in range(len(conversation.turns) - 1, -1, -1):
        turn = conversation.turns[place]
        cue = read_cue(turn.question[:_LONGEST])
        if cue and cue.kind is Kind.RESET and not cue.rest:
            return None
        question = turn.answer.standalone_question.strip()[:_LONGEST]
        if question and not (cue and cue.kind in _SILENT and not cue.rest):
            shown = _shown(conversation, place, question)
            return Last(question, _language(turn.answer, question), turn.answer, shown)
    return None


def _shown(conversation: Conversation, place: int, question: str) -> tuple[str, ...]:
    """The quotes of the turns that answered the same question one after the other."""
    quotes: list[str] = []
    for turn in reversed(conversation.turns[: place + 1]):
        if turn.answer.standalone_question.strip()[:_LONGEST] != question:
            break
        quotes = [*(one.quote for one in turn.answer.citations), *quotes]
    return tuple(dict.fromkeys(quotes))


def _language(answer: Answer, question: str) -> str:
    told = language_of(question)
    return told or (answer.language if answer.language in ("fr", "en") else "en")
