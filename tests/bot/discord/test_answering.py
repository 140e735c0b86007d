"""Answers where they are shown: whole, in as many messages as it takes, and as they grow."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from bot.answering.types import Note, NoteKind
from bot.discord.answering import ChannelDestination
from bot.discord.rendering import MessagePage
from tests.bot.discord.conftest import answers_with, are_a_second_apart, growing, said_by_bot
from tests.discord_server.people import labels

if TYPE_CHECKING:
    from bot.discord.client import Relay
    from tests.discord_server.server import Discord

QUESTION = "When did Sweden join NATO?"
SENTENCE = "Sweden joined NATO on 7 March 2024 & raised its flag. "


def last(discord: Discord, channel: dict[str, Any]) -> dict[str, Any]:
    return discord.messages(channel)[-1]


async def test_who_brings_the_bot_along_is_answered_without_threads(
    discord: Discord, relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At most five messages follow the response; nothing can be posted to the channel by a button."""
    whole = await relay.services.built.answerer.ainvoke(QUESTION)

    answers_with(relay, monkeypatch, replace(whole, text="Sweden joined NATO on that day. " * 600))
    marie, general = discord.member("Marie"), discord.channel("general")
    marie.brings_the_bot = True

    asked = await marie.asks(general, "/ask", question=QUESTION, private=True, wait=False)
    await discord.until(lambda: len(asked.followups) == 5)
    await asyncio.sleep(0.3)

    assert len(asked.followups) == 5
    assert labels(asked.followups[-1]) == ["👍", "👎", "Show passages", "Follow up", "Save"]
    assert all(one["integration_types"] == [0, 1] for one in discord.world.commands if one["name"] == "ask")
    assert all(one["contexts"] == [0, 1, 2] for one in discord.world.commands if one["name"] == "ask")
    assert discord.refused == []


async def test_addresses_in_an_answer_do_not_unfold_into_cards(
    discord: Discord, relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They stand in angle brackets."""
    whole = await relay.services.built.answerer.ainvoke(QUESTION)

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
    whole = await relay.services.built.answerer.ainvoke(QUESTION)

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
    whole = await relay.services.built.answerer.ainvoke(QUESTION)
    answers_with(relay, monkeypatch, *growing(whole), pause=0.4)
    marie = discord.member("Marie")

    await marie.writes(marie.direct, QUESTION)
    (unfinished,) = await said_by_bot(discord, marie.direct)
    discord.world.messages[marie.direct["id"]].remove(unfinished)

    (shown,) = await said_by_bot(discord, marie.direct)
    assert shown["content"].replace("**", "").startswith(whole.text)


@pytest.mark.parametrize("private", [False, True], ids=["public", "private"])
@pytest.mark.parametrize("length", [1, 1_999, 2_000, 2_001, 20_000])
async def test_answers_of_any_length_are_shown_whole(
    discord: Discord, relay: Relay, monkeypatch: pytest.MonkeyPatch, length: int, private: bool
) -> None:
    """In as many messages as it takes, the buttons under the last; nothing that Discord would refuse."""
    text = (SENTENCE * 400)[:length].strip()
    whole = await relay.services.built.answerer.ainvoke("When did Sweden join NATO?")
    (one,) = whole.citations
    long = replace(one.release, title="Un titre très long : " * 30, url="https://example.org/" + "é" * 900)
    cited = tuple(replace(one, key=str(n), release=long, quote="Très long. " * 300) for n in range(1, 13))
    notes = (Note(NoteKind.PERIOD, "Une remarque assez longue. " * 10),)
    made = replace(whole, text=text, citations=cited, notes=notes)

    answers_with(relay, monkeypatch, made)
    marie, general = discord.member("Marie", locale="fr"), discord.channel("general")

    await marie.asks(general, "/ask", question="Quand ? " * 100, private=private, wait=False)
    await discord.until(lambda: any(message["components"] for message in marie.sees(general)))

    messages = marie.sees(general)
    shown = "".join(message["content"] for message in messages)
    assert squeezed(text) in squeezed(shown)
    assert sum(len(message["embeds"]) for message in messages) == 12
    assert [bool(message["components"]) for message in messages] == [False] * (len(messages) - 1) + [True]
    assert all(message["content"] or message["embeds"] for message in messages)
    assert discord.refused == []


def squeezed(text: str) -> str:
    return "".join(text.replace("\\", "").split())


async def test_an_answer_that_grows_is_edited_once_a_second_at_most(
    discord: Discord, relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is shown last is the whole answer."""
    whole = await relay.services.built.answerer.ainvoke(QUESTION)

    answers_with(relay, monkeypatch, *growing(whole), pause=0.4)
    general = discord.channel("general")

    await discord.member("Marie").asks(general, "/ask", question=QUESTION)
    await discord.until(lambda: last(discord, general)["content"].endswith("2024**. [1]"))

    assert len(discord.edits) >= 3
    assert are_a_second_apart(discord)


async def test_an_answer_that_was_cut_off_is_gone_on_with(discord: Discord, relay: Relay) -> None:
    """In the message that is there."""
    general = discord.channel("general")
    channel = relay.get_channel(int(general["id"]))
    assert channel is not None
    cut_off = ChannelDestination(channel, once=7)  # type: ignore[arg-type]
    await asyncio.sleep(1.1)
    await cut_off.grow("It began")

    following = ChannelDestination(channel, once=7)  # type: ignore[arg-type]
    await following.finish([MessagePage("It is whole."), MessagePage("And longer.")], None)

    assert [one["content"] for one in discord.messages(general)] == ["It is whole.", "And longer."]
