"""One conversation, one thread, which is its memory."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
from discord.components import ActionRow

from bot.discord.conversations import conversation_of, name_of
from bot.discord.rendering import buttons
from tests.bot.discord.conftest import answers_with, running, said_by_bot
from tests.bot.releases import NOW, an_answer
from tests.discord_server import objects
from tests.discord_server.people import is_private

if TYPE_CHECKING:
    from discord import Message

    from bot.discord.client import Relay
    from bot.wiring import Built
    from tests.discord_server.people import Member
    from tests.discord_server.server import Discord

QUESTION = "When did Sweden join NATO?"
BOT, MARIE = 1, 2


def threads(discord: Discord) -> list[dict[str, Any]]:
    return [one for one in discord.world.channels.values() if one["type"] == objects.PUBLIC_THREAD]


async def test_a_mention_opens_a_thread_named_after_the_question(discord: Discord, relay: Relay) -> None:
    """The answer stands in it, with a line that says how to go on; other messages are not the bot's business."""
    del relay
    marie, general = discord.member("Marie"), discord.channel("general")

    await marie.writes(general, QUESTION)
    await marie.writes(general, QUESTION, mentions=True)
    await discord.until(lambda: bool(threads(discord)))

    (thread,) = threads(discord)
    (answer,) = await said_by_bot(discord, thread)
    assert thread["name"] == QUESTION
    assert thread["thread_metadata"]["auto_archive_duration"] == 1440
    assert answer["content"].startswith("Sweden joined NATO on **7 March 2024**.")
    assert "Follow up" in answer["content"].splitlines()[-1]
    assert discord.refused == []


async def answered_before_a_restart(discord: Discord, built: Built) -> tuple[Member, Any, Any]:
    """Who asked, the thread that was opened, and the answer in it; the bot is gone again."""
    marie, general = discord.member("Marie"), discord.channel("general")
    async with running(discord, built):
        await marie.writes(general, QUESTION, mentions=True)
        await discord.until(lambda: bool(threads(discord)))
        (thread,) = threads(discord)
        (first,) = await said_by_bot(discord, thread)
    return marie, thread, first


async def test_a_thread_is_remembered_through_a_restart(discord: Discord, built: Built) -> None:
    """A reply in it leans on what was said before, which another process reads back."""
    marie, thread, first = await answered_before_a_restart(discord, built)

    async with running(discord, built):
        await marie.replies(first, "And Finland?")
        second = (await said_by_bot(discord, thread, 2))[-1]

    assert second["content"].startswith("Finland joined NATO on **4 April 2023**.")
    assert "-# ↪ When did Sweden join NATO? → And Finland?" in second["content"]
    assert len(threads(discord)) == 1


async def test_the_source_of_an_answer_is_known_through_a_restart(discord: Discord, built: Built) -> None:
    """What was quoted is read from the ledger, by the buttons under the message; a courtesy gets no quote."""
    marie, thread, first = await answered_before_a_restart(discord, built)

    async with running(discord, built):
        await marie.replies(first, "source?")
        source = (await said_by_bot(discord, thread, 2))[-1]
        await marie.replies(first, "thanks a lot!")
        thanked = (await said_by_bot(discord, thread, 3))[-1]

    assert "Sweden joins NATO" in source["content"]
    assert thanked["content"].startswith("You’re welcome.")
    assert thanked["embeds"] == source["embeds"] == []


async def test_without_the_permission_the_answer_stands_in_place_and_names_it(discord: Discord, relay: Relay) -> None:
    """Nothing is lost for want of a thread."""
    del relay
    marie, general = discord.member("Marie"), discord.channel("general")
    discord.forbids(general, "create_public_threads")

    asked = await marie.writes(general, QUESTION, mentions=True)

    (answer,) = await said_by_bot(discord, general)
    assert answer["message_reference"]["message_id"] == asked["id"]
    assert answer["content"].startswith("Sweden joined NATO")
    assert "**Create Public Threads**" in answer["content"]
    assert threads(discord) == []


async def test_where_a_guild_wants_no_threads_replies_are_the_memory(discord: Discord, relay: Relay) -> None:
    """The chain of replies is read back."""
    marie, general = discord.member("Marie"), discord.channel("general")
    relay.services.ledger.guilds.set_threads(int(general["guild_id"]), False)
    await marie.writes(general, QUESTION, mentions=True)
    (first,) = await said_by_bot(discord, general)

    await marie.replies(first, "And Finland?")

    second = (await said_by_bot(discord, general, 2))[-1]
    assert second["content"].startswith("Finland joined NATO on **4 April 2023**.")
    assert threads(discord) == []


async def test_following_up_opens_a_thread_under_the_answer(discord: Discord, relay: Relay) -> None:
    """Named after the first question; who follows up again in it goes on there."""
    del relay
    marie, general = discord.member("Marie"), discord.channel("general")
    await marie.asks(general, "/ask", question=QUESTION)
    (shown,) = await said_by_bot(discord, general)

    form = (await marie.presses(shown, "Follow up")).modal
    assert form is not None
    submitted = await marie.submits(general, form, {"question": "And Finland?"}, message=shown)

    (thread,) = threads(discord)
    assert thread["name"] == QUESTION
    (second,) = await said_by_bot(discord, thread)
    assert second["content"].startswith("> And Finland?\nFinland joined NATO on **4 April 2023**.")
    assert f"<#{thread['id']}>" in (submitted.original or {})["content"]

    form = (await marie.presses(second, "Follow up")).modal
    assert form is not None
    await marie.submits(thread, form, {"question": "And Sweden?"}, message=second)

    third = (await said_by_bot(discord, thread, 2))[-1]
    assert third["content"].startswith("> And Sweden?\nSweden joined NATO on **7 March 2024**.")
    assert discord.refused == []


async def test_following_up_where_nothing_may_be_written_is_answered_in_private(discord: Discord, relay: Relay) -> None:
    """A press on a button is answered all the same."""
    del relay
    marie, general = discord.member("Marie"), discord.channel("general")
    await marie.asks(general, "/ask", question=QUESTION)
    (shown,) = await said_by_bot(discord, general)
    discord.forbids(general, "create_public_threads", "send_messages")
    form = (await marie.presses(shown, "Follow up")).modal

    await marie.submits(general, form or {}, {"question": "And Finland?"}, message=shown)

    last = marie.sees(general)[-1]
    assert is_private(last)
    assert "Finland joined NATO on **4 April 2023**." in last["content"]
    assert "**Create Public Threads**" in last["content"]


def test_names_of_threads_are_one_line_of_at_most_100_characters() -> None:
    """Cut between words."""
    assert name_of("Who?\nAnd when?") == "Who? And when?"
    assert len(name_of("word " * 50)) <= 100
    assert name_of("word " * 50).endswith("word…")
    assert len(name_of("w" * 300)) == 100


async def test_a_question_whose_answer_was_forgotten_is_leaned_on_all_the_same(discord: Discord, built: Built) -> None:
    """Its answer says nothing any more; the person's own words still stand in the thread."""
    marie, thread, first = await answered_before_a_restart(discord, built)
    assert built.ledger.answers.forget(timedelta(0)) == 1

    async with running(discord, built):
        await marie.replies(first, "And Finland?")
        second = (await said_by_bot(discord, thread, 2))[-1]

    assert second["content"].startswith("Finland joined NATO on **4 April 2023**.")
    assert "-# ↪ When did Sweden join NATO? → And Finland?" in second["content"]


async def test_what_was_answered_from_a_release_that_was_taken_down_is_not_gone_on_with(
    discord: Discord, built: Built
) -> None:
    """Though the bot's message still stands in the thread with the words of the release."""
    marie, thread, first = await answered_before_a_restart(discord, built)
    gone = next(one for one in built.store.records.releases() if "Sweden joined NATO" in one.text)
    await asyncio.to_thread(built.take_down, gone.id)

    async with running(discord, built):
        await marie.replies(first, "source?")
        second = (await said_by_bot(discord, thread, 2))[-1]

    assert "Sweden joins NATO" not in second["content"]
    assert second["embeds"] == []


async def test_an_answer_in_several_messages_is_one_turn(
    discord: Discord, relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The buttons under the last of them name it."""
    whole = await relay.services.built.answerer.ainvoke(QUESTION)
    with monkeypatch.context() as patched:
        answers_with(relay, patched, replace(whole, text="Sweden joined NATO on that day. " * 200))
        marie = discord.member("Marie")
        await marie.writes(marie.direct, QUESTION)
        await discord.until(lambda: any(one["components"] for one in discord.messages(marie.direct)))
    before = len(await said_by_bot(discord, marie.direct))

    await marie.writes(marie.direct, "And Finland?")
    further = (await said_by_bot(discord, marie.direct, before + 1))[-1]

    assert before > 1
    assert "-# ↪ When did Sweden join NATO? → And Finland?" in further["content"]


async def test_a_direct_conversation_goes_on_after_a_command(discord: Discord, relay: Relay) -> None:
    """What was asked by a command stands in its answer, not in a message of the person."""
    del relay
    marie = discord.member("Marie")
    await marie.asks(marie.direct, "/ask", question=QUESTION)
    await said_by_bot(discord, marie.direct)

    await marie.writes(marie.direct, "And Finland?")
    further = (await said_by_bot(discord, marie.direct, 2))[-1]

    assert "-# ↪ When did Sweden join NATO? → And Finland?" in further["content"]


def said(author: int, content: str, answer_id: str = "", *, by_command: bool = False) -> Message:
    """A message, of the bot with the buttons of an answer."""
    rows = buttons(answer_id, "en", answered=True, postable=False).to_components() if answer_id else []
    return cast(
        "Message",
        SimpleNamespace(
            author=SimpleNamespace(id=author),
            content=content,
            components=[ActionRow(row) for row in rows],  # type: ignore[arg-type]
            created_at=NOW,
            interaction_metadata=object() if by_command else None,
        ),
    )


async def test_turns_are_read_by_the_ids_of_their_answers() -> None:
    """Whatever the messages say, in as many as there are; the buttons of other bots name nothing."""
    kept, stranger = {"0" * 16: an_answer(text="Paid. [1]", quote="Paid.")}, 3
    messages = [
        said(MARIE, "<@1> Who?"),
        said(BOT, "> Nobody asked this\nPaid.\n-# ↪ Nor this"),
        said(BOT, "[1]", "0" * 16),
        said(stranger, "", "0" * 16),
    ]

    conversation = conversation_of(messages, BOT, kept)

    assert [turn.answer for turn in conversation.turns] == list(kept.values())


async def test_a_question_counts_once_it_was_replied_to() -> None:
    """Its answer may be lost; what nobody replied to, and what a command asked, is no question of the conversation."""
    messages = [
        said(MARIE, "Good morning all"),
        said(MARIE, "Who paid?"),
        said(BOT, "A bridge", "f" * 16),
        said(BOT, "> When?\nIn May", "e" * 16, by_command=True),
        said(MARIE, "And when?"),
    ]

    conversation = conversation_of(messages, BOT, {})

    assert [(turn.question, turn.answer.text) for turn in conversation.turns] == [("Who paid?", "")]


@pytest.mark.usefixtures("relay")
async def test_a_direct_message_is_a_conversation(discord: Discord) -> None:
    """Its history is read back, so a restart would forget nothing."""
    marie = discord.member("Marie")
    await marie.writes(marie.direct, QUESTION)
    await said_by_bot(discord, marie.direct)

    await marie.writes(marie.direct, "and Finland?")

    assert (await said_by_bot(discord, marie.direct, 2))[-1]["content"].startswith("Finland joined NATO")
