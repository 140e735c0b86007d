"""The bot on Discord: commands, mentions, replies, direct messages, buttons and forms, each answered by the chain."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import logging
import signal
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import aiohttp
import discord
from discord import AllowedMentions, app_commands

from bot.discord.administration import Ingestion
from bot.discord.admission import ClosingError, Desk
from bot.discord.announcements import Announcer
from bot.discord.answering import Answering
from bot.discord.buttons import AnswerButton, filled
from bot.discord.commands import commands_for
from bot.discord.excuses import excuse, outcome
from bot.discord.messages import answer_message, is_meant
from bot.discord.pressing import press, submit
from bot.discord.turns import OthersTurn, Turns, is_responded, is_taken
from bot.errors import DiscordError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from pydantic import SecretStr

    from bot.wiring import Built

log = logging.getLogger(__name__)

_BESIDE = 8  # threads for what is not answering: autocomplete, status, the ledger
_SENDING = 5.0  # seconds that answers which are on their way are waited for
_SYNCED = "commands"


class Relay(discord.AutoShardedClient):
    """Answers on Discord from one store.

    `sync` registers the commands when it starts, where they are not those that were registered last. `announces` is
    whether it looks for releases to announce.
    """

    def __init__(self, built: Built, *, sync: bool = False, announces: bool = False) -> None:
        super().__init__(
            intents=discord.Intents.default(),
            allowed_mentions=AllowedMentions.none(),
            max_messages=None,
            chunk_guilds_at_startup=False,
        )
        self.built = built
        self.settings = built.settings.discord
        self.ledger = built.ledger
        self.tree = app_commands.CommandTree(
            self,
            allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=True),
            allowed_installs=app_commands.AppInstallationType(guild=True, user=True),
        )
        self.desk = Desk(self.settings, told=built.metrics.waiting.set)
        self.turns = Turns(self.ledger)
        self.answering = Answering(built, self.ledger, self.desk)
        self.announcer = Announcer(self, every=self.settings.announce_every)
        self.ingestion = Ingestion()
        self._sync = sync
        self._announces = announces

    async def setup_hook(self) -> None:
        """Before the gateway is asked: the commands, the buttons of old messages, and the announcing."""
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(self.settings.at_once + _BESIDE))
        await commands_for(self)
        self.tree.error(self.fail)
        logging.getLogger(app_commands.CommandTree.__module__).addFilter(OthersTurn())
        self.add_dynamic_items(AnswerButton)
        if self._sync:
            await self._sync_changed()
        if self._announces:
            self.announcer.start()

    async def sync_commands(self) -> int:
        """Register the commands; returns how many there are."""
        count = len(await self.tree.sync())
        await asyncio.to_thread(self.ledger.set_meta, _SYNCED, await self._fingerprint())
        return count

    async def stop(self, patience: float = 20.0) -> None:
        """Take no more questions, finish those under way or apologise for them, and leave."""
        self.ingestion.stop()
        await asyncio.gather(self.desk.close(patience), self.announcer.stop())
        await self.answering.apologise()
        await self.desk.close(_SENDING)
        await self.turns.close(_SENDING)
        await self.close()

    async def on_message(self, message: discord.Message) -> None:
        """Answers what is meant for the bot: a mention, a reply to it, a direct message."""
        if is_meant(message, self.user):
            await answer_message(self, message)

    async def on_interaction(self, interaction: discord.Interaction) -> None:
        """Takes the forms that were sent in: they are handled here, so that a restart in between does not matter."""
        form = filled(interaction)
        if form is None:
            return
        try:
            await submit(self, interaction, form)
        except Exception as exc:  # noqa: BLE001 - discord.py would only log it
            await self.fail(interaction, exc)

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """Forgets what a guild set that has shown the bot out."""
        await asyncio.to_thread(self.ledger.guilds.forget, guild.id)

    async def pressed(self, interaction: discord.Interaction, verb: str, answer: str) -> None:
        """A button under an answer."""
        await press(self, interaction, verb, answer)

    def excuse(self, error: BaseException, locale: str | None, what: str) -> str:
        """The sentence for an error, which is counted; `what` names in the log what failed."""
        if counted := outcome(error):
            self.built.metrics.failed(counted)
        return excuse(error, locale, what)

    async def fail(self, interaction: discord.Interaction, error: Exception) -> None:
        """One sentence for the person, in private where nothing was shown yet."""
        # discord.py wraps what a command raises; an error of our own has a cause too, and says more than that.
        cause = (error.__cause__ if isinstance(error, app_commands.AppCommandError) else None) or error
        if is_taken(cause):
            return
        if isinstance(cause, ClosingError):
            await self.turns.give_way()
        text = self.excuse(cause, interaction.locale.value, f"interaction {interaction.id}")
        try:
            if is_responded(interaction):
                await interaction.edit_original_response(content=text)
            else:
                await interaction.response.send_message(text, ephemeral=True)
        except discord.HTTPException as exc:
            if not is_taken(exc):
                log.warning("interaction %s: could not be told: %s", interaction.id, exc)

    async def _sync_changed(self) -> None:
        known = await asyncio.to_thread(self.ledger.meta, _SYNCED)
        if known != await self._fingerprint():
            await self.sync_commands()

    async def _fingerprint(self) -> str:
        """A hash of the commands as they would be registered, and of whose they are."""
        translator = self.tree.translator
        commands: list[Any] = [
            await one.get_translated_payload(self.tree, translator) if translator else one.to_dict(self.tree)
            for one in self.tree.get_commands() + self.tree.get_commands(type=discord.AppCommandType.message)
        ]
        told = json.dumps([self.application_id, commands], sort_keys=True, default=str)
        return hashlib.sha256(told.encode()).hexdigest()


PERMISSIONS = discord.Permissions(
    view_channel=True,
    send_messages=True,
    create_public_threads=True,
    send_messages_in_threads=True,
    embed_links=True,
    read_message_history=True,
)
"""What the bot needs of a guild, and nothing else."""

_SCOPES = ("bot", "applications.commands")


def run(built: Built, token: SecretStr) -> None:
    """Answer until SIGTERM or Ctrl-C; commands are registered where they have changed. Raises DiscordError."""
    asyncio.run(_run(built, token))


def sync(built: Built, token: SecretStr) -> int:
    """Register the commands; returns how many there are. Raises DiscordError."""
    return asyncio.run(_sync(built, token))


def invitation(built: Built, token: SecretStr) -> str:
    """The address by which a guild takes the bot in. Raises DiscordError."""
    return asyncio.run(_invitation(built, token))


async def _run(built: Built, token: SecretStr) -> None:
    relay = Relay(built, sync=True, announces=True)
    loop, stopped = asyncio.get_running_loop(), asyncio.Event()
    for one in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(one, stopped.set)
    async with _told(), relay:
        working = loop.create_task(relay.start(token.get_secret_value()))
        waiting = loop.create_task(stopped.wait())
        await asyncio.wait({working, waiting}, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        if stopped.is_set():
            await relay.stop()
        await working


async def _sync(built: Built, token: SecretStr) -> int:
    relay = Relay(built)
    async with _told(), relay:
        await relay.login(token.get_secret_value())
        return await relay.sync_commands()


async def _invitation(built: Built, token: SecretStr) -> str:
    relay = Relay(built)
    async with _told(), relay:
        await relay.login(token.get_secret_value())
        assert relay.application_id is not None
        return discord.utils.oauth_url(relay.application_id, permissions=PERMISSIONS, scopes=_SCOPES)


@contextlib.asynccontextmanager
async def _told() -> AsyncIterator[None]:
    """What goes wrong with Discord, in one sentence that says how to mend it."""
    try:
        yield
    except discord.LoginFailure as exc:
        raise DiscordError("the token is refused; copy it anew from the developer portal, under Bot") from exc
    except discord.HTTPException as exc:
        raise DiscordError(f"Discord answers {exc.status}: {exc.text or exc}") from exc
    except (aiohttp.ClientConnectionError, discord.GatewayNotFound) as exc:
        raise DiscordError(f"cannot be reached: {exc}; look at the network and at https://discordstatus.com") from exc
