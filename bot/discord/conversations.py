"""What was said before a message: read back from Discord, so that a restart forgets nothing."""

from __future__ import annotations

import contextlib
import logging
import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import discord

from bot.answering.types import Answer, Conversation
from bot.discord.buttons import answer_under
from bot.language.prompt_injection import plain
from vectorstore.text.language import detect_language

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from datetime import datetime

    from discord import Message

    from bot.state import KeptAnswer

    Recall = Callable[[str], Awaitable[Answer | None]]

log = logging.getLogger(__name__)

_REMEMBERED = 12  # messages that are read back
_ASKED = re.compile(r"^> (?P<question>.+)\n")
_UNDERSTOOD = re.compile(r"^-# ↪ (?P<question>.+)$", re.MULTILINE)
_MENTION = re.compile(r"<@[!&]?\d+>")
_ESCAPED = re.compile(r"\\([^\w\s]|_)")


def without_mentions(text: str) -> str:
    """A message as a question."""
    return " ".join(_MENTION.sub(" ", text).split())


async def said_before(message: Message, me: int, recall: Recall) -> Conversation:
    """In a direct message or a thread what stands there; elsewhere the messages that are replied to."""
    channel = message.channel
    if isinstance(channel, discord.Thread) or message.guild is None:
        return await _recalled(await _history(channel, before=message), me, recall)
    chain: list[Message] = []
    last: Message | None = message
    while last and last.reference and last.reference.message_id and len(chain) < _REMEMBERED:
        try:
            last = await channel.fetch_message(last.reference.message_id)
        except discord.HTTPException:
            break
        chain.append(last)
    return await _recalled(chain[::-1], me, recall)


async def said_in(where: discord.abc.Messageable, me: int, recall: Recall) -> Conversation:
    """What stands in a thread or a direct channel."""
    return await _recalled(await _history(where), me, recall)


async def _recalled(messages: Sequence[Message], me: int, recall: Recall) -> Conversation:
    """The turns in messages, with the answers that are still kept in place of their bare texts."""
    kept: dict[int, Answer] = {}
    for message in messages:
        identity = answer_under(message) if message.author.id == me else None
        if identity and (answer := await recall(identity)):
            kept[message.id] = answer
    return conversation_of(messages, me, kept)


def conversation_of(
    messages: Sequence[Message], me: int, kept: Mapping[int, Answer] = MappingProxyType({})
) -> Conversation:
    """The turns in messages, oldest first: each question with the bot's message after it.

    The question of an answer to a command or a button stands over it. `kept` are answers by the ids of their messages.
    """
    conversation, question = Conversation(), ""
    for message in messages:
        asked = _ASKED.match(message.content)
        if message.author.id != me:
            question = without_mentions(message.content) or question
        elif message.content and (question or asked):
            text = message.content[asked.end() :] if asked else message.content
            question = _ESCAPED.sub(r"\1", asked["question"]) if asked else question
            answer = kept.get(message.id) or _answer(question, text, message)
            conversation = conversation.after(question, answer)
            question = ""
    return conversation


def without_citations(kept: KeptAnswer) -> Answer:
    """An answer that is kept, one of whose releases is not."""
    record = kept.record
    return _turn(record.question, record.standalone_question, record.answer, record.language, kept.moment)


async def _history(where: discord.abc.Messageable, before: Message | None = None) -> list[Message]:
    """The last messages of a thread or a direct channel, oldest first, below that which a thread was opened from.

    Empty where the bot may not read back.
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


def _answer(question: str, text: str, message: Message) -> Answer:
    """An answer as far as its message tells."""
    understood = _UNDERSTOOD.search(text)
    alone = _ESCAPED.sub(r"\1", understood["question"]) if understood else question
    said = _ESCAPED.sub(r"\1", text.split("\n-# ", maxsplit=1)[0])
    return _turn(question, alone, said, detect_language(alone) or "und", message.created_at)


def _turn(question: str, alone: str, text: str, language: str, moment: datetime) -> Answer:
    return Answer(question, alone, text, language, (), None, 1.0, "discord", moment, {})


_NAME = 100  # characters
_ARCHIVE: Final = 1440  # minutes
_NEEDED = {
    "create_public_threads": "Create Public Threads",
    "send_messages_in_threads": "Send Messages in Threads",
}


@dataclass(frozen=True, slots=True)
class Opened:
    """A thread, or the permission that is missing for one; neither where there are no threads."""

    thread: discord.Thread | None = None
    missing: str | None = None


async def open_thread(message: Message, question: str) -> Opened:
    """The thread that goes on from a message, which may be there already."""
    channel = message.channel
    if not isinstance(channel, discord.TextChannel):
        return Opened()
    thread = message.thread or channel.get_thread(message.id)
    if thread is not None:
        return Opened(thread)
    if missing := _missing(channel.permissions_for(channel.guild.me)):
        return Opened(missing=missing)
    try:
        return Opened(await message.create_thread(name=name_of(question), auto_archive_duration=_ARCHIVE))
    except discord.Forbidden as exc:
        log.warning("channel %s: no thread: %s", channel.id, exc)
        return Opened(missing=_NEEDED["create_public_threads"])
    except discord.HTTPException as exc:  # opened by somebody else meanwhile, or too many threads are active
        log.warning("channel %s: no thread: %s", channel.id, exc)
        return Opened(channel.get_thread(message.id))


def name_of(question: str) -> str:
    """A thread's name from a question: one line, at most 100 characters, cut between words."""
    name = " ".join(plain(question).split()) or "…"
    if len(name) <= _NAME:
        return name
    return name[: _NAME - 1].rsplit(" ", 1)[0].rstrip(" ,;:") + "…"


def _missing(granted: discord.Permissions) -> str | None:
    return next((name for key, name in _NEEDED.items() if not getattr(granted, key)), None)
