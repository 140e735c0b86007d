"""What the bot leaves alone, what it says no to, and where it is a guest."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from pydantic import SecretStr

from bot.discord.client import sync
from tests.bot.discord.conftest import answers_with, are_a_second_apart, growing, running, said_by_bot
from tests.discord_server import objects
from tests.discord_server.people import is_private, labels
from tests.discord_server.pointing import pointed_at

if TYPE_CHECKING:
    import pytest

    from bot.discord.client import Relay
    from bot.wiring import Built
    from tests.discord_server.server import Discord

QUESTION = "When did Sweden join NATO?"


async def test_other_bots_and_system_messages_are_left_alone(discord: Discord, relay: Relay) -> None:
    """Two bots would talk to each other for ever."""
    del relay
    marie, robot, general = discord.member("Marie"), discord.member("Robot"), discord.channel("general")
    robot.user["bot"] = True

    await robot.writes(general, QUESTION, mentions=True)
    await robot.writes(robot.direct, QUESTION)
    joined = objects.message(general, marie.user, {"content": QUESTION}) | {"type": 7}
    discord.world.announce("MESSAGE_CREATE", joined | {"mentions": [discord.world.bot]})
    await marie.writes(marie.direct, QUESTION)
    await said_by_bot(discord, marie.direct)

    assert await said_by_bot(discord, robot.direct, 0) == []
    assert await said_by_bot(discord, general, 0) == []


async def test_a_mention_without_a_question_gets_an_example(discord: Discord, relay: Relay) -> None:
    """In the language of the guild."""
    del relay
    general = discord.channel("general")

    await discord.member("Marie").writes(general, "", mentions=True)

    assert "for example" in (await said_by_bot(discord, general))[0]["content"]


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

    wrong, bounded = marie.sees(general)
    assert "is no date" in wrong["content"]
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


async def test_who_brings_the_bot_along_is_answered_without_threads(
    discord: Discord, relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At most five messages follow the response; nothing can be posted to the channel by a button."""
    whole = await relay.built.answerer.ainvoke(QUESTION)

    answers_with(relay, monkeypatch, replace(whole, text="Sweden joined NATO on that day. " * 600))
    marie, general = discord.member("Marie"), discord.channel("general")
    marie.brings_the_bot = True

    asked = await marie.asks(general, "/ask", question=QUESTION, private=True, wait=False)
    await discord.until(lambda: len(asked.followups) == 5)
    await asyncio.sleep(0.3)

    assert len(asked.followups) == 5
    assert labels(asked.followups[-1]) == ["👍", "👎", "Show passages", "Follow up"]
    assert all(one["integration_types"] == [0, 1] for one in discord.world.commands if one["name"] == "ask")
    assert all(one["contexts"] == [0, 1, 2] for one in discord.world.commands if one["name"] == "ask")
    assert discord.refused == []


async def test_following_up_as_a_guest_stays_in_place(discord: Discord, relay: Relay) -> None:
    """A thread is the guild's to allow."""
    del relay
    marie, general = discord.member("Marie"), discord.channel("general")
    marie.brings_the_bot = True
    await marie.asks(general, "/ask", question=QUESTION)
    (shown,) = await said_by_bot(discord, general)
    form = (await marie.presses(shown, "Follow up")).modal

    await marie.submits(general, form or {}, {"question": "And Finland?"}, message=shown)

    second = (await said_by_bot(discord, general, 2))[-1]
    assert second["content"].startswith("> And Finland?\nFinland joined NATO")
    assert not is_private(second)
    assert all(one["type"] != objects.PUBLIC_THREAD for one in discord.world.channels.values())


async def test_addresses_in_an_answer_do_not_unfold_into_cards(
    discord: Discord, relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They stand in angle brackets."""
    whole = await relay.built.answerer.ainvoke(QUESTION)

    answers_with(relay, monkeypatch, replace(whole, text="See https://example.org/a_b, and (https://example.org/c)."))
    general = discord.channel("general")

    await discord.member("Marie").asks(general, "/ask", question=QUESTION)

    content = (await said_by_bot(discord, general))[0]["content"]
    assert "See <https://example.org/a_b>, and" in content
    assert "<https://example.org/c>" in content


async def test_an_answer_in_a_message_grows_by_edits_once_a_second(
    discord: Discord, relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One message, edited."""
    whole = await relay.built.answerer.ainvoke(QUESTION)

    answers_with(relay, monkeypatch, *growing(whole), pause=0.4)
    marie = discord.member("Marie")

    await marie.writes(marie.direct, QUESTION)
    await discord.until(lambda: any(one["components"] for one in discord.messages(marie.direct)))

    (shown,) = await said_by_bot(discord, marie.direct)
    assert shown["content"].replace("**", "").startswith(whole.text)
    assert len(discord.edits) >= 2
    assert are_a_second_apart(discord)


async def test_an_unfinished_answer_that_somebody_deletes_is_written_anew(
    discord: Discord, relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And an edit that fails is made good by the whole answer."""
    whole = await relay.built.answerer.ainvoke(QUESTION)
    answers_with(relay, monkeypatch, *growing(whole), pause=0.4)
    marie = discord.member("Marie")

    await marie.writes(marie.direct, QUESTION)
    (unfinished,) = await said_by_bot(discord, marie.direct)
    discord.world.messages[marie.direct["id"]].remove(unfinished)

    (shown,) = await said_by_bot(discord, marie.direct)
    assert shown["content"].replace("**", "").startswith(whole.text)


async def test_commands_are_registered_when_they_changed_and_when_the_operator_says_so(
    discord: Discord, built: Built
) -> None:
    """Not at every start."""
    async with running(discord, built):
        pass
    async with running(discord, built) as relay:
        assert discord.synced == 1
        relay.ledger.set_meta("commands", "those of an older version")
    async with running(discord, built):
        assert discord.synced == 2
    with pointed_at(discord.api_url, discord.gateway_url):
        await asyncio.to_thread(sync, built, SecretStr(discord.token))
    assert discord.synced == 3


async def test_questions_and_feedback_are_counted(
    discord: Discord, relay: Relay, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """By how they ended; the log says it too, without the question."""
    caplog.set_level("INFO")
    marie, general = discord.member("Marie"), discord.channel("general")
    await marie.asks(general, "/ask", question=QUESTION)
    await marie.asks(general, "/ask", question="Who invented the telephone?")
    (answer, _) = await said_by_bot(discord, general, 2)
    await marie.presses(answer, "👍")
    monkeypatch.setattr(relay.desk, "_taken", 1_000)
    await marie.asks(general, "/ask", question=QUESTION)

    def count(name: str, **labels: str) -> float | None:
        return relay.built.metrics.registry.get_sample_value(name, labels)

    assert count("communique_questions_total", outcome="answered") == 1
    assert count("communique_questions_total", outcome="refused") == 1
    assert count("communique_questions_total", outcome="busy") == 1
    assert count("communique_feedback_total", verdict="good") == 1
    assert count("communique_answer_seconds_count", stage="total") == 2
    assert count("communique_questions_waiting") == 0
    assert "question answered" in caplog.text
    assert "Sweden" not in caplog.text
