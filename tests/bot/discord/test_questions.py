"""Questions that could not be answered: the wish to be told, the message that tells, the weekly note; on the wire."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from bot.settings import QuestionsSettings
from bot.state.ledger import Quiet
from tests.bot.discord.conftest import EVERYWHERE, running, said_by_bot
from tests.bot.discord.newsroom import bring, known
from tests.discord_server.people import is_private, labels
from vectorstore.types import Filter

if TYPE_CHECKING:
    from bot.discord.client import Relay
    from bot.wiring import Built
    from tests.discord_server.people import Member
    from tests.discord_server.server import Discord

pytestmark = EVERYWHERE

TELEPHONE = "Who invented the telephone?"
BELL = "Alexander Graham Bell invented the telephone in 1876."
MONDAY = datetime(2026, 11, 30, 9, tzinfo=UTC)


@pytest.fixture
def built(built: Built) -> Built:
    chosen = QuestionsSettings(keep=True, days=30)  # type: ignore[call-arg]
    built.settings = built.settings.model_copy(update={"questions": chosen})
    return built


def noting(built: Built, channel: dict[str, Any]) -> None:
    chosen = built.settings.questions.model_copy(update={"note_channel": int(channel["id"])})
    built.settings = built.settings.model_copy(update={"questions": chosen})


def wishes(built: Built) -> int:
    with built.ledger.database.transaction() as connection:
        [(count,)] = connection.execute("SELECT COUNT(*) FROM main.wishes").fetchall()
    return int(count)


async def wished(discord: Discord, built: Built) -> tuple[Member, dict[str, Any]]:
    """Somebody who wants to be told of what a release answers that has come in since, and what they were refused."""
    paul, general = discord.member("Paul"), discord.channel("general")
    await paul.asks(general, "/ask", question=TELEPHONE)
    (refusal,) = await said_by_bot(discord, general)
    await paul.presses(refusal, "Tell me if this gets answered")
    bring(built, "bell", text=BELL)
    return paul, refusal


async def test_a_refusal_offers_to_tell_of_an_answer(discord: Discord, relay: Relay) -> None:
    """To whoever presses, in their language; pressed once more they no longer want it. An answer does not."""
    marie, paul, general = discord.member("Marie", locale="fr"), discord.member("Paul"), discord.channel("general")
    await paul.asks(general, "/ask", question=TELEPHONE)
    await paul.asks(general, "/ask", question="When did Sweden join NATO?")
    refusal, answer = await said_by_bot(discord, general, 2)

    assert labels(refusal)[-1] == "Tell me if this gets answered"
    assert "Tell me if this gets answered" not in labels(answer)
    assert wishes(relay.services.built) == 0
    told = (await marie.presses(refusal, "Tell me if this gets answered")).original
    assert told is not None
    assert is_private(told)
    assert "un communiqué y répond dans les 30 jours" in told["content"]
    assert wishes(relay.services.built) == 1
    again = (await marie.presses(refusal, "Tell me if this gets answered")).original
    assert again is not None
    assert again["content"] == "J’ai oublié que vous vouliez le savoir."
    assert wishes(relay.services.built) == 0
    relay.services.ledger.questions.forget([one.id for one in relay.services.ledger.questions.all()])
    gone = (await paul.presses(refusal, "Tell me if this gets answered")).original
    assert gone is not None
    assert "no longer kept" in gone["content"]
    assert discord.refused == []


async def test_who_wished_for_it_is_told_once_and_forgotten(discord: Discord, relay: Relay, built: Built) -> None:
    """By two processes too, and with the quote; nobody is mentioned."""
    paul, general = discord.member("Paul"), discord.channel("general")
    await paul.asks(general, "/ask", question=TELEPHONE)
    (refusal,) = await said_by_bot(discord, general)
    await paul.presses(refusal, "Tell me if this gets answered")

    await relay.teller.look()
    assert discord.messages(paul.direct) == []
    bring(built, "bell", title="The @everyone telephone", text=BELL)
    async with running(discord, built) as other:
        for _ in range(2):
            for process in (relay, other):
                await process.teller.look()

    (told,) = discord.messages(paul.direct)
    lines = told["content"].splitlines()
    assert lines[:3] == [
        "🔔 **A release answers what you asked**",
        f"-# {TELEPHONE}",
        f"> {BELL}",
    ]
    assert lines[3].startswith("The @\u200beveryone telephone · <t:")
    assert wishes(built) == 0
    assert known(built) == 0
    assert discord.refused == []


async def test_who_cannot_be_reached_is_told_later(discord: Discord, relay: Relay, built: Built) -> None:
    """And kept until then."""
    paul, _ = await wished(discord, built)
    discord.fails(f"/channels/{paul.direct['id']}/messages", status=403)

    await relay.teller.look()
    await relay.teller.look()
    assert wishes(built) == 1
    assert discord.messages(paul.direct) == []
    built.ledger.deliveries.try_again(int(paul.user["id"]))
    await relay.teller.look()

    assert len(discord.messages(paul.direct)) == 1
    assert wishes(built) == 0


async def test_a_wish_that_is_taken_back_leaves_nothing(discord: Discord, relay: Relay, built: Built) -> None:
    """Not even where its message could not be delivered."""
    paul, refusal = await wished(discord, built)
    discord.fails(f"/channels/{paul.direct['id']}/messages", status=403)
    await relay.teller.look()
    assert known(built) == 2

    await paul.presses(refusal, "Tell me if this gets answered")

    assert known(built) == 0


async def test_nobody_is_told_in_their_quiet_hours(discord: Discord, relay: Relay, built: Built) -> None:
    """But afterwards."""
    paul, _ = await wished(discord, built)
    now = datetime.now(UTC)
    minute = now.hour * 60 + now.minute
    quiet = Quiet((minute - 60) % 1440, (minute + 60) % 1440, "UTC")
    built.ledger.quiet.set(int(paul.user["id"]), quiet)

    await relay.teller.look()
    assert discord.messages(paul.direct) == []
    built.ledger.quiet.forget(int(paul.user["id"]))
    await relay.teller.look()

    assert len(discord.messages(paul.direct)) == 1


async def test_the_note_comes_once_a_week(discord: Discord, relay: Relay, built: Built) -> None:
    """From the first Monday on, from whichever process; nothing where nothing was asked in vain."""
    general = discord.channel("general")
    noting(built, general)
    teller = type(relay.teller)(relay, built, relay.delivery, relay.services.scopes)
    await teller.note(MONDAY - timedelta(days=1))
    built.ledger.questions.keep("Is **it** over, @everyone?", language="en", where=Filter(), reason="", up_to=0)
    with built.ledger.database.transaction() as connection:
        connection.execute("UPDATE main.questions SET last = '2026-11-27T12:00:00.000000+00:00', times = 3")

    async with running(discord, built) as other:
        another = type(relay.teller)(other, built, other.delivery, other.services.scopes)
        for _ in range(2):
            for process in (teller, another):
                await process.note(MONDAY)
        await teller.note(MONDAY + timedelta(days=6))
        await another.note(MONDAY + timedelta(days=14))

    (note,) = discord.messages(general)
    assert note["content"].splitlines() == [
        "📋 **Not answered in the last seven days: 1**",
        "- 3× Is \\*\\*it\\*\\* over, @\u200beveryone?",
    ]
    assert discord.refused == []


async def test_help_says_what_is_kept(discord: Discord, relay: Relay, built: Built) -> None:
    """And nothing of it where nothing is."""
    marie, general = discord.member("Marie", locale="fr"), discord.channel("general")
    await marie.asks(general, "/help")
    kept = marie.sees(general)[-1]["content"]
    built.settings = built.settings.model_copy(update={"questions": QuestionsSettings()})  # type: ignore[call-arg]
    await marie.asks(general, "/help")

    del relay
    assert "votre question est conservée 30 jours, jamais avec votre nom" in kept
    assert "conservée" not in marie.sees(general)[-1]["content"]
    assert discord.refused == []
