"""Ordinary messages that are meant for the bot: mentions, replies, direct messages."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

import discord

from bot.answering.analysis import Ask
from bot.discord.admission import ClosingError, CooldownError, NotAdmittedError, checked_length
from bot.discord.answering import ChannelDestination, Frame, nonce
from bot.discord.conversations import Opening, open_thread, without_mentions
from bot.discord.localisation import wording
from vectorstore.text.language import detect_language

if TYPE_CHECKING:
    from discord import Message

    from bot.discord.services import Services

log = logging.getLogger(__name__)

_SHOWN = 10.0  # seconds that a request to wait is shown: it is for one person alone


def is_meant(message: Message, me: int) -> bool:
    """Whether a message is a person's, for the bot with the id `me`, and can be answered where it stands."""
    if message.author.bot or message.is_system():
        return False
    if message.guild is None:
        return True
    return any(user.id == me for user in message.mentions) and _may_write(message)


async def answer_message(services: Services, message: Message) -> None:
    """Answer a message in a thread of its own, or where it stands; any failure is reported there."""
    question = without_mentions(message.content)
    locale = detect_language(question) or (message.guild.preferred_locale.value if message.guild else None)
    # Every process counts what it hears, whichever of them answers.
    refused = _refused(services, message) if question else None
    async with services.claims.claim(message.id, last=isinstance(refused, ClosingError)) as mine:
        if not mine:
            return
        try:
            if refused:
                raise refused
            if question:
                await _answer(services, message, checked_length(question))
            else:
                await message.reply(wording(locale).empty_mention, nonce=nonce(message.id, "?"))
        except discord.Forbidden as exc:
            log.warning("channel %s: not answered: %s", message.channel.id, exc)
        except Exception as exc:  # noqa: BLE001 - discord.py would only log it
            await _excuse(message, exc, services.excuse(exc, locale, f"message {message.id}"))


def _refused(services: Services, message: Message) -> NotAdmittedError | None:
    try:
        services.admission.admit(message.author.id, message.guild.id if message.guild else None)
    except NotAdmittedError as exc:
        return exc
    return None


async def _excuse(message: Message, error: Exception, text: str) -> None:
    """Say what went wrong, once even if two processes say it that could not know of each other."""
    once = nonce(message.id, "!")
    try:
        if isinstance(error, CooldownError):
            await message.reply(text, nonce=once, delete_after=_SHOWN)
        else:
            await message.reply(text, nonce=once)
    except discord.HTTPException as failed:
        log.warning("message %s: could not be told: %s", message.id, failed)


async def _answer(services: Services, message: Message, question: str) -> None:
    where = await services.scopes.of(message)
    opening = Opening()
    if (
        message.guild
        and not message.reference
        and await asyncio.to_thread(services.ledger.guilds.opens_threads, message.guild.id)
    ):
        opening = await open_thread(message, question)
    channel = opening.thread or message.channel
    said = wording(detect_language(question))
    below: tuple[str, ...] = ()
    if opening.thread:
        below = (said.thread_hint,)
    elif opening.missing:
        below = (said.no_thread.format(permission=f"**{opening.missing}**"),)
    async with channel.typing():
        conversation = await services.conversations.before(message, services.user_id, where)
        destination = ChannelDestination(channel, None if opening.thread else message, once=message.id)
        await services.answering.answer(
            Ask(question, where, conversation=conversation), destination, Frame(below=below)
        )


def _may_write(message: Message) -> bool:
    """As far as the bot's roles tell; without the permission, not even an excuse could be posted."""
    assert message.guild is not None
    channel = message.channel
    if not isinstance(channel, discord.abc.GuildChannel | discord.Thread):
        return True
    granted = channel.permissions_for(message.guild.me)
    return granted.send_messages_in_threads if isinstance(channel, discord.Thread) else granted.send_messages
