"""Starting the bot, registering its commands, and the address that invites it."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from typing import TYPE_CHECKING

import aiohttp
import discord

from bot.discord.client import Relay
from bot.errors import DiscordError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from pydantic import SecretStr

    from bot.wiring import Built

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
