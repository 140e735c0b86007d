"""Ordinary messages that are meant for the bot: mentions, replies, direct messages."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

import discord

from bot.answering.analysis import Ask
from bot.discord.admission import ClosingError, CooldownError, NotAdmittedError
from bot.discord.answering import ChannelPlace, Frame, nonce
from bot.discord.buttons import asked
from bot.discord.conversations import Opened, open_thread, said_before, without_mentions
from bot.discord.wording import wording
from vectorstore.text.language import detect_language

if TYPE_CHECKING:
    from discord import Message

    from bot.discord.client import Relay

log = logging.getLogger(__name__)

_SHOWN = 10.0  # seconds that somebody is told to wait for: others have no use of it


def is_meant(message: Message, me: discord.abc.User | None) -> bool:
    """Whether a message is a person's, for the bot, and can be answered where it stands."""
    if message.author.bot or message.is_system() or me is None:
        return False
    if message.guild is None:
        return True
    return me in message.mentions and _may_write(message)


async def answer_message(relay: Relay, message: Message) -> None:
    """Answer a message in a thread of its own, or where it stands; whatever fails is told there."""
    question = without_mentions(message.content)
    locale = detect_language(question) or (message.guild.preferred_locale.value if message.guild else None)
    refused = _refused(relay, message) if question else None  # whoever answers: each process counts all that it hears
    async with relay.turns.turn(message.id, last=isinstance(refused, ClosingError)) as mine:
        if not mine:
            return
        try:
            if refused:
                raise refused
            if question:
                await _answer(relay, message, asked(question))
            else:
                await message.reply(wording(locale).empty_mention, nonce=nonce(message.id, "?"))
        except discord.Forbidden as exc:
            log.warning("channel %s: not answered: %s", message.channel.id, exc)
        except Exception as exc:  # noqa: BLE001 - discord.py would only log it
            await _excuse(message, exc, relay.excuse(exc, locale, f"message {message.id}"))


def _refused(relay: Relay, message: Message) -> NotAdmittedError | None:
    try:
        relay.desk.admit(message.author.id, message.guild.id if message.guild else None)
    except NotAdmittedError as exc:
        return exc
    return None


async def _excuse(message: Message, error: Exception, text: str) -> None:
    """Say what went wrong; a process that could not know that another says so too says it once with it."""
    once = nonce(message.id, "!")
    try:
        if isinstance(error, CooldownError):
            await message.reply(text, nonce=once, delete_after=_SHOWN)
        else:
            await message.reply(text, nonce=once)
    except discord.HTTPException as failed:
        log.warning("message %s: could not be told: %s", message.id, failed)


async def _answer(relay: Relay, message: Message, question: str) -> None:
    assert relay.user is not None
    opened = Opened()
    if (
        message.guild
        and not message.reference
        and await asyncio.to_thread(relay.ledger.guilds.opens_threads, message.guild.id)
    ):
        opened = await open_thread(message, question)
    where = opened.thread or message.channel
    said = wording(detect_language(question))
    below: tuple[str, ...] = ()
    if opened.thread:
        below = (said.thread_hint,)
    elif opened.missing:
        below = (said.no_thread.format(permission=f"**{opened.missing}**"),)
    async with where.typing():
        conversation = await said_before(message, relay.user.id, relay.answering.revived)
        place = ChannelPlace(where, None if opened.thread else message, once=message.id)
        await relay.answering.answer(Ask(question, conversation=conversation), place, Frame(below=below))


def _may_write(message: Message) -> bool:
    """As far as the roles of the bot tell; where they do not let it, not even an excuse could be posted."""
    assert message.guild is not None
    channel = message.channel
    if not isinstance(channel, discord.abc.GuildChannel | discord.Thread):
        return True
    granted = channel.permissions_for(message.guild.me)
    return granted.send_messages_in_threads if isinstance(channel, discord.Thread) else granted.send_messages
