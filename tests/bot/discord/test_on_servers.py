"""Two bots on two hosts with homes of their own, one store and one ledger on servers, and one Discord."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from typing import TYPE_CHECKING

import pytest

from bot.settings import load_settings
from bot.wiring import Built
from tests.bot.discord.conftest import running, said_by_bot
from tests.bot.discord.newsroom import bring, subscribe, titles
from tests.discord_server.process import bot_process

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.discord_server.server import Discord
    from tests.postgres_server import Server

pytestmark = pytest.mark.parametrize("built", ["on servers"], indirect=True)

BRIDGES = [f"bridge {number}" for number in range(6)]


@pytest.fixture
def other(built: Built, tmp_path: Path) -> Iterator[Built]:
    """The bot on another host, with the same settings."""
    with contextlib.closing(Built(load_settings(tmp_path / "other"))) as made:
        assert made.settings.store == built.settings.store
        yield made


async def test_two_hosts_announce_each_release_once(discord: Discord, built: Built, other: Built) -> None:
    """In its order, whoever comes first; what a guild sets on one holds on both."""
    general = discord.channel("general")
    async with running(discord, built) as one, running(discord, other) as two:
        subscribe(one, general)
        assert two.services.ledger.announcements.subscriptions() == one.services.ledger.announcements.subscriptions()
        for day, name in enumerate(BRIDGES):
            bring(built if day % 2 else other, name, day=day)
            if day % 3 == 2:
                await asyncio.gather(*(relay.announcer.look() for relay in (one, two, two, one)))

        assert [one.trouble for one in two.services.ledger.announcements.subscriptions()] == [None]
    assert titles(discord, general) == [f"The {name}" for name in BRIDGES]
    assert not list(built.settings.home.glob("discord.sqlite3*"))
    assert not list(other.settings.home.glob("discord.sqlite3*"))


@pytest.mark.long
async def test_a_host_that_is_killed_while_it_announces_is_followed_by_another(
    discord: Discord, built: Built, tmp_path: Path
) -> None:
    """Who comes before its time is over leaves the channel alone, and posts what is missing after, once."""
    general = discord.channel("general")
    async with running(discord, built) as relay:
        subscribe(relay, general)
        for day, name in enumerate(BRIDGES):
            bring(built, name, day=day)
        discord.world.post_slowly = 0.5
        async with bot_process(discord, tmp_path / "killed", COMMUNIQUE_DISCORD__ANNOUNCE_EVERY="1") as bot:
            await discord.until(lambda: len(titles(discord, general)) >= 2, 60)
            await relay.announcer.look()
            await bot.end(signal.SIGKILL)
        discord.world.post_slowly = 0.0
        posted = titles(discord, general)
        assert 2 <= len(posted) < len(BRIDGES)

        await relay.announcer.look()
        assert titles(discord, general) == posted
        with relay.services.ledger.database.transaction() as connection:  # as it is fifteen seconds later
            connection.execute("UPDATE main.subscriptions SET held_until = held_until - 15")
        for _ in range(2):
            await relay.announcer.look()

    assert titles(discord, general) == [f"The {name}" for name in BRIDGES]


async def test_a_server_that_is_away_is_told_and_found_again(
    discord: Discord, built: Built, postgres: Server, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever presses, asks or writes meanwhile gets one sentence, the log another, and nobody a traceback."""
    marie, general = discord.member("Marie"), discord.channel("general")
    async with running(discord, built) as relay:
        await marie.asks(general, "/ask", question="When did Sweden join NATO?")
        (shown,) = await said_by_bot(discord, general)
        postgres.stop()
        try:
            pressed = await marie.presses(shown, "👍")
            await marie.asks(general, "/ask", question="When did Finland join NATO?")
            asked = marie.sees(general)[-1]
            await marie.writes(general, "Quand la Finlande a-t-elle rejoint l’OTAN ?", mentions=True)
            written = (await said_by_bot(discord, general, 3))[-1]
        finally:
            postgres.start()
        away = "I cannot reach the archive at the moment: try again in a few minutes."
        assert [(pressed.original or {})["content"], asked["content"]] == [away, away]
        assert written["content"] == "Je n’ai pas accès aux archives pour le moment : réessayez dans quelques minutes."
        assert "ledger: postgresql://news@127.0.0.1" in caplog.text
        assert "start the server" in caplog.text
        assert "Traceback" not in caplog.text

        await marie.presses(shown, "👍")
        assert [one.good for one in relay.services.ledger.feedback.all()] == [True]
        await marie.asks(general, "/ask", question="When did Finland join NATO?")
        assert "4 April 2023" in marie.sees(general)[-1]["content"]
