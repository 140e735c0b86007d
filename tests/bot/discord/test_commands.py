"""Commands through the wire, as members see them: questions for everybody, `/config` for who manages a guild."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from bot.settings.edges import SourceSettings
from bot.state.deliveries import Subscription
from tests.bot.discord.conftest import EVERYWHERE, running, said_by_bot
from tests.discord_server.people import is_private
from vectorstore.types import SourceHealth

if TYPE_CHECKING:
    from bot.discord.client import Relay
    from bot.wiring import Built
    from tests.discord_server.people import Member
    from tests.discord_server.server import Discord

QUESTION = "When did Sweden join NATO?"
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def last(discord: Discord, channel: dict[str, Any]) -> dict[str, Any]:
    return discord.messages(channel)[-1]


@pytest.mark.usefixtures("relay")
async def test_an_answer_stands_in_the_content_with_its_quote_below(discord: Discord) -> None:
    """The question, the answer with its key, and the source in an embed; acknowledged at once."""
    general = discord.channel("general")

    asked = await discord.member("Marie").asks(general, "/ask", question=QUESTION)

    shown = last(discord, general)
    assert shown["content"] == f"> {QUESTION}\nSweden joined NATO on **7 March 2024**. \\[1]".replace("\\[", "[")
    assert shown["embeds"][0]["title"] == "[1] Sweden joins NATO"
    assert shown["embeds"][0]["description"].startswith("> Sweden joined NATO on **7 March 2024**.")
    assert asked.acknowledged_after is not None
    assert discord.refused == []


@pytest.mark.usefixtures("relay")
async def test_a_private_answer_is_seen_by_who_asked(discord: Discord) -> None:
    """The option decides it before anything is shown."""
    marie, paul, general = discord.member("Marie"), discord.member("Paul"), discord.channel("general")

    await marie.asks(general, "/ask", question=QUESTION, private=True)

    assert is_private(marie.sees(general)[-1])
    assert paul.sees(general) == []


@pytest.mark.usefixtures("relay")
async def test_a_refusal_shows_what_was_searched_and_the_nearest_releases(discord: Discord) -> None:
    """To look at, not as evidence."""
    general = discord.channel("general")

    await discord.member("Marie").asks(general, "/ask", question="Who invented the telephone?")

    shown = last(discord, general)
    assert "3 releases searched" in shown["content"]
    assert 1 <= len(shown["embeds"]) <= 2


@pytest.mark.usefixtures("relay")
async def test_a_release_full_of_tricks_comes_out_harmless(discord: Discord) -> None:
    """Nobody is pinged, nothing is formatted, no address runs anything."""
    general = discord.channel("general")

    await discord.member("Marie").asks(general, "/ask", question="Does the harbour museum open at nine with friends?")

    shown = last(discord, general)
    embed = shown["embeds"][0]
    for text in (shown["content"], embed["description"]):
        assert "@everyone" not in text
        assert "<@&1>" not in text
        assert "[come](javascript" not in text
        assert "**friends**" not in text.replace("\\*\\*friends", "")
    sent = [body for method, path, body in discord.requests if "@original" in path and method == "PATCH"]
    assert sent[-1]["allowed_mentions"] == {"parse": []}


async def test_sources_and_status_tell_which_newsrooms_are_read(discord: Discord, relay: Relay) -> None:
    """All of them, or those with which something is amiss; a path of the machine is shown to nobody."""
    marie, general = discord.member("Marie"), discord.channel("general")
    named = (SourceSettings(name="NATO", location="https://nato.test/feed"), SourceSettings(location="/srv/press/eu"))
    relay.services.built.settings = relay.services.built.settings.model_copy(update={"sources": named})
    store = relay.services.built.store
    await asyncio.to_thread(
        store.records.note_health, SourceHealth("https://nato.test/feed", None, NOON, "1 new", NOON)
    )
    await asyncio.to_thread(store.records.pause, "/srv/press/eu")

    for command in ("/sources", "/status"):
        await marie.asks(general, command)

    sources, status = (one["content"] for one in marie.sees(general))
    assert "-# **NATO** is being read on schedule\n-# **eu** is not being read for now" in sources
    assert "NATO" not in status
    assert "-# **eu** is not being read for now" in status
    assert "/srv" not in sources + status


@pytest.mark.usefixtures("relay")
async def test_the_other_commands_answer_in_the_language_of_the_person(discord: Discord) -> None:
    """Privately: they are of use to one."""
    marie, general = discord.member("Marie", locale="fr"), discord.channel("general")

    for command in ("/latest", "/sources", "/status", "/help"):
        await marie.asks(general, command)

    latest, sources, status, help_ = (one["content"] for one in marie.sees(general))
    assert "Sweden joins NATO" in latest
    assert "3 en tout" in sources
    assert "Communiqués : 3" in status
    assert "mot pour mot" in help_
    assert all(map(is_private, marie.sees(general)))
    assert discord.refused == []


@pytest.mark.usefixtures("relay")
async def test_a_message_is_asked_about_by_a_right_click(discord: Discord) -> None:
    """Only who asks sees the answer."""
    marie, paul, general = discord.member("Marie"), discord.member("Paul"), discord.channel("general")
    said = await paul.writes(general, QUESTION)

    await marie.right_clicks(said, "Ask about this message")

    assert is_private(marie.sees(general)[-1])
    assert "Sweden joined NATO on **7 March 2024**." in marie.sees(general)[-1]["content"]


@pytest.mark.usefixtures("relay")
async def test_titles_are_proposed_while_they_are_typed(discord: Discord) -> None:
    """And the one chosen is shown."""
    marie, general = discord.member("Marie"), discord.channel("general")

    assert sorted(await marie.types(general, "/release", "title", "joins")) == [
        "Finland joins NATO",
        "Sweden joins NATO",
    ]
    await marie.asks(general, "/release", title="Finland joins")

    assert marie.sees(general)[-1]["content"] == "**Finland joins NATO**"
    assert marie.sees(general)[-1]["embeds"][0]["description"].startswith("Finland joined NATO on 4 April 2023.")


@pytest.mark.usefixtures("relay")
async def test_commands_are_named_in_french_too(discord: Discord) -> None:
    """Discord shows them in the person's language, and takes them as they are."""
    by_name = {command["name"]: command for command in discord.world.commands}

    assert sorted(by_name) == [
        "Ask about this message", "ask", "config", "digest", "follow", "following", "help", "ingest", "latest", "quiet",
        "release", "sources", "status", "timeline", "unfollow",
    ]  # fmt: skip
    assert by_name["ask"]["name_localizations"] == {"fr": "demander", "en-GB": "ask", "en-US": "ask"}


@pytest.mark.usefixtures("relay")
async def test_an_expired_interaction_and_a_missing_permission_disturb_nobody_else(discord: Discord) -> None:
    """The next question is answered."""
    marie, paul, general = discord.member("Marie"), discord.member("Paul"), discord.channel("general")
    discord.tokens_expire = True
    await marie.asks(general, "/ask", question=QUESTION, wait=False)
    await asyncio.sleep(0.3)
    discord.tokens_expire = False

    await paul.asks(general, "/ask", question=QUESTION)

    assert "Sweden joined NATO" in last(discord, general)["content"]


@pytest.fixture
def manager(discord: Discord) -> Member:
    return discord.member("Marie", permissions=("manage_guild",))


def last_message(member: Member, discord: Discord) -> str:
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
    assert not relay.services.built.metrics.registry.get_sample_value(
        "communique_questions_total", {"outcome": "failed"}
    )
    assert relay.services.ledger.guilds.opens_threads(int(general["guild_id"]))


@EVERYWHERE
async def test_a_channel_is_chosen_with_sources_and_a_language(discord: Discord, relay: Relay, manager: Member) -> None:
    """A line in the channel proves that it can be written in; `show` tells what is set, `silence` ends it."""
    general = discord.channel("general")

    await manager.asks(general, "/config announce", channel=general, source="NATO; Council of Europe", language="fr")

    (kept,) = relay.services.ledger.announcements.subscriptions()
    assert (kept.channel, kept.publishers, kept.languages) == (
        int(general["id"]),
        ("NATO", "Council of Europe"),
        ("fr",),
    )
    assert kept.up_to == relay.services.built.store.records.last_event()
    assert discord.messages(general)[0]["content"] == "New releases will be announced here."

    await manager.asks(general, "/config show")
    assert f"<#{general['id']}>: NATO, Council of Europe, fr." in last_message(manager, discord)

    await manager.asks(general, "/config silence", channel=general)
    assert relay.services.ledger.announcements.subscriptions() == []
    assert discord.refused == []


@EVERYWHERE
async def test_a_channel_that_cannot_be_written_in_is_refused_with_the_permission(
    discord: Discord, relay: Relay, manager: Member
) -> None:
    """Nothing is set."""
    general = discord.channel("general")
    discord.forbids(general, "send_messages")

    await manager.asks(general, "/config announce", channel=general)

    assert "**Send Messages** is missing" in last_message(manager, discord)
    assert relay.services.ledger.announcements.subscriptions() == []


@EVERYWHERE
async def test_sources_are_proposed(discord: Discord, relay: Relay, manager: Member) -> None:
    """Those that have published something."""
    del relay

    assert await manager.types(discord.channel("general"), "/config announce", "source", "na") == ["NATO"]
    assert await manager.types(discord.channel("general"), "/latest", "source", "zz") == []


async def test_a_guild_sets_nothing_for_another(discord: Discord, built: Built, manager: Member) -> None:
    """Whatever channel a command is sent with: neither the channel's announcements nor their end."""
    elsewhere = discord.guild("Others", "news")
    news, general = discord.channel("news"), discord.channel("general")
    async with running(discord, built) as relay:
        kept = relay.services.ledger.announcements.subscribe(
            Subscription(int(news["id"]), int(elsewhere["id"]), (), (), "en", 1)
        )

        await manager.asks(general, "/config announce", channel=news, source="NATO")
        await manager.asks(general, "/config silence", channel=news)

        assert relay.services.ledger.announcements.subscriptions() == [kept]
    assert discord.messages(news) == []


async def test_a_refusal_speaks_the_language_of_the_person_an_answer_that_of_the_question(
    discord: Discord, relay: Relay
) -> None:
    """As the buttons do."""
    del relay
    marie, general = discord.member("Marie", locale="fr"), discord.channel("general")

    await marie.asks(general, "/ask", question="Who invented the telephone?")
    await marie.asks(general, "/ask", question=QUESTION)

    refusal, answer = await said_by_bot(discord, general, 2)
    assert "communiqués" in refusal["content"]
    assert "Sweden joined NATO" in answer["content"]


async def test_a_date_that_is_none_is_told(discord: Discord, relay: Relay) -> None:
    """Rather than left out; one that is bounds the answer."""
    del relay
    marie, general = discord.member("Marie"), discord.channel("general")

    await marie.asks(general, "/ask", question=QUESTION, since="yesterday-ish @everyone", private=True)
    await marie.asks(general, "/ask", question=QUESTION, until="2001-02-03", private=True)
    await marie.asks(general, "/ask", question=QUESTION, since="2024-10-17", until="2001-02-03", private=True)

    wrong, bounded, swapped = marie.sees(general)
    assert "ends before it begins" in swapped["content"]
    assert "is not a date" in wrong["content"]
    assert "@everyone" not in wrong["content"]
    assert "Sweden joined" not in bounded["content"]


async def test_the_latest_of_a_source(discord: Discord, relay: Relay) -> None:
    """Or that it has none."""
    del relay
    marie, general = discord.member("Marie"), discord.channel("general")

    await marie.asks(general, "/latest", source="NATO")
    await marie.asks(general, "/latest", source="Nobody")
    await marie.asks(general, "/release", title="no such title")

    latest, nothing, none = (one["content"] for one in marie.sees(general))
    assert "Sweden joins NATO" in latest
    assert "No release" in nothing
    assert "No release has that title" in none
