"""Running, syncing and inviting as an operator does; the process is one of its own where it is ended."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr

from bot.discord.client import invitation, sync
from bot.errors import DiscordError
from tests.bot.discord.conftest import running
from tests.discord_server.pointing import pointed_at
from tests.discord_server.process import bot_process

if TYPE_CHECKING:
    from pathlib import Path

    from bot.wiring import Built
    from tests.discord_server.server import Discord


async def test_the_invitation_asks_for_what_is_needed_and_nothing_else(discord: Discord, built: Built) -> None:
    """Both scopes, and permissions to see, read and write."""
    with pointed_at(discord.api_url, discord.gateway_url):
        address = await asyncio.to_thread(invitation, built, SecretStr(discord.token))

    assert address.startswith(f"https://discord.com/oauth2/authorize?client_id={discord.world.bot['id']}")
    assert "scope=bot+applications.commands" in address
    assert f"permissions={1 << 10 | 1 << 11 | 1 << 14 | 1 << 16 | 1 << 35 | 1 << 38}" in address


async def test_sync_registers_the_commands(discord: Discord, built: Built) -> None:
    """Without the gateway."""
    with pointed_at(discord.api_url, discord.gateway_url):
        count = await asyncio.to_thread(sync, built, SecretStr(discord.token))

    assert count == len(discord.world.commands) == 15
    assert discord.gateway.identified == 0


async def test_a_wrong_token_says_where_to_find_the_right_one(discord: Discord, built: Built) -> None:
    """And does not show it."""
    with (
        pointed_at(discord.api_url, discord.gateway_url),
        pytest.raises(DiscordError, match="developer portal") as error,
    ):
        await asyncio.to_thread(sync, built, SecretStr("wrong-token"))

    assert "wrong-token" not in str(error.value)


async def test_a_dead_network_is_told(built: Built) -> None:
    """One sentence, and where to look."""
    with pointed_at("http://127.0.0.1:9/api/v10", "ws://127.0.0.1:9/"), pytest.raises(DiscordError, match="reached"):
        await asyncio.to_thread(sync, built, SecretStr("any"))


@pytest.mark.long
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_the_bot_in_good_order(discord: Discord, tmp_path: Path, how: signal.Signals) -> None:
    """It answers, and then is gone without a traceback."""
    async with bot_process(discord, tmp_path / "home") as bot:
        asked = await discord.member("Marie").asks(discord.channel("general"), "/help")
        code = await bot.end(how)

    assert asked.finished
    assert code == 0
    assert "Traceback" not in bot.errors
    assert discord.token not in bot.errors


async def test_commands_are_registered_when_they_changed_and_when_the_operator_says_so(
    discord: Discord, built: Built
) -> None:
    """Not at every start."""
    async with running(discord, built):
        pass
    async with running(discord, built) as relay:
        assert discord.synced == 1
        relay.services.ledger.set_meta("commands", "those of an older version")
    async with running(discord, built):
        assert discord.synced == 2
    with pointed_at(discord.api_url, discord.gateway_url):
        await asyncio.to_thread(sync, built, SecretStr(discord.token))
    assert discord.synced == 3
