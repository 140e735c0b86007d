"""Messages that are meant for the bot, and those that are not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.bot.discord.conftest import said_by_bot
from tests.discord_server import objects

if TYPE_CHECKING:
    from bot.discord.client import Relay
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
