"""An evening: three guilds, two languages, twenty people at once, answers that take five seconds; and its accidents."""

from __future__ import annotations

import asyncio
import signal
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from tests.bot.discord.conftest import said_by_bot
from tests.bot.discord.newsroom import HARBOURS, museums, question
from tests.discord_server import objects
from tests.discord_server.process import bot_process
from tests.discord_server.server import Discord
from tests.fakes import a_release, keep

if TYPE_CHECKING:
    from pathlib import Path

    from bot.wiring import Built
    from tests.discord_server.people import Member
    from tests.discord_server.world import Interaction

pytestmark = pytest.mark.long

PEOPLE, GUILDS, SLOW = 20, ("Watchers", "Observateurs", "Press room"), 5.0
BEAT = 1.0  # seconds between two heartbeats, as this Discord asks for


def stock(built: Built) -> None:
    """Twenty releases that differ in a name and a day."""
    for identity, language, text in museums():
        keep(built.store, a_release(identity, text, title=text, language=language, publisher="NATO"), built.embedder)


def shown(interaction: Interaction) -> str:
    """What stands in the place of a response."""
    assert interaction.original is not None
    return str(interaction.original["content"])


async def evening_of(member: Member, discord: Discord, number: int, french: bool) -> list[Interaction]:
    """Ten interactions of one person, one after the other."""
    where = discord.channel(f"channel{number % 3}")
    done: list[Interaction] = []
    for turn in range(3):
        asked, told = question(number + turn, french=french)
        done.append(await member.asks(where, "/ask", question=asked, private=turn == 1))
        assert told in shown(done[-1]), f"{asked}: {shown(done[-1])}"
    done.append(await member.presses(done[0].original or {}, "👍"))
    done.append(await member.presses(done[1].original or {}, "Voir les passages" if french else "Show passages"))
    opened = await member.presses(done[1].original or {}, "Poursuivre" if french else "Follow up")
    asked, told = question(number + 5, french=french)
    done += [opened, await member.submits(where, opened.modal or {}, {"question": asked}, message=done[1].original)]
    assert told in shown(done[-1])
    done.append(await member.asks(where, "/latest"))
    done.append(await member.asks(where, "/status"))
    assert await member.types(where, "/release", "title", HARBOURS[number % 10])
    done.append(list(discord.world.interactions.values())[-1])
    return done


async def test_an_evening_of_two_hundred_interactions(built: Built, tmp_path: Path) -> None:
    """Every one acknowledged in time, answered once and rightly, nothing refused, and no heartbeat late."""
    stock(built)
    async with Discord(shards=2, heartbeat=BEAT) as discord:
        for number, name in enumerate(GUILDS):
            discord.guild(name, f"channel{number}")
        people = [discord.member(f"Member {n}", locale="fr" if n % 2 else "en-US") for n in range(PEOPLE)]
        settings = {"FAKE_SLOW": str(SLOW), "COMMUNIQUE_DISCORD__AT_ONCE": str(PEOPLE)}
        async with bot_process(discord, tmp_path / "home", **settings) as bot:
            done = await asyncio.gather(
                *(evening_of(member, discord, n, bool(n % 2)) for n, member in enumerate(people))
            )
            assert await bot.end(signal.SIGTERM) == 0

    everything = [one for evening in done for one in evening]
    acknowledged = [one.acknowledged_after for one in discord.world.interactions.values()]
    assert len(everything) == len(discord.world.interactions) == 200
    assert all(after is not None and after < 3.0 for after in acknowledged)
    assert all(one.followups == [] for one in everything)
    public = [one for channel in discord.world.messages.values() for one in channel]
    assert len(public) == 2 * PEOPLE
    assert discord.refused == []
    assert all(late < 2.0 for late in lateness(discord))
    print(  # noqa: T201 - `pytest -s` shows it; docs/decisions/0031 has it
        f"{len(everything)} interactions: acknowledged after {max(filter(None, acknowledged)):.2f} s at the worst,"
        f" heartbeats late by {max(lateness(discord)):.2f} s at the worst"
    )
    assert "Traceback" not in bot.errors


def lateness(discord: Discord) -> list[float]:
    """By how many seconds each heartbeat of each connection came later than Discord asked for."""
    assert discord.gateway.beats
    return [later - earlier - BEAT for beats in discord.gateway.beats.values() for earlier, later in pairwise(beats)]


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
async def test_a_bot_that_is_ended_in_the_middle_goes_on_where_it_was(
    built: Built, tmp_path: Path, how: signal.Signals
) -> None:
    """Old buttons work, announcements are neither lost nor repeated, and the conversation goes on in its thread."""
    stock(built)
    marie, home = None, tmp_path / "home"
    quick = {"COMMUNIQUE_DISCORD__ANNOUNCE_EVERY": "1", "COMMUNIQUE_DISCORD__USER_PAUSE": "0"}
    async with Discord(heartbeat=BEAT) as discord:
        discord.guild("Watchers", "general", "news")
        general, news = discord.channel("general"), discord.channel("news")
        marie = discord.member("Marie", permissions=("manage_guild",))
        discord.world.post_slowly = 0.4
        async with bot_process(discord, home, **quick) as bot:
            await marie.asks(general, "/config announce", channel=news)
            await marie.asks(general, "/ask", question=question(0, french=False)[0])
            await marie.writes(general, question(1, french=False)[0], mentions=True)
            await discord.until(lambda: bool(threads(discord)))
            (thread,) = threads(discord)
            (first,) = await said_by_bot(discord, thread)
            for number in range(6):
                announce(built, number)
            await discord.until(lambda: len(discord.messages(news)) >= 3)
            await bot.end(how)
        old = discord.messages(general)[0]
        discord.world.post_slowly = 0.0

        async with bot_process(discord, home, **quick) as bot:
            pressed = await marie.presses(old, "Show passages")
            assert (pressed.original or {})["embeds"]
            await marie.replies(first, "And the harbour of Riga?")
            second = (await said_by_bot(discord, thread, 2))[-1]
            assert question(4, french=False)[1] in second["content"]
            await discord.until(lambda: len(discord.messages(news)) >= 7, 60)
            await asyncio.sleep(3)
            await bot.end(signal.SIGTERM)

    titles = [one["content"].split(" · ")[1] for one in discord.messages(news)[1:]]
    assert titles == [f"Bridge {number}" for number in range(6)]
    assert discord.synced == 1, "commands that have not changed are not registered again"
    assert discord.refused == []


def announce(built: Built, number: int) -> None:
    """A release comes in that was published tomorrow and later."""
    published = datetime.now(UTC) + timedelta(days=1, minutes=number)
    text = f"Bridge {number} was opened."
    release = a_release(f"bridge{number}", text, title=f"Bridge {number}", publisher="NATO", published=published)
    keep(built.store, release, built.embedder)


def threads(discord: Discord) -> list[dict[str, Any]]:
    return [one for one in discord.world.channels.values() if one["type"] == objects.PUBLIC_THREAD]
