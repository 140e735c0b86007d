"""The bot on Discord: commands, mentions, replies and direct messages, each answered by the chain."""

from __future__ import annotations

import asyncio
import logging
import secrets
from typing import TYPE_CHECKING

import discord
from discord import AllowedMentions, app_commands

from bot.answerer import Ask
from bot.discord.commands import commands_for
from bot.discord.render import rendered
from bot.discord.talk import conversation_of, without_mentions
from bot.discord.wording import wording

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from bot.answer import Answer
    from bot.conversation import Conversation
    from bot.discord.render import Page
    from bot.wiring import Built

log = logging.getLogger(__name__)

_AT_ONCE = 4  # questions that are answered at one time
_WAITING = 40  # that wait behind them; more are told to come back
_REMEMBERED = 12  # messages that are read back


class BusyError(Exception):
    """Too many questions wait already."""


class Relay(discord.AutoShardedClient):
    """Answers on Discord from one store. `sync` registers the commands when it starts."""

    def __init__(self, built: Built, *, sync: bool = False) -> None:
        super().__init__(
            intents=discord.Intents.default(),
            allowed_mentions=AllowedMentions.none(),
            max_messages=None,
            chunk_guilds_at_startup=False,
        )
        self.built = built
        self.tree = app_commands.CommandTree(self)
        self._sync = sync
        self._places = asyncio.Semaphore(_AT_ONCE)
        self._waiting = 0

    async def setup_hook(self) -> None:
        """Before the gateway is asked: the commands."""
        await commands_for(self)
        self.tree.error(self._failed)
        if self._sync:
            await self.tree.sync()

    async def answers(self, ask: Ask) -> AsyncIterator[Answer]:
        """The answer to a question as it grows, worked on in threads. Raises BusyError where too many wait."""
        if self._waiting >= _WAITING:
            raise BusyError
        self._waiting += 1
        try:
            async with self._places:
                async for answer in self.built.answerer.astream(ask):
                    yield answer
        finally:
            self._waiting -= 1

    async def answered(self, ask: Ask) -> Answer:
        """The whole answer. Raises BusyError where too many wait."""
        async for answer in self.answers(ask):  # noqa: B007 - the last one is wanted
            pass
        return answer

    async def on_message(self, message: discord.Message) -> None:
        """Answers what is meant for the bot: a mention, a reply to it, a direct message."""
        if message.author.bot or message.is_system() or not self._is_meant(message):
            return
        said = wording(message.guild.preferred_locale.value if message.guild else None)
        question = without_mentions(message.content)
        if not question:
            await message.reply(said.empty_mention)
            return
        try:
            async with message.channel.typing():
                answer = await self.answered(Ask(question, conversation=await self._said_before(message)))
            await _reply(message, rendered(answer))
        except BusyError:
            await message.reply(said.busy)
        except discord.Forbidden as exc:
            log.warning("channel %s: not answered: %s", message.channel.id, exc)
        except Exception:
            reference = _reference()
            log.exception("message %s: not answered; reference %s", message.id, reference)
            await message.reply(said.failed.format(reference=reference))

    def _is_meant(self, message: discord.Message) -> bool:
        return message.guild is None or (self.user is not None and self.user in message.mentions)

    async def _said_before(self, message: discord.Message) -> Conversation:
        """In a direct message or a thread what stands there; elsewhere the message that is replied to."""
        assert self.user is not None
        if message.guild is None or isinstance(message.channel, discord.Thread):
            before = [one async for one in message.channel.history(limit=_REMEMBERED, before=message)]
            return conversation_of(before[::-1], self.user.id)
        chain: list[discord.Message] = []
        last: discord.Message | None = message
        while last and last.reference and last.reference.message_id and len(chain) < _REMEMBERED:
            try:
                last = await message.channel.fetch_message(last.reference.message_id)
            except discord.HTTPException:
                break
            chain.append(last)
        return conversation_of(chain[::-1], self.user.id)

    async def _failed(self, interaction: discord.Interaction, error: app_commands.AppCommandError) -> None:
        """One sentence with a reference for the person, the traceback for the log."""
        said = wording(interaction.locale.value)
        cause = error.__cause__ or error
        if isinstance(error, app_commands.CommandOnCooldown):
            when = int(discord.utils.utcnow().timestamp() + error.retry_after) + 1
            text = said.cooldown.format(when=when)
        elif isinstance(cause, BusyError):
            text = said.busy
        else:
            reference = _reference()
            log.error("interaction %s: failed; reference %s", interaction.id, reference, exc_info=cause)
            text = said.failed.format(reference=reference)
        try:
            if interaction.response.is_done():
                await interaction.edit_original_response(content=text)
            else:
                await interaction.response.send_message(text, ephemeral=True)
        except discord.HTTPException as exc:
            log.warning("interaction %s: could not be told: %s", interaction.id, exc)


async def _reply(message: discord.Message, pages: Sequence[Page]) -> None:
    """The first page as a reply, the others behind it."""
    last = message
    for page in pages:
        last = await last.reply(page.content or None, embeds=list(page.embeds))


def _reference() -> str:
    return secrets.token_hex(3)
