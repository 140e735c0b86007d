"""The client on Discord: what arrives goes to the handlers of commands, buttons and forms.

Ordinary messages that are meant for the bot, which are mentions, replies and direct messages, are answered here.
"""

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

from bot.answering.analysis import Ask
from bot.discord.admission import ClosingError, CooldownError, NotAdmittedError, TakenFilter, checked_length
from bot.discord.announcements import Announcer
from bot.discord.answering import ChannelDestination, Frame, nonce, post
from bot.discord.buttons import handle
from bot.discord.commands import add_commands
from bot.discord.conversations import Opening, open_thread, without_mentions
from bot.discord.delivery import Delivery, Forgetting, Rounds
from bot.discord.digests import DigestSender
from bot.discord.following import Follower
from bot.discord.localisation import wording
from bot.discord.questions import QuestionTeller
from bot.discord.services import Services
from bot.errors import DiscordError
from vectorstore.text import detect_language

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from discord import Message
    from pydantic import SecretStr

    from bot.wiring import Built

log = logging.getLogger(__name__)

_OTHER_THREADS = 8  # for what is not answering: autocomplete, status, the ledger
_SENDING = 5.0  # seconds that answers which are being sent are waited for
_WRITING = 30.0  # seconds that an ingestion is waited for; an index of 100,000 passages takes 20 to write
_SHOWN = 10.0  # seconds that a request to wait is shown: it is for one person alone
_SYNCED = "commands"


class Relay(discord.AutoShardedClient):
    """Answers on Discord from one store.

    `sync` registers the commands at the start, unless they are those that were registered last. `announces` is whether
    it looks for releases to announce, and to tell people of.
    """

    def __init__(self, built: Built, *, sync: bool = False, announces: bool = False) -> None:
        super().__init__(
            intents=discord.Intents.default(),
            allowed_mentions=AllowedMentions.none(),
            max_messages=None,
            chunk_guilds_at_startup=False,
        )
        self.services = Services(built)
        self.tree = app_commands.CommandTree(
            self,
            allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=True),
            allowed_installs=app_commands.AppInstallationType(guild=True, user=True),
        )
        scopes = self.services.scopes
        stopping = asyncio.Event()
        self.announcer = Announcer(self, built, scopes, stopping)
        self.delivery = Delivery(self, built.ledger, per_minute=built.settings.discord.direct_per_minute)
        self.follower = Follower(built, self.delivery, scopes, stopping)
        self.teller = QuestionTeller(self, built, self.delivery, scopes)
        self.digests = DigestSender(self, built, self.delivery, scopes)
        forgetting = Forgetting(built.ledger, days=built.settings.discord.keep_answers)
        looks = (self.announcer, self.follower, self.teller, self.digests, forgetting)
        self.rounds = Rounds(self, looks, every=built.settings.discord.announce_every, stopping=stopping)
        self._threads = built.settings.discord.at_once + _OTHER_THREADS
        self._sync = sync
        self._announces = announces

    async def setup_hook(self) -> None:
        """Prepare the commands and the announcing, once the bot has logged in."""
        assert self.user is not None
        self.services.user_id = self.user.id
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(self._threads))
        await add_commands(self.tree, self.services)
        self.tree.error(self.services.fail)
        logging.getLogger(app_commands.CommandTree.__module__).addFilter(TakenFilter())
        if self._sync:
            await self._sync_changed()
        if self._announces:
            self.rounds.start()

    async def sync_commands(self) -> int:
        """Register the commands; returns how many there are."""
        count = len(await self.tree.sync())
        await asyncio.to_thread(self.services.ledger.set_meta, _SYNCED, await self._fingerprint())
        return count

    async def stop(self, patience: float = 20.0) -> None:
        """Take no more questions, finish those under way or apologise for them, end an ingestion, and leave."""
        services = self.services
        await asyncio.gather(
            services.admission.close(patience),
            self.rounds.stop(),
            services.ingestion.close(_WRITING),
        )
        services.answering.give_up()
        services.admission.give_up()
        await services.admission.close(_SENDING)
        await services.claims.close(_SENDING)
        await self.close()

    async def on_message(self, message: discord.Message) -> None:
        """Answer what is meant for the bot: a mention, a reply to it, a direct message."""
        if is_meant(message, self.services.user_id):
            await answer_message(self.services, message)

    async def on_interaction(self, interaction: discord.Interaction) -> None:
        """Take buttons and forms, which are handled by their ids so that a restart does not matter."""
        try:
            await handle(self.services, interaction)
        except Exception as exc:  # noqa: BLE001 - discord.py would only log it
            await self.services.fail(interaction, exc)

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """Forget what was set for a guild that has removed the bot."""
        await asyncio.to_thread(self.services.ledger.guilds.forget, guild.id)

    async def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        """Forget which sources a channel was kept to that is gone."""
        await asyncio.to_thread(self.services.ledger.channel_sources.release, channel.id, guild=channel.guild.id)

    async def _sync_changed(self) -> None:
        known = await asyncio.to_thread(self.services.ledger.meta, _SYNCED)
        if known != await self._fingerprint():
            await self.sync_commands()

    async def _fingerprint(self) -> str:
        """A hash of the commands as they would be registered, and of whose they are."""
        translator = self.tree.translator
        commands: list[Any] = [
            await command.get_translated_payload(self.tree, translator) if translator else command.to_dict(self.tree)
            for command in self.tree.get_commands() + self.tree.get_commands(type=discord.AppCommandType.message)
        ]
        payload = json.dumps([self.application_id, commands], sort_keys=True, default=str)
        return hashlib.sha256(payload.encode()).hexdigest()


PERMISSIONS = discord.Permissions(
    view_channel=True,
    send_messages=True,
    create_public_threads=True,
    send_messages_in_threads=True,
    embed_links=True,
    read_message_history=True,
)
"""What the bot needs in a guild, and nothing else."""

_SCOPES = ("bot", "applications.commands")


def run(built: Built, token: SecretStr) -> None:
    """Answer until SIGTERM or Ctrl-C; commands are registered if they have changed. Raises DiscordError."""
    asyncio.run(_run(built, token))


def sync(built: Built, token: SecretStr) -> int:
    """Register the commands; returns how many there are. Raises DiscordError."""
    return asyncio.run(_sync(built, token))


def invitation(built: Built, token: SecretStr) -> str:
    """The address at which a guild adds the bot. Raises DiscordError."""
    return asyncio.run(_invitation(built, token))


async def _run(built: Built, token: SecretStr) -> None:
    relay = Relay(built, sync=True, announces=True)
    loop, stopped = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    async with _plain_errors(), relay:
        working = loop.create_task(relay.start(token.get_secret_value()))
        waiting = loop.create_task(stopped.wait())
        await asyncio.wait({working, waiting}, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        if stopped.is_set():
            await relay.stop()
        await working


async def _sync(built: Built, token: SecretStr) -> int:
    relay = Relay(built)
    async with _plain_errors(), relay:
        await relay.login(token.get_secret_value())
        return await relay.sync_commands()


async def _invitation(built: Built, token: SecretStr) -> str:
    relay = Relay(built)
    async with _plain_errors(), relay:
        await relay.login(token.get_secret_value())
        assert relay.application_id is not None
        return discord.utils.oauth_url(relay.application_id, permissions=PERMISSIONS, scopes=_SCOPES)


@contextlib.asynccontextmanager
async def _plain_errors() -> AsyncIterator[None]:
    """Turn what discord.py raises into one sentence that says how to mend it."""
    try:
        yield
    except discord.LoginFailure as exc:
        raise DiscordError("the token is refused; copy it again from the developer portal, under Bot") from exc
    except discord.HTTPException as exc:
        raise DiscordError(f"Discord answers {exc.status}: {exc.text or exc}") from exc
    except (aiohttp.ClientConnectionError, discord.GatewayNotFound) as exc:
        raise DiscordError(f"cannot be reached: {exc}; look at the network and at https://discordstatus.com") from exc


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
                await _answer(services, message, checked_length(question), locale)
            else:
                await _reply(message, wording(locale).empty_mention, once=nonce(message.id, "?"))
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
        await _reply(message, text, once=once, delete_after=_SHOWN if isinstance(error, CooldownError) else None)
    except discord.HTTPException as failed:
        log.warning("message %s: could not be told: %s", message.id, failed)


async def _reply(message: Message, text: str, *, once: str, delete_after: float | None = None) -> None:
    given = {"nonce": once, "delete_after": delete_after}
    await post(message.channel, text, given, reference=message.to_reference())


async def _answer(services: Services, message: Message, question: str, locale: str | None) -> None:
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
            Ask(question, where, conversation=conversation), destination, Frame(apology=locale, below=below)
        )


def _may_write(message: Message) -> bool:
    """As far as the bot's roles tell; without the permission, not even an excuse could be posted."""
    assert message.guild is not None
    channel = message.channel
    if not isinstance(channel, discord.abc.GuildChannel | discord.Thread):
        return True
    granted = channel.permissions_for(message.guild.me)
    return granted.send_messages_in_threads if isinstance(channel, discord.Thread) else granted.send_messages
