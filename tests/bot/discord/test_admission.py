"""Who may ask, how often, and how much at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.bot.discord.conftest import running, said_by_bot
from tests.discord_server.people import is_private

if TYPE_CHECKING:
    from bot.discord.client import Relay
    from bot.wiring import Built
    from tests.discord_server.server import Discord

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


async def test_too_many_questions_are_told_at_once(
    discord: Discord, relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rather than waited for beyond all patience."""
    monkeypatch.setattr(
        relay.services.admission,
        "_taken",
        relay.services.built.settings.discord.at_once + relay.services.built.settings.discord.waiting,
    )
    marie, general = discord.member("Marie"), discord.channel("general")

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
