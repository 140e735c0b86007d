"""One conversation, one thread, which is its memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.discord.conversations import name_of
from tests.bot.discord.conftest import running, said_by_bot
from tests.discord_server import objects
from tests.discord_server.people import is_private

if TYPE_CHECKING:
    from bot.discord.client import Relay
    from bot.wiring import Built
    from tests.discord_server.people import Member
    from tests.discord_server.server import Discord

QUESTION = "When did Sweden join NATO?"


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
    relay.ledger.guilds.set_threads(int(general["guild_id"]), False)
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
    told = await marie.submits(general, form, {"question": "And Finland?"}, message=shown)

    (thread,) = threads(discord)
    assert thread["name"] == QUESTION
    (second,) = await said_by_bot(discord, thread)
    assert second["content"].startswith("> And Finland?\nFinland joined NATO on **4 April 2023**.")
    assert f"<#{thread['id']}>" in (told.original or {})["content"]

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
