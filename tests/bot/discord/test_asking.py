"""Questions on Discord, through the wire, as members see them."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from bot.settings.sections import SourceSettings
from tests.bot.discord.conftest import answers_with, are_a_second_apart, growing, said_by_bot
from tests.discord_server.people import is_private
from vectorstore.types import SourceHealth

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.discord.client import Relay
    from tests.discord_server.server import Discord

pytestmark = pytest.mark.usefixtures("relay")
QUESTION = "When did Sweden join NATO?"
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def last(discord: Discord, channel: dict[str, Any]) -> dict[str, Any]:
    return discord.messages(channel)[-1]


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


async def test_a_private_answer_is_seen_by_who_asked(discord: Discord) -> None:
    """The option decides it before anything is shown."""
    marie, paul, general = discord.member("Marie"), discord.member("Paul"), discord.channel("general")

    await marie.asks(general, "/ask", question=QUESTION, private=True)

    assert is_private(marie.sees(general)[-1])
    assert paul.sees(general) == []


async def test_a_refusal_shows_what_was_searched_and_the_nearest_releases(discord: Discord) -> None:
    """To look at, not as evidence."""
    general = discord.channel("general")

    await discord.member("Marie").asks(general, "/ask", question="Who invented the telephone?")

    shown = last(discord, general)
    assert "3 releases searched" in shown["content"]
    assert 1 <= len(shown["embeds"]) <= 2


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


async def test_a_direct_message_is_a_conversation(discord: Discord) -> None:
    """Its history is read back, so a restart would forget nothing."""
    marie = discord.member("Marie")
    await marie.writes(marie.direct, QUESTION)
    await said_by_bot(discord, marie.direct)

    await marie.writes(marie.direct, "and Finland?")

    assert (await said_by_bot(discord, marie.direct, 2))[-1]["content"].startswith("Finland joined NATO")


async def test_sources_and_status_tell_which_newsrooms_are_read(discord: Discord, relay: Relay) -> None:
    """All of them, or those with which something is amiss; a path of the machine is shown to nobody."""
    marie, general = discord.member("Marie"), discord.channel("general")
    named = (SourceSettings(name="NATO", location="https://nato.test/feed"), SourceSettings(location="/srv/press/eu"))
    relay.built.settings = relay.built.settings.model_copy(update={"sources": named})
    store = relay.built.store
    await asyncio.to_thread(store.note_health, SourceHealth("https://nato.test/feed", None, NOON, "1 new", NOON))
    await asyncio.to_thread(store.pause, "/srv/press/eu")

    for command in ("/sources", "/status"):
        await marie.asks(general, command)

    sources, status = (one["content"] for one in marie.sees(general))
    assert "-# **NATO** is read as planned\n-# **eu** is not read for now" in sources
    assert "NATO" not in status
    assert "-# **eu** is not read for now" in status
    assert "/srv" not in sources + status


async def test_the_other_commands_answer_in_the_language_of_the_person(discord: Discord) -> None:
    """Privately: they are of use to one."""
    marie, general = discord.member("Marie", locale="fr"), discord.channel("general")

    for command in ("/latest", "/sources", "/status", "/help"):
        await marie.asks(general, command)

    latest, sources, status, help_ = (one["content"] for one in marie.sees(general))
    assert "Sweden joins NATO" in latest
    assert "3 communiqués" in sources
    assert "3 communiqués" in status
    assert "mot pour mot" in help_
    assert all(map(is_private, marie.sees(general)))
    assert discord.refused == []


async def test_a_message_is_asked_about_by_a_right_click(discord: Discord) -> None:
    """Only who asks sees the answer."""
    marie, paul, general = discord.member("Marie"), discord.member("Paul"), discord.channel("general")
    said = await paul.writes(general, QUESTION)

    await marie.right_clicks(said, "Ask about this message")

    assert is_private(marie.sees(general)[-1])
    assert "Sweden joined NATO on **7 March 2024**." in marie.sees(general)[-1]["content"]


async def test_an_answer_that_grows_is_edited_once_a_second_at_most(
    discord: Discord, relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is shown last is the whole answer."""
    whole = await relay.built.answerer.ainvoke(QUESTION)

    answers_with(relay, monkeypatch, *growing(whole), pause=0.4)
    general = discord.channel("general")

    await discord.member("Marie").asks(general, "/ask", question=QUESTION)
    await discord.until(lambda: last(discord, general)["content"].endswith("2024**. [1]"))

    assert len(discord.edits) >= 3
    assert are_a_second_apart(discord)


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


async def test_commands_are_named_in_french_too(discord: Discord) -> None:
    """Discord shows them in the person's language, and takes them as they are."""
    by_name = {command["name"]: command for command in discord.world.commands}

    assert sorted(by_name) == [
        "Ask about this message", "ask", "config", "help", "ingest", "latest", "release", "sources", "status",
    ]  # fmt: skip
    assert by_name["ask"]["name_localizations"] == {"fr": "demander", "en-GB": "ask", "en-US": "ask"}


async def test_an_unforeseen_failure_is_one_sentence_with_a_reference(
    discord: Discord, relay: Relay, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The person sees no traceback; the log has it under the reference."""

    async def broken(*_: object) -> AsyncIterator[None]:
        raise RuntimeError("the disk is gone")
        yield

    monkeypatch.setattr(relay.built.answerer, "astream", broken)
    general = discord.channel("general")

    await discord.member("Marie").asks(general, "/ask", question=QUESTION)

    shown = last(discord, general)["content"]
    reference = shown.split("**")[1]
    assert "not your fault" in shown
    assert reference in caplog.text
    assert "the disk is gone" in caplog.text
    assert "disk" not in shown


async def test_too_many_questions_are_told_at_once(
    discord: Discord, relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rather than waited for beyond all patience."""
    monkeypatch.setattr(relay.desk, "_taken", relay.settings.at_once + relay.settings.waiting)
    marie, general = discord.member("Marie"), discord.channel("general")

    await marie.asks(general, "/ask", question=QUESTION)

    assert "Too many questions" in marie.sees(general)[-1]["content"]


async def test_an_expired_interaction_and_a_missing_permission_disturb_nobody_else(discord: Discord) -> None:
    """The next question is answered."""
    marie, paul, general = discord.member("Marie"), discord.member("Paul"), discord.channel("general")
    discord.tokens_expire = True
    await marie.asks(general, "/ask", question=QUESTION, wait=False)
    await asyncio.sleep(0.3)
    discord.tokens_expire = False

    await paul.asks(general, "/ask", question=QUESTION)

    assert "Sweden joined NATO" in last(discord, general)["content"]
