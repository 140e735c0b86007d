"""One conversation, one thread: opened from the message that began it, and named after its question."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import discord

from bot.instructions import plain

if TYPE_CHECKING:
    from discord import Message

log = logging.getLogger(__name__)

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
