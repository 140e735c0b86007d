"""New and updated releases, announced through the wire."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from tests.bot.discord.conftest import EVERYWHERE, running
from tests.bot.discord.newsroom import bring, subscribe, titles

if TYPE_CHECKING:
    from bot.discord.client import Relay
    from bot.wiring import Built
    from tests.discord_server.server import Discord

pytestmark = EVERYWHERE


@pytest.fixture
async def discord(discord: Discord) -> Discord:
    discord.guild("Newsroom", announcements=("news",))
    return discord


async def test_new_releases_are_announced_once_the_oldest_first(discord: Discord, relay: Relay) -> None:
    """Not what was there before, however often it is looked."""
    general = discord.channel("general")
    subscribe(relay, general)
    for name, day in (("bridge", 2), ("harbour", 0), ("tunnel", 1)):
        bring(relay.services.built, name, day=day)

    for _ in range(3):
        await relay.announcer.look()

    assert titles(discord, general) == ["The harbour", "The tunnel", "The bridge"]
    first = discord.messages(general)[0]
    assert first["content"] == "📰 **New release** · The harbour"
    assert "The harbour was opened by ministers." in first["embeds"][0]["description"]
    harbour = relay.services.built.store.records.get("harbour")
    assert harbour is not None
    assert harbour.published is not None
    assert f"<t:{int(harbour.published.timestamp())}:D>" in first["embeds"][0]["description"]
    assert discord.refused == []


async def test_a_channel_gets_the_sources_and_languages_that_it_asked_for(discord: Discord, relay: Relay) -> None:
    """And is spoken to in its own language."""
    general = discord.channel("general")
    subscribe(relay, general, publishers=("NATO",), languages=("fr",), locale="fr")
    bring(relay.services.built, "bridge")
    bring(relay.services.built, "pont", language="fr")
    bring(relay.services.built, "musée", language="fr", publisher="Conseil")

    await relay.announcer.look()

    assert titles(discord, general) == ["The pont"]
    assert discord.messages(general)[0]["content"] == "📰 **Nouveau communiqué** · The pont"


async def test_an_update_says_what_changed(discord: Discord, relay: Relay) -> None:
    """A withdrawal is told where the release was announced."""
    general = discord.channel("general")
    subscribe(relay, general)
    bring(relay.services.built, "bridge", text="The bridge opens on Monday. It is long.")
    await relay.announcer.look()

    bring(relay.services.built, "bridge", text="The bridge opens on ```Tuesday```. It is long.")
    await relay.announcer.look()
    relay.services.built.store.records.withdraw("bridge", "gone")
    await relay.announcer.look()

    _, changed, withdrawn = discord.messages(general)
    assert changed["content"].splitlines() == [
        "✏️ **Release updated** · The bridge",
        "```diff",
        "- The bridge opens on Monday.",
        "+ The bridge opens on ˋˋˋTuesdayˋˋˋ.",
        "```",
    ]
    assert withdrawn["content"] == "🚫 **Release withdrawn by its newsroom** · The bridge"


async def test_an_update_with_long_sentences_ends_its_block(discord: Discord, relay: Relay) -> None:
    """Whole changes as far as there is room; else the rest of the message would be code, and links in it live."""
    general = discord.channel("general")
    subscribe(relay, general)
    for said in ("before", "after"):
        link = "[sign in](https://evil.example/login)"
        text = "\n\n".join(f"{link} {said} {number} {'very ' * 70}long.\n\nPier {number}." for number in range(4))
        bring(relay.services.built, "bridge", text=text)
        await relay.announcer.look()

    content = discord.messages(general)[1]["content"]
    assert content.count("```") == 2
    block, more = content.split("```diff")[1].split("```")
    assert len(block.splitlines()) == 1 + 2 * 2
    assert more == "\n-# … and 2 more"


async def test_a_correction_between_two_attempts_is_told(discord: Discord, relay: Relay) -> None:
    """What was posted before the channel failed is not posted again, and what came since is."""
    general = discord.channel("general")
    subscribe(relay, general)
    for name in ("bridge", "harbour"):
        bring(relay.services.built, name)
    discord.fails(f"POST /channels/{general['id']}/messages", status=403, after=1)
    await relay.announcer.look()
    assert titles(discord, general) == ["The bridge"]

    bring(relay.services.built, "bridge", text="The bridge was closed by ministers.")
    relay.services.ledger.announcements.subscribe(relay.services.ledger.announcements.subscriptions()[0])
    await relay.announcer.look()

    assert {one["content"].split("\n")[0] for one in discord.messages(general)[1:]} == {
        "📰 **New release** · The harbour",
        "✏️ **Release updated** · The bridge",
    }
    assert len(titles(discord, general)) == 3


async def test_a_release_that_has_only_moved_is_no_news(discord: Discord, relay: Relay) -> None:
    """A newsroom that moves to another host would fill the channel."""
    general = discord.channel("general")
    subscribe(relay, general)
    for host in ("old", "new"):
        bring(relay.services.built, "bridge", url=f"https://{host}.example/bridge")
        await relay.announcer.look()

    assert titles(discord, general) == ["[The bridge](<https://old.example/bridge>)"]


async def test_an_announcement_formats_hides_and_mentions_nothing(discord: Discord, relay: Relay) -> None:
    """Whatever a release's title and text hold: a line that looks like ours, a list, letters that turn the line."""
    general = discord.channel("general")
    subscribe(relay, general)
    title = "The pier\u202e\u200b\n-# Source: the ministry\n- a list **bold** @everyone"
    bring(
        relay.services.built,
        "pier",
        title=title,
        text="# Loud\n\n-# small\n\n> quoted by @everyone, \u2066hidden\u2069.",
    )
    await relay.announcer.look()
    bring(
        relay.services.built,
        "pier",
        title=title,
        text="The pier\u202e is \u200blong.\n\n-# small print\n\n@everyone came.",
    )
    await relay.announcer.look()

    new, changed = discord.messages(general)
    head = "The pier -# Source: the ministry - a list \\*\\*bold\\*\\* @\u200beveryone"
    assert new["content"] == f"📰 **New release** · {head}"
    descriptions = [one["embeds"][0]["description"].splitlines()[:-1] for one in (new, changed)]
    assert descriptions[0] == ["\\# Loud", "", "\\-# small", "", "\\> quoted by @\u200beveryone, hidden."]
    assert descriptions[1] == ["The pier is long.", "", "\\-# small print", "", "@\u200beveryone came."]
    diff = changed["content"].removeprefix(f"✏️ **Release updated** · {head}\n").splitlines()
    assert (diff[0], diff[-1]) == ("```diff", "```")
    assert all(line[:2] in {"+ ", "- "} for line in diff[1:-1])
    assert not set(changed["content"]) & set("\u202e\u2066\u2069")
    assert discord.refused == []


async def test_what_a_newsroom_had_published_before_it_was_first_read_is_no_news(
    discord: Discord, relay: Relay
) -> None:
    """An archive that comes in floods nobody; what follows is announced."""
    general = discord.channel("general")
    subscribe(relay, general)
    for days in range(5):
        bring(relay.services.built, f"archive{days}", day=-1 - days, publisher="Council")
    bring(relay.services.built, "old news", day=-400)
    await relay.announcer.look()
    assert titles(discord, general) == []

    bring(relay.services.built, "bridge", day=0, publisher="Council")
    await relay.announcer.look()

    assert titles(discord, general) == ["The bridge"]


async def test_in_an_announcement_channel_it_is_published(discord: Discord, relay: Relay) -> None:
    """So that guilds that follow it get it."""
    news = discord.channel("news")
    subscribe(relay, news)
    bring(relay.services.built, "bridge")

    await relay.announcer.look()

    assert discord.messages(news)[0]["flags"] & 1


async def test_a_post_that_was_cut_off_is_neither_lost_nor_repeated(discord: Discord, built: Built) -> None:
    """Killed after Discord had it and before it was written down, or before Discord had it."""
    general, news = discord.channel("general"), discord.channel("news")
    async with running(discord, built) as relay:
        for channel in (general, news):
            subscribe(relay, channel)
        bring(built, "bridge")
        await relay.announcer.look()
        event = built.store.records.last_event()
    with (
        relay.services.ledger.database.transaction() as connection
    ):  # as it stands on disk after `kill -9` in the middle
        connection.execute("UPDATE main.subscriptions SET up_to = up_to - 1, holder = 'killed', held_until = 0")
        connection.execute("UPDATE main.announced SET message = NULL, finished = FALSE WHERE event = ?", (event,))
    discord.messages(news).clear()

    async with running(discord, built) as relay:
        await relay.announcer.look()

    assert titles(discord, general) == ["The bridge"]
    assert titles(discord, news) == ["The bridge"]


async def test_two_processes_announce_once(discord: Discord, built: Built) -> None:
    """Whoever holds a channel announces there; the other finds it done."""
    general = discord.channel("general")
    async with running(discord, built) as one, running(discord, built) as other:
        subscribe(one, general)
        for name in ("bridge", "harbour", "tunnel"):
            bring(built, name)

        await asyncio.gather(*(relay.announcer.look() for relay in (one, other, one, other)))

    assert sorted(titles(discord, general)) == ["The bridge", "The harbour", "The tunnel"]


async def test_a_channel_that_forbids_it_is_tried_again_later(discord: Discord, relay: Relay) -> None:
    """The others are served; `/config show` tells the trouble, and nothing is lost."""
    general, news = discord.channel("general"), discord.channel("news")
    for channel in (general, news):
        subscribe(relay, channel)
    discord.forbids(general, "send_messages")
    bring(relay.services.built, "bridge")

    await relay.announcer.look()
    assert titles(discord, news) == ["The bridge"]
    (trouble,) = [one.trouble for one in relay.services.ledger.announcements.subscriptions() if one.trouble]
    assert "Missing Permissions" in trouble
    asked = len(discord.requests)
    await relay.announcer.look()
    assert len(discord.requests) == asked

    discord.world.lacks.clear()
    with relay.services.ledger.database.transaction() as connection:
        connection.execute("UPDATE main.subscriptions SET retry_at = 0")
    await relay.announcer.look()

    assert titles(discord, general) == ["The bridge"]


async def test_two_updates_at_once_are_one_announcement_of_both(discord: Discord, relay: Relay) -> None:
    """Against what the channel knew."""
    general = discord.channel("general")
    subscribe(relay, general)
    bring(relay.services.built, "bridge", text="It opens on Monday. It is long.")
    await relay.announcer.look()

    bring(relay.services.built, "bridge", text="It opens on Tuesday. It is long.")
    bring(relay.services.built, "bridge", text="It opens on Tuesday. It is very long.")
    await relay.announcer.look()

    (_, changed) = discord.messages(general)
    assert "- It opens on Monday. It is long." in changed["content"]


async def test_a_failure_in_one_channel_is_no_failure_of_the_others(
    discord: Discord, relay: Relay, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It is in the log, and tried again."""
    general, news = discord.channel("general"), discord.channel("news")
    for channel in (general, news):
        subscribe(relay, channel)
    bring(relay.services.built, "bridge")
    begin = relay.services.ledger.announcements.begin

    def failing(channel: int, event: int, release: str) -> Any:
        if channel == int(general["id"]):
            raise RuntimeError("the disk is gone")
        return begin(channel, event, release)

    monkeypatch.setattr(relay.services.ledger.announcements, "begin", failing)
    await relay.announcer.look()
    assert titles(discord, news) == ["The bridge"]
    assert "the disk is gone" in caplog.text

    monkeypatch.undo()
    await relay.announcer.look()
    assert titles(discord, general) == ["The bridge"]


async def test_a_channel_that_was_deleted_is_given_up(discord: Discord, relay: Relay) -> None:
    """Rather than asked for again and again."""
    general = discord.channel("general")
    subscribe(relay, general)
    bring(relay.services.built, "bridge")
    del discord.world.channels[general["id"]]

    await relay.announcer.look()

    assert relay.services.ledger.announcements.subscriptions() == []


async def test_a_channel_that_cannot_be_found_for_now_is_kept(discord: Discord, relay: Relay) -> None:
    """Only Discord's own word for it ends a subscription."""
    general = discord.channel("general")
    subscribe(relay, general)
    bring(relay.services.built, "bridge")
    discord.fails(f"POST /channels/{general['id']}/messages", status=404)

    await relay.announcer.look()

    assert [one.channel for one in relay.services.ledger.announcements.subscriptions()] == [int(general["id"])]


async def test_a_store_that_was_made_anew_is_announced_from_there_on(discord: Discord, relay: Relay) -> None:
    """Its events count from 1 again."""
    general = discord.channel("general")
    subscribe(relay, general, up_to=1_000)

    await relay.announcer.look()
    bring(relay.services.built, "bridge")
    await relay.announcer.look()

    assert titles(discord, general) == ["The bridge"]


async def test_a_channel_that_is_brought_up_to_date_meanwhile_is_not_ahead_of_the_store(
    discord: Discord, relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process announces while this one looks; nothing is forgotten or posted again."""
    general = discord.channel("general")
    subscribe(relay, general)
    bring(relay.services.built, "bridge")
    looked = relay.services.ledger.announcements.subscriptions

    def meanwhile() -> Any:
        found = looked()
        bring(relay.services.built, "tunnel", day=1)
        relay.services.ledger.announcements.hold(
            int(general["id"]), "another", 60.0, behind=relay.services.built.store.records.last_event()
        )
        relay.services.ledger.announcements.let_go(
            int(general["id"]), "another", up_to=relay.services.built.store.records.last_event()
        )
        return found

    monkeypatch.setattr(relay.services.ledger.announcements, "subscriptions", meanwhile)
    await relay.announcer.look()

    assert titles(discord, general) == []
    assert [one.up_to for one in looked()] == [relay.services.built.store.records.last_event()]


async def test_a_guild_that_shows_the_bot_out_is_forgotten(discord: Discord, relay: Relay) -> None:
    """Its settings too."""
    general = discord.channel("general")
    subscribe(relay, general)

    discord.world.announce("GUILD_DELETE", {"id": general["guild_id"], "guild_id": general["guild_id"]})
    await discord.until(lambda: not relay.services.ledger.announcements.subscriptions())
