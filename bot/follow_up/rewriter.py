"""A follow-up made to stand alone by a language model, whose reply is checked; by the rules where it does not pass."""

from __future__ import annotations

import logging
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.errors import ModelError
from bot.figures import missing_figures
from bot.follow_up.kinds import FollowUp, Kind
from bot.follow_up.prompts import CONVERSATION, REWRITE, TURN
from bot.follow_up.rules import follow
from bot.follow_up.slots import Sort, slots
from bot.follow_up.words import content, language_of, plain
from bot.model.reply import Message

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.conversation import Conversation
    from bot.model.reply import Model

log = logging.getLogger(__name__)

_LONGEST = 400  # characters of a reply: a longer one answers, or explains itself
_SHOWN = 600  # characters of an answer in the prompt
_TURNS = 3
_SURE = frozenset((Kind.RESET, Kind.THANKS, Kind.YES, Kind.CHALLENGE, Kind.MORE))
_TAG = re.compile(r"</?(?:conversation|question|asked|answered)>", re.IGNORECASE)


class Rewriter:
    """Follows a conversation with a language model, for at most `seconds` a question.

    No model is asked where the rules are certain: thanks, a reset, yes, more, a challenge, a first question.
    """

    def __init__(
        self,
        model: Model,
        *,
        seconds: float = 15,
        pure: Callable[[str, Conversation, str | None], FollowUp] = follow,
    ) -> None:
        self._model = model
        self._seconds = seconds
        self._pure = pure

    def follow(self, question: str, conversation: Conversation, language: str | None) -> FollowUp:
        """The question that stands alone; by the rules where the model fails or its reply does not pass."""
        ruled = self._pure(question, conversation, language)
        if ruled.kind in _SURE or not conversation:
            return ruled
        try:
            asked = self._model.ask(messages(question, conversation), seconds=self._seconds)
            reply = "".join(asked)
        except ModelError as exc:
            log.warning("follow-up: %s; made to stand alone by rules", exc)
            return ruled
        if cause := fault(reply, question, conversation, language):
            log.info("follow-up: reply not used: %s", cause)
            return replace(ruled, usage=asked.usage)
        return replace(_merged(reply.strip(), question, ruled, conversation), usage=asked.usage)


def messages(question: str, conversation: Conversation) -> tuple[Message, ...]:
    """What the model reads: the last turns as data, and the question."""
    turns = "\n".join(
        TURN.format(question=_as_data(turn.question), answer=_as_data(turn.answer.text[:_SHOWN]))
        for turn in conversation.turns[-_TURNS:]
    )
    asked = CONVERSATION.format(turns=turns, question=_as_data(question))
    return Message("system", REWRITE), Message("user", asked)


def fault(reply: str, question: str, conversation: Conversation, language: str | None) -> str | None:
    """Why a reply cannot be searched with, or None."""
    text = reply.strip()
    if not text:
        return "empty"
    if "\n" in text:
        return "more than one line"
    if len(text) > _LONGEST:
        return f"{len(text)} characters"
    spoken = language_of(question) or (language if len(content(question)) > 1 else None)
    written = language_of(text)
    if spoken and written and spoken != written:
        return f"in {written}, not in {spoken}"
    if invented := _invented(text, question, conversation):
        return f"says what nobody said: {invented}"
    return None


def _invented(text: str, question: str, conversation: Conversation) -> str | None:
    """A name or a figure of a text that stands neither in the question nor in the conversation."""
    said = [question]
    for turn in conversation.turns:
        cited = [f"{one.quote} {one.release.title}" for one in turn.answer.citations]
        nearest = [one.title for one in turn.answer.refusal.nearest] if turn.answer.refusal else []
        said += [turn.question, turn.answer.standalone_question, turn.answer.text, *cited, *nearest]
    known = " ".join(said)
    words = set(content(plain(known)))
    countries = {slot.country for part in said for slot in slots(part) if slot.country}
    if figures := missing_figures(text, language_of(text), [(known, language_of(known))]):
        return figures[0]
    for slot in slots(text):
        if slot.country in countries and slot.country:
            continue
        if slot.sort in (Sort.NAME, Sort.COUNTRY, Sort.NATIONAL) and not words.issuperset(content(slot.text)):
            return slot.text
    return None


def _as_data(text: str) -> str:
    """A text that cannot close the tags it stands in."""
    return _TAG.sub(" ", " ".join(text.split()))


def _merged(reply: str, question: str, ruled: FollowUp, conversation: Conversation) -> FollowUp:
    """The model's question with the rules' kind; where they took it for new and it was changed, it leans."""
    changed = set(content(reply)) != set(content(question))
    if ruled.kind is not Kind.NEW or not changed:
        return FollowUp(reply, ruled.kind, ruled.releases, ruled.leave_out)
    last = conversation.last
    cited = {one.release.id: None for one in last.answer.citations} if last else {}
    return FollowUp(reply, Kind.PRONOUN, tuple(cited))
