"""Two bots with one token and one ledger hear the same: each question is answered by one of them."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING

import pytest

from bot.discord import claims
from bot.discord.claims import EventClaims
from bot.settings import load_settings
from bot.wiring import Built
from tests.bot.discord.conftest import EVERYWHERE, running, said_by_bot

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from bot.discord.client import Relay
    from bot.state import Ledger
    from tests.discord_server.server import Discord
    from tests.postgres_server import Server

ANSWER = "Sweden joined NATO on **7 March 2024**."
QUESTION = "When did Sweden join NATO?"


@pytest.fixture
def other(built: Built, tmp_path: Path) -> Iterator[Built]:
    """The bot in another process: of the same home, or on another host that shares the servers."""
    home = tmp_path / "other" if built.settings.store.catalogue else built.settings.home
    with contextlib.closing(Built(load_settings(home))) as made:
        yield made


@pytest.fixture
async def two(discord: Discord, built: Built, other: Built) -> AsyncIterator[tuple[Relay, Relay]]:
    async with running(discord, built) as one, running(discord, other) as another:
        yield one, another


@EVERYWHERE
@pytest.mark.usefixtures("two")
async def test_each_question_is_answered_once(discord: Discord, caplog: pytest.LogCaptureFixture) -> None:
    """Written, asked by a command, by a form, in private or in a thread; and nothing is logged as having failed."""
    marie, general = discord.member("Marie"), discord.channel("general")
    await marie.writes(general, QUESTION, mentions=True)
    await discord.until(lambda: any(one["type"] == 11 for one in discord.world.channels.values()))
    (thread,) = (one for one in discord.world.channels.values() if one["type"] == 11)
    (first,) = await said_by_bot(discord, thread)
    await marie.replies(first, "And Finland?")
    await said_by_bot(discord, thread, 2)
    await marie.writes(marie.direct, QUESTION)
    await said_by_bot(discord, marie.direct)
    asked = await marie.asks(general, "/ask", question=QUESTION)
    opened = await marie.presses(asked.original or {}, "Follow up")
    await marie.submits(general, opened.modal or {}, {"question": "And Finland?"}, message=asked.original)
    await asyncio.sleep(1.0)  # the other one would have answered by now

    assert ANSWER in first["content"]
    assert ANSWER in (asked.original or {})["content"]
    assert len(await said_by_bot(discord, thread)) == 2
    assert len(await said_by_bot(discord, marie.direct)) == 1
    assert "4 April 2023" in discord.messages(discord.channel(QUESTION))[-1]["content"]
    assert asked.followups == []
    assert [one for one in caplog.records if one.levelno >= logging.WARNING] == []


@EVERYWHERE
async def test_whatever_is_pressed_or_typed_is_done_once(
    discord: Discord, two: tuple[Relay, Relay], caplog: pytest.LogCaptureFixture
) -> None:
    """Whichever of them was quicker; the other one steps aside without a word."""
    marie, general = discord.member("Marie"), discord.channel("general")
    asked = await marie.asks(general, "/ask", question=QUESTION, private=True)
    shown = asked.original or {}
    pressed = [await marie.presses(shown, label) for label in ("👍", "Show passages", "Post to channel")]
    assert await marie.types(general, "/release", "title", "Swe") == ["Sweden joins NATO"]
    others = [await marie.asks(general, command) for command in ("/latest", "/status", "/help", "/sources")]
    await asyncio.sleep(0.5)

    assert [one.good for one in two[0].services.ledger.feedback.all()] == [True]
    assert [len(one.followups) for one in (asked, *pressed, *others)] == [0, 0, 0, 1, 0, 0, 0, 0]
    assert not any("That went wrong" in one["content"] for one in marie.sees(general))
    assert [one for one in caplog.records if one.levelno >= logging.WARNING] == []


@EVERYWHERE
async def test_one_that_is_about_to_stop_leaves_questions_to_the_other(
    discord: Discord, two: tuple[Relay, Relay], monkeypatch: pytest.MonkeyPatch
) -> None:
    """So a new version may be started before the old one is stopped, and nobody is sent away."""
    monkeypatch.setattr(claims, "_GIVES_WAY", 2.5)  # seconds: this machine may be busy
    marie, general = discord.member("Marie"), discord.channel("general")
    await two[0].services.admission.close(0)
    asked = await marie.asks(general, "/ask", question=QUESTION)
    await marie.writes(marie.direct, QUESTION)
    (written,) = await said_by_bot(discord, marie.direct)
    await asyncio.sleep(3.0)

    assert ANSWER in (asked.original or {})["content"]
    assert ANSWER in written["content"]
    assert len(await said_by_bot(discord, marie.direct)) == 1


@pytest.mark.parametrize("built", ["on servers"], indirect=True)
@pytest.mark.usefixtures("two")
async def test_two_that_cannot_ask_the_ledger_excuse_themselves_once(discord: Discord, postgres: Server) -> None:
    """Neither knows of the other; Discord does. What is asked after is answered once."""
    marie, general = discord.member("Marie"), discord.channel("general")
    postgres.stop()
    try:
        await marie.writes(general, QUESTION, mentions=True)
        await said_by_bot(discord, general)
        await asyncio.sleep(1.0)
    finally:
        postgres.start()
    (excuse,) = await said_by_bot(discord, general)
    assert excuse["content"] == "I cannot reach the archive at the moment: try again in a few minutes."

    asked = await marie.asks(general, "/ask", question=QUESTION)
    assert ANSWER in (asked.original or {})["content"]


@pytest.fixture
def ledger(built: Built) -> Ledger:

    return built.ledger


@pytest.fixture
def brief(monkeypatch: pytest.MonkeyPatch) -> None:
    """Claims last for a moment only."""
    for name, seconds in (("_LEASE", 0.4), ("_RENEWED", 0.1), ("_RETRY", 0.05)):
        monkeypatch.setattr(claims, name, seconds)


async def claimed_by(process: EventClaims, event: int) -> bool:
    async with process.claim(event) as mine:
        return mine


@pytest.mark.usefixtures("brief")
async def test_a_claim_is_waited_for_however_long_the_answer_takes(ledger: Ledger) -> None:
    """However long it takes."""
    one, two = EventClaims(ledger), EventClaims(ledger)
    async with one.claim(7) as mine:
        waiting = asyncio.create_task(claimed_by(two, 7))
        await asyncio.sleep(1.2)
        assert mine
        assert not waiting.done()

    assert await waiting is False
    assert await claimed_by(one, 7) is False


@pytest.mark.usefixtures("brief")
async def test_the_claim_of_a_process_that_is_gone_goes_to_one_that_waits(ledger: Ledger) -> None:
    """Once, whoever waits."""
    assert ledger.claims.claim(7, "gone", 0.4).mine

    assert sorted(await asyncio.gather(*(claimed_by(EventClaims(ledger), 7) for _ in range(3)))) == [False, False, True]


@pytest.mark.usefixtures("brief")
@pytest.mark.parametrize("built", ["on servers"], indirect=True)
async def test_what_was_answered_while_the_ledger_was_away_is_not_answered_again(
    ledger: Ledger, postgres: Server
) -> None:
    """Who has answered says so as soon as it can, and who waits gives it the time for that."""
    one, two = EventClaims(ledger), EventClaims(ledger)
    async with one.claim(7) as mine:
        assert mine
        waiting = asyncio.create_task(claimed_by(two, 7))
        await asyncio.sleep(0.1)
        await asyncio.to_thread(postgres.stop)
    try:
        await asyncio.sleep(1.0)
        assert not waiting.done()
    finally:
        await asyncio.to_thread(postgres.start)

    assert await waiting is False
