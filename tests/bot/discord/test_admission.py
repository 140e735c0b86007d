"""Who may ask, how often, and how much at once; of two bots that hear the same, one answers each question."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING

import pytest

from bot.discord import admission
from bot.discord.admission import EventClaims
from bot.settings import load_settings
from bot.wiring import Built
from tests.bot.discord.conftest import EVERYWHERE, crowded, running, said_by_bot
from tests.discord_server.people import is_private

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from bot.discord.client import Relay
    from bot.state.ledger import Ledger
    from tests.discord_server.server import Discord
    from tests.postgres_server import Server

ANSWER = "Sweden joined NATO on **7 March 2024**."
QUESTION = "When did Sweden join NATO?"


@pytest.mark.parametrize(
    ("locale", "told"), [("en-US", "at most 1,000 characters"), ("fr", "au plus 1000 caractères")], ids=["en", "fr"]
)
async def test_a_question_has_one_length_however_it_is_asked(
    discord: Discord, relay: Relay, locale: str, told: str
) -> None:
    """By mention, directly, as a reply, by a command, of a message: one sentence, in the language of who asks."""
    marie, general = discord.member("Marie", locale=locale), discord.channel("general")
    words = "When did Sweden join NATO? " if locale == "en-US" else "Quand la Suède a-t-elle rejoint l’OTAN ? "
    long = words * 40

    await marie.writes(general, long, mentions=True)
    (first,) = await said_by_bot(discord, general)
    await marie.replies(first, long)
    await marie.writes(marie.direct, long)
    replies = [*await said_by_bot(discord, general, 2), *await said_by_bot(discord, marie.direct)]
    await marie.asks(general, "/ask", question=long)
    refused = [*replies, marie.sees(general)[-1]]
    said = await discord.member("Paul").writes(general, long)
    await marie.right_clicks(said, "Ask about this message")
    refused.append(marie.sees(general)[-1])

    assert [told in one["content"] for one in refused] == [True] * 5
    failed = relay.services.built.metrics.registry.get_sample_value("communique_questions_total", {"outcome": "failed"})
    assert not failed


async def test_too_many_questions_are_told_at_once(discord: Discord, relay: Relay) -> None:
    """Rather than waited for beyond all patience."""
    marie, general = discord.member("Marie"), discord.channel("general")

    async with crowded(relay):
        await marie.asks(general, "/ask", question=QUESTION)

    assert "Too many questions" in marie.sees(general)[-1]["content"]


async def test_who_asks_too_often_is_told_privately_when_to_come_back(discord: Discord, built: Built) -> None:
    """One person is held up, not the others; a whole guild too where it asks too much."""
    chosen = built.settings.discord.model_copy(update={"user_pause": 30.0, "guild_per_minute": 2})
    built.settings = built.settings.model_copy(update={"discord": chosen})
    marie, paul, anna = (discord.member(name) for name in ("Marie", "Paul", "Anna"))
    general = discord.channel("general")
    async with running(discord, built):
        for member in (marie, marie, paul, anna):
            await member.asks(general, "/ask", question=QUESTION)

        assert "<t:" in marie.sees(general)[1]["content"] + marie.sees(general)[-1]["content"]
        refused = [one for member in (marie, anna) for one in member.sees(general) if is_private(one)]
        assert len(refused) == 2
        assert all("ask again <t:" in one["content"] for one in refused)
        assert len(discord.messages(general)) == 2


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
    monkeypatch.setattr(admission, "_GIVES_WAY", 2.5)  # seconds: this machine may be busy
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
        monkeypatch.setattr(admission, name, seconds)


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


@EVERYWHERE
@pytest.mark.usefixtures("brief")
@pytest.mark.parametrize("how", ["cancelled", "closed"])
async def test_an_event_that_was_not_dealt_with_goes_to_another_process(ledger: Ledger, how: str) -> None:
    """Neither what is cancelled nor what is cut off by the end of the process counts as answered."""
    one, begun, over = EventClaims(ledger), asyncio.Event(), asyncio.Event()

    async def answer() -> None:
        async with one.claim(7):
            begun.set()
            await over.wait()

    answering = asyncio.create_task(answer())
    await begun.wait()
    if how == "cancelled":
        answering.cancel()
    await one.close(0)
    over.set()
    await asyncio.wait({answering})

    assert await claimed_by(EventClaims(ledger), 7) is True


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
