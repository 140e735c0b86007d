"""What a question asks for: standing alone, in which language, of which period, in which order."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

from bot.conversation import Conversation
from bot.follow_up import follow
from bot.periods import read_times
from bot.retrieve import searchable
from vectorstore.language import detect_language
from vectorstore.passage import Filter

if TYPE_CHECKING:
    from datetime import tzinfo

    from bot.follow_up import FollowUp
    from bot.periods import Times

_TELLING = 3  # words; fewer are as little French as English


@dataclass(frozen=True, slots=True)
class Ask:
    """A question with all that bounds its answer.

    `as_of` is the moment the answer speaks from, now where it is None. `language` is the question's, detected where it
    is None, and `refusal_language` that of a refusal, the question's where it is None. `passages` is how many hits the
    answer is looked for in; None leaves it to the retriever. `conversation` is what was said before.
    """

    question: str
    where: Filter = field(default_factory=Filter)
    as_of: datetime | None = None
    language: str | None = None
    refusal_language: str | None = None
    passages: int | None = None
    conversation: Conversation = field(default_factory=Conversation)


class Follows(Protocol):
    """What makes a question stand alone: `bot.follow_up.follow`, or the method of that name of a `Rewriter`."""

    def __call__(self, question: str, conversation: Conversation, language: str | None) -> FollowUp:
        """The question as it stands alone."""
        ...


@dataclass(frozen=True, slots=True)
class Understood:
    """A question ready to be searched.

    `where` holds the period that it names too, where `of_period`; `began` is a moment of `time.perf_counter`.
    """

    ask: Ask
    followed: FollowUp
    times: Times
    where: Filter
    of_period: bool
    language: str | None
    as_of: datetime
    began: float

    @property
    def question(self) -> str:
        """The question as it stands alone; empty where nothing is asked, as in "thanks"."""
        return self.followed.question

    @property
    def searched(self) -> str:
        """What is searched with: the question without its words of time, as far as something is left."""
        rest = self.times.rest
        return rest if self.of_period and any(map(str.isalnum, rest)) else self.question


def understand(asked: str | Ask, zone: tzinfo = UTC, follows: Follows = follow) -> Understood:
    """Read a question; a period that the Ask itself sets is left as it is. Raises QuestionError for a blank one."""
    began = time.perf_counter()
    ask = Ask(asked) if isinstance(asked, str) else asked
    as_of = ask.as_of or datetime.now(UTC)
    question = searchable(ask.question)
    followed = follows(question, ask.conversation, ask.language)
    times = read_times(followed.question, as_of, zone)
    period = times.period if ask.where.since is None and ask.where.until is None else None
    where = replace(ask.where, since=period.since, until=period.until) if period else ask.where
    language = ask.language or _language(question, followed.question, ask.conversation)
    return Understood(ask, followed, times, where, period is not None, language, as_of, began)


def _language(question: str, standalone: str, conversation: Conversation) -> str | None:
    """That of the question; where it is too short to tell, of the question it stands for or of its conversation."""
    if len(question.split()) >= _TELLING or not conversation.last:
        return detect_language(question)
    return detect_language(standalone) if standalone else conversation.last.answer.language
