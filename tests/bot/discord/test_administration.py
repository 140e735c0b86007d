"""`/config` and `/ingest`, for those who manage a guild."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.settings import SourceSettings
from bot.state import Subscription
from tests.bot.discord.conftest import EVERYWHERE, running

if TYPE_CHECKING:
    from pathlib import Path

    from bot.discord.client import Relay
    from bot.wiring import Built
    from tests.discord_server.people import Member
    from tests.discord_server.server import Discord


@pytest.fixture
def manager(discord: Discord) -> Member:
    return discord.member("Marie", permissions=("manage_guild",))


def told(member: Member, discord: Discord) -> str:
    return str(member.sees(discord.channel("general"))[-1]["content"])


@EVERYWHERE
async def test_they_are_offered_to_managers_and_checked_again(discord: Discord, relay: Relay) -> None:
    """Discord hides them; whoever gets past that is told what is missing, in their language."""
    paul, general = discord.member("Paul", locale="fr"), discord.channel("general")

    for command in ("/config show", "/config threads", "/ingest"):
        await paul.asks(general, command, **({"wanted": False} if "threads" in command else {}))

    assert {one["default_member_permissions"] for one in map(discord.command, ("config", "ingest"))} == {32}
    assert [one["contexts"] for one in map(discord.command, ("config", "ingest"))] == [[0], [0]]
    assert all("Gérer le serveur" in one["content"] for one in paul.sees(general))
    assert len(paul.sees(general)) == 3
    assert not relay.built.metrics.registry.get_sample_value("communique_questions_total", {"outcome": "failed"})
    assert relay.ledger.guilds.opens_threads(int(general["guild_id"]))


@EVERYWHERE
async def test_a_channel_is_chosen_with_sources_and_a_language(discord: Discord, relay: Relay, manager: Member) -> None:
    """A line in the channel proves that it can be written in; `show` tells what is set, `silence` ends it."""
    general = discord.channel("general")

    await manager.asks(general, "/config announce", channel=general, source="NATO; Council of Europe", language="fr")

    (kept,) = relay.ledger.announcements.subscriptions()
    assert (kept.channel, kept.publishers, kept.languages) == (
        int(general["id"]),
        ("NATO", "Council of Europe"),
        ("fr",),
    )
    assert kept.up_to == relay.built.store.last_event()
    assert discord.messages(general)[0]["content"] == "New releases will be announced here."

    await manager.asks(general, "/config show")
    assert f"<#{general['id']}>: NATO, Council of Europe, fr." in told(manager, discord)

    await manager.asks(general, "/config silence", channel=general)
    assert relay.ledger.announcements.subscriptions() == []
    assert discord.refused == []


@EVERYWHERE
async def test_a_channel_that_cannot_be_written_in_is_refused_with_the_permission(
    discord: Discord, relay: Relay, manager: Member
) -> None:
    """Nothing is set."""
    general = discord.channel("general")
    discord.forbids(general, "send_messages")

    await manager.asks(general, "/config announce", channel=general)

    assert "**Send Messages** is missing" in told(manager, discord)
    assert relay.ledger.announcements.subscriptions() == []


@EVERYWHERE
async def test_sources_are_proposed(discord: Discord, relay: Relay, manager: Member) -> None:
    """Those that have published something."""
    del relay

    assert await manager.types(discord.channel("general"), "/config announce", "source", "na") == ["NATO"]
    assert await manager.types(discord.channel("general"), "/latest", "source", "zz") == []


@pytest.mark.embedded
async def test_ingest_reads_the_sources_beside_the_bot(
    discord: Discord, relay: Relay, manager: Member, tmp_path: Path
) -> None:
    """What it brought can be asked about at once; a second run has to wait."""
    general = discord.channel("general")
    folder = tmp_path / "releases"
    folder.mkdir()
    (folder / "norway.txt").write_text("Norway opens a centre\n\nNorway opened a centre for divers on 3 May 2024.\n")
    (tmp_path / "communique.toml").write_text(f'[[sources]]\nlocation = "{folder}"\n')
    settings = relay.built.settings
    relay.built.settings = settings.model_copy(update={"sources": (SourceSettings(location=str(folder)),)})

    await manager.asks(general, "/ingest", wait=False)
    await discord.until(lambda: bool(manager.sees(general)) and "new" in told(manager, discord), 60)
    assert told(manager, discord) == "1 new, 0 changed, 0 unchanged."

    await manager.asks(general, "/ingest")
    assert "may be read again" in told(manager, discord)
    await manager.asks(general, "/ask", question="When did Norway open a centre for divers?")
    assert "3 May 2024" in told(manager, discord)


async def test_ingest_without_sources_says_where_to_name_them(discord: Discord, relay: Relay, manager: Member) -> None:
    """Nothing is run."""
    await manager.asks(discord.channel("general"), "/ingest")

    assert "communique.toml" in told(manager, discord)
    assert relay.ingestion.process is None


async def test_a_guild_sets_nothing_for_another(discord: Discord, built: Built, manager: Member) -> None:
    """Whatever channel a command is sent with: neither the channel's announcements nor their end."""
    elsewhere = discord.guild("Others", "news")
    news, general = discord.channel("news"), discord.channel("general")
    async with running(discord, built) as relay:
        kept = relay.ledger.announcements.subscribe(
            Subscription(int(news["id"]), int(elsewhere["id"]), (), (), "en", 1)
        )

        await manager.asks(general, "/config announce", channel=news, source="NATO")
        await manager.asks(general, "/config silence", channel=news)

        assert relay.ledger.announcements.subscriptions() == [kept]
    assert discord.messages(news) == []
