"""What was said before a message, by the ids of the answers under the bot's messages; and the threads that hold it.

The ledger keeps the answers, so that a restart forgets nothing, and what another process answered is known as well.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import discord

from bot.answering.codec import AnswerRecord, is_within, question_alone, release_ids_of
from bot.answering.types import Answer, Conversation
from bot.discord.rendering import answer_id_of
from bot.discord.scopes import OutsideError, was_within
from bot.language.prompt_injection import plain
from vectorstore.text import detect_language

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from discord import Message

    from bot.state.questions import Answers, KeptAnswer
    from vectorstore.store import PassageStore
    from vectorstore.types import Filter

log = logging.getLogger(__name__)

_REMEMBERED = 12  # messages that are read back
_MENTION = re.compile(r"<@[!&]?\d+>")


def without_mentions(text: str) -> str:
    """A message as a question."""
    return " ".join(_MENTION.sub(" ", text).split())


class Conversations:
    """Conversations as far as their answers are kept, with the releases that those quote.

    `where` is what may be seen in the place where they go on: of an answer that tells of more, only its question is
    known there.
    """

    def __init__(self, answers: Answers, store: PassageStore) -> None:
        self._answers = answers
        self._store = store

    async def answer(self, answer_id: str, where: Filter) -> Answer | None:
        """An answer as it was shown; None if it is no longer kept, or a release that it quotes was removed.

        Raises OutsideError where it may not be seen.
        """
        seen = await asyncio.to_thread(self._shown, answer_id, where)
        return seen[1] if seen else None

    async def shown(self, answer_id: str, where: Filter) -> KeptAnswer | None:
        """An answer with when it was shown, less what was removed since, and what may not be seen; as for `answer`."""
        seen = await asyncio.to_thread(self._shown, answer_id, where)
        return replace(seen[0], record=AnswerRecord.model_validate(seen[1])) if seen else None

    def _shown(self, answer_id: str, where: Filter) -> tuple[KeptAnswer, Answer] | None:
        kept = self._answers.get(answer_id)
        answer = kept.record.revived(self._store) if kept else None
        if kept is None or answer is None:
            return None
        seen = self._as_seen(kept, answer, where)
        if seen is None:
            raise OutsideError
        return kept, seen

    async def up_to(self, answer_id: str, where: Filter) -> Conversation:
        """An answer after those that it leaned on."""
        conversation = Conversation()
        for answer in await asyncio.to_thread(self._chain, answer_id, where):
            conversation = conversation.after(answer.question, answer)
        return conversation

    async def before(self, message: Message, me: int, where: Filter) -> Conversation:
        """What was said in a direct message or a thread; elsewhere in the messages that are replied to.

        `me` is the bot's own id.
        """
        channel = message.channel
        if isinstance(channel, discord.Thread) or message.guild is None:
            return await self._read(await _history(channel, before=message), me, where)
        chain: list[Message] = []
        last: Message | None = message
        while last and last.reference and last.reference.message_id and len(chain) < _REMEMBERED:
            try:
                last = await channel.fetch_message(last.reference.message_id)
            except discord.HTTPException:
                break
            chain.append(last)
        return await self._read(chain[::-1], me, where)

    async def within(self, channel: discord.abc.Messageable, me: int, where: Filter) -> Conversation:
        """What was said in a thread or a direct channel."""
        return await self._read(await _history(channel), me, where)

    async def _read(self, messages: Sequence[Message], me: int, where: Filter) -> Conversation:
        ids = [answer_id for message in messages if message.author.id == me and (answer_id := answer_id_of(message))]
        return conversation_of(messages, me, await asyncio.to_thread(self._kept, ids, where))

    def _kept(self, ids: Iterable[str], where: Filter) -> dict[str, Answer]:
        found = [kept for answer_id in ids if (kept := self._answers.get(answer_id))]
        return {kept.id: self._revived(kept, where) for kept in found}

    def _chain(self, answer_id: str, where: Filter) -> list[Answer]:
        return [self._revived(kept, where) for kept in self._answers.conversation_up_to(answer_id)]

    def _revived(self, kept: KeptAnswer, where: Filter) -> Answer:
        """The answer; nothing but its question if a release that it quotes was removed, or is not to be seen."""
        record = kept.record
        answer = record.revived(self._store)
        if answer is None:
            return _unanswered(record.question, record.standalone_question, record.language, kept.moment)
        return self._as_seen(kept, answer, where) or question_alone(answer)

    def _as_seen(self, kept: KeptAnswer, answer: Answer, where: Filter) -> Answer | None:
        """An answer where only some sources are seen; None where it tells of others.

        One that was made where others could be seen is not trusted but for its quotes: its notes may tell of them, and
        a refusal counts them.
        """
        if not where.scopes:
            return answer
        if not is_within(release_ids_of(answer), where, self._store):
            return None
        if was_within(kept.within, where):
            return answer
        return None if answer.refusal else replace(answer, notes=())


def conversation_of(messages: Iterable[Message], me: int, kept: Mapping[str, Answer]) -> Conversation:
    """The turns in messages, oldest first; `me` is the bot's own id, `kept` are answers by their ids.

    A question whose answer is not kept was asked all the same. The buttons that name an answer stand under the last of
    its messages: those before it say nothing. What answers a command or a form belongs to no message of a person.
    """
    conversation = Conversation()
    question: Message | None = None
    was_answered = False
    for message in messages:
        if message.author.id != me:
            if without_mentions(message.content):
                conversation = _with(conversation, question) if was_answered else conversation
                question, was_answered = message, False
        elif answer := kept.get(answer_id_of(message) or ""):
            conversation = conversation.after(answer.question, answer)
            question, was_answered = None, False
        elif message.interaction_metadata is None:
            was_answered = True
    return _with(conversation, question) if was_answered else conversation


def _with(conversation: Conversation, message: Message | None) -> Conversation:
    """A conversation after a question whose answer is not kept."""
    if message is None:
        return conversation
    question = without_mentions(message.content)
    language = detect_language(question) or "und"
    return conversation.after(question, _unanswered(question, question, language, message.created_at))


def _unanswered(question: str, standalone: str, language: str, moment: datetime) -> Answer:
    return Answer(question, standalone, "", language, (), None, 0.0, "none", moment, {})


async def _history(where: discord.abc.Messageable, before: Message | None = None) -> list[Message]:
    """The last messages of a thread or a direct channel, oldest first, after the one that a thread was opened from.

    Empty if the bot may not read them.
    """
    try:
        found = [one async for one in where.history(limit=_REMEMBERED, before=before)][::-1]
    except discord.Forbidden as exc:
        log.warning("what was said before cannot be read: %s", exc)
        return []
    whole = len(found) < _REMEMBERED
    found = [one for one in found if not one.is_system()]
    if whole and isinstance(where, discord.Thread) and isinstance(where.parent, discord.TextChannel):
        with contextlib.suppress(discord.HTTPException):  # it was deleted, or the thread began without a message
            found.insert(0, await where.parent.fetch_message(where.id))
    return found


_NAME = 100  # characters
_ARCHIVE: Final = 1440  # minutes
_NEEDED = {
    "create_public_threads": "Create Public Threads",
    "send_messages_in_threads": "Send Messages in Threads",
}


@dataclass(frozen=True, slots=True)
class Opening:
    """A thread, or the permission that is missing for one; neither in a channel without threads."""

    thread: discord.Thread | None = None
    missing: str | None = None


async def open_thread(message: Message, question: str) -> Opening:
    """The thread that goes on from a message, which may be there already."""
    channel = message.channel
    if not isinstance(channel, discord.TextChannel):
        return Opening()
    thread = message.thread or channel.get_thread(message.id)
    if thread is not None:
        return Opening(thread)
    if missing := _missing(channel.permissions_for(channel.guild.me)):
        return Opening(missing=missing)
    try:
        return Opening(await message.create_thread(name=name_of(question), auto_archive_duration=_ARCHIVE))
    except discord.Forbidden as exc:
        log.warning("channel %s: no thread: %s", channel.id, exc)
        return Opening(missing=_NEEDED["create_public_threads"])
    except discord.HTTPException as exc:  # opened by somebody else meanwhile, or too many threads are active
        log.warning("channel %s: no thread: %s", channel.id, exc)
        return Opening(channel.get_thread(message.id))


def name_of(question: str) -> str:
    """A thread's name from a question: one line, at most 100 characters, cut between words."""
    name = " ".join(plain(question).split()) or "…"
    if len(name) <= _NAME:
        return name
    return name[: _NAME - 1].rsplit(" ", 1)[0].rstrip(" ,;:") + "…"


def _missing(granted: discord.Permissions) -> str | None:
    return next((name for key, name in _NEEDED.items() if not getattr(granted, key)), None)
